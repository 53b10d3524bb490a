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
			{
				Name: "export", Usage: "write those of a time to standard output, one a line; always JSON",
				Description: "Each is as cdr list --json has it: numbers are masked, with their references. A call that is live is there too, as\n" +
					"far as it got. If it breaks off, the exit code says so.",
				Flags: clientFlags(reasonFlag(), timeFlag("since", "calls from `TIME` on, such as 2026-11-01T00:00:00Z"), timeFlag("until", "calls before `TIME`")), Action: exportCDRs,
			},
		},
	}
}

func exportCDRs(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	daemon, err := client(c)
	if err != nil {
		return err
	}
	return daemon.ExportCDRs(c.Context, admin.CDRExport{Since: timeOf(c, "since"), Until: timeOf(c, "until"), Why: admin.Why{Reason: c.String("reason")}}, c.App.Writer)
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
