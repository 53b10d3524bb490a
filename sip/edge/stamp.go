package edge

import "time"

// longestWait is more than a socket's buffer holds; a stamp older than that is
// of a clock that was set.
const longestWait = 10 * time.Second

// waited is how long a datagram that the system stamped has waited for us. It
// is a difference of wall clocks: the system has no other one for this.
func waited(stamp, now time.Time) time.Duration {
	d := now.Round(0).Sub(stamp)
	if d < 0 || d > longestWait {
		return 0
	}
	return d
}

// arrival is when the datagram that is being read arrived. It is the reader's
// to ask.
func (l *listener) arrival() time.Time {
	if c, ok := l.packets.(interface{ last() time.Time }); ok {
		return c.last()
	}
	return time.Now()
}
