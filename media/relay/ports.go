package relay

import "fmt"

// PortRange is the inclusive range of UDP ports from which pairs are taken: an even port for
// RTP and the odd one above it for RTCP (RFC 3550 section 11).
type PortRange struct {
	First, Last uint16
}

// firstUnprivileged is the lowest port that a process without privileges may bind.
const firstUnprivileged = 1024

// pairsPerCall is one pair for each leg.
const pairsPerCall = 2

// Validate says in words for the operator what is wrong with the range, if anything is.
func (r PortRange) Validate() error {
	switch {
	case r.First < firstUnprivileged:
		return fmt.Errorf("port range %s: must begin at %d or above", r, firstUnprivileged)
	case r.Last < r.First:
		return fmt.Errorf("port range %s: ends before it begins", r)
	case r.Calls() == 0:
		return fmt.Errorf("port range %s: too small: a call takes 4 ports, beginning with an even one", r)
	}
	return nil
}

// Calls is how many calls the range carries at once, ports at rest aside.
func (r PortRange) Calls() int { return r.pairs() / pairsPerCall }

// String writes the range as in the configuration, such as 20000-29999.
func (r PortRange) String() string { return fmt.Sprintf("%d-%d", r.First, r.Last) }

func (r PortRange) pairs() int {
	return max(0, (int(r.Last)+1-r.even())/2)
}

// even is the lowest even port of the range.
func (r PortRange) even() int { return (int(r.First) + 1) &^ 1 }
