package main

import (
	"fmt"
	"strconv"
	"strings"
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
		&cli.DurationFlag{Name: "max-call-a", Usage: "let no call that A makes last longer than `TIME`"},
		&cli.DurationFlag{Name: "max-call-b", Usage: "the same for B"},
		&cli.IntFlag{Name: "max-calls-a", Usage: "let no more than `N` calls that A makes be answered in all"},
		&cli.IntFlag{Name: "max-calls-b", Usage: "the same for B"},
	}
}

// overridePartyLimits puts what the flags say of a party's own calls in place of what
// was read.
func overridePartyLimits(l *admin.PartyLimits, c *cli.Context, side mapping.Side) {
	if flag := "max-call-" + side.String(); c.IsSet(flag) {
		l.MaxCallSeconds = seconds(c, flag)
	}
	l.MaxCalls = number(c, "max-calls-"+side.String(), l.MaxCalls)
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

// ownLimits tells what bounds the calls that a party makes.
func ownLimits(p admin.Party) string {
	var words []string
	if p.MaxCallSeconds > 0 {
		words = append(words, "last at most "+(time.Duration(p.MaxCallSeconds)*time.Second).String())
	}
	if p.MaxCalls > 0 {
		words = append(words, fmt.Sprintf("are at most %d in all, of which there were %d", p.MaxCalls, p.Calls))
	}
	return strings.Join(words, ", ")
}
