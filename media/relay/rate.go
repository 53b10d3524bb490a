package relay

import "time"

const (
	// overRate is how many times the packets of its packetization time a peer may send, for good.
	// It leaves room for one that packs 10 ms where 20 were agreed on, with events besides.
	overRate = 3
	// overTime of packets at that rate may come at once: what a network held up for seconds.
	overTime = time.Second
	// usualPtime where none was agreed on (RFC 3551 section 4.2).
	usualPtime = 20 * time.Millisecond
)

// rate guards against a peer that sends more than any call needs. It is a leaky bucket, kept as
// the time at which it will have run empty.
type rate struct {
	empty time.Time
}

// admit decides on one packet of so much sound; what it refuses does not count against the peer.
func (r *rate) admit(ptime time.Duration, now time.Time) bool {
	if ptime <= 0 {
		ptime = usualPtime
	}
	if r.empty.Before(now) {
		r.empty = now
	}
	after := r.empty.Add(ptime / overRate)
	if after.Sub(now) > overTime {
		return false
	}
	r.empty = after
	return true
}
