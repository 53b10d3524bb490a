package sip

import "maskd/mapping"

// entry is a PIN as a caller types it.
type entry struct {
	open   bool // a PIN is asked for
	digits [mapping.MaxPIN]byte
	n      int
}

// hash ends an entry before its length does.
const hash = 11

// press adds a key and reports whether it was heeded, and whether the entry is
// complete: it has as many digits as the PIN, or was ended. Keys that no PIN has
// are not heeded, so that they don't prolong it.
func (e *entry) press(key uint8, length int) (heeded, complete bool) {
	switch {
	case !e.open, key > 9 && key != hash:
		return false, false
	case key == hash:
		return true, true
	}
	e.digits[e.n] = '0' + key
	e.n++
	return true, e.n == min(length, len(e.digits))
}

// reopen begins anew.
func (e *entry) reopen() { *e = entry{open: true} }

// close ends the entry. What was entered is to be cleared when it was looked at.
func (e *entry) close() []byte {
	e.open = false
	return e.digits[:e.n]
}
