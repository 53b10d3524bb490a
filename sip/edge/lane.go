package edge

import (
	"slices"
	"strconv"
	"sync"

	"github.com/emiago/sipgo/sip"
)

// maxLane bounds what waits in a lane. An ACK that finds no place is sent when
// its 2xx comes again; what ends a call is sent once, and maxEnds more places
// are kept for it.
const (
	maxLane = 32
	maxEnds = 32
)

// errand is what waits in a lane.
type errand struct {
	ack  string // which ACK it is, for its 2xx comes again and again; empty: another request
	ends bool   // a BYE or CANCEL
	send func()
}

// errandOf is to send the request.
func errandOf(req *asking, send func()) errand {
	e := errand{ends: req.method == sip.BYE || req.method == sip.CANCEL, send: send}
	if req.method == sip.ACK {
		e.ack = strconv.FormatUint(uint64(req.cseq), 10) + " " + req.remote.tag
	}
	return e
}

// lanes send what may have to wait for a connection, so that no call waits with
// it. What has the same Call-ID leaves in order: an ACK before the BYE.
type lanes struct {
	mu      sync.Mutex
	waiting map[string][]errand // by Call-ID; an entry is a lane at work
}

func newLanes() *lanes { return &lanes{waiting: make(map[string][]errand)} }

// run sends on a goroutine of the lane. It reports false if the lane is full.
func (l *lanes) run(wg *sync.WaitGroup, lane string, e errand) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	queue, working := l.waiting[lane]
	switch {
	case !working:
		l.waiting[lane] = nil
		wg.Go(func() { l.work(lane, e.send) })
	case e.waitsIn(queue):
	case !e.fits(queue):
		return false
	default:
		l.waiting[lane] = append(queue, e)
	}
	return true
}

// waitsIn reports whether the same ACK waits already.
func (e errand) waitsIn(queue []errand) bool {
	return e.ack != "" && slices.ContainsFunc(queue, func(other errand) bool { return other.ack == e.ack })
}

// fits reports whether there is a place for it.
func (e errand) fits(queue []errand) bool {
	if e.ends {
		return len(queue) < maxLane+maxEnds
	}
	return len(queue) < maxLane
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
	return queue[0].send
}

// later sends a request in its lane.
func (l *listener) later(req *asking, send func()) bool {
	return l.edge.lanes.run(&l.edge.wg, req.callID, errandOf(req, send))
}
