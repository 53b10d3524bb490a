package store

import (
	"fmt"
	"runtime"
	"runtime/debug"

	bolt "go.etcd.io/bbolt"
)

// volume is a file of bbolt, of which a page may be damaged whenever it is read: by
// what keeps the file, and long after [verifyPages] has seen it.
type volume struct{ *bolt.DB }

// View reads, and is [ErrDamaged] if what is read can't be. To begin is not guarded: who
// fails there leaves bbolt locked, so that all would wait for ever.
func (f volume) View(read func(*bolt.Tx) error) error {
	return f.DB.View(func(tx *bolt.Tx) error { return guard(func() error { return read(tx) }) })
}

// Update writes, where nobody else does: before there is a writer.
func (f volume) Update(write func(*bolt.Tx) error) error {
	return guard(func() error { return f.DB.Update(write) })
}

// guard turns the panics and memory faults with which bbolt meets damaged pages
// into [ErrDamaged].
func guard(read func() error) (err error) {
	before := debug.SetPanicOnFault(true)
	defer func() {
		debug.SetPanicOnFault(before)
		switch r := recover().(type) {
		case nil:
		case runtime.Error: // it has no byte of a page in it, and may be our own mistake
			err = fmt.Errorf("%w: a page can't be read: %w", ErrDamaged, r)
		default:
			err = fmt.Errorf("%w: a page can't be read", ErrDamaged)
		}
	}()
	return read()
}
