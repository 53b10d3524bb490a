package store

import (
	"bytes"
	"time"

	bolt "go.etcd.io/bbolt"

	"maskd/audit"
)

// txn is the writer's transaction over one group of changes.
type txn struct {
	*bolt.Tx
	keys    *keyring
	outbox  *outbox
	changed bool  // whether there is anything to commit
	seen    *view // of it; nil until something is looked for

	cursors map[bucket]*bolt.Cursor // of the buckets that something was looked for in: bbolt's own Get and Delete make one each time

	crown audit.Crown  // of the audit log, with the entries of this transaction
	began int64        // its size without them
	tiles []audit.Tile // that the last entry has completed
	said  time.Time    // the time of the last entry

	at *desk // nil: it has needed none yet
}

// desk is what the writer works with, and has again for the next call and the next group.
type desk struct {
	mail  []mail // events that are told in this transaction
	of    attached
	plain [recordRoom]byte // a record, in clear for as long as it is sealed
	key   [placeRoom]byte
	place [placeRoom]byte // what is authenticated
	rows  []byte          // what was put, which bbolt reads until the transaction is over
}

// The rows of most groups lie in one piece of memory, which the next group has again.
const (
	fewRows  = 1 << 14
	manyRows = 1 << 18
)

// clear begins another transaction.
func (d *desk) clear() { d.mail, d.rows = d.mail[:0], d.rows[:0] }

// row returns room for a row of that size.
func (d *desk) row(size int) []byte {
	if cap(d.rows)-len(d.rows) < size {
		d.rows = make([]byte, 0, max(size, min(max(2*cap(d.rows), fewRows), manyRows)))
	}
	from := len(d.rows)
	d.rows = d.rows[:from+size]
	return d.rows[from:from:len(d.rows)]
}

func (t *txn) desk() *desk {
	if t.at == nil {
		t.at = new(desk)
	}
	return t.at
}

// view is what the transaction sees.
func (t *txn) view() *view {
	if t.seen == nil {
		t.seen = viewOfMany(t.Tx)
	}
	return t.seen
}

// seek finds a key, with what the transaction has changed so far, and what it has.
func (t *txn) seek(b bucket, key []byte) (at *bolt.Cursor, value []byte, ok bool) {
	at = t.cursors[b]
	if at == nil {
		at = b.in(t.Tx).Cursor()
		if t.cursors == nil {
			t.cursors = make(map[bucket]*bolt.Cursor)
		}
		t.cursors[b] = at
	}
	found, value := at.Seek(key)
	return at, value, bytes.Equal(found, key)
}

// get returns what a key has; nil if there is none.
func (t *txn) get(b bucket, key []byte) []byte {
	_, value, ok := t.seek(b, key)
	if !ok {
		return nil
	}
	return value
}

// appended fills the leaves of buckets whose keys ascend with time. The rest is
// room for the records of interactions, which grow when they are completed.
const appended = 0.9

func (t *txn) put(b bucket, key, value []byte) error {
	t.changed = true
	in := b.in(t.Tx)
	switch b {
	case bucketInteractions, bucketKeys, bucketCDRs, bucketAudit, bucketTiles, bucketReasons, bucketOutbox:
		in.FillPercent = appended
	}
	return in.Put(key, value)
}

func (t *txn) remove(b bucket, key []byte) error {
	at, _, ok := t.seek(b, key)
	if !ok {
		return nil
	}
	t.changed = true
	return at.Delete()
}
