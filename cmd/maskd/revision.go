package main

import (
	"context"
	"slices"

	"github.com/urfave/cli/v2"

	"maskd/cmd/maskd/admin"
	"maskd/mapping"
)

func reviseCommand() *cli.Command {
	return &cli.Command{
		Name: "revise", Usage: "change what the calls to come of one may do; 0 takes a limit away", ArgsUsage: "ID", Action: revise,
		Description: "Numbers are read only where --from says from what file, or - for standard input: other users\n" +
			"can read a process list. Write a line for each,\n\n" +
			"  a.fallback=+15550100007\n  callback=+919876543210\n\n" +
			"or nothing behind the = so that nobody is rung, or the JSON of the API.",
		Flags: clientFlags(slices.Concat(limitFlags(), huntFlags(), localeFlags(), []cli.Flag{
			&cli.PathFlag{Name: "from", Usage: "read numbers from `FILE`"},
			&cli.StringFlag{Name: "direction", Usage: "let call `WHO`: both, a_to_b or b_to_a"},
			&cli.StringFlag{Name: "callback-to", Usage: "in modes open and extension, let A call back `WHOM`: last_caller, fallback (read as callback=+...) or refuse"},
			&cli.StringFlag{Name: "withheld", Usage: "in mode open, do with callers who hide their numbers as `RULE` says: connect or refuse"},
			&cli.StringSliceFlag{Name: "do-not-disturb", Usage: "let `PARTY`, a or b, not be reached; may be repeated"},
			&cli.StringSliceFlag{Name: "disturb", Usage: "let `PARTY`, a or b, be reached again; may be repeated"},
		})...),
	}
}

func revise(c *cli.Context) error {
	r, err := revisionOf(c)
	if err != nil {
		return err
	}
	i, err := aboutOne(c, func(daemon *admin.Client, ctx context.Context, id string) (admin.Interaction, error) {
		return daemon.Revise(ctx, id, r)
	})
	if err != nil {
		return err
	}
	return printInteraction(c, i)
}

func revisionOf(c *cli.Context) (r admin.Revision, err error) {
	if c.IsSet("from") {
		if r, err = revisionFrom(c); err != nil {
			return r, err
		}
	}
	if err := overrideRevisedLimits(&r, c); err != nil {
		return r, err
	}
	for flag, field := range map[string]**string{
		"direction": &r.Direction, "callback-to": &r.Callback, "withheld": &r.Withheld, "ring-a": &r.Parties.A.Ring, "ring-b": &r.Parties.B.Ring,
	} {
		if c.IsSet(flag) {
			word := c.String(flag)
			*field = &word
		}
	}
	reviseLocales(&r, c)
	for flag, field := range map[string]**int64{"ring-for-a": &r.Parties.A.RingSeconds, "ring-for-b": &r.Parties.B.RingSeconds} {
		if c.IsSet(flag) {
			*field = seconds(c, flag)
		}
	}
	overridePartyLimits(&r.Parties.A.PartyLimits, c, mapping.SideA)
	overridePartyLimits(&r.Parties.B.PartyLimits, c, mapping.SideB)
	return r, overrideQuiet(&r, c)
}

// revisionFrom reads the numbers that change.
func revisionFrom(c *cli.Context) (r admin.Revision, err error) {
	err = readNumbers(c, "a.fallback=+..., b.fallback=+... or callback=+...", &r, func(name string, n admin.PlainNumber) bool {
		switch name {
		case "a.fallback":
			r.Parties.A.Fallback = &n
		case "b.fallback":
			r.Parties.B.Fallback = &n
		case "callback":
			r.CallbackNumber = &n
		default:
			return false
		}
		return true
	})
	return r, err
}

func overrideRevisedLimits(r *admin.Revision, c *cli.Context) error {
	l := admin.Limits{MaxCallSeconds: r.MaxCallSeconds, MaxCallsAtOnce: r.MaxCallsAtOnce, MaxCalls: r.MaxCalls}
	if err := overrideLimits(&l, c); err != nil {
		return err
	}
	r.MaxCallSeconds, r.MaxCallsAtOnce, r.MaxCalls = l.MaxCallSeconds, l.MaxCallsAtOnce, l.MaxCalls
	if c.IsSet("warn") {
		r.WarnSeconds = &l.WarnSeconds
	}
	if c.IsSet("warned") {
		r.Warn = &l.Warn
	}
	return nil
}

func overrideQuiet(r *admin.Revision, c *cli.Context) error {
	for flag, quiet := range map[string]bool{"do-not-disturb": true, "disturb": false} {
		for _, party := range c.StringSlice(flag) {
			switch party {
			case mapping.SideA.String():
				r.Parties.A.DoNotDisturb = &quiet
			case mapping.SideB.String():
				r.Parties.B.DoNotDisturb = &quiet
			default:
				return usagef("--%s: expected a or b", flag)
			}
		}
	}
	return nil
}
