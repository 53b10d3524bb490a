package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"maskd/cmd/maskd/admin"
	"maskd/mapping"
)

func interactionCommand() *cli.Command {
	return &cli.Command{
		Name:  "interaction",
		Usage: "create, look at and complete interactions",
		Subcommands: []*cli.Command{
			createInteractionCommand(),
			{Name: "show", Usage: "show one", ArgsUsage: "ID", Flags: clientFlags(), Action: showInteraction},
			{
				Name: "list", Usage: "list them, oldest first", Action: listInteractions,
				Flags: listFlags(&cli.StringFlag{Name: "external-id", Usage: "list the one that the integrator calls `NAME`"}),
			},
			{
				Name: "complete", Usage: "end one: its DIDs connect nobody from now on", ArgsUsage: "ID", Action: completeInteraction,
				Flags: clientFlags(
					&cli.StringFlag{Name: "calls", Usage: "what becomes of its calls: hangup, drain, or announce: hang up after a goodbye", Value: "hangup"},
					&cli.StringFlag{Name: "reason", Usage: "why, in your `WORDS`"},
				),
			},
			reviseCommand(),
			revealInteractionCommand(),
			clickToCallCommand(),
			eraseInteractionCommand(),
			holdCommand("hold", "put one under a legal hold: nobody erases it"),
			holdCommand("release", "take one out of a legal hold"),
			prolongCommand("extend", "give one a later end", (*admin.Client).Extend),
			hoursCommand(),
			prolongCommand("reopen", "make a completed or expired one active again, while its DIDs rest", (*admin.Client).Reopen),
		},
	}
}

func showInteraction(c *cli.Context) error {
	i, err := aboutOne(c, (*admin.Client).Interaction)
	if err != nil {
		return err
	}
	return printInteraction(c, i)
}

func listInteractions(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	daemon, err := client(c)
	if err != nil {
		return err
	}
	var found admin.Page[admin.Interaction]
	if c.IsSet("external-id") {
		found, err = daemon.ByExternalID(c.Context, c.String("external-id"))
	} else {
		found, err = daemon.Interactions(c.Context, cursor(c))
	}
	if err != nil {
		return err
	}
	head := []string{"ID", "STATE", "A DIALS", "B DIALS", "EXPIRES", "EXTERNAL ID"}
	return printPage(c, found, head, func(i admin.Interaction) []string {
		return []string{i.ID, i.State, i.Parties.A.Dial, i.Parties.B.Dial, clock(i.ExpiresAt), i.ExternalID}
	})
}

func completeInteraction(c *cli.Context) error {
	how := admin.Completion{Calls: c.String("calls"), Reason: c.String("reason")}
	done, err := aboutOne(c, func(daemon *admin.Client, ctx context.Context, id string) (admin.Completed, error) {
		return daemon.Complete(ctx, id, how)
	})
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return printJSON(c.App.Writer, done)
	}
	fmt.Fprintf(c.App.Writer, "%s, calls ended: %d\n", done.State, done.CallsEnded)
	return nil
}

func printInteraction(c *cli.Context, i admin.Interaction) error {
	if c.Bool("json") {
		return printJSON(c.App.Writer, i)
	}
	rows := [][]string{
		{"id", i.ID},
		{"external id", i.ExternalID},
		{"state", i.State},
		{"a", party(i.Parties.A)},
		{"b", party(i.Parties.B)},
		{"a reached", hoursText(i.Parties.A.Schedule)},
		{"b reached", hoursText(i.Parties.B.Schedule)},
		{"a is", hunt(i.Parties.A)},
		{"b is", hunt(i.Parties.B)},
		{"a's calls", ownLimits(i.Parties.A)},
		{"b's calls", ownLimits(i.Parties.B)},
		{"mode", i.Effective.Mode},
		{"direction", oneWay(i.Effective.Direction)},
		{"callback", callback(i)},
		{"withheld", i.Effective.Withheld},
		{"numbering", i.Effective.Numbering + " from pool " + i.Effective.Pool},
		{"created", clock(i.CreatedAt)},
		{"starts", clock(i.StartsAt)},
		{"expires", clock(i.ExpiresAt)},
		{"completed", clock(i.CompletedAt)},
		{"callback until", clock(i.CallbackUntil)},
		{"held", legalHold(i)},
		{"calls last", limited(i.Effective.EffectiveLimits)},
		{"calls at once", atMost(i.Effective.MaxCallsAtOnce)},
		{"calls in all", atMost(i.Effective.MaxCalls)},
		{"reason", i.Reason},
	}
	for _, key := range slices.Sorted(maps.Keys(i.Labels)) {
		rows = append(rows, []string{"label " + key, i.Labels[key]})
	}
	return printFields(c.App.Writer, rows)
}

// oneWay tells who may call, if not both.
func oneWay(direction string) string {
	if direction == mapping.DirectionBoth.String() {
		return ""
	}
	return direction
}

// callback tells whom A reaches by calling its DID, where only A is named.
func callback(i admin.Interaction) string {
	text := i.Effective.Callback
	for _, number := range []admin.Masked{i.Effective.CallbackNumber, i.LastCaller} {
		if number.Number != "" {
			text += ", " + masked(number)
		}
	}
	if !i.LastCalledAt.IsZero() {
		text += ", called " + clock(i.LastCalledAt)
	}
	return text
}

func party(p admin.Party) string {
	if p.Dial == "" { // strangers
		return ""
	}
	text := fmt.Sprintf("dials %s, is %s (%s)", p.Dial, strings.Join(p.Numbers, " "), p.Ref)
	if p.DoNotDisturb {
		text += ", is not to be disturbed"
	}
	if p.Locale != "" {
		text += ", is spoken to in " + p.Locale
	}
	if p.Extension != "" {
		text += ", extension " + string(p.Extension)
	}
	if p.ReuseAgeSeconds != nil {
		text += fmt.Sprintf(", had it %v before", time.Duration(*p.ReuseAgeSeconds)*time.Second)
	}
	switch {
	case p.PIN != "":
		return text + ", PIN " + string(p.PIN)
	case p.HasPIN:
		return text + ", has a PIN"
	default:
		return text
	}
}

// legalHold says that nobody erases it; empty where that is not so.
func legalHold(i admin.Interaction) string {
	if !i.Held {
		return ""
	}
	return "by a legal hold of " + strings.Join(i.HeldBy, " and ") + ": nobody and no age erases it"
}
