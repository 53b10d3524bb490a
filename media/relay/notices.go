package relay

import "sync/atomic"

// noticesKept is how many events wait for a reader that is busy: a second's worth of digits of
// more calls than a machine carries.
const noticesKept = 4096

// notices is where circuits leave their events. To leave one never waits.
type notices struct {
	events chan Event
	lost   atomic.Uint64
}

func newNotices() *notices { return &notices{events: make(chan Event, noticesKept)} }

func (n *notices) leave(e Event) {
	select {
	case n.events <- e:
	default:
		n.lost.Add(1)
	}
}
