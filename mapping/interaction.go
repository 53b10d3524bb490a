package mapping

import "time"

// Interaction is the time in which party A and party B may reach each other.
type Interaction struct {
	ID         ID
	Tenant     Tenant
	ExternalID string // the integrator's own name for it, unique in its tenant; may be empty
	Mode       Mode
	Numbering  Numbering
	Pool       string
	Sticky     Sticky
	A, B       Party
	Labels     map[string]string
	Direction  Direction
	Record     Recording // whether its calls are recorded
	Hook       bool      // the decision hook is asked about each call
	TTL        time.Duration
	Life       Life
	Limits     Limits
	Strangers  Strangers // what is for callers who are no party, where only A is named

	CreatedAt     time.Time
	ExpiresAt     time.Time // from this instant on the DIDs connect no one
	CompletedAt   time.Time // zero while the interaction is not complete
	CallbackUntil time.Time // end of the window in which the parties may call back; zero: none
	Reason        string    // why it was completed, in the integrator's words
	Held          LegalHold // who keeps it from being erased, whatever its age and whoever asks
	Calls         Tally     // answered calls that ended, if these complete it or are limited
	LastCall      LastCall  // of a stranger, if A may call him back
}

// Party is one end of an interaction: its real numbers, and the DID that it
// dials and sees.
type Party struct {
	Numbers []Number
	DID     DID
	Wish    Wish // what it wanted of its DID
	Hunt    Hunt // how its numbers are rung
	PIN     PIN  // what it proves itself by when its number does not; zero: nothing can
	Hours   Hours
	Quiet   bool // it does not want to be reached now
	Locale  Locale
	Limits  PartyLimits

	// ReuseAge is how long the DID had not been this party's when it was given to
	// it; zero: it never was, as far as is known.
	ReuseAge time.Duration
}

// Party returns the party on the given side; the zero Party for no side.
func (i *Interaction) Party(s Side) Party {
	switch s {
	case SideA:
		return i.A
	case SideB:
		return i.B
	default:
		return Party{}
	}
}

// SideOf returns the side on which a caller with this number dials this DID;
// zero if no party of the interaction does. Where anybody may call, whoever is
// not A is on the other side.
func (i *Interaction) SideOf(did DID, caller Number) Side {
	for _, side := range []Side{SideA, SideB} {
		party := i.Party(side)
		if party.DID != did {
			continue
		}
		for _, n := range party.Numbers {
			if n == caller {
				return side
			}
		}
	}
	if i.admits(did, caller) {
		return SideB
	}
	return 0
}

// Dialling returns the side that dials this DID; zero if neither does, or both.
func (i *Interaction) Dialling(did DID) Side {
	switch {
	case i.A.DID == i.B.DID:
		return 0
	case i.A.DID == did:
		return SideA
	case i.B.DID == did:
		return SideB
	default:
		return 0
	}
}

// Begins returns the instant from which on the DIDs connect the parties.
func (i *Interaction) Begins() time.Time { return later(i.CreatedAt, i.Life.StartsAt) }

// ConnectsUntil returns the instant from which on the DIDs connect no one.
func (i *Interaction) ConnectsUntil() time.Time {
	if !i.CompletedAt.IsZero() {
		return later(earlier(i.CompletedAt, i.ExpiresAt), i.CallbackUntil)
	}
	return i.ExpiresAt
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// State returns what the interaction is at the given time. It is derived from
// the record, so the two can't disagree, and expiry is exact.
func (i *Interaction) State(at time.Time) State {
	switch {
	case !i.CompletedAt.IsZero() && at.Before(i.CallbackUntil):
		return StateDraining
	case !i.CompletedAt.IsZero():
		return StateCompleted
	case !at.Before(i.ExpiresAt):
		return StateExpired
	case at.Before(i.Life.StartsAt):
		return StateScheduled
	default:
		return StateActive
	}
}

// Holds reports whether the interaction has its DIDs at the given time, so that
// nobody else is given them.
func (i *Interaction) Holds(at time.Time) bool {
	state := i.State(at)
	return state == StateScheduled || state == StateActive || state == StateDraining
}

// Connects reports whether its parties reach each other at the given time.
func (i *Interaction) Connects(at time.Time) bool {
	state := i.State(at)
	return state == StateActive || state == StateDraining
}
