package mapping

import (
	"strconv"
	"time"
)

// Otherwise is what becomes of a call to a party that may not be reached now, the
// kindest last.
type Otherwise uint8

// What becomes of such a call.
const (
	// OtherwiseRefuse: it is refused as an unknown one is.
	OtherwiseRefuse Otherwise = iota + 1
	// OtherwiseAnnounce: it is refused, and the caller hears the announcement of
	// the DID's pool before, or if that has none a tone that says as much.
	OtherwiseAnnounce
	// OtherwiseFallback: the party's fallback is rung in its place.
	OtherwiseFallback
)

// String returns it as the API writes it.
func (o Otherwise) String() string {
	switch o {
	case OtherwiseRefuse:
		return "refuse"
	case OtherwiseAnnounce:
		return "announce"
	case OtherwiseFallback:
		return "fallback"
	default:
		return "otherwise(" + strconv.Itoa(int(o)) + ")"
	}
}

// ParseOtherwise reads it as the API writes it; the empty text is the default,
// refuse.
func ParseOtherwise(s string) (Otherwise, bool) {
	return calledOr(s, OtherwiseRefuse, OtherwiseFallback, OtherwiseRefuse)
}

// otherwise is what the schedule says of the time when it is not open. One that
// nobody can read says nothing: in doubt no call connects.
func (s *Schedule) otherwise(by Almanac) Otherwise {
	if _, ok := by.reads(s); !ok {
		return OtherwiseRefuse
	}
	return s.Otherwise
}

// otherwise returns what becomes of a call to the party at a time at which none of
// its numbers is reached: what its own schedule says while that is shut, or else the
// kindest of what the duties of its numbers say.
func (p Party) otherwise(at time.Time, by Almanac) Otherwise {
	if s := p.Hours.Schedule; !s.Open(at, by) {
		return s.otherwise(by)
	}
	kindest := OtherwiseRefuse
	for _, duty := range p.Hours.Duties {
		if duty != nil {
			kindest = max(kindest, duty.otherwise(by))
		}
	}
	return kindest
}
