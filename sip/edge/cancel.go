package edge

import (
	"strings"
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
// was faster. On UDP the ledger matches them, but for those of RFC 2543, which have no
// branch, and for a CANCEL that the network has brought first.
type cancels struct {
	mu      sync.Mutex
	waiting map[cancelKey]waiting   // INVITEs without a final response
	owners  map[match]string        // their trunks
	early   map[cancelKey]time.Time // CANCELs that came first
}

// match is what the transaction layer of a listener matches a CANCEL by.
type match struct {
	at           *listener
	branch, host string
	port         int
}

// waiting is an INVITE that waits for its final response.
type waiting struct {
	tag       string // ours, in every response to it
	trunk     string // the caller's
	at        match
	cancelled func() // what to do if it is cancelled
}

func newCancels() *cancels {
	return &cancels{waiting: make(map[cancelKey]waiting), owners: make(map[match]string), early: make(map[cancelKey]time.Time)}
}

// invite says that an INVITE waits for its final response. It reports false if
// it is cancelled already.
func (c *cancels) invite(key cancelKey, w waiting, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.came(key, now) {
		return false
	}
	c.waiting[key] = w
	if w.at != (match{}) {
		c.owners[w.at] = w.trunk
	}
	return true
}

// first reports whether a CANCEL came before its INVITE.
func (c *cancels) first(key cancelKey, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.came(key, now)
}

// came is first for who holds mu.
func (c *cancels) came(key cancelKey, now time.Time) bool {
	c.forget(now)
	_, ok := c.early[key]
	delete(c.early, key)
	return ok
}

// owner returns the trunk whose INVITE a transaction is of; false if it waits
// for no response.
func (c *cancels) owner(at match) (string, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	trunk, ok := c.owners[at]
	return trunk, ok
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
	delete(c.owners, c.waiting[key].at)
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

// transactionOf returns the INVITE's transaction that the transaction layer
// would match a CANCEL with that Via to (section 17.2.3, of which it leaves the
// source to others); zero if the branch is of no kind that it matches by.
func (l *listener) transactionOf(via *sip.ViaHeader) match {
	branch, _ := via.Params.Get("branch")
	if !strings.HasPrefix(branch, sip.RFC3261BranchMagicCookie) {
		return match{}
	}
	port := via.Port
	if port <= 0 {
		port = sip.DefaultPort(via.Transport)
	}
	return match{at: l, branch: branch, host: via.Host, port: port}
}

// meddles reports whether a CANCEL would cancel another trunk's call: a Via can
// be copied, and the transaction layer asks for no more.
func (l *listener) meddles(req *sip.Request) bool {
	owner, live := l.ownerOf(req)
	if !live {
		return false
	}
	peer := l.peerOf(req)
	return peer == nil || peer.Name != owner
}

// ownerOf returns the trunk whose INVITE a CANCEL's Via is of; false if none of that Via
// waits for its final response.
func (l *listener) ownerOf(req *sip.Request) (string, bool) {
	if l.network != UDP {
		return l.edge.cancels.owner(l.transactionOf(req.Via()))
	}
	tx := l.invited(req)
	if tx == nil {
		return "", false
	}
	return l.cancelKey(tx.origin).trunk, true
}

// invited returns the transaction of the call that a CANCEL's Via is of, on UDP; nil if
// none of that Via waits for its final response.
func (l *listener) invited(req *sip.Request) *served {
	key, ok := serverKeyOf(req, sip.INVITE)
	if !ok || key.old != "" {
		return nil
	}
	if tx := l.ledger.server(key); tx != nil && begins(tx.origin) && tx.waits() {
		return tx
	}
	return nil
}
