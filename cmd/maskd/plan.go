package main

import (
	"fmt"
	"strconv"

	"github.com/urfave/cli/v2"

	"maskd/mapping"
)

// defaultBlocking is one refused interaction in a thousand.
const defaultBlocking = 0.001

func planPoolCommand() *cli.Command {
	return &cli.Command{
		Name:  "plan",
		Usage: "say how many DIDs a load needs; asks no daemon",
		Description: "DIDs are shared by everybody but the parties who have them in use, so only the busiest party\n" +
			"on each side counts. A courier who begins 4 interactions an hour, each open for 45 minutes,\n" +
			"with DIDs that rest for 2 hours:\n\n" +
			"  maskd pool plan --per-hour 4 --held 45m --cool-down 2h",
		Action: planPool,
		Flags: []cli.Flag{
			&cli.Float64Flag{Name: "per-hour", Usage: "the busiest party A begins `N` interactions an hour", DefaultText: "must be given"},
			&cli.Float64Flag{Name: "per-hour-b", Usage: "the busiest party B begins `N` interactions an hour", DefaultText: "as many as A"},
			&cli.DurationFlag{Name: "held", Usage: "an interaction lives for `TIME` on average", Value: mapping.DefaultTTL},
			&cli.DurationFlag{Name: "cool-down", Usage: "a DID then rests for `TIME` before the party is given it again"},
			&cli.Float64Flag{Name: "blocking", Usage: "let `SHARE` of the busiest party's interactions be refused", Value: defaultBlocking},
			&cli.StringFlag{Name: "numbering", Usage: "give DIDs by `RULE`: per_party or shared", Value: mapping.NumberingPerParty.String()},
			&cli.BoolFlag{Name: "json", Usage: "print JSON"},
		},
	}
}

// plan is a planned pool as it is printed for programs.
type plan struct {
	DIDs      int     `json:"dids"`
	Numbering string  `json:"numbering"`
	Erlangs   float64 `json:"erlangs"`  // offered traffic
	Blocking  float64 `json:"blocking"` // the share that is refused with as many DIDs
	OneFewer  float64 `json:"blocking_with_one_fewer"`
}

func planPool(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	numbering, ok := mapping.ParseNumbering(c.String("numbering"))
	if !ok {
		return usagef("--numbering: expected per_party or shared")
	}
	p, err := demand(c, numbering).Plan()
	if err != nil {
		return usagef("%s: see %s --help", err, c.Command.HelpName)
	}
	if c.Bool("json") {
		return printJSON(c.App.Writer, plan{DIDs: p.DIDs, Numbering: numbering.String(), Erlangs: p.Erlangs, Blocking: p.Blocking, OneFewer: p.OneFewer})
	}
	return printFields(c.App.Writer, [][]string{
		{"dids", strconv.Itoa(p.DIDs)},
		{"numbering", numbering.String()},
		{"traffic", fmt.Sprintf("%.2f erlangs", p.Erlangs)},
		{"refused", share(p.Blocking) + " of the busiest party's interactions"},
		{"with one fewer", share(p.OneFewer)},
	})
}

func demand(c *cli.Context, numbering mapping.Numbering) mapping.Demand {
	traffic := func(perHour float64) mapping.Traffic {
		return mapping.Traffic{PerHour: perHour, Held: c.Duration("held"), CoolDown: c.Duration("cool-down")}
	}
	a, b := traffic(c.Float64("per-hour")), traffic(c.Float64("per-hour"))
	if c.IsSet("per-hour-b") {
		b.PerHour = c.Float64("per-hour-b")
	}
	return mapping.Demand{Numbering: numbering, A: a, B: b, Blocking: c.Float64("blocking")}
}

// share is a part of all, as people say it.
func share(x float64) string { return strconv.FormatFloat(100*x, 'g', 3, 64) + " %" }
