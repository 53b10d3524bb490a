package edge

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// ErrLimit: the trunk carries as many calls as it may.
var ErrLimit = errors.New("trunk is at its limit")

// Limits are what a carrier has sold us of its trunk, or what we would have of
// it. 0 is no limit. Inward, a call above one is answered 503; outward, it
// waits for its turn, because a carrier punishes a burst.
type Limits struct {
	CallsIn           int // at once, from the carrier
	CallsOut          int // at once, to the carrier
	CallsPerSecondIn  int
	CallsPerSecondOut int
}

// maxTurn is how long a call may wait for its turn outward. The caller hears
// nothing meanwhile; after two seconds of it another carrier is the better
// choice, and his own carrier's to make.
const maxTurn = 2 * time.Second

// quota is what a trunk uses of its limits. Safe for use by many goroutines.
type quota struct {
	in, out channels

	knocks *pace // of what is of no call
	echoes *pace // of refusals that are sent again

	mu              sync.Mutex
	limits          Limits
	paceIn, paceOut bucket
}

// channels counts calls at once.
type channels struct {
	most atomic.Int64 // 0: no limit
	used atomic.Int64
}

func newQuota(l Limits) *quota {
	q := &quota{knocks: newPace(knocksPerSecond, knocksAtOnce), echoes: newPace(echoesPerSecond, echoesAtOnce)}
	q.allow(l)
	return q
}

// allow sets the limits. Who has a channel keeps it, also above a lower limit.
func (q *quota) allow(l Limits) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.in.most.Store(int64(l.CallsIn))
	q.out.most.Store(int64(l.CallsOut))
	// A carrier sends what its callers dial, in bursts: a second's worth at once
	// is within its rate. What we send is measured by the distance of two.
	if l.CallsPerSecondIn != q.limits.CallsPerSecondIn {
		q.paceIn = newBucket(l.CallsPerSecondIn, l.CallsPerSecondIn)
	}
	if l.CallsPerSecondOut != q.limits.CallsPerSecondOut {
		q.paceOut = newBucket(l.CallsPerSecondOut, 1)
	}
	q.limits = l
}

// enter takes a line for a call from the carrier. Errors: ErrLimit.
func (q *quota) enter(now time.Time) (seat, error) {
	s, ok := q.in.take()
	if !ok {
		return seat{}, ErrLimit
	}
	q.mu.Lock()
	_, ok = q.paceIn.take(now, 0)
	q.mu.Unlock()
	if !ok {
		s.leave()
		return seat{}, ErrLimit
	}
	return s, nil
}

// exit takes a line for a call to the carrier, and says how long it has to
// wait before it is sent. Errors: ErrLimit.
func (q *quota) exit(now time.Time) (seat, time.Duration, error) {
	s, ok := q.out.take()
	if !ok {
		return seat{}, 0, ErrLimit
	}
	q.mu.Lock()
	wait, ok := q.paceOut.take(now, maxTurn)
	q.mu.Unlock()
	if !ok {
		s.leave()
		return seat{}, 0, ErrLimit
	}
	return s, wait, nil
}

// take takes a channel; false if none is left.
func (c *channels) take() (seat, bool) {
	if used, most := c.used.Add(1), c.most.Load(); most > 0 && used > most {
		c.used.Add(-1)
		return seat{}, false
	}
	return seat{channels: c}, true
}

// seat is a channel that somebody has. It belongs to one goroutine.
type seat struct{ channels *channels }

// leave gives the channel back, once.
func (s *seat) leave() {
	if s.channels != nil {
		s.channels.used.Add(-1)
		s.channels = nil
	}
}
