package media

import "maskd/media/relay"

// Stats is what passed in a session.
type Stats struct {
	Legs [2]LegStats // of A and B
}

// Leg gives the part of one leg.
func (s Stats) Leg(leg Leg) LegStats {
	if leg != A && leg != B {
		return LegStats{}
	}
	return s.Legs[leg.end()]
}

// LegStats is what one leg saw: what came from its peer, what went to it, and what was
// dropped for which reason.
type LegStats = relay.Counters

// Quality is how well one direction of a leg travels.
type Quality = relay.Quality

// Traffic counts packets and their bytes.
type Traffic = relay.Traffic

// Usage tells how many port pairs are in which state.
type Usage = relay.Usage
