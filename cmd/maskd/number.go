package main

import "github.com/urfave/cli/v2"

func numberCommand() *cli.Command {
	return &cli.Command{
		Name:        "number",
		Usage:       "look at DIDs and at what calls to them would do, and say what becomes of them",
		Subcommands: append([]*cli.Command{lookUpCommand(), listStockCommand()}, instructCommands()...),
	}
}
