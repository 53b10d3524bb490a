package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"maskd/cmd/maskd/admin"
)

func lookUpCommand() *cli.Command {
	return &cli.Command{
		Name:  "lookup",
		Usage: "say what would happen to a call, and why; nobody is rung",
		Description: "The numbers are read from a file or from standard input, never from an argument: other\n" +
			"users can read a process list. Write a line for each,\n\n" +
			"  did=+15550100000\n  caller=+919876543210\n\n" +
			"or the JSON of the API. Without a caller, it is one whose number is withheld.",
		Action: lookUp,
		Flags: clientFlags(fromFlag(),
			timeFlag("at", "ask about `TIME`, such as 2026-11-22T18:00:00Z, not about now"),
			hookFlag("ask the decision hook too, if it would be asked")),
	}
}

func lookUp(c *cli.Context) error {
	if err := noNumberArguments(c); err != nil {
		return err
	}
	var asked admin.Question
	err := readNumbers(c, "did=+... or caller=+...", &asked, func(name string, n admin.PlainNumber) bool {
		switch name {
		case "did":
			asked.DID = n
		case "caller":
			asked.Caller = n
		}
		return name == "did" || name == "caller"
	})
	if err != nil {
		return err
	}
	if at := timeOf(c, "at"); !at.IsZero() {
		asked.At = at
	}
	asked.Hook = asked.Hook || c.Bool("hook")
	daemon, err := client(c)
	if err != nil {
		return err
	}
	d, err := daemon.LookUp(c.Context, asked)
	if err != nil {
		return err
	}
	return printDecision(c, d)
}

func printDecision(c *cli.Context, d admin.Decision) error {
	if c.Bool("json") {
		return printJSON(c.App.Writer, d)
	}
	decision := "connects"
	if !d.Connects {
		decision = "refused (" + d.Refusal + ")"
	}
	rows := [][]string{
		{"decision", decision},
		{"at", clock(d.At)},
		{"did", d.DID},
		{"caller", masked(d.Caller)},
		{"redirected to", masked(d.Redirected)},
		{"interaction", d.Interaction},
		{"target", masked(d.Target)},
		{"diverted", d.Diverted},
		{"shown", d.Shown},
		{"trunk", d.Trunk},
		{"opens", clock(d.OpensAt)},
	}
	for _, s := range d.Steps {
		mark := "ok"
		if !s.Passed {
			mark = "no"
		}
		rows = append(rows, []string{"check " + s.Check, mark + ": " + s.Finding})
	}
	return printFields(c.App.Writer, rows)
}

func masked(m admin.Masked) string {
	if m.Number == "" {
		return ""
	}
	return fmt.Sprintf("%s (%s)", m.Number, m.Ref)
}
