package relay

import (
	"net/netip"
	"time"
)

// A peer behind a NAT is believed to be at another port of its address after so many packets of
// one source in sequence, the first and the last no further apart than this. At 20 ms a packet
// they take 60 ms; somebody who tries his luck has to guess right four times in a row.
const (
	trialPackets = 4
	trialTime    = 250 * time.Millisecond
	// trialsAtOnce is how many ports of an address are tried side by side.
	trialsAtOnce = 4
)

// trials are the candidates of a latch that is not locked, none of which can disturb another.
type trials [trialsAtOnce]trial

// trial is that of one port.
type trial struct {
	source   netip.AddrPort
	ssrc     uint32
	sequence uint16 // of its last packet
	passed   int    // its packets in sequence
	since    time.Time
}

// hear counts a candidate's packet and tells whether it has passed.
func (t *trials) hear(source netip.AddrPort, ssrc uint32, sequence uint16, now time.Time) (passed bool) {
	return t.of(source, now).hear(source, ssrc, sequence, now)
}

// of is a source's own trial, or the one that is furthest from its end.
func (t *trials) of(source netip.AddrPort, now time.Time) *trial {
	furthest := &t[0]
	for i := range t {
		if t[i].source == source {
			return &t[i]
		}
		if t[i].standing(now) < furthest.standing(now) {
			furthest = &t[i]
		}
	}
	return furthest
}

// hear begins anew with any packet that does not go on where the last one was.
func (t *trial) hear(source netip.AddrPort, ssrc uint32, sequence uint16, now time.Time) (passed bool) {
	goesOn := t.standing(now) > 0 && source == t.source && ssrc == t.ssrc && sequence == t.sequence+1
	if !goesOn {
		*t = trial{source: source, ssrc: ssrc, since: now}
	}
	t.sequence = sequence
	t.passed++
	return t.passed >= trialPackets
}

// standing is how many packets count.
func (t *trial) standing(now time.Time) int {
	if now.Sub(t.since) > trialTime {
		return 0
	}
	return t.passed
}
