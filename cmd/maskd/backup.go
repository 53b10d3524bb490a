package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/urfave/cli/v2"

	"maskd/cmd/maskd/admin"
	"maskd/mapping"
	"maskd/store"
)

const backingUp = `The daemon goes on while its store is read; without one the file itself is. The copy is
sealed as the store is, and the file of keys is not in it: keep none beside it, so that
what is erased later is gone from the copy too. Without today's file of keys nobody reads
it. The file must not be there yet.`

func backupCommand() *cli.Command {
	return &cli.Command{
		Name: "backup", Usage: "write a copy of the store to a new file, while the daemon runs or not", ArgsUsage: "FILE", Description: backingUp,
		Flags:  clientFlags(&cli.StringFlag{Name: "reason", Usage: "why, in your `WORDS`, for the audit log"}),
		Action: backupStore,
	}
}

// backedUp is a copy of the store.
type backedUp struct {
	File  string `json:"file"`
	Bytes int64  `json:"bytes"`
}

func backupStore(c *cli.Context) (err error) {
	if c.NArg() != 1 {
		return usagef("%s takes the name of a new file: see %s --help", c.Command.HelpName, c.Command.HelpName)
	}
	if err := mapping.ValidateReason(c.String("reason")); err != nil {
		return usagef("--%s", err)
	}
	daemon, err := client(c)
	if err != nil {
		return err
	}
	file, err := newCopy(c.Args().First())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.discard()) }()
	begin := func(size int64) (io.Writer, error) {
		return &progress{to: file, of: size, out: c.App.ErrWriter, last: time.Now()}, nil
	}
	n, err := daemon.Backup(c.Context, c.String("reason"), begin)
	var unreachable *admin.UnreachableError
	if errors.As(err, &unreachable) && n == 0 && c.Path("socket") == "" {
		n, err = backupHere(c, begin)
	}
	if err == nil {
		err = file.keep()
	}
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return printJSON(c.App.Writer, backedUp{file.path, n})
	}
	fmt.Fprintf(c.App.Writer, "%s: %d bytes\n", file.path, n)
	return nil
}

// backupHere copies a store that no daemon has.
func backupHere(c *cli.Context, begin func(int64) (io.Writer, error)) (n int64, err error) {
	err = withStore(c, "back up store", func(db *store.DB, _ string) error {
		if err := db.Witness(c.Context, commanded(mapping.ActionStoreBackup, c.String("reason"))); err != nil {
			return err
		}
		n, err = db.Backup(begin)
		return err
	})
	return n, err
}

// copied is a file that is there only when it is whole and durable.
type copied struct {
	*os.File
	path string
}

const (
	copyMode    = 0o600
	copyPartial = ".partial"
)

// newCopy makes a file that is not there yet, for us alone.
func newCopy(path string) (*copied, error) {
	if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("back up store: %s: %w", path, os.ErrExist)
	}
	file, err := os.OpenFile(path+copyPartial, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, copyMode)
	if err != nil {
		return nil, fmt.Errorf("back up store: %w", err)
	}
	if err := file.Chmod(copyMode); err != nil { // it may be left of another try
		return nil, errors.Join(fmt.Errorf("back up store: %w", err), file.Close())
	}
	return &copied{File: file, path: path}, nil
}

// keep gives the file its name, durably. It takes no other's place.
func (f *copied) keep() error {
	if err := errors.Join(f.Sync(), os.Link(f.Name(), f.path)); err != nil {
		return fmt.Errorf("back up store: %w", err)
	}
	return syncFolder(f.path)
}

// discard takes away what was written under another name.
func (f *copied) discard() error { return errors.Join(f.Close(), os.Remove(f.Name())) }

// syncFolder makes a file's name durable.
func syncFolder(path string) error {
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// tellEvery is how often a person hears how far it is.
const tellEvery = 2 * time.Second

// progress writes, and tells a person how far it is if that takes long.
type progress struct {
	to      io.Writer
	of      int64
	written int64
	out     io.Writer
	last    time.Time // when it was told
}

func (p *progress) Write(b []byte) (int, error) {
	n, err := p.to.Write(b)
	p.written += int64(n)
	if now := time.Now(); p.of > 0 && now.Sub(p.last) >= tellEvery {
		p.last = now
		fmt.Fprintf(p.out, "%d of %d MB\n", p.written>>20, p.of>>20)
	}
	return n, err
}
