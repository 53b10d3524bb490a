package main

import (
	"fmt"
	"strconv"

	"github.com/urfave/cli/v2"

	"maskd/cmd/maskd/admin"
)

func callCommand() *cli.Command {
	return &cli.Command{
		Name:  "call",
		Usage: "look at calls, or end one",
		Subcommands: []*cli.Command{
			{Name: "list", Usage: "list the live ones, oldest first", Flags: listFlags(), Action: listCalls},
			{Name: "show", Usage: "show one, live or over", ArgsUsage: "ID", Flags: clientFlags(), Action: showCall},
			traceCommand(),
			{Name: "hangup", Usage: "end one; its interaction goes on", ArgsUsage: "ID", Flags: clientFlags(), Action: hangUpCall},
		},
	}
}

func listCalls(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	daemon, err := client(c)
	if err != nil {
		return err
	}
	live, err := daemon.Calls(c.Context, cursor(c))
	if err != nil {
		return err
	}
	head := []string{"ID", "STATE", "CALLER", "DID", "SHOWN", "STARTED", "ANSWERED", "INTERACTION"}
	return printPage(c, live, head, func(k admin.Call) []string {
		return []string{k.ID, k.State, k.CallerSide, k.DID, k.Shown, clock(k.StartedAt), clock(k.AnsweredAt), k.Interaction}
	})
}

func hangUpCall(c *cli.Context) error {
	done, err := aboutOne(c, (*admin.Client).Hangup)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return printJSON(c.App.Writer, done)
	}
	return printFields(c.App.Writer, [][]string{{"calls ended", strconv.Itoa(done.CallsEnded)}})
}

func showCall(c *cli.Context) error {
	k, err := aboutOne(c, (*admin.Client).Call)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return printJSON(c.App.Writer, k)
	}
	rows := [][]string{
		{"id", k.ID},
		{"interaction", k.Interaction},
		{"state", k.State},
		{"caller", callerOf(k)},
		{"did", k.DID},
		{"shown", k.Shown},
		{"trunk in", k.TrunkIn},
		{"trunk out", k.TrunkOut},
		{"started", clock(k.StartedAt)},
		{"answered", clock(k.AnsweredAt)},
		{"ended", clock(k.EndedAt)},
		{"outcome", k.Outcome},
		{"ended by", k.EndedBy},
		{"refused", k.Why},
	}
	if k.Sound != nil {
		rows = append(rows, soundRows("a", k.Sound.A)...)
		rows = append(rows, soundRows("b", k.Sound.B)...)
	}
	return printFields(c.App.Writer, rows)
}

// callerOf is the side that called, or that was rung first.
func callerOf(k admin.Call) string {
	if k.ClickToCall {
		return k.CallerSide + " (rung by click-to-call)"
	}
	return k.CallerSide
}

// soundRows tells how one leg sounds: what we hear of its peer, and what its
// peer says it hears of us.
func soundRows(leg string, s admin.Sound) [][]string {
	return [][]string{
		{"leg " + leg, fmt.Sprintf("%d packets in, %d out, %d dropped", s.PacketsIn, s.PacketsOut, s.Dropped)},
		{"leg " + leg + " heard", direction(s.Heard)},
		{"leg " + leg + " told", direction(s.Told)},
	}
}

func direction(d admin.Direction) string {
	if d.Expected == 0 {
		return "-"
	}
	return fmt.Sprintf("%d of %d lost, %d late, jitter %.1f ms, MOS %.1f", d.Lost, d.Expected, d.Late, d.JitterMS, d.MOS)
}
