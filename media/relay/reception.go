package relay

import (
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

const (
	// maxJump is how far a sequence number may jump and still be the same run (MAX_DROPOUT of RFC
	// 3550 appendix A.1).
	maxJump = 3000
	// memory is how many sequence numbers back it is known which have come, one in each bit.
	memory = 64
	// lateAfter the usual time of arrival no jitter buffer waits for a packet any more.
	lateAfter = 100 * time.Millisecond
)

// reception is what we know of the source that we hear on one end: for the report that we owe
// it, and for the quality.
type reception struct {
	// The source's packets.
	started   bool
	following uint16 // the number after the last packet's
	ssrc      uint32
	came      uint64 // bit n: highest-n has come
	first     uint32 // extended sequence number of the first packet
	highest   uint32 // extended sequence number
	received  uint32

	// As of the last report.
	reportedExpected uint32
	reportedReceived uint32

	timing timing
	total  total // of the source and those before it

	// The peer's last sender report.
	senderReport   uint32 // middle 32 bits of its NTP time
	senderReportAt time.Time
}

// total is what was counted over all sources.
type total struct {
	expected   uint64 // of the sources before this one
	received   uint64 // of the sources before this one, duplicates left out
	reordered  uint64
	duplicated uint64 // of this source too
	repeats    uint64 // duplicates of this source alone
	late       uint64
}

// arrival is what a packet is among those before it.
type arrival struct {
	source   bool // the first of a source
	anew     bool // its number has nothing to do with those before
	repeated bool // it came before, or is too old to know
}

// hear accounts for a packet of a format.
func (r *reception) hear(p *rtp.Packet, format Format, now time.Time) (a arrival) {
	a.source = !r.started || r.ssrc != p.SSRC
	jump := int(int16(p.SequenceNumber - uint16(r.highest)))
	a.anew = a.source || jump > maxJump || jump < -maxJump || r.restarts(p.SequenceNumber, jump)
	if a.anew {
		r.begin(p)
		jump = 0
	} else {
		a.repeated = r.place(jump)
	}
	r.received++
	if format.Audio() && r.timing.hear(p.Timestamp, uint32(format.Clock()), now) {
		r.total.late++
	}
	return a
}

// restarts tells whether a source counts from somewhere before: two packets in sequence from
// there do not come late by chance (RFC 3550 appendix A.1).
func (r *reception) restarts(sequence uint16, jump int) bool {
	inSequence := sequence == r.following
	r.following = sequence + 1
	return inSequence && jump <= -memory
}

// begin forgets the source but for what it adds to the totals.
func (r *reception) begin(p *rtp.Packet) {
	total := r.total
	total.expected += uint64(r.expected())
	total.received += uint64(r.received) - total.repeats
	total.repeats = 0
	*r = reception{
		started: true, ssrc: p.SSRC, came: 1, total: total, timing: timing{most: r.timing.most},
		first: uint32(p.SequenceNumber), highest: uint32(p.SequenceNumber),
		following: p.SequenceNumber + 1,
	}
}

// place marks a packet so far from the highest and tells whether it is not to be heard again.
func (r *reception) place(jump int) (repeated bool) {
	if jump > 0 {
		r.highest += uint32(jump)
		r.came = r.came<<jump | 1
		return false
	}
	bit := uint64(1) << -jump // 0 where it is too far back
	switch {
	case bit == 0:
		r.total.reordered++
		return true
	case r.came&bit != 0:
		r.total.duplicated++
		r.total.repeats++
		return true
	}
	r.came |= bit
	r.total.reordered++
	return false
}

func (r *reception) expected() uint32 {
	if !r.started {
		return 0
	}
	return r.highest - r.first + 1
}

// hearReport keeps what the peer must be told back to measure the round trip.
func (r *reception) hearReport(ssrc uint32, ntp uint64, now time.Time) {
	if !r.started || ssrc != r.ssrc {
		return
	}
	r.senderReport, r.senderReportAt = uint32(ntp>>16), now
}

// report is the reception report block of RFC 3550 section 6.4.1, appendix A.3.
func (r *reception) report(now time.Time) rtcp.ReceptionReport {
	expected := r.expected()
	block := rtcp.ReceptionReport{
		SSRC:               r.ssrc,
		FractionLost:       lossSince(expected-r.reportedExpected, r.received-r.reportedReceived),
		TotalLost:          loss(expected, r.received),
		LastSequenceNumber: r.highest,
		Jitter:             r.timing.jitter >> 4,
		LastSenderReport:   r.senderReport,
	}
	if r.senderReport != 0 {
		block.Delay = uint32(now.Sub(r.senderReportAt) * 65536 / time.Second)
	}
	r.reportedExpected, r.reportedReceived = expected, r.received
	return block
}

// quality is how what we hear of the peer travels.
func (r *reception) quality() Quality {
	expected := r.total.expected + uint64(r.expected())
	received := r.total.received + uint64(r.received) - r.total.repeats
	return Quality{
		Expected:   expected,
		Lost:       expected - min(expected, received),
		Reordered:  r.total.reordered,
		Duplicated: r.total.duplicated,
		Late:       r.total.late,
		Jitter:     r.timing.mean(),
		MaxJitter:  r.timing.most,
	}
}

// lossSince is the lost fraction in units of 1/256; duplicates do not make it negative.
func lossSince(expected, received uint32) uint8 {
	if expected == 0 || received >= expected {
		return 0
	}
	return uint8(min(255, uint64(expected-received)<<8/uint64(expected)))
}

// loss is the packets lost in all, which the report has 24 signed bits for.
func loss(expected, received uint32) uint32 {
	const most = 1<<23 - 1
	if received >= expected {
		return 0
	}
	return min(most, expected-received)
}
