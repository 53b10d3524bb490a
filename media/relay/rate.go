package relay

import "time"

// A peer may send one in so long for good, and so much at once.
const (
	// packetTime is a third of the shortest packetization time there is. What time a peer packs is
	// for it to choose: its ptime only says what it wants to receive (RFC 8866 section 6.4). There
	// is room for 10 ms with events besides.
	packetTime = minFrame / 3
	// packetBurst is what a network held up for seconds.
	packetBurst = time.Second

	// reportTime is a small part of the interval of RFC 3550 section 6.2, since feedback may come
	// early (RFC 4585 section 3.2).
	reportTime  = time.Second / 5
	reportBurst = 10 * reportTime

	// keyTime is shorter than any key that is held.
	keyTime  = time.Second / 20
	keyBurst = 20 * keyTime
)

// rate guards against a peer that sends more than any call needs. It is a leaky bucket, kept as
// the time at which it will have run empty.
type rate struct {
	empty time.Time
}

func (r *rate) admitPacket(now time.Time) bool { return r.admit(packetTime, packetBurst, now) }
func (r *rate) admitReport(now time.Time) bool { return r.admit(reportTime, reportBurst, now) }
func (r *rate) admitKey(now time.Time) bool    { return r.admit(keyTime, keyBurst, now) }

// admit decides on one; what it refuses does not count against the peer.
func (r *rate) admit(each, burst time.Duration, now time.Time) bool {
	if r.empty.Before(now) {
		r.empty = now
	}
	after := r.empty.Add(each)
	if after.Sub(now) > burst {
		return false
	}
	r.empty = after
	return true
}
