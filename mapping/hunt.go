package mapping

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// Ring is the order in which the numbers of a party are rung.
type Ring uint8

// The orders.
const (
	RingSequence Ring = iota + 1 // one after the other, as they are listed
	RingAll                      // all at once; who answers first is it
)

// String returns the order as the API writes it.
func (r Ring) String() string {
	switch r {
	case RingSequence:
		return "sequence"
	case RingAll:
		return "all"
	default:
		return "ring(" + strconv.Itoa(int(r)) + ")"
	}
}

// ParseRing reads an order as the API writes it; the empty text is the default,
// sequence.
func ParseRing(s string) (Ring, bool) { return calledOr(s, RingSequence, RingAll, RingSequence) }

// Bounds of how long a party is rung.
const (
	// MinRingTime is two rings of a phone, and MaxRingTime all that a proxy on the
	// way waits for after the last it has heard of a call (RFC 3261 section 16.6,
	// timer C): the caller hears one 180, however many numbers are rung.
	MinRingTime = 5 * time.Second
	MaxRingTime = 3 * time.Minute

	// DefaultRingTime is a person's patience. Carriers' own voicemail takes over
	// after 20 to 30 seconds.
	DefaultRingTime = time.Minute
	// DefaultTurn is for how long each of several is rung in its turn: four rings,
	// and less than voicemail takes.
	DefaultTurn = 20 * time.Second
)

// Hunt is how the numbers of a party are rung. The zero Hunt is the default.
type Hunt struct {
	Ring     Ring
	RingTime time.Duration // for how long a number is rung, or all of them at once
	Fallback Number        // who is rung if none of them answers; zero: nobody. It may not call in
}

// WithDefaults returns the hunt of a party that has so many numbers with every
// default filled in.
func (h Hunt) WithDefaults(numbers int) Hunt {
	h.Ring = cmp.Or(h.Ring, RingSequence)
	if h.RingTime == 0 {
		h.RingTime = DefaultRingTime
		if numbers > 1 && h.Ring == RingSequence {
			h.RingTime = DefaultTurn
		}
	}
	return h
}

// Total returns how long so many numbers and the fallback are rung if nobody
// answers.
func (h Hunt) Total(numbers int) time.Duration {
	turns := numbers
	if h.Ring == RingAll {
		turns = 1
	}
	if !h.Fallback.IsZero() {
		turns++
	}
	return time.Duration(turns) * h.RingTime
}

// validateHunts reports what about the ringing can't be.
func (d Draft) validateHunts(owned func(Number) bool) error {
	if err := d.HuntA.validate("parties.a", d.A, d.B, owned); err != nil {
		return err
	}
	return d.HuntB.validate("parties.b", d.B, d.A, owned)
}

func (h Hunt) validate(party string, numbers, others []Number, owned func(Number) bool) error {
	h = h.WithDefaults(len(numbers))
	switch {
	case h.RingTime < MinRingTime || h.Total(len(numbers)) > MaxRingTime:
		return invalid(party+".ring_seconds", "out_of_range", "at least 5, and for all turns together at most 180 (three minutes, after which networks give up)")
	case h.Fallback.IsZero():
		return nil
	case owned(h.Fallback):
		return invalid(party+".fallback", "own_did", "this is one of our own DIDs, not a party's number")
	case slices.Contains(numbers, h.Fallback):
		return invalid(party+".fallback", "duplicate", "this is one of the party's numbers, which are rung before")
	case slices.Contains(others, h.Fallback):
		return invalid(party+".fallback", "same_party", "a number can't be on both sides")
	default:
		return nil
	}
}

// Without returns the hunt without a fallback that may not be rung.
func (h Hunt) Without(barred func(Number) bool) Hunt {
	if !h.Fallback.IsZero() && barred(h.Fallback) {
		h.Fallback = Number{}
	}
	return h
}

// Known returns all that is secret of the party's numbers: its own, and its
// fallback.
func (p Party) Known() []Number {
	if p.Hunt.Fallback.IsZero() {
		return p.Numbers
	}
	return append(slices.Clip(p.Numbers), p.Hunt.Fallback)
}

// Numbers returns all who are rung, in their order and the fallback last, and how
// many of them at once, from the first on.
func (r Route) Numbers() (numbers []Number, together int) {
	numbers, together = r.Targets, 1
	if len(numbers) == 0 {
		numbers = []Number{r.Target}
	}
	if r.Hunt.Ring == RingAll {
		together = len(numbers)
	}
	if !r.Hunt.Fallback.IsZero() {
		numbers = append(slices.Clip(numbers), r.Hunt.Fallback)
	}
	return numbers, together
}

// turns tells how several are rung; empty for one.
func (r Route) turns() string {
	numbers, together := r.Numbers()
	switch each := int(r.Hunt.RingTime / time.Second); {
	case len(numbers) == 1:
		return ""
	case together == 1:
		return fmt.Sprintf(": %d numbers in sequence, %d s each", len(numbers), each)
	case together == len(numbers):
		return fmt.Sprintf(": %d numbers at once, %d s", len(numbers), each)
	default:
		return fmt.Sprintf(": %d numbers at once, %d s, and then another", together, each)
	}
}
