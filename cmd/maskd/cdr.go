package main

import (
	"strconv"
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
	head := []string{"CALL", "ADMITTED", "CALLER", "DID", "TARGET", "TRIED", "SHOWN", "OUTCOME", "ENDED BY", "TALKED"}
	return printPage(c, found, head, func(r admin.CDR) []string {
		outcome := r.Outcome
		if r.Refusal != "" {
			outcome += " (" + r.Refusal + ")"
		}
		if r.Diverted != "" {
			outcome += " (fallback: " + r.Diverted + ")"
		}
		if r.Redirected {
			outcome += " (redirected)"
		}
		talked := time.Duration(r.TalkedSeconds * float64(time.Second)).Round(time.Millisecond)
		return []string{
			r.Call, clock(r.AdmittedAt), r.Caller.Number, r.DID, r.Target.Number, strconv.Itoa(r.Tried), r.Shown,
			outcome, r.EndedBy, talked.String(),
		}
	})
}
