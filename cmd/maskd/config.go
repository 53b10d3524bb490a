package main

import (
	"cmp"
	"fmt"

	"github.com/urfave/cli/v2"

	"maskd/cmd/maskd/config"
)

func configCommand() *cli.Command {
	return &cli.Command{
		Name:  "config",
		Usage: "look at the configuration",
		Subcommands: []*cli.Command{
			{Name: "check", Usage: "say what is wrong with it, and where", Flags: []cli.Flag{configFlag()}, Action: checkConfig},
			{Name: "print", Usage: "print it with every default", Flags: []cli.Flag{configFlag()}, Action: printConfig},
		},
	}
}

func checkConfig(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	if _, err := config.Load(c.Path("config")); err != nil {
		return err
	}
	fmt.Fprintf(c.App.Writer, "%s: ok\n", cmp.Or(c.Path("config"), "default configuration"))
	return nil
}

func printConfig(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	cfg, err := config.Load(c.Path("config"))
	if err != nil {
		return err
	}
	text, err := cfg.YAML()
	if err != nil {
		return err
	}
	if _, err := c.App.Writer.Write(text); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	return nil
}
