package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"maskd/cmd/maskd/admin"
)

func traceCommand() *cli.Command {
	return &cli.Command{
		Name: "trace", Usage: "show which messages crossed of a call, live or lately over", ArgsUsage: "ID",
		Description: "A capture has the messages as they can be shown: written anew, from which they were and when. Nothing\n" +
			"that a peer wrote is in it, no number and no address.",
		Flags: clientFlags(
			&cli.PathFlag{Name: "pcapng", Usage: "write them into `FILE` too, for Wireshark"},
		),
		Action: traceCall,
	}
}

func traceCall(c *cli.Context) error {
	t, err := aboutOne(c, (*admin.Client).Trace)
	if err != nil {
		return err
	}
	if path := c.Path("pcapng"); path != "" {
		if err := capture(path, t); err != nil {
			return err
		}
	}
	if c.Bool("json") {
		return printJSON(c.App.Writer, t)
	}
	_, err = fmt.Fprint(c.App.Writer, ladderOf(t))
	return err
}

// capture writes a file that must not be there.
func capture(path string, t admin.Trace) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return usagef("--pcapng: %v", err)
	}
	if err := writeCapture(file, t); err != nil {
		_ = file.Close()
		return fmt.Errorf("write capture: %w", err)
	}
	return file.Close()
}

// ladderOf prints a trace: A on the left, B on the right, maskd between them.
func ladderOf(t admin.Trace) string {
	const width = 33
	var b strings.Builder
	fmt.Fprintf(&b, "%13s%*s%*s\n", "A", width+2, "maskd", width+1, "B")
	for _, m := range t.Crossings {
		arrow := arrowOf(m, width)
		blank := strings.Repeat(" ", width)
		if m.Leg == "b" {
			arrow, blank = blank, arrow
		}
		fmt.Fprintf(&b, "%10.3fs |%s|%s|\n", m.At.Sub(t.Crossings[0].At.Time).Seconds(), arrow, blank)
	}
	return b.String()
}

// arrowOf is a message between maskd and a party: to the right from A or to B.
func arrowOf(m admin.Crossing, width int) string {
	label := " " + m.Message + " "
	left := max(0, width-len(label)-1) / 2
	line := strings.Repeat("-", left) + label + strings.Repeat("-", max(0, width-len(label)-1-left))
	if rightward := m.Sent == (m.Leg == "b"); rightward {
		return line + ">"
	}
	return "<" + line
}
