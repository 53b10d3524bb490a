package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"maskd/cmd/maskd/admin"
)

func trunkCommand() *cli.Command {
	return &cli.Command{
		Name:  "trunk",
		Usage: "look at the carriers",
		Subcommands: []*cli.Command{
			{Name: "list", Usage: "list them, a line for each address of a gateway", Flags: clientFlags(), Action: listTrunks},
		},
	}
}

func listTrunks(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	daemon, err := client(c)
	if err != nil {
		return err
	}
	trunks, err := daemon.Trunks(c.Context)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return printJSON(c.App.Writer, trunks)
	}
	rows := [][]string{{"TRUNK", "REGISTRATION", "ACCOUNT", "IN", "OUT", "RECEIVED", "SENT",
		"GATEWAY", "ADDRESS", "STATE", "SINCE", "STATUS", "ROUND TRIP", "AVOIDED UNTIL"}}
	for _, t := range trunks.Data {
		rows = append(rows, trunkRows(t)...)
	}
	return printRows(c.App.Writer, rows)
}

// trunkRows has what is the trunk's in each of its gateways' lines, so that a
// line can be found and read alone.
func trunkRows(t admin.Trunk) [][]string {
	rows := make([][]string, len(t.Gateways))
	for i, g := range t.Gateways {
		rows[i] = []string{
			nameOf(t), cmp.Or(t.Registration, "-"), accountOf(t), strconv.Itoa(t.CallsIn), strconv.Itoa(t.CallsOut), codes(t.Received), codes(t.Sent),
			g.Gateway, address(g), g.State, clock(g.Since), status(g), roundTrip(g), clock(g.AvoidedUntil),
		}
	}
	return rows
}

// nameOf says of a trunk that was removed that only its calls are left.
func nameOf(t admin.Trunk) string {
	if t.Leaving {
		return t.Name + " (leaving)"
	}
	return t.Name
}

// accountOf tells how the account is, and when a refused one is tried again.
func accountOf(t admin.Trunk) string {
	switch t.Account {
	case "none":
		return "-"
	case "refused":
		return "refused until " + clock(t.AccountRests)
	default:
		return t.Account
	}
}

// codes writes counts by status: 200:12,486:3.
func codes(counts map[string]uint64) string {
	var texts []string
	for _, code := range slices.Sorted(maps.Keys(counts)) {
		texts = append(texts, fmt.Sprintf("%s:%d", code, counts[code]))
	}
	return cmp.Or(strings.Join(texts, ","), "-")
}

func address(g admin.Gateway) string {
	if g.Address == "" {
		return "-"
	}
	return g.Address + "/" + g.Transport
}

func status(g admin.Gateway) string {
	if g.Status == 0 {
		return "-"
	}
	return strconv.Itoa(g.Status)
}

func roundTrip(g admin.Gateway) string {
	if g.Status == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f ms", g.RoundTripMS)
}
