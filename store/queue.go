package store

import (
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// How many may wait before one more is refused. Every create has a caller who
// waits with it, so more than the first bound is a disk that stands still. Call
// detail records have nobody who could come again, and completes are urgent:
// they get the rest, a minute of 1,000 calls a second. What writes nothing is
// never refused.
const (
	maxCreates = 8_192
	maxRecords = 65_536
	noLimit    = math.MaxInt
)

// lull is how long call detail records, and audit entries of mere looks, may wait for company, if nobody is in a
// hurry: nobody waits for one, and a commit takes two writes and two syncs whether it brings one or a hundred. A
// call that comes meanwhile waits for the processor: with ten times as many commits, a tenth of 200 calls a second
// did so. A crash loses no more than this, the hushes and a commit bring.
const lull = 200 * time.Millisecond

// sheaf is how many of them are company enough. With a quarter of it, at 4,500 calls a second, each call takes 4 us
// and 1 KB more in the store, for what each commit costs by itself.
const sheaf = 1024

// spell is how many of them are written before others have the processor for a moment: that is 0.2 ms, where a sheaf
// is 3 ms.
const spell = 64

// A commit of them begins when none has come for a hush: a call that is being set up, or one of
// those who come by the clock as the lull ends, had better not find it. Where there is no hush they wait for so many.
const (
	hush   = time.Millisecond
	hushes = 8
)

// idleTurns is how often the writer lets others run before it takes what has come,
// if nothing more does. Where nobody is ready to run a turn takes a quarter of a
// microsecond: all are a hundredth of a commit.
const idleTurns = 16

// company is how many changes are enough for a group: of what a commit costs by
// itself each then bears a few microseconds, less than it costs to let the
// processors wait for the disk rather than prepare the next.
const company = 64

// patience is how long a group waits for who is expected, whatever they are about: most
// are there in less. Who has to look through a large pool is not expected for so long; a
// complete, for which calls end within fifty milliseconds, waits for nobody who is slow.
const patience = 5 * time.Millisecond

// queue is what waits for the writer, in order. Neither end ever waits for the
// disk to add to it.
type queue struct {
	wake   chan struct{} // holds one signal that something is waiting
	come   chan struct{} // holds one signal that all who were expected have come, or enough
	coming atomic.Int64  // who is expected

	arrived atomic.Uint64 // who was

	late *time.Timer // the writer's; fires when it has waited for long enough

	// Guarded by mu.
	mu      sync.Mutex
	waiting []change
	closed  bool
	lull    *time.Timer // listens when the lull is over, and after each hush
	heard   int         // how many waited when it did so last
	listens int         // how often it did, for those who wait
}

func newQueue() *queue {
	q := &queue{wake: make(chan struct{}, 1), come: make(chan struct{}, 1), late: time.NewTimer(patience)}
	q.lull = time.AfterFunc(lull, q.listen)
	return q
}

// push adds a change unless as many as the limit wait already, or the queue is
// closed.
func (q *queue) push(c change, limit int) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed || len(q.waiting) >= limit {
		return false
	}
	q.waiting = append(q.waiting, c)
	if len(q.waiting) == company {
		signal(q.come)
	}
	switch {
	case isUrgent(c):
		signal(q.wake)
	case len(q.waiting) == 1:
		q.lull.Reset(lull)
	case len(q.waiting) == sheaf:
		q.lull.Reset(hush)
	}
	return true
}

// listen signals if nothing has come since it did so last, or for long enough.
func (q *queue) listen() {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch n := len(q.waiting); {
	case n == 0 || q.closed:
	case n == q.heard || q.listens == hushes:
		signal(q.wake)
	default:
		q.heard, q.listens = n, q.listens+1
		q.lull.Reset(hush)
	}
}

// yield lets others run, unless the next group waits: who falls behind has to go on.
func (q *queue) yield() {
	if len(q.wake) == 0 {
		runtime.Gosched()
	}
}

// close lets take return what is left, and then nothing.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.lull.Stop()
	signal(q.wake)
}

func signal(to chan<- struct{}) {
	select {
	case to <- struct{}{}:
	default:
	}
}

// take waits for changes and returns all of them, and whether more may come.
func (q *queue) take() (group []change, more bool) {
	for {
		<-q.wake
		q.gather()
		q.mu.Lock()
		group, more = q.waiting, !q.closed
		q.waiting, q.heard, q.listens = nil, 0, 0
		q.mu.Unlock()
		if len(group) > 0 || !more {
			return group, more
		}
	}
}

// expect says that somebody is about to add a change, and arrive that he has, or
// won't. In between he waits for nothing that waits for the writer.
func (q *queue) expect() { q.coming.Add(1) }

func (q *queue) arrive() {
	last, enough := q.coming.Add(-1) == 0, q.arrived.Add(1)%company == 0
	if last || enough {
		signal(q.come)
	}
}

// gather waits for those who are expected, and lets those run who are about to be,
// for as long as they come and are no company yet. A commit costs the same whatever
// is in it, so that of the callers whom the last group has answered all had better
// come into the next. It waits asleep: to look again and again takes a processor
// from those who come, and to commit beside them has the commit wait for one. Nor
// can those hold it up who come again and again and bring nothing, or who are slow.
func (q *queue) gather() {
	met := q.arrived.Load()
	q.late.Reset(patience)
	defer q.late.Stop()
	for waiting, turns := q.length(), 0; turns < idleTurns && waiting < company && q.arrived.Load()-met < company; turns++ {
		runtime.Gosched()
		if q.coming.Load() > 0 {
			select {
			case <-q.come:
				turns = 0
			case <-q.late.C:
				return
			}
		}
		if n := q.length(); n > waiting {
			waiting, turns = n, 0
		}
	}
}

func (q *queue) length() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.waiting)
}
