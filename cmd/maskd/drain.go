package main

import (
	"context"
	"strconv"
	"time"

	"github.com/urfave/cli/v2"

	"maskd/cmd/maskd/admin"
)

// drainPoll is how often a drain that waits asks how many calls are left.
const drainPoll = time.Second

func drainCommand() *cli.Command {
	return &cli.Command{
		Name: "drain", Usage: "have the daemon take no new calls until it is restarted; those that are up go on",
		Flags:  clientFlags(&cli.BoolFlag{Name: "wait", Usage: "wait until no call is left"}),
		Action: drainDaemon,
	}
}

func drainDaemon(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	daemon, err := client(c)
	if err != nil {
		return err
	}
	left, err := daemon.Drain(c.Context)
	if err == nil && c.Bool("wait") {
		left, err = awaitDrained(c.Context, daemon, left)
	}
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return printJSON(c.App.Writer, left)
	}
	return printFields(c.App.Writer, [][]string{{"calls live", strconv.Itoa(left.CallsLive)}})
}

// awaitDrained asks until no call is left.
func awaitDrained(ctx context.Context, daemon *admin.Client, left admin.Draining) (admin.Draining, error) {
	tick := time.NewTicker(drainPoll)
	defer tick.Stop()
	for left.CallsLive > 0 {
		select {
		case <-ctx.Done():
			return left, ctx.Err()
		case <-tick.C:
		}
		var err error
		if left, err = daemon.Drain(ctx); err != nil {
			return left, err
		}
	}
	return left, nil
}
