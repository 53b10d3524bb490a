package mapping

import (
	"strconv"
	"time"
)

// Expiry is what moves the end of an interaction.
type Expiry uint8

// The expiries.
const (
	// ExpiryFixed: nothing but a request to extend it.
	ExpiryFixed Expiry = iota + 1
	// ExpirySliding: each answered call gives it its whole life again.
	ExpirySliding
)

// String returns the expiry as the API writes it.
func (e Expiry) String() string {
	switch e {
	case ExpiryFixed:
		return "fixed"
	case ExpirySliding:
		return "sliding"
	default:
		return "expiry(" + strconv.Itoa(int(e)) + ")"
	}
}

// ParseExpiry reads an expiry as the API writes it; the empty text is the
// default, fixed.
func ParseExpiry(s string) (Expiry, bool) {
	return calledOr(s, ExpiryFixed, ExpirySliding, ExpiryFixed)
}

// Bounds of a life.
const (
	// MaxCallback bounds a callback window: who wants more wants a longer life.
	MaxCallback = 7 * 24 * time.Hour
	// MaxCompleteAfter bounds the calls after which an interaction completes itself.
	MaxCompleteAfter = 1_000_000
)

// Life is how an interaction begins and ends, as it was asked for. Its TTL counts
// from its start on, or if it is sliding, from the last answer on.
type Life struct {
	StartsAt      time.Time // zero: at once
	Expiry        Expiry
	MaxTTL        time.Duration // from its start on, whatever extends it; zero: [MaxTTL]
	Callback      time.Duration // for how long the parties may still call after its completion
	CompleteAfter int           // answered calls after which it completes itself; zero: never
}

func (l Life) withDefaults() Life {
	if l.Expiry == 0 {
		l.Expiry = ExpiryFixed
	}
	return l
}

func (l Life) validate(ttl time.Duration) error {
	switch {
	case ttl < MinTTL || ttl > MaxTTL:
		return invalid("ttl_seconds", "out_of_range", "from 60 (a minute) to 31622400 (366 days)")
	case l.MaxTTL != 0 && (l.MaxTTL < ttl || l.MaxTTL > MaxTTL):
		return invalid("max_ttl_seconds", "out_of_range", "from ttl_seconds to 31622400 (366 days)")
	case l.Callback < 0 || l.Callback > MaxCallback:
		return invalid("callback_seconds", "out_of_range", "from 0 to 604800 (a week)")
	case l.CompleteAfter < 0 || l.CompleteAfter > MaxCompleteAfter:
		return invalid("complete_after_calls", "out_of_range", "from 0 (never) to 1000000")
	default:
		return nil
	}
}

// Schedulable reports whether a life may be asked for at the given time: an
// [InvalidError] if it begins later than anybody plans.
func (l Life) Schedulable(at time.Time) error {
	if l.StartsAt.After(at.Add(MaxTTL)) {
		return invalid("starts_at", "out_of_range", "at most 366 days ahead")
	}
	return nil
}

func (l Life) equal(other Life) bool {
	same := l.StartsAt.Equal(other.StartsAt)
	l.StartsAt, other.StartsAt = time.Time{}, time.Time{}
	return same && l == other
}

// Limit returns the latest end that the interaction can ever have.
func (i *Interaction) Limit() time.Time {
	ttl := i.Life.MaxTTL
	if ttl == 0 {
		ttl = MaxTTL
	}
	return i.Begins().Add(ttl)
}

// Complete returns the interaction as it is after its completion. Completing
// it again ends its callback window.
func (i Interaction) Complete(reason string, at time.Time) Interaction {
	if !i.CompletedAt.IsZero() {
		if at.Before(i.CallbackUntil) {
			i.CallbackUntil = at
		}
		return i
	}
	if i.Life.Callback > 0 && i.Holds(at) {
		i.CallbackUntil = at.Add(i.Life.Callback)
	}
	i.CompletedAt, i.Reason = at, reason
	return i
}

// Extension is a later end: at a time, or so long from now.
type Extension struct {
	TTL       time.Duration
	ExpiresAt time.Time // used if TTL is zero
}

// end returns the end that is asked for, if the interaction may have it.
func (e Extension) end(i *Interaction, at time.Time) (time.Time, error) {
	field, end := "expires_at", e.ExpiresAt.Round(0).UTC()
	if e.TTL != 0 {
		field, end = "ttl_seconds", at.Add(e.TTL)
	}
	switch {
	case !end.After(at):
		return end, invalid(field, "past", "expected an end to come: ttl_seconds or expires_at")
	case end.After(i.Limit()):
		return end, invalid(field, "out_of_range", "later than max_ttl_seconds allow, or 366 days")
	default:
		return end, nil
	}
}

// Extend returns the interaction with a later end. It fails with
// [ErrNotActive], or an [InvalidError] if the end can't be.
func (i Interaction) Extend(e Extension, at time.Time) (Interaction, error) {
	if state := i.State(at); state != StateActive && state != StateScheduled {
		return i, ErrNotActive
	}
	end, err := e.end(&i, at)
	if err != nil {
		return i, err
	}
	if end.Before(i.ExpiresAt) {
		return i, invalid("expires_at", "not_later", "it expires later already; complete it to end it sooner")
	}
	i.ExpiresAt = end
	return i, nil
}

// Reopen returns a completed or expired interaction as an active one again. One
// that is active is returned as it is. It fails with [ErrTooLate] once the
// cool-down of its DIDs is over, or an [InvalidError] if the end can't be.
func (i Interaction) Reopen(e Extension, coolDown time.Duration, at time.Time) (Interaction, error) {
	if state := i.State(at); state == StateActive || state == StateScheduled {
		return i, nil
	}
	if !at.Before(i.ConnectsUntil().Add(coolDown)) {
		return i, ErrTooLate
	}
	end, err := e.end(&i, at)
	if err != nil {
		return i, err
	}
	i.ExpiresAt, i.CompletedAt, i.CallbackUntil, i.Reason, i.Calls = end, time.Time{}, time.Time{}, "", Tally{}
	return i, nil
}

// HeedsCalls reports whether a call of the interaction may change it: few do.
func (i *Interaction) HeedsCalls() bool {
	return i.Mode.OneSided() || i.Life.Expiry == ExpirySliding || i.Life.CompleteAfter > 0 || i.Counts()
}

// Answered returns the interaction after a call of it was answered, and whether
// that has moved its end.
func (i Interaction) Answered(at time.Time) (Interaction, bool) {
	if i.Life.Expiry != ExpirySliding || i.State(at) != StateActive {
		return i, false
	}
	end := at.Add(i.TTL)
	if limit := i.Limit(); end.After(limit) {
		end = limit
	}
	if !end.After(i.ExpiresAt) {
		return i, false
	}
	i.ExpiresAt = end
	return i, true
}

// Ended returns the interaction after an answered call that a side made ended, and
// whether that has changed it: those count that complete themselves or are limited.
func (i Interaction) Ended(caller Side, at time.Time) (Interaction, bool) {
	if i.Life.CompleteAfter == 0 && !i.Counts() || !i.CompletedAt.IsZero() {
		return i, false
	}
	i.Calls = i.Calls.plus(caller)
	if i.Life.CompleteAfter > 0 && i.Calls.All >= i.Life.CompleteAfter {
		i = i.Complete("complete_after_calls", at)
	}
	return i, true
}
