package main

import (
	"fmt"
	"io"
	"maps"
	"os"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"maskd/cmd/maskd/admin"
	"maskd/mapping"
)

func createInteractionCommand() *cli.Command {
	return &cli.Command{
		Name:  "create",
		Usage: "create one",
		Description: "The numbers are read from a file or from standard input, never from an argument: other\n" +
			"users can read a process list. Write a line for each number,\n\n" +
			"  a=+15550100007\n  b=+919876543210\n\n" +
			"or the JSON of the API. A flag wins over what is read.",
		Action: createInteraction,
		Flags: clientFlags(
			&cli.PathFlag{Name: "from", Usage: "read the parties from `FILE`, not from standard input"},
			&cli.StringFlag{Name: "external-id", Usage: "your own `NAME` for it; creating it again changes nothing"},
			&cli.StringFlag{Name: "pool", Usage: "take the DIDs from pool `NAME`"},
			&cli.StringFlag{Name: "numbering", Usage: "give DIDs by `RULE`: per_party or shared", DefaultText: mapping.NumberingPerParty.String()},
			&cli.DurationFlag{Name: "ttl", Usage: "let it live for `TIME`, such as 90m", DefaultText: mapping.DefaultTTL.String()},
			&cli.StringSliceFlag{Name: "label", Usage: "give it a label `KEY=VALUE`; may be repeated"},
		),
	}
}

func createInteraction(c *cli.Context) error {
	if c.Args().Present() {
		return usagef("%s takes no argument: numbers come from --from FILE or standard input, because other users can read a process list", c.Command.HelpName)
	}
	draft, err := draftFrom(c)
	if err != nil {
		return err
	}
	if err := override(&draft, c); err != nil {
		return err
	}
	daemon, err := client(c)
	if err != nil {
		return err
	}
	i, err := daemon.Create(c.Context, draft)
	if err != nil {
		return err
	}
	return printInteraction(c, i)
}

func draftFrom(c *cli.Context) (admin.Draft, error) {
	path := c.Path("from")
	if path == "" {
		invite(c.App)
		return readDraft("standard input", c.App.Reader)
	}
	file, err := os.Open(path)
	if err != nil {
		return admin.Draft{}, fmt.Errorf("read parties: %w", err)
	}
	defer file.Close()
	return readDraft(path, file)
}

// invite tells a person at a terminal what is waited for.
func invite(app *cli.App) {
	if in, ok := app.Reader.(*os.File); ok && terminal(in) {
		fmt.Fprintln(app.ErrWriter, "Write a=+... and b=+..., a line each; end with Ctrl-D.")
	}
}

// maxDraft is what the daemon takes, and more than any draft needs.
const maxDraft = 64 << 10

// readDraft reads the API's JSON, or lines a=+... and b=+....
func readDraft(name string, from io.Reader) (admin.Draft, error) {
	text, err := io.ReadAll(io.LimitReader(from, maxDraft))
	if err != nil {
		return admin.Draft{}, fmt.Errorf("read parties: %w", err)
	}
	if strings.HasPrefix(strings.TrimSpace(string(text)), "{") {
		var draft admin.Draft
		if err := admin.Decode(strings.NewReader(string(text)), &draft); err != nil {
			return admin.Draft{}, usagef("%s: %s", name, err)
		}
		return draft, nil
	}
	return readLines(name, string(text))
}

func readLines(name, text string) (admin.Draft, error) {
	var draft admin.Draft
	for n, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		side, number, _ := strings.Cut(line, "=")
		written := admin.PlainNumber(strings.TrimSpace(number))
		switch strings.TrimSpace(side) {
		case "a":
			draft.Parties.A.Numbers = append(draft.Parties.A.Numbers, written)
		case "b":
			draft.Parties.B.Numbers = append(draft.Parties.B.Numbers, written)
		default:
			return admin.Draft{}, usagef("%s:%d: expected a=+... or b=+...", name, n+1)
		}
	}
	return draft, nil
}

// override puts what the flags say in place of what was read.
func override(d *admin.Draft, c *cli.Context) error {
	for flag, field := range map[string]*string{"external-id": &d.ExternalID, "pool": &d.Pool, "numbering": &d.Numbering} {
		if c.IsSet(flag) {
			*field = c.String(flag)
		}
	}
	if c.IsSet("ttl") {
		seconds := int64(c.Duration("ttl") / time.Second)
		d.TTLSeconds = &seconds
	}
	labels := make(map[string]string)
	for _, label := range c.StringSlice("label") {
		key, value, ok := strings.Cut(label, "=")
		if !ok {
			return usagef("--label: expected KEY=VALUE")
		}
		labels[key] = value
	}
	if d.Labels == nil {
		d.Labels = labels
		return nil
	}
	maps.Copy(d.Labels, labels)
	return nil
}
