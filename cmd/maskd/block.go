package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"maskd/cmd/maskd/admin"
)

func blockCommand() *cli.Command {
	const described = "The numbers are read from a file or from standard input, never from an argument: other\n" +
		"users can read a process list. Write a line for each,\n\n" +
		"  number=+919876543210\n  with=+447700900123\n\n" +
		"the second only for a pair, or the JSON of the API. Who is a party may be named by --interaction."
	who := func(more ...cli.Flag) []cli.Flag {
		return clientFlags(append([]cli.Flag{fromFlag(),
			&cli.StringFlag{Name: "interaction", Usage: "mean a party of the interaction `ID`, or its two as a pair"},
			&cli.StringFlag{Name: "party", Usage: "mean `PARTY` a or b of it"},
		}, more...)...)
	}
	return &cli.Command{
		Name:  "block",
		Usage: "say which numbers may not call or be reached, whatever interaction they are in",
		Subcommands: []*cli.Command{
			{
				Name: "add", Usage: "put a number on the block list, or a pair of them", Description: described, Action: addBlock,
				Flags: who(
					&cli.StringFlag{Name: "bars", Usage: "keep it from `WHAT`: calling, reached (do not disturb) or both", DefaultText: "both"},
					&cli.StringFlag{Name: "reason", Usage: "why, in your `WORDS`"},
				),
			},
			{
				Name: "remove", Usage: "take it off again", Description: described, Action: removeBlock,
				Flags: who(&cli.StringFlag{Name: "id", Usage: "mean the block `ID`, as listed"}),
			},
			{Name: "list", Usage: "list them", Flags: listFlags(), Action: listBlocks},
		},
	}
}

func addBlock(c *cli.Context) error {
	return changeBlocks(c, (*admin.Client).Block)
}

func removeBlock(c *cli.Context) error {
	return changeBlocks(c, (*admin.Client).Unblock)
}

func changeBlocks(c *cli.Context, how func(*admin.Client, context.Context, admin.BlockRequest) (admin.Page[admin.Block], error)) error {
	if err := noNumberArguments(c); err != nil {
		return err
	}
	asked, err := blockRequest(c)
	if err != nil {
		return err
	}
	daemon, err := client(c)
	if err != nil {
		return err
	}
	done, err := how(daemon, c.Context, asked)
	if err != nil {
		return err
	}
	return printBlocks(c, done)
}

// blockRequest reads numbers, unless a flag says who is meant.
func blockRequest(c *cli.Context) (asked admin.BlockRequest, err error) {
	if !c.IsSet("id") && !c.IsSet("interaction") {
		err = readNumbers(c, "number=+... or with=+...", &asked, func(name string, n admin.PlainNumber) bool {
			switch name {
			case "number":
				asked.Number = n
			case "with":
				asked.With = n
			}
			return name == "number" || name == "with"
		})
	}
	for flag, field := range map[string]*string{
		"id": &asked.ID, "interaction": &asked.Interaction, "party": &asked.Party, "bars": &asked.Bars, "reason": &asked.Reason,
	} {
		if c.IsSet(flag) {
			*field = c.String(flag)
		}
	}
	return asked, err
}

func listBlocks(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	daemon, err := client(c)
	if err != nil {
		return err
	}
	found, err := daemon.Blocks(c.Context, cursor(c))
	if err != nil {
		return err
	}
	return printBlocks(c, found)
}

func printBlocks(c *cli.Context, found admin.Page[admin.Block]) error {
	head := []string{"ID", "NUMBER", "WITH", "BARS", "SINCE", "REASON"}
	return printPage(c, found, head, func(b admin.Block) []string {
		with := masked(b.With)
		if with == "" {
			with = "everybody"
		}
		return []string{b.ID, masked(b.Number), with, b.Bars, clock(b.Since), b.Reason}
	})
}
