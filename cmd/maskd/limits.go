package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/urfave/cli/v2"

	"maskd/cmd/maskd/admin"
	"maskd/mapping"
)

// limitFlags bound the calls of an interaction.
func limitFlags() []cli.Flag {
	return []cli.Flag{
		&cli.DurationFlag{Name: "max-call", Usage: "let no call last longer than `TIME`, such as 10m"},
		&cli.StringSliceFlag{Name: "warn", Usage: "let it be heard so long before that, such as `TIME` 60s; may be repeated, the longest first"},
		&cli.StringFlag{Name: "warned", Usage: "let hear that `WHO`: both, a or b", DefaultText: mapping.AudienceBoth.String()},
		&cli.IntFlag{Name: "max-calls-at-once", Usage: "let no more than `N` calls be live"},
		&cli.IntFlag{Name: "max-calls", Usage: "let no more than `N` calls be answered in all"},
	}
}

// overrideLimits puts what the flags say in place of what was read.
func overrideLimits(l *admin.Limits, c *cli.Context) error {
	if c.IsSet("max-call") {
		l.MaxCallSeconds = seconds(c, "max-call")
	}
	if c.IsSet("warn") {
		warn, err := warnings(c)
		if err != nil {
			return err
		}
		l.WarnSeconds = warn
	}
	if c.IsSet("warned") {
		l.Warn = c.String("warned")
	}
	l.MaxCallsAtOnce = number(c, "max-calls-at-once", l.MaxCallsAtOnce)
	l.MaxCalls = number(c, "max-calls", l.MaxCalls)
	return nil
}

func warnings(c *cli.Context) ([]int64, error) {
	all := []int64{}
	for _, text := range c.StringSlice("warn") {
		before, err := time.ParseDuration(text)
		if err != nil {
			return nil, usagef("--warn: expected a time such as 60s")
		}
		all = append(all, int64(before/time.Second))
	}
	return all, nil
}

// number is what a flag says, or else what was said before.
func number(c *cli.Context, flag string, before *int) *int {
	if !c.IsSet(flag) {
		return before
	}
	n := c.Int(flag)
	return &n
}

func reviseCommand() *cli.Command {
	return &cli.Command{
		Name: "revise", Usage: "change what the calls to come of one may do; 0 takes a limit away", ArgsUsage: "ID", Action: revise,
		Flags: clientFlags(append(limitFlags(),
			&cli.StringSliceFlag{Name: "do-not-disturb", Usage: "let `PARTY`, a or b, not be reached; may be repeated"},
			&cli.StringSliceFlag{Name: "disturb", Usage: "let `PARTY`, a or b, be reached again; may be repeated"},
		)...),
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
	var l admin.Limits
	if err := overrideLimits(&l, c); err != nil {
		return r, err
	}
	r = admin.Revision{MaxCallSeconds: l.MaxCallSeconds, MaxCallsAtOnce: l.MaxCallsAtOnce, MaxCalls: l.MaxCalls}
	if c.IsSet("warn") {
		r.WarnSeconds = &l.WarnSeconds
	}
	if c.IsSet("warned") {
		r.Warn = &l.Warn
	}
	for flag, quiet := range map[string]bool{"do-not-disturb": true, "disturb": false} {
		for _, party := range c.StringSlice(flag) {
			switch party {
			case mapping.SideA.String():
				r.Parties.A.DoNotDisturb = &quiet
			case mapping.SideB.String():
				r.Parties.B.DoNotDisturb = &quiet
			default:
				return r, usagef("--%s: expected a or b", flag)
			}
		}
	}
	return r, nil
}

// atMost tells of a limit; nothing if there is none.
func atMost(most int) string {
	if most == 0 {
		return ""
	}
	return "at most " + strconv.Itoa(most)
}

// limited tells how long calls may last, and who hears when.
func limited(e admin.EffectiveLimits) string {
	if e.MaxCallSeconds == 0 {
		return ""
	}
	text := "at most " + (time.Duration(e.MaxCallSeconds) * time.Second).String()
	for _, before := range e.WarnSeconds {
		text += fmt.Sprintf(", %s is warned %s before", e.Warn, time.Duration(before)*time.Second)
	}
	return text
}
