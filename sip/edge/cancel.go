package edge

import (
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"
)

// cancelMemory is how long a CANCEL that found no INVITE is remembered. The
// two travel the same path in the same order, and are swapped at most by the
// scheduling of goroutines.
const cancelMemory = time.Second

// maxEarly bounds how many are remembered: in a second no honest trunk has
// more of them.
const maxEarly = 256

// cancels matches each CANCEL with its INVITE when the transaction layer could
// not, because it gives every message a goroutine of its own and the CANCEL
// was faster.
type cancels struct {
	mu      sync.Mutex
	waiting map[cancelKey]waiting   // INVITEs without a final response
	early   map[cancelKey]time.Time // CANCELs that came first
}

// waiting is an INVITE that waits for its final response.
type waiting struct {
	tag       string // ours, in every response to it
	cancelled func() // what to do if it is cancelled
}

func newCancels() *cancels {
	return &cancels{waiting: make(map[cancelKey]waiting), early: make(map[cancelKey]time.Time)}
}

// invite says that an INVITE waits for its final response. It reports false if
// it is cancelled already.
func (c *cancels) invite(key cancelKey, w waiting, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.forget(now)
	if _, ok := c.early[key]; ok {
		delete(c.early, key)
		return false
	}
	c.waiting[key] = w
	return true
}

// cancel takes a CANCEL that the transaction layer could not match, and
// reports whether there was an INVITE for it.
func (c *cancels) cancel(key cancelKey, now time.Time) bool {
	c.mu.Lock()
	w, ok := c.waiting[key]
	if !ok {
		c.remember(key, now)
	}
	c.mu.Unlock()
	if ok {
		w.cancelled()
	}
	return ok
}

// tag returns our tag in the responses to the INVITE, which the response to
// its CANCEL should have too; empty if there is none.
func (c *cancels) tag(key cancelKey) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.waiting[key].tag
}

// done says that the INVITE has its final response.
func (c *cancels) done(key cancelKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.waiting, key)
}

// remember keeps a CANCEL that came first, unless too many did.
func (c *cancels) remember(key cancelKey, now time.Time) {
	c.forget(now)
	if len(c.early) < maxEarly {
		c.early[key] = now
	}
}

func (c *cancels) forget(now time.Time) {
	for key, at := range c.early {
		if now.Sub(at) > cancelMemory {
			delete(c.early, key)
		}
	}
}

// cancelKey names the INVITE that a CANCEL is for, and the INVITE itself: same
// branch and sent-by (RFC 3261 section 9.2), and on the same trunk and of the
// same Call-ID, because branches are the peers' and need not be unlike.
type cancelKey struct {
	trunk  string // its name: it may be replaced in between
	host   string // of sent-by
	port   int
	branch string
	callID string
}

func (l *listener) cancelKey(req *sip.Request) cancelKey {
	via := req.Via()
	key := cancelKey{host: via.Host, port: via.Port}
	if t := l.peerOf(req); t != nil {
		key.trunk = t.Name
	}
	key.branch, _ = via.Params.Get("branch")
	if id := req.CallID(); id != nil {
		key.callID = id.Value()
	}
	return key
}
