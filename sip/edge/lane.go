package edge

import (
	"sync"

	"github.com/emiago/sipgo/sip"
)

// maxLane bounds what waits in a lane. An ACK that finds no place is sent when
// its 2xx comes again.
const maxLane = 32

// lanes send what may have to wait for a connection, so that no call waits with
// it. What has the same Call-ID leaves in order: an ACK before the BYE.
type lanes struct {
	mu      sync.Mutex
	waiting map[string][]func() // by Call-ID; an entry is a lane at work
}

func newLanes() *lanes { return &lanes{waiting: make(map[string][]func())} }

// run sends on a goroutine of the lane. It reports false if the lane is full.
func (l *lanes) run(wg *sync.WaitGroup, lane string, send func()) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	queue, working := l.waiting[lane]
	switch {
	case !working:
		l.waiting[lane] = nil
		wg.Go(func() { l.work(lane, send) })
	case len(queue) == maxLane:
		return false
	default:
		l.waiting[lane] = append(queue, send)
	}
	return true
}

// work sends until nothing waits.
func (l *lanes) work(lane string, send func()) {
	for ; send != nil; send = l.next(lane) {
		send()
	}
}

func (l *lanes) next(lane string) func() {
	l.mu.Lock()
	defer l.mu.Unlock()
	queue := l.waiting[lane]
	if len(queue) == 0 {
		delete(l.waiting, lane)
		return nil
	}
	l.waiting[lane] = queue[1:]
	return queue[0]
}

// later sends a request in its lane.
func (l *listener) later(req *sip.Request, send func()) bool {
	return l.edge.lanes.run(&l.edge.wg, req.CallID().Value(), send)
}
