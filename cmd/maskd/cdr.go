package main

import (
	"time"

	"github.com/urfave/cli/v2"

	"maskd/cmd/maskd/admin"
)

func cdrCommand() *cli.Command {
	return &cli.Command{
		Name:  "cdr",
		Usage: "look at call detail records",
		Subcommands: []*cli.Command{
			{Name: "list", Usage: "list them, oldest first", Flags: listFlags(), Action: listCDRs},
		},
	}
}

func listCDRs(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	daemon, err := client(c)
	if err != nil {
		return err
	}
	found, err := daemon.CDRs(c.Context, cursor(c))
	if err != nil {
		return err
	}
	head := []string{"CALL", "ADMITTED", "CALLER", "DID", "TARGET", "SHOWN", "OUTCOME", "ENDED BY", "TALKED"}
	return printPage(c, found, head, func(r admin.CDR) []string {
		outcome := r.Outcome
		if r.Refusal != "" {
			outcome += " (" + r.Refusal + ")"
		}
		talked := time.Duration(r.TalkedSeconds * float64(time.Second)).Round(time.Millisecond)
		return []string{
			r.Call, clock(r.AdmittedAt), r.Caller.Number, r.DID, r.Target.Number, r.Shown,
			outcome, r.EndedBy, talked.String(),
		}
	})
}
