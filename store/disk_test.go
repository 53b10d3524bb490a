package store

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"
)

var errFull = errors.New("no space left on device")

// disk commits transactions as a test wants it: it can be full, stand still, or
// fail once the data is written.
type disk struct {
	full, lying atomic.Bool
	gate        atomic.Pointer[chan struct{}]
	waiting     chan struct{}
}

func newDisk() *disk { return &disk{waiting: make(chan struct{}, 64)} }

func (d *disk) commit(tx *bolt.Tx) error {
	if gate := d.gate.Load(); gate != nil {
		d.waiting <- struct{}{}
		<-*gate
	}
	if d.full.Load() {
		return errFull
	}
	err := tx.Commit()
	if d.lying.Load() {
		return errFull
	}
	return err
}

// stall stops every commit until resume is called, or the test ends.
func (d *disk) stall(t *testing.T) (resume func()) {
	gate := make(chan struct{})
	d.gate.Store(&gate)
	resume = sync.OnceFunc(func() { d.gate.Store(nil); close(gate) })
	t.Cleanup(resume)
	return resume
}

// awaitCommit returns when a commit stands still.
func (d *disk) awaitCommit(t *testing.T) {
	t.Helper()
	select {
	case <-d.waiting:
	case <-time.After(10 * time.Second):
		t.Fatal("nothing is committed")
	}
}

// openedOn opens a store on that disk; the test ends in a check of it.
func openedOn(t *testing.T, o Options, d *disk) *DB {
	t.Helper()
	db, err := open(o, noon, d.commit)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { checkAndClose(t, db) })
	return db
}
