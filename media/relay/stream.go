package relay

import (
	"time"

	"github.com/pion/rtp"
)

const (
	// clockRate of all formats carried, in Hz.
	clockRate = 8000
	// frame is one packet's worth of samples at the usual 20 ms.
	frame = clockRate / 50
	// headerSize of an RTP packet without CSRC and extension, in bytes.
	headerSize = 12
	rtpVersion = 2
)

// stream is what we send to one end as one synchronization source. However often the source on
// the far side changes, sequence and timestamp go on from where they were.
type stream struct {
	self Source

	// The far source that is heard now, and what is added to its numbers.
	started   bool
	ssrc      uint32
	sequence  uint16
	timestamp uint32

	// The newest packet sent.
	lastSequence  uint16
	lastTimestamp uint32
	lastAt        time.Time
}

// rewrite makes our packet out of a peer's: our header of 12 bytes, and the payload in a format
// that the receiver agreed to. CSRC list, header extension and padding stay behind. The out
// buffer must be as large as the packet received.
func (s *stream) rewrite(from, to *End, in *rtp.Packet, out []byte, now time.Time) (int, Drop) {
	format := from.Takes[in.PayloadType]
	sent := format
	if format.Audio() {
		sent = to.Audio
	} else if !to.Events {
		return 0, DropUnmatched
	}
	s.follow(in, now)
	header := rtp.Header{
		Version:        rtpVersion,
		Marker:         in.Marker,
		PayloadType:    to.Types[sent],
		SequenceNumber: in.SequenceNumber + s.sequence,
		Timestamp:      in.Timestamp + s.timestamp,
		SSRC:           s.self.SSRC,
	}
	n, err := header.MarshalTo(out)
	if err != nil {
		return 0, DropMalformed
	}
	n += transcode(out[n:], in.Payload, transcoding(format, sent))
	s.advance(header.SequenceNumber, header.Timestamp, now)
	return n, 0
}

// follow fixes the offsets when a source is heard first. What it sends then is the packet after
// our last one, later by the time that has passed since.
func (s *stream) follow(in *rtp.Packet, now time.Time) {
	if s.started && s.ssrc == in.SSRC {
		return
	}
	sequence, timestamp := s.self.Sequence, s.self.Timestamp
	if s.started {
		sequence = s.lastSequence + 1
		timestamp = s.lastTimestamp + max(frame, samples(now.Sub(s.lastAt)))
	}
	s.started, s.ssrc = true, in.SSRC
	s.sequence = sequence - in.SequenceNumber
	s.timestamp = timestamp - in.Timestamp
	s.lastSequence = sequence - 1
}

// advance remembers the newest packet in the order of sequence numbers (RFC 1982), so that one
// that was overtaken on its way does not set us back.
func (s *stream) advance(sequence uint16, timestamp uint32, now time.Time) {
	if int16(sequence-s.lastSequence) <= 0 {
		return
	}
	s.lastSequence, s.lastTimestamp, s.lastAt = sequence, timestamp, now
}

// timestampAt is what the RTP clock shows at a time after the newest packet.
func (s *stream) timestampAt(now time.Time) uint32 {
	if !s.started {
		return s.self.Timestamp
	}
	return s.lastTimestamp + samples(now.Sub(s.lastAt))
}

// samples is a duration in units of the RTP clock.
func samples(d time.Duration) uint32 {
	return uint32(int64(d) / (int64(time.Second) / clockRate))
}
