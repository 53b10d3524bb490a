package relay

import "time"

const (
	// usualClock is that of all telephone audio; of a stream that has no format yet too.
	usualClock = 8000
	// lateWindow is for how many packets after a new beginning one from before it is known to be
	// late: far more than a network reorders, far fewer than sequence numbers take to come round.
	lateWindow = 100
)

// stream is what we send to one end as one synchronization source. Whatever it is made of in
// turn, one source of the far side or another, prompts or digits, sequence and timestamp go on
// from where they were.
type stream struct {
	self    Source
	clock   uint32 // Hz; of the format sent now
	started bool   // a packet was sent

	// The far source that is followed now, and what is added to its numbers.
	following bool
	ssrc      uint32
	sequence  uint16
	timestamp uint32
	from      uint16 // the far number before which nothing is to be sent any more
	guarded   int    // for so many packets

	// The newest packet sent.
	lastSequence  uint16
	lastTimestamp uint32
	lastAt        time.Time
}

// slot is one packet's place in the stream.
type slot struct {
	sequence  uint16
	timestamp uint32
	resumed   bool // after something of another making, or a break
}

// set changes the clock. Nothing is known of how the far source counts by the new one.
func (s *stream) set(clock uint32) {
	if clock != s.clock {
		s.clock, s.following = clock, false
	}
}

// relay gives the place of a far packet in our stream; not ok where its place is taken.
func (s *stream) relay(ssrc uint32, sequence uint16, timestamp uint32, now time.Time) (m slot, ok bool) {
	m.resumed = s.follow(ssrc, sequence, timestamp, now)
	if s.guarded > 0 && int16(sequence-s.from) < 0 {
		return slot{}, false
	}
	m.sequence, m.timestamp = sequence+s.sequence, timestamp+s.timestamp
	return m, true
}

// follow fixes the offsets when a source is heard first, and again after anything of our own.
// What it sends then comes after our last packet, later by the time that has passed since.
func (s *stream) follow(ssrc uint32, sequence uint16, timestamp uint32, now time.Time) (resumed bool) {
	if s.following && s.ssrc == ssrc {
		return false
	}
	next := s.next(now)
	s.following, s.ssrc = true, ssrc
	s.sequence, s.timestamp = next.sequence-sequence, next.timestamp-timestamp
	if !s.started {
		s.lastSequence = next.sequence - 1
		return false
	}
	s.from, s.guarded = sequence, lateWindow
	return true
}

// skip closes the gap of a far packet that is not sent on, so that the listener misses nothing.
func (s *stream) skip(ssrc uint32, sequence uint16) {
	if !s.following || s.ssrc != ssrc || int16(sequence+s.sequence-s.lastSequence) <= 0 {
		return
	}
	s.sequence--
	s.from, s.guarded = sequence, lateWindow
}

// interrupt lets the next far packet begin anew.
func (s *stream) interrupt() { s.following = false }

// next is the place of a packet that is not related to the last one but by time.
func (s *stream) next(now time.Time) slot {
	if !s.started {
		return slot{sequence: s.self.Sequence, timestamp: s.self.Timestamp, resumed: true}
	}
	elapsed := max(samples(usualFrame, s.clock), samples(now.Sub(s.lastAt), s.clock))
	return slot{sequence: s.lastSequence + 1, timestamp: s.lastTimestamp + elapsed, resumed: true}
}

// sent remembers the newest packet in the order of sequence numbers (RFC 1982), so that one that
// was overtaken on its way does not set us back.
func (s *stream) sent(m slot, now time.Time) {
	if s.started && int16(m.sequence-s.lastSequence) <= 0 {
		return
	}
	s.started, s.guarded = true, max(0, s.guarded-1)
	s.lastSequence, s.lastTimestamp, s.lastAt = m.sequence, m.timestamp, now
}

// relayEvent is relay for a packet of an event, all of whose packets bear the same timestamp. A
// clock other than ours tells nothing of where the event is in our time: then it is where it was
// heard first.
func (s *stream) relayEvent(k *keypad, ssrc uint32, sequence uint16, clock uint32, now time.Time) (m slot, ok bool) {
	placed := k.placed
	switch {
	case clock == s.clock:
		m, ok = s.relay(ssrc, sequence, k.begun.timestamp, now)
		placed = placed && k.segment == k.begun.timestamp
	case s.following && s.ssrc == ssrc:
		m, ok = s.relay(ssrc, sequence, 0, now)
		m.timestamp = s.timestampAt(now)
	default:
		m, ok = s.next(now), true
	}
	if ok && !placed {
		k.place(m.timestamp)
	}
	m.timestamp = k.timestamp
	return m, ok
}

// sentEvent is sent for an event that has lasted so long. Copies of its end take time of which
// its timestamp and duration say nothing.
func (s *stream) sentEvent(m slot, lasted time.Duration, now time.Time) {
	m.timestamp += samples(max(0, lasted-usualFrame), s.clock)
	if at := s.timestampAt(now); s.started && int32(at-m.timestamp) > 0 {
		m.timestamp = at
	}
	s.sent(m, now)
}

// timestampAt is what the RTP clock shows at a time after the newest packet.
func (s *stream) timestampAt(now time.Time) uint32 {
	if !s.started {
		return s.self.Timestamp
	}
	return s.lastTimestamp + samples(now.Sub(s.lastAt), s.clock)
}

// samples is a duration in units of an RTP clock.
func samples(d time.Duration, clock uint32) uint32 {
	return uint32(d.Microseconds() * int64(clock) / 1e6)
}

// span is how long so many units of an RTP clock take.
func span(samples, clock uint32) time.Duration {
	if clock == 0 {
		return 0
	}
	return time.Duration(samples) * time.Second / time.Duration(clock)
}
