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
)

// latch decides who is heard on one end and where its peer is sent to, as a state machine
// without I/O. Without NAT it is locked from the beginning on the exact address and port of the
// SDP. With NAT it locks on the first who speaks from there, or who passes a trial from another
// port of the same address. Only another address in the SDP opens a lock.
//
// Whatever it has heard, a latch never leads to an IP address that no SDP named.
type latch struct {
	signalled whereabouts

	// What was heard since.
	locked bool
	peer   netip.AddrPort // the locked one; before the lock the signalled one
	trial  trial
}

// whereabouts is what the SDP of a leg says about where its peer is.
type whereabouts struct {
	rtp, rtcp netip.AddrPort // where it takes packets and reports
	nat       bool           // it may be at another port than it knows
	mux       bool           // its reports share the port of its packets (RFC 5761)
}

// trial is the candidate of a latch that is not locked.
type trial struct {
	source   netip.AddrPort
	ssrc     uint32
	sequence uint16 // of its last packet
	passed   int    // its packets in sequence
	since    time.Time
}

// signal takes the addresses of a new SDP. One that says the same as the last changes nothing,
// because either leg's SDP brings a new flow for both.
func (l *latch) signal(said whereabouts) {
	if said == l.signalled {
		return
	}
	*l = latch{signalled: said, peer: said.rtp, locked: !said.nat && said.rtp.IsValid()}
}

// suspects tells cheaply whether a source may be the peer: the only one heard once there is a
// lock, else any port of the signalled address.
func (l *latch) suspects(source netip.AddrPort) bool {
	if l.locked {
		return source == l.peer
	}
	return l.signalled.rtp.IsValid() && source.Addr() == l.signalled.rtp.Addr()
}

// admit decides on a packet from a suspect that is valid in every other respect. The packet that
// completes a trial is the first to pass.
func (l *latch) admit(source netip.AddrPort, ssrc uint32, sequence uint16, now time.Time) bool {
	switch {
	case !l.suspects(source):
		return false
	case l.locked:
		return true
	case source == l.signalled.rtp || l.trial.hear(source, ssrc, sequence, now):
		l.locked, l.peer, l.trial = true, source, trial{}
		return true
	}
	return false
}

// hear counts a candidate's packet and tells whether it has passed. Any that does not go on
// where the last one was begins a trial of its own.
func (t *trial) hear(source netip.AddrPort, ssrc uint32, sequence uint16, now time.Time) (passed bool) {
	goesOn := t.passed > 0 && source == t.source && ssrc == t.ssrc &&
		sequence == t.sequence+1 && now.Sub(t.since) <= trialTime
	if !goesOn {
		*t = trial{source: source, ssrc: ssrc, since: now}
	}
	t.sequence = sequence
	t.passed++
	return t.passed >= trialPackets
}

// lockedOn is the only source that is heard; the zero address while that is not settled.
func (l *latch) lockedOn() netip.AddrPort {
	if !l.locked {
		return netip.AddrPort{}
	}
	return l.peer
}

// reportsTo is the only source of reports that is heard, and where ours go: the RTP address
// itself with rtcp-mux, the one that the SDP named for them (RFC 3605), or the port above the one
// that the latch has locked on.
func (l *latch) reportsTo() netip.AddrPort {
	switch {
	case l.signalled.mux:
		return l.peer
	case l.signalled.rtcp != above(l.signalled.rtp):
		return l.signalled.rtcp
	default:
		return above(l.peer)
	}
}

// above is where RTCP goes by default: one port up (RFC 3550 section 11).
func above(a netip.AddrPort) netip.AddrPort {
	if a.Port() == 1<<16-1 {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(a.Addr(), a.Port()+1)
}
