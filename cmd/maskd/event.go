package main

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/urfave/cli/v2"

	"maskd/cmd/maskd/admin"
	"maskd/cmd/maskd/webhook"
)

// followTime is how long one request waits for events.
const followTime = 55 * time.Second

func eventCommand() *cli.Command {
	follow := &cli.BoolFlag{Name: "follow", Usage: "go on as more happens, until interrupted"}
	return &cli.Command{
		Name:  "event",
		Usage: "see what has happened",
		Subcommands: []*cli.Command{
			{Name: "list", Usage: "list events, oldest first; --after takes a SEQ", Flags: listFlags(follow), Action: listEvents},
		},
	}
}

func listEvents(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	daemon, err := client(c)
	if err != nil {
		return err
	}
	if c.Bool("follow") {
		return followEvents(c, daemon)
	}
	found, err := daemon.Events(c.Context, cursor(c), 0)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return printJSON(c.App.Writer, found)
	}
	rows := [][]string{{"SEQ", "AT", "TYPE", "INTERACTION", "CALL", "DETAIL"}}
	for _, m := range found.Data {
		rows = append(rows, eventRow(m))
	}
	return printRows(c.App.Writer, rows)
}

// followEvents prints events as they happen: a line each.
func followEvents(c *cli.Context, daemon *admin.Client) error {
	for at := cursor(c); ; {
		found, err := daemon.Events(c.Context, at, followTime)
		var problem *admin.Problem
		if errors.As(err, &problem) && problem.Status == http.StatusTooManyRequests {
			if err = pause(c.Context, time.Duration(problem.RetryAfterSeconds)*time.Second); err == nil {
				continue
			}
		}
		if err != nil {
			return err
		}
		for _, m := range found.Data {
			if err := printEvent(c, m); err != nil {
				return err
			}
		}
		at.After = found.Next
	}
}

func printEvent(c *cli.Context, m webhook.Message) error {
	if c.Bool("json") {
		return printLine(c.App.Writer, m)
	}
	return printRows(c.App.Writer, [][]string{eventRow(m)})
}

func eventRow(m webhook.Message) []string {
	return []string{strconv.FormatUint(m.Seq, 10), m.Timestamp, m.Type, dash(m.Data.Interaction), dash(m.Data.Call), detail(m.Data)}
}

// detail is what is known beyond who and when.
func detail(d webhook.Data) (text string) {
	for _, part := range []struct{ name, value string }{
		{"did", d.DID}, {"caller", d.CallerSide}, {"outcome", d.Outcome}, {"by", d.EndedBy}, {"talked", talked(d)},
		{"standing", d.Standing}, {"pool", d.Pool}, {"until", d.Until},
	} {
		if part.value != "" {
			text += fmt.Sprintf(" %s=%s", part.name, part.value)
		}
	}
	return text
}

func talked(d webhook.Data) string {
	if d.TalkedSeconds == nil {
		return ""
	}
	return fmt.Sprintf("%.1fs", *d.TalkedSeconds)
}
