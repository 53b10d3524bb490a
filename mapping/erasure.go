package mapping

import (
	"slices"
	"time"
)

// Tombstone is what is left of an interaction that was erased. It tells nothing of
// its parties.
type Tombstone struct {
	Interaction ID
	ErasedAt    time.Time
}

// Retention is for how long what is over is kept. Zero is for ever.
type Retention struct {
	// Interactions is for how long an interaction, its parties' numbers and the
	// details of its calls are kept after it has ended and its DIDs have rested.
	Interactions time.Duration
	// Recordings is for how long a recording is kept after it was begun.
	Recordings time.Duration
	// CDRs is for how long the details of calls of no interaction are kept, from the end
	// of their day in UTC on.
	CDRs time.Duration
	// Audit is for how long entries of the audit log are kept, and the reasons that they
	// give, from the end of their day in UTC on. What is left of an entry is its hash.
	Audit time.Duration
	// Events is for how long it is told that something happened.
	Events time.Duration
}

// Forgotten counts what was kept too long, and is no more.
type Forgotten struct {
	Interactions int
	Calls        int // of no interaction
	Entries      int // of the audit log
	Events       int
	Recordings   int
}

// Any reports whether anything was.
func (f Forgotten) Any() bool { return f != Forgotten{} }

// Overdue reports whether an interaction is kept too long at the given time, if its
// DIDs rest that long after its end.
func (r Retention) Overdue(i *Interaction, rest time.Duration, at time.Time) bool {
	return r.Interactions > 0 && !i.Held.Any() && !i.Holds(at) && !at.Before(i.ConnectsUntil().Add(rest).Add(r.Interactions))
}

// Subject is all that there is of a person by a number.
type Subject struct {
	Interactions []Interaction // that name the number
	Calls        []CDR
	// Others are the interactions of others that have something of the person which is
	// sealed with theirs, as it was before schema 4: that goes with them only.
	Others []ID
	// Held are those of others that have calls of the person, and are under a legal hold.
	Held   []ID
	Blocks []ID // that are about the person: they stay, or it could be called again
}

// Names reports whether somebody has put the number into the interaction: as a
// party's, or as one that is rung in its place.
func (i *Interaction) Names(n Number) bool {
	return slices.Contains(i.A.Known(), n) || slices.Contains(i.B.Known(), n) || i.Strangers.Fallback == n
}
