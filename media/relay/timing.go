package relay

import "time"

// timing follows when a source's packets come, beside when they were made.
type timing struct {
	started bool
	clock   uint32 // Hz
	since   time.Time
	transit uint32        // of the last packet, in units of the clock, from an unknown origin
	origin  uint32        // a transit to measure delays from
	usual   int32         // the delay as an average over some seconds, times 256
	jitter  uint32        // RFC 3550 appendix A.8: in units of the clock, times 16
	most    time.Duration // the most jitter there was
}

// hear takes a packet's timestamp and tells whether it came later than anybody waits. Events are
// not to be told: all packets of one bear its beginning (RFC 4733 section 2.1).
func (t *timing) hear(timestamp, clock uint32, now time.Time) (late bool) {
	if !t.started || clock != t.clock {
		*t = timing{started: true, clock: clock, since: now, transit: -timestamp, origin: -timestamp, most: t.most}
		return false
	}
	transit := samples(now.Sub(t.since), clock) - timestamp
	difference := uint32(abs(int(int32(transit - t.transit))))
	t.transit = transit
	if difference > clock {
		t.origin, t.usual = transit, 0 // the peer's clock was set: no network is a second late at once
		return false
	}
	t.jitter += difference - (t.jitter+8)>>4
	t.most = max(t.most, t.mean())
	return t.late(int32(transit - t.origin))
}

// late compares a delay with the usual one, which it follows, so that a clock that drifts makes
// nothing late.
func (t *timing) late(delay int32) bool {
	excess := delay - t.usual>>8
	t.usual += excess
	return excess > int32(samples(lateAfter, t.clock))
}

// mean is the jitter as a time.
func (t *timing) mean() time.Duration { return span(t.jitter>>4, t.clock) }
