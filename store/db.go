package store

import (
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"

	"maskd/audit"
	"maskd/mapping"
)

// Options are what a store is opened with. Path, RootKey and Pools must be set.
type Options struct {
	Path    string         // the bbolt file; made with its directories on first start
	Keys    string         // the file of keys; made on first start; empty: beside the store, see [KeysBeside]
	RootKey string         // the root key's file; made on first start
	Pools   *mapping.Pools // DIDs to give out

	Holidays map[string][]mapping.Date // by the name of their list

	Rand io.Reader // of ids and new keys, used by many goroutines; nil is crypto/rand

	// Callable reports whether a number that called may be called back; nil: all
	// may. A party that strangers reach calls the last of them back, and what they
	// show is theirs to choose: no premium number.
	Callable func(mapping.Number) bool

	// Credential is the file of a root key that somebody else keeps; it is read in
	// place of RootKey, and never made. Empty: there is none.
	Credential string

	// Aside runs what waits for the disk, so that nobody waits for the processor meanwhile; nil: as
	// it is.
	Aside func(func())

	// OnFault hears of writes that nobody waits for and that failed: a call
	// detail record that could not be committed yet, or was dropped. Any
	// goroutine may call it; it must not block. [Counts] counts the same.
	OnFault func(error)
}

// DB is an open store. Its methods are safe for use by many goroutines.
type DB struct {
	// Immutable.
	rand       io.Reader
	onFault    func(error)
	callable   func(mapping.Number) bool
	file       volume
	keys       *keyring
	views      *views
	self       mapping.Actor
	crown      *audit.Crown // of the audit log at the start; then the writer's
	rootKey    string       // path
	credential bool         // the root key is one, and not for us to replace

	// Each guards itself.
	roster *roster
	clocks *clocks
	index  *index
	alloc  *allocator
	claims *claims
	blocks *blocks
	writer *writer
	faults atomic.Uint64

	recordings *sync.Pool // of *recording
	uncounted  *uncounted
	allotments *allotments

	outbox   *outbox
	expiries *expiries
	alarms   alarms

	low map[string]bool // by pool; of who calls TellLow
}

// Open opens the store, or makes it with its root key and directories on first
// start. Calls that were live when the daemon died are closed as interrupted.
//
// Errors are those of this package ([ErrLocked], [ErrKeyWrong] and so on)
// wrapped with the path they are about, or those of the file system. A store
// that can't be opened is not changed.
func Open(o Options, at time.Time) (*DB, error) { return open(o, at, (*bolt.Tx).Commit) }

func open(o Options, at time.Time, commit commitFunc) (*DB, error) {
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.OnFault == nil {
		o.OnFault = func(error) {}
	}
	if o.Callable == nil {
		o.Callable = func(mapping.Number) bool { return true }
	}
	if o.Keys == "" {
		o.Keys = KeysBeside(o.Path)
	}
	file, err := openFile(o.Path)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	db, err := load(o, file, at.Round(0).UTC())
	if err != nil {
		_ = file.Close() // nothing was written that it could lose
		return nil, fmt.Errorf("open store: %w", err)
	}
	db.views.renew()
	db.writer = startWriter(file, db.keys, db.views, db.outbox, db.crown, commit.aside(o.Aside))
	db.alloc.queue = db.writer.queue
	return db, nil
}

// load unlocks an opened file, ends what a crash left open, and fills the index.
func load(o Options, file volume, at time.Time) (*DB, error) {
	keys, err := unlock(o, file, at)
	if err != nil {
		return nil, err
	}
	slots, err := keys.drawShorthand()
	if err != nil {
		return nil, err
	}
	parties, err := keys.drawShorthand()
	if err != nil {
		return nil, err
	}
	db := &DB{
		roster: newRoster(o.Pools), clocks: newClocks(o.Holidays), rand: o.Rand, onFault: o.OnFault, callable: o.Callable, file: file, keys: keys, views: newViews(file, mapped),
		index: newIndex(o.Pools.CoolDown(), newLines(o.Pools)), claims: newClaims(), blocks: newBlocks(keys.block), uncounted: newUncounted(), allotments: newAllotments(keys.names.derive("calls", "")),
		outbox: newOutbox(keys, o.Rand), expiries: &expiries{}, low: make(map[string]bool),
		rootKey: o.RootKey, credential: o.Credential != "",
		self: mapping.Daemon(uint32(os.Getuid()), uint32(os.Getgid()), int32(os.Getpid())),
	}
	db.recordings = db.newRecordings()
	db.alloc = newAllocator(slots, parties, db.index, db.roster)
	if err := guard(func() error { return db.resume(at) }); err != nil {
		return nil, fmt.Errorf("%s: %w", o.Path, err)
	}
	return db, nil
}

// resume ends what a crash left open, and fills memory with what the file has.
func (db *DB) resume(at time.Time) (err error) {
	if err := db.file.View(db.outbox.load); err != nil {
		return err
	}
	if err := db.beginExpiries(at); err != nil {
		return err
	}
	if err := db.rebuild(at); err != nil {
		return err
	}
	if db.crown, err = db.AuditLog().resume(); err != nil {
		return err
	}
	if err := db.keys.tidy(); err != nil {
		return err
	}
	if err := db.bury(); err != nil {
		return err
	}
	if err := db.enrol(at); err != nil {
		return err
	}
	if err := db.file.View(db.loadBlocks); err != nil {
		return err
	}
	if err := db.interrupt(at); err != nil {
		return err
	}
	return db.file.View(db.loadAllotments)
}

// Close writes what is queued, waits for the writer and closes the file. It
// reports call detail records that could not be written. Nothing else may be
// called after it.
func (db *DB) Close() error {
	lost := db.writer.stop()
	db.views.end()
	if err := db.file.Close(); err != nil {
		return fmt.Errorf("close store: %w", err)
	}
	if lost > 0 {
		return fmt.Errorf("close store: %d call detail records or audit entries could not be written: %w", lost, mapping.ErrUnavailable)
	}
	return nil
}

// Sweep forgets what has expired at the given time and returns how many
// interactions that were. It only frees memory: expiry is exact without it. What it
// finds is for [DB.TellExpired] to tell.
func (db *DB) Sweep(at time.Time) int {
	db.sweepAllotments(at)
	swept := db.index.sweep(at)
	db.expiries.add(swept...)
	return len(swept)
}

// Counts are the store's figures for a status.
type Counts struct {
	Live   int    // interactions that connect; expired ones count until the next Sweep
	Queued int    // changes and call detail records that wait for the disk
	Faults uint64 // writes of call detail records that failed, since the start
}

// Counts returns the store's figures.
func (db *DB) Counts() Counts {
	return Counts{Live: int(db.index.size.Load()), Queued: db.writer.queue.length(), Faults: db.faults.Load()}
}

// fault reports a write that nobody waits for.
func (db *DB) fault(err error) {
	db.faults.Add(1)
	db.onFault(err)
}
