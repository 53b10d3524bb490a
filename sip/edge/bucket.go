package edge

import (
	"sync"
	"time"
)

// bucket is a token bucket, kept as the time at which the next token would be
// due if they were taken one by one (the generic cell rate algorithm, ITU-T
// I.371). The zero bucket bounds nothing.
type bucket struct {
	every time.Duration // between two tokens; 0: no bound
	ahead time.Duration // how far ahead of that the takers may be: the depth of the bucket
	due   time.Time
}

// newBucket makes a bucket of so many tokens a second and so many at once.
func newBucket(perSecond, atOnce int) bucket {
	if perSecond <= 0 {
		return bucket{}
	}
	every := time.Second / time.Duration(perSecond)
	return bucket{every: every, ahead: every * time.Duration(max(atOnce-1, 0))}
}

// take takes a token and says how long it is until it may be used; false if
// that is longer than the patience, and nothing is taken.
func (b *bucket) take(now time.Time, patience time.Duration) (wait time.Duration, ok bool) {
	if b.every == 0 {
		return 0, true
	}
	due := b.due
	if due.Before(now) {
		due = now
	}
	if wait = max(0, due.Sub(now)-b.ahead); wait > patience {
		return 0, false
	}
	b.due = due.Add(b.every)
	return wait, true
}

// giveBack puts a token back that was taken, if the bucket is not full.
func (b *bucket) giveBack() { b.due = b.due.Add(-b.every) }

// pace is a bucket for use by many goroutines.
type pace struct {
	mu     sync.Mutex
	bucket bucket
}

func newPace(perSecond, atOnce int) *pace { return &pace{bucket: newBucket(perSecond, atOnce)} }

// take takes a token that may be used now; false if there is none.
func (p *pace) take(now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, ok := p.bucket.take(now, 0)
	return ok
}

// giveBack puts a token back.
func (p *pace) giveBack() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bucket.giveBack()
}
