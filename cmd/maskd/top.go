package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/urfave/cli/v2"

	"maskd/cmd/maskd/admin"
)

const (
	// topEvery is how often the view is made anew, if nobody says otherwise. Each look
	// is told to the audit log.
	topEvery = 2 * time.Second
	topLeast = time.Second

	// clearScreen goes to the top left and clears what is below (ECMA-48: CUP, ED).
	clearScreen = "\x1b[H\x1b[2J"
)

func topCommand() *cli.Command {
	return &cli.Command{
		Name:  "top",
		Usage: "watch calls, their rates, trunks, pools and webhooks, until interrupted",
		Flags: clientFlags(
			&cli.BoolFlag{Name: "once", Usage: "print one view and end"},
			&cli.DurationFlag{Name: "every", Usage: "look anew after `TIME`, from 1s on", Value: topEvery},
		),
		Action: top,
	}
}

func top(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	if c.Duration("every") < topLeast {
		return usagef("top: expected --every from 1s on")
	}
	daemon, err := client(c)
	if err != nil {
		return err
	}
	var before *glance
	for {
		now, err := look(c.Context, daemon, before)
		if err != nil {
			return err
		}
		if err := showGlance(c, now, before); err != nil || c.Bool("once") {
			return err
		}
		before = now
		if err := pause(c.Context, c.Duration("every")); err != nil {
			return err
		}
	}
}

func showGlance(c *cli.Context, now, before *glance) error {
	if c.Bool("json") {
		return printLine(c.App.Writer, now)
	}
	text, err := now.frame(before)
	if err != nil {
		return err
	}
	if !c.Bool("once") {
		text = clearScreen + text
	}
	if _, err := io.WriteString(c.App.Writer, text); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	return nil
}

// look asks the daemon for all that a view shows. Who is a tenant's is not asked
// for trunks again once that was refused.
func look(ctx context.Context, daemon *admin.Client, before *glance) (*glance, error) {
	g := &glance{At: admin.Time{Time: time.Now()}, State: "ready", Calls: make(map[string]int)}
	var problem *admin.Problem
	if err := daemon.Ready(ctx); errors.As(err, &problem) {
		g.State = problem.Code
	} else if err != nil {
		return nil, err
	}
	if err := g.countCalls(ctx, daemon); err != nil {
		return nil, err
	}
	pools, err := daemon.Pools(ctx)
	if err != nil {
		return nil, err
	}
	hooks, err := daemon.Webhooks(ctx)
	if err != nil {
		return nil, err
	}
	g.Pools, g.Webhooks = pools.Data, hooks.Data
	if g.tenant = before != nil && before.tenant; g.tenant {
		return g, nil
	}
	trunks, err := daemon.Trunks(ctx)
	if errors.As(err, &problem) && problem.Status == http.StatusForbidden {
		g.tenant = true
		return g, nil
	}
	g.Trunks = trunks.Data
	return g, err
}

// countCalls counts live calls by their state.
func (g *glance) countCalls(ctx context.Context, daemon *admin.Client) error {
	for at := (admin.Cursor{Limit: 1000}); ; {
		live, err := daemon.Calls(ctx, at)
		if err != nil {
			return err
		}
		for _, k := range live.Data {
			g.Calls[k.State]++
			g.Live++
		}
		if at.After = live.Next; at.After == "" {
			return nil
		}
	}
}

// pause waits, or until the context is done.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
