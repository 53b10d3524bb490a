package store

import (
	"sync"

	"maskd/mapping"
)

// uncounted are the answered calls that have ended, and that the records of
// their interactions do not have yet: a limit on calls in all must not miss one
// for as long as a commit takes.
type uncounted struct {
	mu    sync.Mutex
	calls map[mapping.ID]mapping.ID // by call: its interaction
	of    map[mapping.ID]int        // by interaction: how many
}

func newUncounted() *uncounted {
	return &uncounted{calls: make(map[mapping.ID]mapping.ID), of: make(map[mapping.ID]int)}
}

// add notes a record that is to be written, if its call counts: it was answered
// and is over.
func (u *uncounted) add(c *mapping.CDR) {
	if c.Outcome == mapping.OutcomeLive || c.AnsweredAt.IsZero() || c.Interaction.IsZero() {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if _, known := u.calls[c.Call]; !known {
		u.calls[c.Call] = c.Interaction
		u.of[c.Interaction]++
	}
}

// done notes that the record of a call was written, or never will be.
func (u *uncounted) done(call mapping.ID) {
	u.mu.Lock()
	defer u.mu.Unlock()
	interaction, known := u.calls[call]
	if !known {
		return
	}
	delete(u.calls, call)
	if u.of[interaction]--; u.of[interaction] == 0 {
		delete(u.of, interaction)
	}
}

func (u *uncounted) count(interaction mapping.ID) int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.of[interaction]
}

// uncountedOf returns how many calls of an interaction its record does not have
// yet; few interactions need to know.
func (db *DB) uncountedOf(i *mapping.Interaction) int {
	if i.Limits.Calls == 0 {
		return 0
	}
	return db.uncounted.count(i.ID)
}
