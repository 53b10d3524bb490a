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

	cursors map[bucket]*bolt.Cursor // of the buckets that something was looked for in

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
		t.seen = viewOf(t.Tx)
	}
	return t.seen
}

// get returns what a key has, with what the transaction has changed so far; nil if there
// is none. bbolt's own Get makes a cursor each time, which was a sixth of all the
// allocations of a call.
func (t *txn) get(b bucket, key []byte) []byte {
	c := t.cursors[b]
	if c == nil {
		c = b.in(t.Tx).Cursor()
		if t.cursors == nil {
			t.cursors = make(map[bucket]*bolt.Cursor)
		}
		t.cursors[b] = c
	}
	if found, value := c.Seek(key); bytes.Equal(found, key) {
		return value
	}
	return nil
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
	if t.get(b, key) == nil {
		return nil
	}
	t.changed = true
	return b.in(t.Tx).Delete(key)
}
