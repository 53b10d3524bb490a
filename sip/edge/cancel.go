package edge

import (
	"sync"
	"time"
)

// cancelMemory is how long a CANCEL that found no INVITE is remembered. The
// two travel the same path in the same order, and are swapped at most by the
// scheduling of goroutines.
const cancelMemory = time.Second

// cancels matches each CANCEL with its INVITE when the transaction layer could
// not, because it gives every message a goroutine of its own and the CANCEL
// was faster. Keys are branches (RFC 3261 section 9.2).
type cancels struct {
	mu      sync.Mutex
	waiting map[string]waiting   // INVITEs without a final response
	early   map[string]time.Time // CANCELs that came first
}

// waiting is an INVITE that waits for its final response.
type waiting struct {
	tag       string // ours, in every response to it
	cancelled func() // what to do if it is cancelled
}

func newCancels() *cancels {
	return &cancels{waiting: make(map[string]waiting), early: make(map[string]time.Time)}
}

// invite says that an INVITE waits for its final response. It reports false if
// it is cancelled already.
func (c *cancels) invite(branch string, w waiting, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.forget(now)
	if _, ok := c.early[branch]; ok {
		delete(c.early, branch)
		return false
	}
	c.waiting[branch] = w
	return true
}

// cancel takes a CANCEL that the transaction layer could not match, and
// reports whether there was an INVITE for it.
func (c *cancels) cancel(branch string, now time.Time) bool {
	c.mu.Lock()
	w, ok := c.waiting[branch]
	if !ok {
		c.forget(now)
		c.early[branch] = now
	}
	c.mu.Unlock()
	if ok {
		w.cancelled()
	}
	return ok
}

// tag returns our tag in the responses to the INVITE, which the response to
// its CANCEL should have too; empty if there is none.
func (c *cancels) tag(branch string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.waiting[branch].tag
}

// done says that the INVITE has its final response.
func (c *cancels) done(branch string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.waiting, branch)
}

func (c *cancels) forget(now time.Time) {
	for branch, at := range c.early {
		if now.Sub(at) > cancelMemory {
			delete(c.early, branch)
		}
	}
}
