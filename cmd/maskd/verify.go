package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"sync"

	"github.com/urfave/cli/v2"
	"golang.org/x/mod/sumdb/note"

	"maskd/audit"
	"maskd/cmd/maskd/config"
)

const verifying = `Every entry is read and the tree is made again, which must be the one that was signed.
What is altered, missing, out of order or cut off is named. The log comes from the
daemon, or from the store if no daemon runs, or with --export from a file, for which
nothing else is needed than the key.

Have the key ("maskd audit key") and from time to time a checkpoint ("maskd audit
checkpoint") kept by somebody who does not run maskd: with --key and --against it is
then seen too if the log was written anew by somebody who has this machine.`

func verifyAudit(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	if c.Path("export") != "" {
		return verifyExport(c)
	}
	return withRecords(c, func(r records) error {
		latest, err := r.checkpoint(c.Context)
		if err != nil {
			return err
		}
		key, err := auditKey(c, latest.Key)
		if err != nil {
			return err
		}
		older, err := olderCheckpoint(c, key)
		if err != nil {
			return err
		}
		read, write := io.Pipe()
		var exporting sync.WaitGroup
		exporting.Go(func() { write.CloseWithError(r.export(c.Context, 0, write)) })
		defer exporting.Wait()
		defer read.Close()
		return reportAudit(c, read, key, older)
	})
}

func verifyExport(c *cli.Context) error {
	if c.String("key") == "" {
		return usagef("an export is verified with a key from elsewhere: give --key")
	}
	key, err := auditKey(c, "")
	if err != nil {
		return err
	}
	older, err := olderCheckpoint(c, key)
	if err != nil {
		return err
	}
	file, err := os.Open(c.Path("export"))
	if err != nil {
		return fmt.Errorf("read export: %w", err)
	}
	defer file.Close()
	return reportAudit(c, file, key, older)
}

// auditKey is the key that was given, by itself or in a file, or else that of the log.
func auditKey(c *cli.Context, own string) (note.Verifier, error) {
	text := c.String("key")
	if text == "" {
		text = own
	}
	if written, err := os.ReadFile(text); err == nil {
		text = strings.TrimSpace(string(written))
	}
	key, err := note.NewVerifier(text)
	if err != nil {
		return nil, usagef("--key: expected what maskd audit key prints, or a file that has it")
	}
	return key, nil
}

// olderCheckpoint is the one that was given, or what lies beside the store.
func olderCheckpoint(c *cli.Context, key note.Verifier) (*audit.Checkpoint, error) {
	path, given := c.Path("against"), true
	if path == "" && c.Path("export") == "" && c.Path("socket") == "" {
		cfg, err := config.Load(c.Path("config"))
		if err != nil {
			return nil, err
		}
		path, given = cfg.Store.CheckpointPath(), false
	}
	if path == "" {
		return nil, nil
	}
	signed, err := os.ReadFile(path)
	if !given && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission)) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read checkpoint: %w", err)
	}
	older, err := audit.Open(signed, key)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &older, nil
}

// Verdict is what a verification found, for programs.
type Verdict struct {
	OK         bool     `json:"ok"`
	Log        string   `json:"log"`
	First      int64    `json:"first"`
	Entries    int64    `json:"entries"`
	Pruned     int64    `json:"pruned,omitempty"`  // of these: kept for their time, and a hash is left
	Checkpoint int64    `json:"checkpoint"`        // the size of the log that was signed
	Against    int64    `json:"against,omitempty"` // of the older one
	Findings   []string `json:"findings"`
}

func reportAudit(c *cli.Context, export io.Reader, key note.Verifier, older *audit.Checkpoint) error {
	report, err := audit.Verify(export, key, older)
	if err != nil {
		return err
	}
	v := Verdict{OK: report.OK(), Log: key.Name(), First: report.First, Entries: report.Entries, Pruned: report.Pruned, Checkpoint: report.Checkpoint.Size, Findings: []string{}}
	if older != nil {
		v.Against = older.Size
	}
	for _, f := range report.Findings {
		v.Findings = append(v.Findings, f.String())
	}
	if err := printVerdict(c, v); err != nil {
		return err
	}
	if !v.OK {
		return fmt.Errorf("the audit log does not verify: %s", v.Findings[0])
	}
	return nil
}

func printVerdict(c *cli.Context, v Verdict) error {
	if c.Bool("json") {
		return printJSON(c.App.Writer, v)
	}
	for _, f := range v.Findings {
		if err := printText(c, f+"\n"); err != nil {
			return err
		}
	}
	if !v.OK {
		return nil
	}
	text := fmt.Sprintf("%s: ok, %d entries from %d on", v.Log, v.Entries, v.First)
	if v.Pruned > 0 {
		text += fmt.Sprintf(", of which %d are pruned", v.Pruned)
	}
	if v.Against > 0 {
		text += fmt.Sprintf(", grown out of a checkpoint of %d", v.Against)
	}
	return printText(c, text+"\n")
}
