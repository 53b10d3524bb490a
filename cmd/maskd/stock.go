package main

import (
	"context"
	"strconv"
	"time"

	"github.com/urfave/cli/v2"

	"maskd/cmd/maskd/admin"
)

func listPoolsCommand() *cli.Command {
	return &cli.Command{Name: "list", Usage: "list them", Flags: clientFlags(), Action: listPools}
}

func listPools(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	daemon, err := client(c)
	if err != nil {
		return err
	}
	pools, err := daemon.Pools(c.Context)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return printJSON(c.App.Writer, pools)
	}
	rows := [][]string{{"NAME", "TRUNK", "DIDS", "ACTIVE", "DRAINING", "QUARANTINED", "RETIRED", "WARMING", "RESERVED"}}
	for _, p := range pools.Data {
		rows = append(rows, []string{
			p.Name, p.Trunk, strconv.Itoa(p.DIDs), strconv.Itoa(p.Standings["active"]), strconv.Itoa(p.Standings["draining"]),
			strconv.Itoa(p.Standings["quarantined"]), strconv.Itoa(p.Standings["retired"]), strconv.Itoa(p.Warming), strconv.Itoa(p.Reserved),
		})
	}
	return printRows(c.App.Writer, rows)
}

func listStockCommand() *cli.Command {
	return &cli.Command{
		Name: "list", Usage: "list our DIDs", Action: listStock,
		Flags: listFlags(
			&cli.StringFlag{Name: "pool", Usage: "list those of pool `NAME`"},
			&cli.StringFlag{Name: "standing", Usage: "list those that are `STANDING`: active, draining, quarantined or retired"},
		),
	}
}

func listStock(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	daemon, err := client(c)
	if err != nil {
		return err
	}
	found, err := daemon.Numbers(c.Context, cursor(c), c.String("pool"), c.String("standing"))
	if err != nil {
		return err
	}
	head := []string{"DID", "POOL", "STANDING", "LIVE", "SINCE", "UNTIL", "REASON"}
	return printPage(c, found, head, func(n admin.Stock) []string {
		return []string{n.DID, n.Pool, n.Standing, strconv.Itoa(n.Live), clock(n.Since), clock(n.Until), n.Reason}
	})
}

// instructCommands are the verbs that say what becomes of a DID. A DID is not
// secret, so that it may be an argument.
func instructCommands() []*cli.Command {
	reason := func() cli.Flag { return &cli.StringFlag{Name: "reason", Usage: "why, in your `WORDS`"} }
	return []*cli.Command{
		instructCommand("activate", "give a DID out again", reason()),
		instructCommand("drain", "give a DID to no new interaction; those that have it go on", reason()),
		instructCommand("quarantine", "give a DID to no new interaction for a time", reason(),
			&cli.DurationFlag{Name: "for", Usage: "for `TIME`, such as 72h; without it until activated"}),
		instructCommand("retire", "a DID goes back to the carrier: no call connects by it, at once", reason()),
	}
}

func instructCommand(verb, usage string, flags ...cli.Flag) *cli.Command {
	return &cli.Command{
		Name: verb, Usage: usage, ArgsUsage: "DID", Flags: clientFlags(flags...),
		Action: func(c *cli.Context) error { return instruct(c, verb) },
	}
}

func instruct(c *cli.Context, verb string) error {
	order := admin.Order{Reason: c.String("reason")}
	if c.IsSet("for") {
		seconds := int64(c.Duration("for") / time.Second)
		order.Seconds = &seconds
	}
	told, err := aboutOne(c, func(daemon *admin.Client, ctx context.Context, did string) (admin.Stock, error) {
		return daemon.Instruct(ctx, did, verb, order)
	})
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return printJSON(c.App.Writer, told)
	}
	return printFields(c.App.Writer, [][]string{
		{"did", told.DID}, {"pool", told.Pool}, {"standing", told.Standing}, {"live", strconv.Itoa(told.Live)},
		{"since", clock(told.Since)}, {"until", clock(told.Until)}, {"reason", told.Reason},
	})
}
