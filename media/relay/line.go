package relay

import (
	"sync"
	"sync/atomic"
	"time"
)

// openLine is a circuit in use.
type openLine struct {
	line
	opened atomic.Bool // it has had a flow
	speaks atomic.Bool // an end does, by the flow

	// Guarded by mu.
	mu   sync.Mutex
	over bool     // it was hung up
	left *circuit // what is left of it then, until it is released: what passed, and its pairs if they are kept
}

// install has a flow installed. It is waited for where somebody speaks by the flow before. Of the first one the worker
// need not be told before there is anything that may pass by it, since it looks for it then.
func (l *openLine) install(speaks bool, f func(c *circuit, now time.Time)) {
	switch {
	case l.speaks.Swap(speaks):
		l.do(f)
	case l.opened.Swap(true):
		l.post(f)
	default:
		l.postpone(f)
	}
}

// final tells what each end of a circuit has seen that was hung up.
func (l *openLine) final() (counters [2]Counters, over bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.left != nil {
		counters = l.left.counters()
	}
	return counters, l.over
}

// leave takes from a line that was hung up what is left of its circuit: nobody else has it from now on.
func (l *openLine) leave() (left *circuit) {
	l.mu.Lock()
	defer l.mu.Unlock()
	left, l.left = l.left, nil
	return left
}
