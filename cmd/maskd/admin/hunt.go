package admin

import (
	"time"

	"maskd/mapping"
)

const ringBounds = "from 5 to 180 (three minutes)"

// DraftHunt is how the numbers of a party that is asked for are to be rung.
type DraftHunt struct {
	Ring        string      `json:"ring,omitempty"`         // sequence or all
	RingSeconds *int64      `json:"ring_seconds,omitempty"` // for each number in its turn, or for all at once
	Fallback    PlainNumber `json:"fallback,omitempty"`     // who is rung if none of them answers
}

// Hunt is how the numbers of a party are rung.
type Hunt struct {
	Ring        string `json:"ring"`
	RingSeconds int64  `json:"ring_seconds"`
	Fallback    Masked `json:"fallback,omitzero"`
}

// hunt returns what a draft says of the party in the words of the domain. Bounds
// are for the domain to check.
func (d Draft) hunt(party string, h DraftHunt) (hunt mapping.Hunt, err error) {
	var ok bool
	if hunt.Ring, ok = mapping.ParseRing(h.Ring); !ok {
		return hunt, invalidField(party+".ring", "unknown", "expected sequence or all")
	}
	hunt.RingTime, err = span(party+".ring_seconds", h.RingSeconds, mapping.MinRingTime, mapping.MaxRingTime, ringBounds)
	if err != nil || h.Fallback == "" {
		return hunt, err
	}
	hunt.Fallback, err = d.number(party+".fallback", h.Fallback)
	return hunt, err
}

func (s *Server) viewHunt(of mapping.Tenant, h mapping.Hunt) Hunt {
	return Hunt{Ring: h.Ring.String(), RingSeconds: int64(h.RingTime / time.Second), Fallback: s.viewNumber(of, h.Fallback)}
}
