package sip

import "maskd/mapping"

// entry is a PIN as a caller types it.
type entry struct {
	open   bool // a PIN is asked for
	by     path // how its keys come
	digits [mapping.MaxPIN]byte
	n      int
}

// path is the way by which a key came.
type path uint8

// The paths. A phone may tell of each key on both; the first one that is used
// in a call is believed.
const (
	inSound  path = iota + 1 // an event of RFC 4733
	inDialog                 // an INFO
)

// hash ends an entry before its length does.
const hash = 11

// press adds a key and reports whether it was heeded, and whether the entry is
// complete: it has as many digits as the PIN, or was ended. Keys that no PIN has
// are not heeded, so that they don't prolong it.
func (e *entry) press(key uint8, by path, length int) (heeded, complete bool) {
	if !e.open || e.by != 0 && e.by != by {
		return false, false
	}
	switch {
	case key == hash:
		e.by = by
		return true, true
	case key > 9:
		return false, false
	}
	e.by = by
	e.digits[e.n] = '0' + key
	e.n++
	return true, e.n == min(length, len(e.digits))
}

// reopen begins anew.
func (e *entry) reopen() { *e = entry{open: true, by: e.by} }

// close ends the entry. What was entered is to be cleared when it was looked at.
func (e *entry) close() []byte {
	e.open = false
	return e.digits[:e.n]
}
