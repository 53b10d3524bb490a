package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"maskd/cmd/maskd/admin"
)

const revealing = `The reason is kept in the audit log, and shown to others: leave numbers out of it.

Where another person has to approve (admin.reveal.second), the first call prints a
request. Once "maskd reveal approve" was called by somebody else, within 15 minutes,
--request shows the numbers, once.`

func revealInteractionCommand() *cli.Command {
	return &cli.Command{
		Name: "reveal", Usage: "show the numbers of one in clear, for a reason", ArgsUsage: "ID",
		Description: revealing, Action: revealInteraction,
		Flags: clientFlags(
			&cli.StringFlag{Name: "reason", Usage: "why, in your `WORDS`: 10 to 500 bytes"},
			&cli.StringFlag{Name: "request", Usage: "show what was asked for by `REQUEST`, and approved"},
		),
	}
}

func revealInteraction(c *cli.Context) error {
	asked := admin.Asked{Reason: c.String("reason"), Request: c.String("request")}
	answer, err := aboutOne(c, func(daemon *admin.Client, ctx context.Context, id string) (admin.Unmasked, error) {
		return daemon.Unmask(ctx, id, asked)
	})
	switch {
	case err != nil:
		return err
	case answer.Petition != nil:
		return printPetition(c, *answer.Petition)
	case c.Bool("json"):
		return printJSON(c.App.Writer, answer.Revealed)
	}
	rows := [][]string{{"id", answer.Revealed.ID}}
	for _, n := range answer.Revealed.Parties.A.Numbers {
		rows = append(rows, []string{"a", string(n)})
	}
	for _, n := range answer.Revealed.Parties.B.Numbers {
		rows = append(rows, []string{"b", string(n)})
	}
	return printFields(c.App.Writer, rows)
}

func revealCommand() *cli.Command {
	return &cli.Command{
		Name: "reveal", Usage: "look at reveals that wait for a second person, and approve them",
		Subcommands: []*cli.Command{
			{Name: "list", Usage: "list them", Flags: listFlags(), Action: listPetitions},
			{Name: "approve", Usage: "let who has asked see the numbers, once", ArgsUsage: "REQUEST", Flags: clientFlags(), Action: approvePetition},
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
	head := []string{"REQUEST", "INTERACTION", "STATE", "ASKED BY", "EXPIRES", "REASON"}
	return printPage(c, found, head, func(p admin.Petition) []string {
		return []string{p.Request, p.Interaction, p.State, p.AskedBy, clock(p.ExpiresAt), p.Reason}
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
		{"request", p.Request}, {"interaction", p.Interaction}, {"state", p.State}, {"reason", p.Reason},
		{"asked by", p.AskedBy}, {"approved by", p.ApprovedBy}, {"expires", clock(p.ExpiresAt)},
	})
}
