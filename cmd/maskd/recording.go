package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"filippo.io/age"
	"github.com/urfave/cli/v2"

	"maskd/cmd/maskd/admin"
	"maskd/media/recording"
)

func recordingCommand() *cli.Command {
	return &cli.Command{
		Name:  "recording",
		Usage: "look at recordings, hear them, or change the one that is being made",
		Subcommands: []*cli.Command{
			{Name: "list", Usage: "list them, oldest first", Flags: listFlags(), Action: listRecordings},
			{Name: "show", Usage: "show one: its files, and when it listened", ArgsUsage: "ID", Flags: clientFlags(), Action: showRecording},
			{Name: "verify", Usage: "compare the files of one with what it is said to be", ArgsUsage: "ID", Flags: clientFlags(), Action: verifyRecording},
			{
				Name: "export", Usage: "decrypt one with an auditor's key", ArgsUsage: "ID", Action: exportRecording,
				Description: "The daemon hands out what is encrypted, and can't decrypt it: that is done here, with the\n" +
					"key file that age-keygen has made. Nothing that is there is overwritten.\n\n" + pleading,
				Flags: clientFlags(append(pleaFlags(),
					&cli.PathFlag{Name: "identity", Usage: "decrypt with the keys of `FILE`", Required: true},
					&cli.PathFlag{Name: "out", Usage: "write the files into `DIRECTORY`", Value: "."},
				)...),
			},
			dictationCommand("pause", "pause the recording of a live call"),
			dictationCommand("resume", "let a paused recording go on"),
			dictationCommand("withdraw", "end it for a party that does not agree any more",
				&cli.StringFlag{Name: "party", Usage: "who does not: `SIDE` a or b", Required: true}),
		},
	}
}

func listRecordings(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	daemon, err := client(c)
	if err != nil {
		return err
	}
	found, err := daemon.Recordings(c.Context, cursor(c))
	if err != nil {
		return err
	}
	head := []string{"ID", "CALL", "INTERACTION", "BEGAN", "LASTED", "ENDED", "PARTS", "BYTES"}
	return printPage(c, found, head, func(m admin.Recording) []string {
		if m.Bad != "" {
			return []string{m.ID, "-", "-", "-", "-", m.Bad, "-", "-"}
		}
		var size int64
		for _, p := range m.Parts {
			size += p.Bytes
		}
		lasted := "-"
		if !m.EndedAt.IsZero() {
			lasted = m.EndedAt.Sub(m.BeganAt).Round(time.Second).String()
		}
		return []string{m.ID, m.Call, m.Interaction, clock(admin.Time{Time: m.BeganAt}), lasted, string(m.Ended), strconv.Itoa(len(m.Parts)), strconv.FormatInt(size, 10)}
	})
}

func showRecording(c *cli.Context) error {
	m, err := aboutOne(c, (*admin.Client).Recording)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return printJSON(c.App.Writer, m)
	}
	rows := [][]string{
		{"id", m.ID}, {"call", m.Call}, {"interaction", m.Interaction},
		{"began", clock(admin.Time{Time: m.BeganAt})}, {"ended", clock(admin.Time{Time: m.EndedAt})}, {"ended by", string(m.Ended)},
	}
	for _, p := range m.Parts {
		began := ""
		if p.From > 0 {
			began = fmt.Sprintf("from %s on, ", time.Duration(p.From)*time.Millisecond)
		}
		rows = append(rows, []string{string(p.Format), fmt.Sprintf("%s%s, %d bytes, sha256 %s", began, p.File, p.Bytes, p.SHA256)})
	}
	for _, s := range m.Spans {
		heard := "deaf"
		if s.Listening {
			heard = "listens"
		}
		rows = append(rows, []string{"from " + (time.Duration(s.From) * time.Millisecond).String(), heard + " (" + s.Why + ")"})
	}
	return printFields(c.App.Writer, rows)
}

func verifyRecording(c *cli.Context) error {
	v, err := aboutOne(c, (*admin.Client).VerifyRecording)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return printJSON(c.App.Writer, v)
	}
	return printFields(c.App.Writer, [][]string{{"recording", v.Recording}, {"parts", strconv.Itoa(v.Parts)}, {"verified", "each is what the manifest says"}})
}

// exported is a part that was decrypted.
type exported struct {
	File  string `json:"file"`
	Whole bool   `json:"whole"` // false: the daemon died while it was recorded, and this is what there is
}

func exportRecording(c *cli.Context) error {
	keys, err := identities(c.Path("identity"))
	if err != nil {
		return err
	}
	var files []exported
	_, err = aboutOne(c, func(daemon *admin.Client, ctx context.Context, id string) (recording.Manifest, error) {
		m, err := daemon.Recording(ctx, id)
		for _, p := range m.Parts {
			var file exported
			if file, err = exportPart(ctx, daemon, m, p, c, keys); err != nil {
				return m, err
			}
			files = append(files, file)
		}
		return m, err
	})
	if err != nil {
		return orPetition(c, err)
	}
	if c.Bool("json") {
		return printJSON(c.App.Writer, files)
	}
	rows := [][]string{{"FILE", "WHOLE"}}
	for _, f := range files {
		rows = append(rows, []string{f.File, strconv.FormatBool(f.Whole)})
	}
	return printRows(c.App.Writer, rows)
}

// identities reads the auditor's keys.
func identities(path string) ([]age.Identity, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, usagef("--identity: %v", err)
	}
	defer file.Close()
	keys, err := age.ParseIdentities(file)
	if err != nil {
		return nil, usagef("--identity: expected a key file of age, as age-keygen writes it")
	}
	return keys, nil
}

func exportPart(ctx context.Context, daemon *admin.Client, m recording.Manifest, p recording.Part, c *cli.Context, keys []age.Identity) (exported, error) {
	sealed, err := daemon.RecordingPart(ctx, m.ID, p.Format, pleaOf(c))
	if err != nil {
		return exported{}, err
	}
	defer sealed.Close()
	name := filepath.Join(c.Path("out"), m.ID+p.Format.Extension())
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return exported{}, fmt.Errorf("export recording: %w", err)
	}
	err = recording.Export(file, io.Reader(sealed), p.Format, keys...)
	whole := !errors.Is(err, recording.ErrCut)
	if !whole {
		err = nil
	}
	return exported{name, whole}, errors.Join(err, file.Close())
}

func dictationCommand(do, usage string, flags ...cli.Flag) *cli.Command {
	return &cli.Command{
		Name: do, Usage: usage, ArgsUsage: "CALL", Flags: clientFlags(flags...),
		Action: func(c *cli.Context) error {
			said, err := aboutOne(c, func(daemon *admin.Client, ctx context.Context, id string) (admin.Dictation, error) {
				return daemon.Dictate(ctx, id, admin.Dictation{Do: do, Party: c.String("party")})
			})
			if err != nil {
				return err
			}
			if c.Bool("json") {
				return printJSON(c.App.Writer, said)
			}
			return printFields(c.App.Writer, [][]string{{"done", said.Do}, {"party", said.Party}})
		},
	}
}
