package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"go.uber.org/zap"

	"maskd/audit"
	"maskd/cmd/maskd/config"
	"maskd/mapping"
	"maskd/store"
)

// chronicleTime bounds the wait for an entry of the daemon's own.
const chronicleTime = 5 * time.Second

// chronicle is what the daemon itself does for the audit log: it tells of its
// start and stop, and takes the log's checkpoints out of the store: to a file
// beside it and to the log output, which leaves this machine. Who cuts the log's
// end then has to cut those too.
type chronicle struct {
	store *store.DB
	log   *zap.Logger
	file  string

	// The goroutine's that opens and closes the daemon, and between the two that
	// of its sweep.
	last string
	torn bool // the log has not grown out of the file's checkpoint, which is kept
}

// openChronicle compares the audit log with its checkpoint of before, and tells
// it of the start.
func (d *daemon) openChronicle(cfg config.Config) error {
	d.chronicle = &chronicle{store: d.store, log: d.log, file: cfg.Store.CheckpointPath()}
	d.chronicle.compare()
	if err := d.chronicle.write(mapping.ActionStart, nil); err != nil {
		return fmt.Errorf("tell audit log of the start: %w", err)
	}
	d.chronicle.publish()
	return nil
}

func (d *daemon) closeChronicle() error {
	if d.chronicle == nil {
		return nil
	}
	err := d.chronicle.write(mapping.ActionStop, nil)
	d.chronicle.publish()
	return err
}

// tell tells of what the daemon did by itself, and logs it if that can't be.
func (c *chronicle) tell(action mapping.Action, failed error) {
	if err := c.write(action, failed); err != nil {
		c.log.Error("audit log not told", zap.Stringer("action", action), zap.Error(err))
	}
}

func (c *chronicle) write(action mapping.Action, failed error) error {
	ctx, cancel := context.WithTimeout(context.Background(), chronicleTime)
	defer cancel()
	e := mapping.AuditEntry{At: time.Now(), Action: action, Outcome: mapping.AuditDone}
	if failed != nil {
		e.Outcome = mapping.AuditFailed
	}
	return c.store.Witness(ctx, e)
}

// compare sees that the log has grown out of the checkpoint that the file has.
// One that has not is no reason not to start: a backup that was restored is such
// a log. But it is said, and the file is left as it is, for somebody to look at.
func (c *chronicle) compare() {
	signed, err := os.ReadFile(c.file)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err == nil {
		err = c.grownOutOf(signed)
	}
	if err != nil {
		c.torn = true
		c.log.Error("audit log is not the one that was checkpointed: see maskd audit verify; remove the file to go on",
			zap.String("checkpoint", c.file), zap.Error(err))
	}
}

var errTorn = errors.New("entries are missing, or others than they were")

func (c *chronicle) grownOutOf(signed []byte) error {
	l := c.store.AuditLog()
	older, err := audit.Open(signed, l.Verifier())
	if err != nil {
		return err
	}
	crown, err := audit.Resume(older.Size, audit.HashReader(l))
	if err != nil || crown.Root() != older.Root {
		return errors.Join(errTorn, err)
	}
	return nil
}

// publish takes the last checkpoint out of the store, if there is a new one.
func (c *chronicle) publish() {
	signed, err := c.store.AuditLog().Latest()
	if err != nil || string(signed) == c.last {
		return
	}
	c.last = string(signed)
	c.log.Info("audit checkpoint", zap.ByteString("checkpoint", signed))
	if c.torn {
		return
	}
	partial := c.file + ".new"
	if err := errors.Join(os.WriteFile(partial, signed, 0o640), os.Rename(partial, c.file)); err != nil {
		c.log.Error("audit checkpoint not written", zap.Error(err))
	}
}

// storeOptions is where the store and its keys are, and what it goes by.
func storeOptions(cfg config.Config) (store.Options, error) {
	credential, err := cfg.Store.CredentialPath()
	return store.Options{
		Path: cfg.Store.Path, Keys: cfg.Store.KeysPath(), RootKey: cfg.Store.RootKey, Credential: credential,
		Holidays: cfg.Holidays.Calendars(),
	}, err
}
