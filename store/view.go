package store

import (
	"sync"
	"sync/atomic"

	bolt "go.etcd.io/bbolt"
)

// view is the file as one commit has left it, for look-ups: a read transaction
// with its buckets found, which all share. bbolt's transactions are not made to be
// shared, but one that only reads writes nothing that another could see: a bucket's
// Get makes a cursor of its own. A call asks for its interaction four times, and a
// transaction each took a third of the time of a look-up and half of its garbage.
type view struct {
	tx           *bolt.Tx
	keys         *bolt.Bucket // nil: there is none with a row of its own
	interactions *bolt.Bucket
	tombstones   *bolt.Bucket

	holders  atomic.Int64 // who reads it, and one more while it is the latest
	readings *sync.Pool   // of *reading; nil: one record is read
}

// viewOfMany shows a transaction to those who read many records, each in the room of one before.
func viewOfMany(tx *bolt.Tx) *view {
	v := viewOf(tx)
	v.readings = new(sync.Pool)
	return v
}

// viewOf shows a transaction to who reads a record. A pool would keep what that was read with
// until the garbage is collected twice.
func viewOf(tx *bolt.Tx) *view {
	v := &view{tx: tx, keys: bucketKeys.in(tx), interactions: bucketInteractions.in(tx), tombstones: bucketTombstones.in(tx)}
	if key, _ := v.keys.Cursor().First(); key == nil {
		v.keys = nil
	}
	return v
}

// hold keeps the view open. It is false if nobody else does: it is over.
func (v *view) hold() bool {
	for {
		n := v.holders.Load()
		if n == 0 {
			return false
		}
		if v.holders.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// release lets the view go, and its pages be used again, once nobody holds it.
func (v *view) release() {
	if v.holders.Add(-1) == 0 {
		_ = v.tx.Rollback()
	}
}

// views has the latest view.
type views struct {
	file   volume
	most   int64 // a file that is larger has no view
	latest atomic.Pointer[view]
}

// newViews shows a file that is mapped so far.
func newViews(file volume, mapped int) *views { return &views{file: file, most: int64(mapped) / 2} }

// renew makes what was committed last the latest. When bbolt has to map the file
// anew it waits until nobody reads, so that nobody may hold a file that could
// outgrow its map: of one that has come half of the way there is no view.
func (s *views) renew() {
	tx, err := s.file.Begin(false)
	if err != nil { // a look-up that begins its own says so
		s.end()
		return
	}
	if tx.Size() > s.most {
		_ = tx.Rollback() // of what only reads it fails only twice
		s.end()
		return
	}
	var v *view
	if err := guard(func() error { v = viewOfMany(tx); return nil }); err != nil { // a look-up of its own finds it so too
		_ = tx.Rollback()
		s.end()
		return
	}
	v.holders.Store(1)
	if before := s.latest.Swap(v); before != nil {
		before.release()
	}
}

// end lets the latest view go; there is none until it is renewed.
func (s *views) end() {
	if v := s.latest.Swap(nil); v != nil {
		v.release()
	}
}

// read hands the latest view to a function, and takes a transaction of its own
// where there is none.
func (s *views) read(look func(*view) error) error {
	v := s.held()
	if v == nil {
		return s.file.View(func(tx *bolt.Tx) error { return look(viewOf(tx)) })
	}
	defer v.release()
	return guard(func() error { return look(v) })
}

// held returns the latest view, held, or nil if there is none.
func (s *views) held() *view {
	for {
		if v := s.latest.Load(); v == nil || v.hold() {
			return v
		}
	}
}
