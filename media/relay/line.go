package relay

import (
	"sync"
	"sync/atomic"
)

// openLine is a circuit in use.
type openLine struct {
	line
	speaks atomic.Bool // an end does, by the flow

	// Guarded by mu.
	mu   sync.Mutex
	over bool     // it was hung up
	left *circuit // what is left of it then, until it is released: what passed, and its pairs if they are kept
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
