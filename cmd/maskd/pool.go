package main

import "github.com/urfave/cli/v2"

func poolCommand() *cli.Command {
	return &cli.Command{
		Name:        "pool",
		Usage:       "look at pools of DIDs, and plan them",
		Subcommands: []*cli.Command{listPoolsCommand(), planPoolCommand()},
	}
}
