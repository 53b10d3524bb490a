package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"maskd/cmd/maskd/admin"
	"maskd/cmd/maskd/config"
	"maskd/mapping"
	"maskd/store"
)

const restoring = `No daemon may run. The copy is checked, and must be of the same file of keys; if anything
is wrong with it nothing is changed. The store of before is kept beside the new one.

What was erased since the copy stays so: its keys are destroyed. What was completed since
is completed in the copy too, if the store of before can be read. What was created since
is not in it.

The audit log is that of the copy, with an entry that says so. It is older than the last
checkpoint, which each start and "maskd audit verify" complain of, until somebody who has
looked at both keeps that checkpoint elsewhere and removes its file.`

func restoreCommand() *cli.Command {
	return &cli.Command{
		Name: "restore", Usage: "put a copy in place of the store, while no daemon runs", ArgsUsage: "FILE", Description: restoring,
		Flags: []cli.Flag{configFlag(), jsonFlag(), reasonFlag()}, Action: restoreStore,
	}
}

// restored is what there is to say of it.
type restored struct {
	Store      string     `json:"store"`
	Of         admin.Time `json:"of,omitzero"` // the copy's last audit entry
	Entries    int64      `json:"audit_entries"`
	Before     string     `json:"before,omitempty"` // where the store of before is
	Unread     bool       `json:"before_unreadable,omitempty"`
	Erased     int        `json:"erased_since"`
	Completed  []string   `json:"completed"`
	Checkpoint string     `json:"checkpoint"` // that the audit log has not grown out of
}

func restoreStore(c *cli.Context) error {
	if c.NArg() != 1 {
		return usagef("%s takes the name of a copy: see %s --help", c.Command.HelpName, c.Command.HelpName)
	}
	if err := mapping.ValidateReason(c.String("reason")); err != nil {
		return usagef("--%s", err)
	}
	cfg, err := config.Load(c.Path("config"))
	if err != nil {
		return err
	}
	options, err := storeOptions(cfg)
	if err != nil {
		return err
	}
	if options.Pools, err = cfg.DomainPools(); err != nil {
		return err
	}
	done, err := store.Restore(c.Context, options, c.Args().First(), commanded(mapping.ActionStoreRestore, c.String("reason")), time.Now())
	if err != nil {
		return err
	}
	return printRestored(c, viewRestored(cfg, done))
}

func viewRestored(cfg config.Config, of store.Restored) restored {
	r := restored{
		Store: cfg.Store.Path, Of: admin.Time{Time: of.At}, Entries: of.Entries, Before: of.Aside, Unread: of.Unread, Erased: of.Erased,
		Completed: []string{}, Checkpoint: cfg.Store.CheckpointPath(),
	}
	for _, id := range of.Completed {
		r.Completed = append(r.Completed, id.Text(mapping.KindInteraction))
	}
	return r
}

func printRestored(c *cli.Context, r restored) error {
	if c.Bool("json") {
		return printJSON(c.App.Writer, r)
	}
	before := r.Before
	if r.Unread {
		before += ", which can't be read: what was completed since may connect again"
	}
	err := printFields(c.App.Writer, [][]string{
		{"store", r.Store}, {"is of", clock(r.Of)}, {"audit entries", strconv.FormatInt(r.Entries, 10)}, {"before", before},
		{"erased since", strconv.Itoa(r.Erased) + ", and they stay so"}, {"completed", strings.Join(r.Completed, " ")},
	})
	if err != nil {
		return err
	}
	return printText(c, fmt.Sprintf("The audit log has not grown out of %s: keep that with the store of before, and remove it here.\n", r.Checkpoint))
}
