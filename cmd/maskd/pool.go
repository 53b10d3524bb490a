package main

import "github.com/urfave/cli/v2"

func poolCommand() *cli.Command {
	return &cli.Command{
		Name:        "pool",
		Usage:       "plan pools of DIDs",
		Subcommands: []*cli.Command{planPoolCommand()},
	}
}
