package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"maskd/cmd/maskd/admin"
	"maskd/mapping"
)

// huntFlags say how each party is rung.
func huntFlags() (flags []cli.Flag) {
	for _, side := range []mapping.Side{mapping.SideA, mapping.SideB} {
		party := strings.ToUpper(side.String())
		flags = append(flags,
			&cli.StringFlag{Name: "ring-" + side.String(), Usage: "ring the numbers of " + party + " as `RULE` says: in sequence, or all at once", DefaultText: mapping.RingSequence.String()},
			&cli.DurationFlag{Name: "ring-for-" + side.String(), Usage: "ring " + party + " for `TIME`, or each of its numbers in its turn", DefaultText: mapping.DefaultRingTime.String() + ", or " + mapping.DefaultTurn.String() + " in a turn"},
		)
	}
	return flags
}

// overrideHunt puts what the flags say of a party in place of what was read.
func overrideHunt(p *admin.DraftParty, c *cli.Context, side mapping.Side) {
	if ring := "ring-" + side.String(); c.IsSet(ring) {
		p.Ring = c.String(ring)
	}
	if ringFor := "ring-for-" + side.String(); c.IsSet(ringFor) {
		p.RingSeconds = seconds(c, ringFor)
	}
}

// hunt tells how a party is rung; empty if it is as most are.
func hunt(p admin.Party) string {
	turns := "for"
	switch {
	case p.RingSeconds == 0: // there is no such party
		return ""
	case len(p.Numbers) == 1 && p.Fallback.Number == "" && p.RingSeconds == int64(mapping.DefaultRingTime/time.Second):
		return ""
	case len(p.Numbers) > 1 && p.Ring == mapping.RingAll.String():
		turns = "all at once for"
	case len(p.Numbers) > 1:
		turns = "in sequence, each for"
	}
	text := fmt.Sprintf("rung %s %d s", turns, p.RingSeconds)
	if p.Fallback.Number != "" {
		text += ", then " + masked(p.Fallback)
	}
	return text
}
