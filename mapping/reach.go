package mapping

import (
	"slices"
	"time"
)

// Reach is whom of a party a call rings.
type Reach struct {
	Numbers  []Number  // in the order in which they are rung
	Hunt     Hunt      // how they are, and who is if none of them answers
	Diverted Diversion // why Numbers is the fallback; zero: it is not

	// Announced says of a refusal that the caller hears an announcement, if there is
	// any sound in which he can.
	Announced bool
}

// Reach returns whom of the party a call rings at that time, or why nobody. Our own
// DIDs are passed over, and so are those who are barred. A fallback stands in for
// the party when its hours are over, and not when it wants to be left alone: who may
// reach none of its numbers at any time does not reach the fallback either.
func (p Party) Reach(at time.Time, by Almanac, own, barred func(Number) bool) (Reach, Refusal) {
	numbers, otherwise := p.Reached(at, by), OtherwiseRefuse
	if len(numbers) == 0 {
		if otherwise = p.otherwise(at, by); otherwise != OtherwiseFallback {
			return Reach{Announced: otherwise == OtherwiseAnnounce}, RefusalOutsideHours
		}
		numbers = p.Numbers
	}
	numbers = except(numbers, own)
	switch {
	case len(numbers) == 0:
		return Reach{}, RefusalTarget
	case p.Quiet:
		return Reach{}, RefusalQuiet
	}
	if numbers = except(numbers, barred); len(numbers) == 0 {
		return Reach{}, RefusalBlocked
	}
	r := Reach{Numbers: numbers, Hunt: p.Hunt.Without(own).Without(barred)}
	if otherwise != OtherwiseFallback {
		return r, 0
	}
	if r.Hunt.Fallback.IsZero() {
		return Reach{}, RefusalOutsideHours
	}
	r.Numbers, r.Hunt = r.Hunt.diverted()
	r.Diverted = DiversionOutsideHours
	return r, 0
}

// diverted returns the fallback as the only number that is rung.
func (h Hunt) diverted() ([]Number, Hunt) {
	numbers := []Number{h.Fallback}
	h.Ring, h.Fallback = RingSequence, Number{}
	return numbers, h
}

// except returns the numbers without those that are not to be rung. What it is given
// stays as it is.
func except(numbers []Number, not func(Number) bool) []Number {
	if !slices.ContainsFunc(numbers, not) {
		return numbers
	}
	return slices.DeleteFunc(slices.Clone(numbers), not)
}
