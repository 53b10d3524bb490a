package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/urfave/cli/v2"

	"maskd/cmd/maskd/config"
	"maskd/store"
)

func storeCommand() *cli.Command {
	return &cli.Command{
		Name:  "store",
		Usage: "look after the store's file, while no daemon runs",
		Subcommands: []*cli.Command{
			{
				Name: "check", Usage: "read every page and record, and say whether all fits together",
				Flags: []cli.Flag{configFlag()}, Action: checkStore,
			},
		},
	}
}

func checkStore(c *cli.Context) (err error) {
	if err := noArguments(c); err != nil {
		return err
	}
	cfg, err := config.Load(c.Path("config"))
	if err != nil {
		return err
	}
	// Opening would make a store where there is none.
	if _, err := os.Stat(cfg.Store.Path); err != nil {
		return fmt.Errorf("check store: %w", err)
	}
	pools, err := cfg.DomainPools()
	if err != nil {
		return err
	}
	now := time.Now()
	db, err := store.Open(store.Options{Path: cfg.Store.Path, RootKey: cfg.Store.RootKey, Pools: pools, Holidays: cfg.Holidays.Calendars()}, now)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.Check(c.Context, now); err != nil {
		return fmt.Errorf("%s: %w", cfg.Store.Path, err)
	}
	fmt.Fprintf(c.App.Writer, "%s: ok, %d live interactions\n", cfg.Store.Path, db.Counts().Live)
	return nil
}
