package relay

import (
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

// maxJump is how far a sequence number may jump and still be the same run (MAX_DROPOUT of RFC
// 3550 appendix A.1).
const maxJump = 3000

// reception is what we know of the source that we hear on one end, for the report that we owe it.
type reception struct {
	// The source's packets.
	started  bool
	ssrc     uint32
	first    uint32 // extended sequence number of the first packet
	highest  uint32 // extended sequence number
	received uint32

	// As of the last report.
	reportedExpected uint32
	reportedReceived uint32

	// Interarrival jitter, RFC 3550 appendix A.8; in RTP clock units times 16.
	since   time.Time
	transit uint32
	jitter  uint32
	timed   bool

	// The peer's last sender report.
	senderReport   uint32 // middle 32 bits of its NTP time
	senderReportAt time.Time
}

// hear accounts for a packet and tells whether it is the first of a source.
func (r *reception) hear(p *rtp.Packet, audio bool, now time.Time) (changed bool) {
	changed = !r.started || r.ssrc != p.SSRC
	jump := int16(p.SequenceNumber - uint16(r.highest))
	if changed || jump > maxJump || jump < -maxJump {
		*r = reception{
			started: true, ssrc: p.SSRC, since: now,
			first: uint32(p.SequenceNumber), highest: uint32(p.SequenceNumber),
		}
		jump = 0
	}
	if jump > 0 {
		r.highest += uint32(jump)
	}
	r.received++
	if audio {
		r.time(p.Timestamp, now)
	}
	return changed
}

// time follows the jitter. Events are left out: all packets of one event bear its beginning as
// their timestamp (RFC 4733 section 2.1).
func (r *reception) time(timestamp uint32, now time.Time) {
	transit := samples(now.Sub(r.since)) - timestamp
	if r.timed {
		difference := uint32(abs(int(int32(transit - r.transit))))
		r.jitter += difference - (r.jitter+8)>>4
	}
	r.transit, r.timed = transit, true
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
	expected := r.highest - r.first + 1
	block := rtcp.ReceptionReport{
		SSRC:               r.ssrc,
		FractionLost:       lossSince(expected-r.reportedExpected, r.received-r.reportedReceived),
		TotalLost:          loss(expected, r.received),
		LastSequenceNumber: r.highest,
		Jitter:             r.jitter >> 4,
		LastSenderReport:   r.senderReport,
	}
	if r.senderReport != 0 {
		block.Delay = uint32(now.Sub(r.senderReportAt) * 65536 / time.Second)
	}
	r.reportedExpected, r.reportedReceived = expected, r.received
	return block
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
