package store

import (
	"sync"

	"maskd/mapping"
)

// uncounted are the answered calls that have ended, and that the records of
// their interactions do not have yet: a limit on calls in all must not miss one
// for as long as a commit takes.
type uncounted struct {
	mu      sync.Mutex
	calls   map[mapping.ID]account // by call
	of      map[account]int        // how many
	version uint64                 // changes with each call that is added, and that the record has
}

// account is what such a call counts to: an interaction, and the side that called.
type account struct {
	interaction mapping.ID
	caller      mapping.Side
}

func newUncounted() *uncounted {
	return &uncounted{calls: make(map[mapping.ID]account), of: make(map[account]int)}
}

// add notes a record that is to be written, if its call counts: it was answered
// and is over. It reports whether it does, and was not known.
func (u *uncounted) add(c *mapping.CDR) bool {
	if c.Outcome == mapping.OutcomeLive || c.AnsweredAt.IsZero() || c.Interaction.IsZero() {
		return false
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if _, known := u.calls[c.Call]; known {
		return false
	}
	a := account{c.Interaction, c.CallerSide}
	u.calls[c.Call] = a
	u.of[a]++
	u.version++
	return true
}

// done notes that the record of a call was written, or never will be, and reports
// whether it was one that counts.
func (u *uncounted) done(call mapping.ID) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	a, known := u.calls[call]
	if !known {
		return false
	}
	delete(u.calls, call)
	u.version++
	if u.of[a]--; u.of[a] == 0 {
		delete(u.of, a)
	}
	return true
}

// count returns how many there are of an interaction, and the version that says so.
func (u *uncounted) count(interaction mapping.ID) (t mapping.Tally, version uint64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	t.A, t.B = u.of[account{interaction, mapping.SideA}], u.of[account{interaction, mapping.SideB}]
	t.All = t.A + t.B + u.of[account{interaction, 0}]
	return t, u.version
}

func (u *uncounted) current() uint64 {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.version
}

// counted returns how many calls of an interaction its record does not have yet, and
// puts those that it has into i: record and memory are read until no call went from
// one to the other in between. Few interactions need to know.
func (db *DB) counted(i *mapping.Interaction) (mapping.Tally, error) {
	if !i.Counts() {
		return mapping.Tally{}, nil
	}
	for {
		before := db.uncounted.current()
		fresh, err := db.bare(i.ID)
		if err != nil {
			return mapping.Tally{}, err
		}
		if t, after := db.uncounted.count(i.ID); after == before {
			i.Calls = fresh.Calls
			return t, nil
		}
	}
}
