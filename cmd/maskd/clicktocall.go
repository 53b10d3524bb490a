package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"maskd/cmd/maskd/admin"
)

func clickToCallCommand() *cli.Command {
	return &cli.Command{
		Name: "call", Usage: "ring one party and then the other", ArgsUsage: "ID", Action: clickToCall,
		Flags: clientFlags(
			&cli.StringFlag{Name: "from", Usage: "ring `SIDE`, a or b, first", Value: "a"},
			&cli.BoolFlag{Name: "confirm", Usage: "ring the other only when the first has pressed 1, which a voicemail does not"},
		),
	}
}

func clickToCall(c *cli.Context) error {
	o := admin.Origination{From: c.String("from"), Confirm: c.Bool("confirm")}
	begun, err := aboutOne(c, func(daemon *admin.Client, ctx context.Context, id string) (admin.Originated, error) {
		return daemon.Originate(ctx, id, o)
	})
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return printJSON(c.App.Writer, begun)
	}
	return printFields(c.App.Writer, [][]string{{"call", begun.ID}})
}
