package main

import (
	"context"

	"github.com/urfave/cli/v2"
	"go.uber.org/zap"

	"maskd/cmd/maskd/config"
	"maskd/cmd/maskd/demo"
)

func demoCommand() *cli.Command {
	return &cli.Command{
		Name:   "demo",
		Usage:  "show a masked call on loopback, and its end: needs nothing but this program",
		Action: playDemo,
	}
}

func playDemo(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	return demo.Run(c.Context, c.App.Writer, startQuietly)
}

// startQuietly starts the daemon as serve does, but without a log: the demo
// tells the story itself.
func startQuietly(cfg config.Config) (stop func() error, err error) {
	d, err := start(cfg, "", zap.NewNop(), nil)
	if err != nil {
		return nil, err
	}
	return func() error {
		ctx, cancel := context.WithTimeout(context.Background(), stopTime)
		defer cancel()
		return d.close(ctx)
	}, nil
}
