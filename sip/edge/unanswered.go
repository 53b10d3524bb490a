package edge

import (
	"slices"
	"sync"
	"time"
)

// unanswered are the client transactions of a listener that have heard nothing yet, in
// the order in which they were sent. All have T1 until they are sent again, and nearly
// none waits for so long: one timer is for them all, and is hardly ever set. Safe for
// use by many goroutines.
type unanswered struct {
	mu    sync.Mutex
	queue []waits
	head  int // of the queue: before it are those that were let go
	timer *time.Timer
	set   bool // the timer runs
}

// waits is a transaction that waits.
type waits struct {
	tx  *asked
	due time.Time
}

// add has a transaction woken when it is due, unless it is heard of before.
func (u *unanswered) add(tx *asked, due, now time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.forget()
	u.queue = append(u.queue, waits{tx, due})
	if !u.set {
		u.wait(due.Sub(now))
	}
}

// forget lets go of those in front that wait no more. The caller holds mu.
func (u *unanswered) forget() {
	for u.head < len(u.queue) && u.queue[u.head].tx.noticed.Load() {
		u.pop()
	}
}

// pop lets go of the first. The caller holds mu.
func (u *unanswered) pop() *asked {
	first := u.queue[u.head].tx
	u.queue[u.head] = waits{}
	if u.head++; u.head > len(u.queue)/2 { // the place of those who went is for those who come
		u.queue, u.head = slices.Delete(u.queue, 0, u.head), 0
	}
	return first
}

// wait sets the timer. The caller holds mu.
func (u *unanswered) wait(d time.Duration) {
	u.set = true
	if u.timer == nil {
		u.timer = time.AfterFunc(d, u.wake)
		return
	}
	u.timer.Reset(d)
}

// wake wakes those who are due.
func (u *unanswered) wake() {
	now := time.Now()
	for tx := u.next(now); tx != nil; tx = u.next(now) {
		tx.wake()
	}
}

// next returns one who is due; if there is none, it sets the timer for the next who
// will be.
func (u *unanswered) next(now time.Time) *asked {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.forget()
	if u.head == len(u.queue) {
		u.set = false
		return nil
	}
	if d := u.queue[u.head].due.Sub(now); d > 0 {
		u.wait(d)
		return nil
	}
	return u.pop()
}

// close wakes nobody any more.
func (u *unanswered) close() {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.timer != nil {
		u.timer.Stop()
	}
	u.queue, u.head = nil, 0
}
