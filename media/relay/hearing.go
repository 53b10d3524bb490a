package relay

import (
	"encoding/binary"
	"net/netip"
	"time"

	"github.com/pion/rtcp"
)

// maxRoundTrip is what a peer's report may make of the round trip: more is a mistake of its.
const maxRoundTrip = 10 * time.Second

// hearReport reads an RTCP datagram that arrived on an end. Nothing of it goes any further.
func (x *exchange) hearReport(end int, source netip.AddrPort, in []byte, now time.Time) {
	here := &x.ends[end]
	if !x.open || !here.latch.suspectsReport(source) || !here.reports.admitReport(now) {
		here.counters.RTCPDropped++
		return
	}
	plain, ok := here.crypt.openReport(in)
	if !ok {
		here.counters.ReportsBad++
		return
	}
	said := &x.desk.reports
	if err := said.read(plain); err != nil {
		here.counters.ReportsBad++
		return
	}
	if !here.latch.admitReport(source, here.heard.started && here.heard.ssrc == reporter(plain)) {
		here.counters.RTCPDropped++
		return
	}
	here.counters.ReportsIn++
	here.vigil.hearReport(now)
	for _, clock := range said.clocks {
		here.heard.hearReport(clock.ssrc, clock.ntp, now)
	}
	here.hearBlocks(said.blocks, now)
}

// reporter is the SSRC of who sent a compound of reports: the first tells it (RFC 3550 section 6.1).
func reporter(compound []byte) uint32 {
	if len(compound) < reportHeader {
		return 0
	}
	return binary.BigEndian.Uint32(compound[4:])
}

// hearBlocks keeps what the peer says of our stream.
func (e *endpoint) hearBlocks(blocks []rtcp.ReceptionReport, now time.Time) {
	for _, block := range blocks {
		if block.SSRC == e.said.self.SSRC {
			e.told.hear(block, &e.said, e.counters.Out.Packets, now)
		}
	}
}

// echo is what a peer's reports say of our stream.
type echo struct {
	expected, lost uint64
	jitter, most   time.Duration
	roundTrip      time.Duration // 0: not known
}

// hear reads a reception report (RFC 3550 section 6.4.1), but believes it no more than what
// was sent.
func (e *echo) hear(block rtcp.ReceptionReport, said *stream, sent uint64, now time.Time) {
	e.expected = min(uint64(block.LastSequenceNumber-uint32(said.self.Sequence)+1), sent)
	e.lost = min(uint64(positive(block.TotalLost)), e.expected)
	e.jitter = span(block.Jitter, said.clock)
	e.most = max(e.most, e.jitter)
	if trip, ok := said.self.wallclock.roundTrip(block, now); ok {
		e.roundTrip = trip
	}
}

// quality is how our stream travels, as far as the peer says.
func (e *echo) quality() Quality {
	return Quality{Expected: e.expected, Lost: e.lost, Jitter: e.jitter, MaxJitter: e.most, RoundTrip: e.roundTrip}
}

// positive reads a number of 24 signed bits; duplicates can make it negative.
func positive(lost uint32) uint32 {
	if lost >= 1<<23 {
		return 0
	}
	return lost
}

// roundTrip is the time since our sender report, less what the peer kept it.
func (w wallclock) roundTrip(block rtcp.ReceptionReport, now time.Time) (time.Duration, bool) {
	if block.LastSenderReport == 0 {
		return 0, false
	}
	elapsed := uint32(w.at(now)>>16) - block.LastSenderReport - block.Delay
	trip := span(elapsed, 1<<16)
	return trip, trip <= maxRoundTrip
}
