package mapping

import (
	"hash/fnv"
	"math"
	"strconv"
	"time"
)

// Standing is what may be done with one of our DIDs.
type Standing uint8

// The standings.
const (
	// StandingActive: it is given out.
	StandingActive Standing = iota + 1
	// StandingDraining: it is given to no new interaction; those that have it go on.
	StandingDraining
	// StandingQuarantined: the same, for a time: it was reported as spam, say.
	StandingQuarantined
	// StandingRetired: it goes back to the carrier, and no call connects by it.
	StandingRetired
)

// Standings lists them all.
func Standings() []Standing {
	return []Standing{StandingActive, StandingDraining, StandingQuarantined, StandingRetired}
}

// String returns the standing as the API writes it.
func (s Standing) String() string {
	switch s {
	case StandingActive:
		return "active"
	case StandingDraining:
		return "draining"
	case StandingQuarantined:
		return "quarantined"
	case StandingRetired:
		return "retired"
	default:
		return "standing(" + strconv.Itoa(int(s)) + ")"
	}
}

// ParseStanding reads a standing as the API writes it.
func ParseStanding(s string) (Standing, bool) {
	for _, standing := range Standings() {
		if s == standing.String() {
			return standing, true
		}
	}
	return 0, false
}

// Condition is what is known of a DID beyond the configuration.
type Condition struct {
	Standing Standing
	Since    time.Time // when it was told so; zero: never told
	Until    time.Time // end of a quarantine; zero: until told otherwise
	Reason   string    // why, in the operator's words
	AddedAt  time.Time // when the DID came to a pool that was there before; zero: it is not new
}

// At returns the standing at the given time: a quarantine ends by itself.
func (c Condition) At(at time.Time) Standing {
	if c.Standing == 0 || c.Standing == StandingQuarantined && !c.Until.IsZero() && !at.Before(c.Until) {
		return StandingActive
	}
	return c.Standing
}

// FreeAt returns from when on the DID may be given out; false if that is unknown.
func (c Condition) FreeAt(at time.Time) (time.Time, bool) {
	switch c.At(at) {
	case StandingActive:
		return time.Time{}, true
	case StandingQuarantined:
		return c.Until, !c.Until.IsZero()
	default:
		return time.Time{}, false
	}
}

// Share is the part of its turns that a DID takes at the given time: for a new
// one it grows from 0 to 1 in the warm-up, because carriers distrust a number
// that begins with a thousand calls a day.
func (c Condition) Share(warmUp time.Duration, at time.Time) float64 {
	if c.AddedAt.IsZero() || warmUp <= 0 {
		return 1
	}
	return min(max(float64(at.Sub(c.AddedAt))/float64(warmUp), 0), 1)
}

// Passes reports whether a new DID lets its turn pass: which turns those are
// follows from the id of the interaction, evenly spread.
func (c Condition) Passes(id ID, did DID, warmUp time.Duration, at time.Time) bool {
	share := c.Share(warmUp, at)
	if share >= 1 {
		return false
	}
	h := fnv.New64a()
	h.Write(id[:]) // a hash never fails to write
	h.Write([]byte(did))
	return float64(spread(h.Sum64()))/math.MaxUint32 >= share
}

// spread mixes what FNV leaves uneven in the high bits (the finaliser of
// MurmurHash3) and returns 32 bits of it.
func spread(h uint64) uint32 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return uint32(h >> 32)
}

// Order is what an operator says about a DID.
type Order struct {
	Standing Standing
	Until    time.Time // of a quarantine; zero: until told otherwise
	Reason   string
}

const maxOrderReason = 256

// Validate reports the first thing about the order that can't be, as an
// [InvalidError].
func (o Order) Validate(at time.Time) error {
	switch {
	case o.Standing < StandingActive || o.Standing > StandingRetired:
		return invalid("standing", "unknown", "expected active, draining, quarantined or retired")
	case len(o.Reason) > maxOrderReason:
		return invalid("reason", "too_long", "at most 256 bytes")
	case o.Until.IsZero():
		return nil
	case o.Standing != StandingQuarantined:
		return invalid("until", "not_allowed", "only a quarantine ends by itself")
	case !o.Until.After(at):
		return invalid("until", "past", "expected a time to come")
	default:
		return nil
	}
}

// On returns the condition after the order.
func (o Order) On(c Condition, at time.Time) Condition {
	c.Standing, c.Since, c.Until, c.Reason = o.Standing, at, o.Until, o.Reason
	return c
}

// Stock is a DID as we have it.
type Stock struct {
	DID      DID
	Pool     string
	Reserved bool
	Live     int // interactions that have it; expired ones count until they are swept
	Condition
}

// Newcomers returns the conditions of the DIDs that are not known yet and are
// in a pool with a warm-up: new at the given time, if the pool has others that
// are known.
func (p *Pools) Newcomers(known map[DID]Condition, at time.Time) map[DID]Condition {
	found := make(map[DID]Condition)
	for _, pool := range p.byName {
		if pool.WarmUp > 0 {
			pool.newcomers(known, at, found)
		}
	}
	return found
}

func (p *Pool) newcomers(known map[DID]Condition, at time.Time, found map[DID]Condition) {
	added := time.Time{}
	for _, did := range p.DIDs {
		if _, ok := known[did]; ok {
			added = at
		}
	}
	for _, did := range p.DIDs {
		if _, ok := known[did]; !ok {
			found[did] = Condition{Standing: StandingActive, AddedAt: added}
		}
	}
}
