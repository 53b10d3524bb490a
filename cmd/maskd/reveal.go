package main

import (
	"context"
	"errors"

	"github.com/urfave/cli/v2"

	"maskd/cmd/maskd/admin"
)

const pleading = `The reason is kept in the audit log, and shown to others: leave numbers out of it.

Where another person has to approve (admin.reveal.second), the first call prints a
request. Once "maskd reveal approve" was called by somebody else, within 15 minutes,
--request lets it be done, once.`

// pleaFlags are those of what another person may have to approve.
func pleaFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "reason", Usage: "why, in your `WORDS`: 10 to 500 bytes"},
		&cli.StringFlag{Name: "request", Usage: "have what was asked for by `REQUEST`, and approved"},
	}
}

func pleaOf(c *cli.Context) admin.Asked {
	return admin.Asked{Reason: c.String("reason"), Request: c.String("request")}
}

// orPetition prints what waits for another person, if that is what came of it.
func orPetition(c *cli.Context, err error) error {
	if waiting := new(admin.WaitingError); errors.As(err, &waiting) {
		return printPetition(c, waiting.Petition)
	}
	return err
}

func revealInteractionCommand() *cli.Command {
	return &cli.Command{
		Name: "reveal", Usage: "show the numbers of one in clear, for a reason", ArgsUsage: "ID",
		Description: pleading, Action: revealInteraction, Flags: clientFlags(pleaFlags()...),
	}
}

func revealInteraction(c *cli.Context) error {
	shown, err := aboutOne(c, func(daemon *admin.Client, ctx context.Context, id string) (admin.Revealed, error) {
		return daemon.Unmask(ctx, id, pleaOf(c))
	})
	if err != nil {
		return orPetition(c, err)
	}
	if c.Bool("json") {
		return printJSON(c.App.Writer, shown)
	}
	rows := [][]string{{"id", shown.ID}}
	for _, n := range shown.Parties.A.Numbers {
		rows = append(rows, []string{"a", string(n)})
	}
	for _, n := range shown.Parties.B.Numbers {
		rows = append(rows, []string{"b", string(n)})
	}
	return printFields(c.App.Writer, rows)
}

func revealCommand() *cli.Command {
	return &cli.Command{
		Name: "reveal", Usage: "look at what waits for a second person, and approve it",
		Subcommands: []*cli.Command{
			{Name: "list", Usage: "list them", Flags: listFlags(), Action: listPetitions},
			{Name: "approve", Usage: "let who has asked have it, once", ArgsUsage: "REQUEST", Flags: clientFlags(), Action: approvePetition},
		},
	}
}

func listPetitions(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	daemon, err := client(c)
	if err != nil {
		return err
	}
	found, err := daemon.Petitions(c.Context, cursor(c))
	if err != nil {
		return err
	}
	head := []string{"REQUEST", "ACTION", "OBJECT", "STATE", "ASKED BY", "EXPIRES", "REASON"}
	return printPage(c, found, head, func(p admin.Petition) []string {
		return []string{p.Request, p.Action, p.Object, p.State, p.AskedBy, clock(p.ExpiresAt), p.Reason}
	})
}

func approvePetition(c *cli.Context) error {
	p, err := aboutOne(c, (*admin.Client).Approve)
	if err != nil {
		return err
	}
	return printPetition(c, p)
}

func printPetition(c *cli.Context, p admin.Petition) error {
	if c.Bool("json") {
		return printJSON(c.App.Writer, p)
	}
	return printFields(c.App.Writer, [][]string{
		{"request", p.Request}, {"action", p.Action}, {"object", p.Object}, {"state", p.State}, {"reason", p.Reason},
		{"asked by", p.AskedBy}, {"approved by", p.ApprovedBy}, {"expires", clock(p.ExpiresAt)},
	})
}
