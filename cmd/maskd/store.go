package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/urfave/cli/v2"

	"maskd/cmd/maskd/admin"
	"maskd/cmd/maskd/config"
	"maskd/mapping"
	"maskd/store"
)

func storeCommand() *cli.Command {
	return &cli.Command{
		Name:  "store",
		Usage: "look after the store's file",
		Subcommands: []*cli.Command{
			{
				Name: "check", Usage: "read every page and record, and say whether all fits together, while no daemon runs",
				Flags: []cli.Flag{configFlag(), jsonFlag()}, Action: checkStore,
			},
			{
				Name: "rotate-key", Usage: "put a new root key in place of the one that there is; no record is touched", Description: rotating,
				Flags: clientFlags(
					&cli.StringFlag{Name: "reason", Usage: "why, in your `WORDS`, for the audit log"},
					&cli.PathFlag{Name: "to", Usage: "write the new root key to `FILE` and leave the old one in place, for a credential; while no daemon runs"},
				),
				Action: rotateKey,
			},
			{
				Name: "compact", Usage: "write the file anew, without what nobody can read any more, while no daemon runs",
				Flags: []cli.Flag{configFlag(), jsonFlag()}, Action: compactStore,
			},
			backupCommand(), restoreCommand(),
		},
	}
}

func compactStore(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	cfg, err := config.Load(c.Path("config"))
	if err != nil {
		return err
	}
	if _, err := os.Stat(cfg.Store.Path); err != nil {
		return fmt.Errorf("compact store: %w", err)
	}
	before, after, err := store.Compact(cfg.Store.Path)
	if err == nil {
		err = withStore(c, "tell audit log of compacted store", func(db *store.DB, _ string) error {
			return db.Witness(c.Context, commanded(mapping.ActionStoreCompact, ""))
		})
	}
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return printJSON(c.App.Writer, compacted{cfg.Store.Path, before, after})
	}
	fmt.Fprintf(c.App.Writer, "%s: %d bytes, %d before\n", cfg.Store.Path, after, before)
	return nil
}

// compacted is a store that was written anew.
type compacted struct {
	Store       string `json:"store"`
	BytesBefore int64  `json:"bytes_before"`
	Bytes       int64  `json:"bytes"`
}

// checked is a store in which all fits together.
type checked struct {
	Store string `json:"store"`
	Live  int    `json:"live_interactions"`
}

func checkStore(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	return withStore(c, "check store", func(db *store.DB, path string) error {
		if err := db.Check(c.Context, time.Now()); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if err := db.Witness(c.Context, commanded(mapping.ActionStoreCheck, "")); err != nil {
			return err
		}
		live := db.Counts().Live
		if c.Bool("json") {
			return printJSON(c.App.Writer, checked{path, live})
		}
		fmt.Fprintf(c.App.Writer, "%s: ok, %d live interactions\n", path, live)
		return nil
	})
}

// withStore opens the configured store, which no daemon may have.
func withStore(c *cli.Context, what string, do func(db *store.DB, path string) error) (err error) {
	cfg, err := config.Load(c.Path("config"))
	if err != nil {
		return err
	}
	// Opening would make a store where there is none.
	if _, err := os.Stat(cfg.Store.Path); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	options, err := storeOptions(cfg)
	if err != nil {
		return err
	}
	if options.Pools, err = cfg.DomainPools(); err != nil {
		return err
	}
	db, err := store.Open(options, time.Now())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return do(db, cfg.Store.Path)
}

// commanded is the audit entry of what a command does to the store itself.
func commanded(action mapping.Action, reason string) mapping.AuditEntry {
	return mapping.AuditEntry{
		At: time.Now(), Action: action, Outcome: mapping.AuditDone, Reason: reason,
		Actor: mapping.Actor{Way: mapping.WayCommand, UID: uint32(os.Getuid()), GID: uint32(os.Getgid()), PID: int32(os.Getpid())},
	}
}

const rotating = `The daemon does it while it runs; without one it is done to its files. What the old root
key opens from then on is copies of the file of keys that were made before: destroy them,
and it.

A root key that is a systemd credential is another's to replace: stop the daemon, write a
new one with --to, make that file the credential, and start. Until then either opens the
store, and each start with the old one warns of it. To rotate again makes the one that
waits worthless.`

func rotateKey(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	if err := mapping.ValidateReason(c.String("reason")); err != nil {
		return usagef("--%s", err)
	}
	if to := c.Path("to"); to != "" {
		return stageKey(c, to)
	}
	daemon, err := client(c)
	if err != nil {
		return err
	}
	_, err = daemon.RotateRootKey(c.Context, c.String("reason"))
	var unreachable *admin.UnreachableError
	if errors.As(err, &unreachable) && c.Path("socket") == "" {
		err = rotateHere(c, (*store.DB).RotateRoot)
	}
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return printJSON(c.App.Writer, admin.Rotated{Rotated: true})
	}
	return printFields(c.App.Writer, [][]string{{"rotated", "yes"}})
}

// staged is a root key that waits to be used.
type staged struct {
	Waits string `json:"waits"` // its file
}

// stageKey writes the next root key of a store that no daemon has.
func stageKey(c *cli.Context, to string) error {
	if err := rotateHere(c, func(db *store.DB) error { return db.StageRoot(to) }); err != nil {
		return err
	}
	if c.Bool("json") {
		return printJSON(c.App.Writer, staged{to})
	}
	return printFields(c.App.Writer, [][]string{{"waits", to}, {"to do", "make it the root key, start, and destroy the old one"}})
}

// rotateHere changes who opens a store that no daemon has.
func rotateHere(c *cli.Context, rotate func(*store.DB) error) error {
	return withStore(c, "rotate root key", func(db *store.DB, _ string) error {
		if err := rotate(db); err != nil {
			return err
		}
		return db.Witness(c.Context, commanded(mapping.ActionRootKeyRotate, c.String("reason")))
	})
}
