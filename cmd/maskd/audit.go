package main

import (
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/urfave/cli/v2"

	"maskd/audit"
)

func auditCommand() *cli.Command {
	from := &cli.Int64Flag{Name: "from", Usage: "begin with entry `N`, or a few before it"}
	return &cli.Command{
		Name: "audit", Usage: "who did what, and that nobody has altered that",
		Subcommands: []*cli.Command{
			{Name: "list", Usage: "list entries, oldest first", Flags: listFlags(), Action: listAudit},
			{
				Name: "verify", Usage: "say whether the log is whole and as it was written", Description: verifying, Action: verifyAudit,
				Flags: clientFlags(
					&cli.PathFlag{Name: "export", Usage: "verify `FILE`, which maskd audit export has written"},
					&cli.StringFlag{Name: "key", Usage: "the log's public `KEY`, or a file that has it; that of the log itself if left out"},
					&cli.PathFlag{Name: "against", Usage: "an older checkpoint, in `FILE`, that the log must have grown out of"},
				),
			},
			{Name: "export", Usage: "write the log, and all that its verification needs, to standard output", Flags: clientFlags(from), Action: exportAudit},
			{Name: "key", Usage: "print the public key of the log", Flags: clientFlags(), Action: printAuditKey},
			{Name: "checkpoint", Usage: "print what the log is now, signed, to be kept elsewhere", Flags: clientFlags(), Action: printCheckpoint},
			{Name: "prove", Usage: "print the proof that an entry is in the log", ArgsUsage: "INDEX", Flags: clientFlags(), Action: proveAudit},
		},
	}
}

func listAudit(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	daemon, err := client(c)
	if err != nil {
		return err
	}
	found, err := daemon.Audit(c.Context, cursor(c))
	if err != nil {
		return err
	}
	head := []string{"INDEX", "AT", "ACTION", "OBJECT", "OUTCOME", "WHO", "ROLE", "TENANT", "REASON"}
	return printPage(c, found, head, func(e audit.Entry) []string {
		if e.Pruned {
			return []string{strconv.FormatUint(e.Index, 10), "-", "(pruned)", "-", "-", "-", "-", "-", ""}
		}
		reason := e.Reason
		if e.Erased {
			reason = "(erased)"
		}
		return []string{strconv.FormatUint(e.Index, 10), e.At, e.Action, dash(e.Object), e.Outcome, who(e.Actor), dash(e.Actor.Role), dash(e.Actor.Tenant), reason}
	})
}

func who(a audit.Actor) string {
	if a.Name != "" {
		return a.Way + " " + a.Name
	}
	if a.PID == 0 { // a tenant is not told who of the house it was
		return a.Way
	}
	return fmt.Sprintf("%s uid %d pid %d", a.Way, a.UID, a.PID)
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func exportAudit(c *cli.Context) error {
	return withRecords(c, func(r records) error { return r.export(c.Context, c.Int64("from"), c.App.Writer) })
}

func printAuditKey(c *cli.Context) error {
	return withRecords(c, func(r records) error {
		latest, err := r.checkpoint(c.Context)
		if err != nil {
			return err
		}
		return printText(c, latest.Key+"\n")
	})
}

func printCheckpoint(c *cli.Context) error {
	return withRecords(c, func(r records) error {
		latest, err := r.checkpoint(c.Context)
		if err != nil {
			return err
		}
		return printText(c, latest.Checkpoint)
	})
}

func printText(c *cli.Context, text string) error {
	if _, err := io.WriteString(c.App.Writer, text); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	return nil
}

func withRecords(c *cli.Context, do func(records) error) (err error) {
	if err := noArguments(c); err != nil {
		return err
	}
	r, err := openRecords(c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	return do(r)
}

func proveAudit(c *cli.Context) error {
	text, err := oneID(c)
	if err != nil {
		return err
	}
	index, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return usagef("audit prove: expected the index of an entry: a number from 0 on")
	}
	daemon, err := client(c)
	if err != nil {
		return err
	}
	proof, err := daemon.AuditProof(c.Context, index)
	if err != nil {
		return err
	}
	return printJSON(c.App.Writer, proof)
}
