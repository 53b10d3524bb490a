package main

import (
	"context"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"maskd/cmd/maskd/admin"
	"maskd/cmd/maskd/config"
)

func configFlag() cli.Flag {
	return &cli.PathFlag{Name: "config", Usage: "read the configuration from `FILE`; without it, all is default"}
}

func jsonFlag() cli.Flag {
	return &cli.BoolFlag{Name: "json", Usage: "print JSON, as the API has it"}
}

func timeFlag(name, usage string) cli.Flag {
	return &cli.TimestampFlag{Name: name, Usage: usage, Layout: time.RFC3339}
}

// timeOf is the time that a flag names; zero if it was left out.
func timeOf(c *cli.Context, name string) admin.Time {
	if at := c.Timestamp(name); at != nil {
		return admin.Time{Time: *at}
	}
	return admin.Time{}
}

// clientFlags are those of every verb that speaks to the daemon.
func clientFlags(more ...cli.Flag) []cli.Flag {
	socket := &cli.PathFlag{Name: "socket", Usage: "speak to the daemon at `PATH`, not at the configured socket"}
	tenant := &cli.StringFlag{Name: "tenant", Usage: "act for tenant `NAME`, as an admin of the house may"}
	return append([]cli.Flag{configFlag(), socket, jsonFlag(), tenant}, more...)
}

// listFlags are those of every verb that lists.
func listFlags(more ...cli.Flag) []cli.Flag {
	return clientFlags(append([]cli.Flag{
		&cli.StringFlag{Name: "after", Usage: "list what comes after `ID`"},
		&cli.IntFlag{Name: "limit", Usage: "list at most `N`, up to 1000", Value: 100},
	}, more...)...)
}

func cursor(c *cli.Context) admin.Cursor {
	return admin.Cursor{After: c.String("after"), Limit: c.Int("limit")}
}

// client is a client of the daemon that the flags name.
func client(c *cli.Context) (*admin.Client, error) {
	if socket := c.Path("socket"); socket != "" {
		return admin.NewClient(socket).For(c.String("tenant")), nil
	}
	cfg, err := config.Load(c.Path("config"))
	if err != nil {
		return nil, err
	}
	return admin.NewClient(cfg.Admin.Socket).For(c.String("tenant")), nil
}

// noArguments refuses a stray argument, without saying what it was: it may be
// a number.
func noArguments(c *cli.Context) error {
	if c.Args().Present() {
		return usagef("%s takes no argument: see %s --help", c.Command.HelpName, c.Command.HelpName)
	}
	return nil
}

// aboutOne asks the daemon about, or for, the one thing whose id is the
// argument.
func aboutOne[T any](c *cli.Context, ask func(*admin.Client, context.Context, string) (T, error)) (answer T, err error) {
	id, err := oneID(c)
	if err != nil {
		return answer, err
	}
	daemon, err := client(c)
	if err != nil {
		return answer, err
	}
	return ask(daemon, c.Context, id)
}

// oneID is the id that the verb is about.
func oneID(c *cli.Context) (string, error) {
	switch args := c.Args(); {
	case args.Len() == 1:
		return args.First(), nil
	case args.Len() > 1 && strings.HasPrefix(args.Get(1), "-"):
		return "", usagef("write flags before the id: see %s --help", c.Command.HelpName)
	default:
		return "", usagef("%s takes one id: see %s --help", c.Command.HelpName, c.Command.HelpName)
	}
}
