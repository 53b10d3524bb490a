package relay

import (
	"net/netip"
	"time"
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
	locked  bool
	peer    netip.AddrPort // the locked one; before the lock the signalled one
	trials  *trials        // nil: nobody is on trial
	reports netip.AddrPort // where the reports of a peer behind a NAT come from; invalid: not heard yet
}

// whereabouts is what the SDP of a leg says about where its peer is.
type whereabouts struct {
	rtp, rtcp netip.AddrPort // where it takes packets and reports
	nat       bool           // it may be at another port than it knows
	mux       bool           // its reports share the port of its packets (RFC 5761)
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
	case source == l.signalled.rtp || l.try(source, ssrc, sequence, now):
		l.locked, l.peer, l.trials = true, source, nil
		return true
	}
	return false
}

// try counts a candidate's packet and tells whether it has passed its trial. A peer whose SDP was true
// is never on trial.
func (l *latch) try(source netip.AddrPort, ssrc uint32, sequence uint16, now time.Time) (passed bool) {
	if l.trials == nil {
		l.trials = new(trials)
	}
	return l.trials.hear(source, ssrc, sequence, now)
}

// suspectsReport is suspects for reports, which a NAT may have come from any port too.
func (l *latch) suspectsReport(source netip.AddrPort) bool {
	return l.expectsReport(source) || l.seeksReports() && source.Addr() == l.peer.Addr()
}

// expectsReport tells whether reports come from there: where ours go, or where a NAT was found to
// send them from.
func (l *latch) expectsReport(source netip.AddrPort) bool {
	return source.IsValid() && (source == l.reportsTo() || source == l.reports)
}

// admitReport decides on a report from a suspect that is valid in every other respect. One from
// elsewhere than expected has to come from the source that is heard. It is believed about what it
// says and no more: somebody else at that address may know the source, so ours never go there.
func (l *latch) admitReport(source netip.AddrPort, ofTheSource bool) bool {
	expected := l.expectsReport(source)
	if l.seeksReports() && ofTheSource {
		l.reports, expected = source, true
	}
	return expected
}

// seeksReports tells whether reports may turn out to come from another port than expected.
func (l *latch) seeksReports() bool {
	return l.locked && l.signalled.nat && !l.signalled.mux && !l.reports.IsValid()
}

// lockedOn is the only source that is heard; the zero address while that is not settled.
func (l *latch) lockedOn() netip.AddrPort {
	if !l.locked {
		return netip.AddrPort{}
	}
	return l.peer
}

// reportsTo is where ours go, and where the peer's are expected from: the RTP address itself with
// rtcp-mux, the one that the SDP named for them (RFC 3605), or the port above the one that the
// latch has locked on.
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

// reportsLockedOn is lockedOn for reports; behind a NAT that is never settled.
func (l *latch) reportsLockedOn() netip.AddrPort {
	if !l.locked || l.signalled.nat && !l.signalled.mux {
		return netip.AddrPort{}
	}
	return l.reportsTo()
}

// above is where RTCP goes by default: one port up (RFC 3550 section 11).
func above(a netip.AddrPort) netip.AddrPort {
	if a.Port() == 1<<16-1 {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(a.Addr(), a.Port()+1)
}
