package edge

import (
	"hash/maphash"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"
)

// aftermath remembers requests whose transactions are over, for as long as they
// may come again: 64*T1 (RFC 3261 section 17.2.2, Timer J; RFC 6026 section 7.1,
// Timer L). A transaction would keep the whole request, its response and its
// call for that time; this keeps a hash of each. Safe for use by many
// goroutines.
type aftermath struct {
	seed maphash.Seed

	mu     sync.Mutex
	begun  time.Time // of the recent ones
	recent map[requestKey]uint16
	older  map[requestKey]uint16
}

// requestKey names a request in an aftermath.
type requestKey uint64

// maxAftermath bounds a generation of an aftermath: what comes in 32 s of 8,000
// calls a second, each with an INVITE and a BYE.
const maxAftermath = 1 << 19

func newAftermath() *aftermath {
	return &aftermath{seed: maphash.MakeSeed(), recent: make(map[requestKey]uint16), older: make(map[requestKey]uint16)}
}

// note remembers a request, and with what it was answered.
func (m *aftermath) note(key requestKey, status int, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forget(now)
	m.recent[key] = uint16(status)
}

// answered returns with what a request was answered; 0: it is none that is
// remembered.
func (m *aftermath) answered(key requestKey, now time.Time) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forget(now)
	if status, known := m.recent[key]; known {
		return int(status)
	}
	return int(m.older[key])
}

// forget begins a generation when the last has lasted long enough, and lets go
// of the one before.
func (m *aftermath) forget(now time.Time) {
	age := now.Sub(m.begun)
	if age <= remembered && len(m.recent) < maxAftermath {
		return
	}
	if age > 2*remembered {
		clear(m.recent)
	}
	m.recent, m.older, m.begun = m.older, m.recent, now
	clear(m.recent)
}

// key is drawn with a seed of this process, so that nobody can make two alike.
func (m *aftermath) key(trunk string, number uint32, names ...string) requestKey {
	var h maphash.Hash
	h.SetSeed(m.seed)
	for _, name := range names {
		_, _ = h.WriteString(name)
		_ = h.WriteByte(0)
	}
	_, _ = h.WriteString(trunk)
	return requestKey(h.Sum64() ^ uint64(number))
}

// requestKey names the request whose transaction is matched by a method and the
// Via of a request (RFC 3261 section 17.2.3), and by its Call-ID and CSeq, because
// branches are the peers' and need not be unlike; its source is its trunk's.
func (l *listener) requestKey(req *sip.Request, method sip.RequestMethod) requestKey {
	trunk, call, via := "", "", req.Via()
	if t := l.peerOf(req); t != nil {
		trunk = t.Name
	}
	if id := req.CallID(); id != nil {
		call = id.Value()
	}
	branch, _ := via.Params.Get("branch")
	return l.edge.aftermath.key(trunk, req.CSeq().SeqNo, string(method), branch, via.Host, call)
}

// over ends the transaction of a request that it has answered for good: it is
// remembered first, so that at no moment it is neither. A
// stream's is left alone: nothing comes again there, and it knows that.
func (l *listener) over(req *sip.Request, tx serving, status int, now time.Time) {
	if l.network == UDP {
		l.edge.aftermath.note(l.requestKey(req, req.Method), status, now)
		tx.Terminate()
	}
}

// accepted tells that an INVITE has its 2xx. Its transaction ends, at once or on a
// stream soon ([Prepare]), and a proxy may still bring it by another path.
func (l *listener) accepted(invite *sip.Request, tx serving, trunk *Trunk) {
	now := time.Now()
	l.edge.aftermath.note(l.requestID(invite, trunk), 200, now)
	l.over(invite, tx, 200, now)
}

// repeated reports whether a request that has no transaction has come before and
// that is over, and answers it as the first time. A 2xx to an INVITE is repeated by its
// call, until it is acknowledged.
func (l *listener) repeated(req *sip.Request) bool {
	if !req.IsInvite() && req.Method != sip.BYE {
		return false
	}
	status := l.edge.aftermath.answered(l.requestKey(req, req.Method), time.Now())
	if status != 0 && !req.IsInvite() {
		_ = l.reply(composeResponse(req, status))
	}
	return status != 0
}

// retire ends the transaction of a request of ours that has its final response.
// What else comes is taken from the wire if it is a 2xx to an INVITE, and is
// nothing to us if it is not an INVITE's; but another final response to an
// INVITE must be acknowledged however often it comes, and its transaction stays.
func retire(tx *sip.ClientTx, res *sip.Response) {
	if res == nil || tx.Origin().IsInvite() && !res.IsSuccess() {
		return
	}
	_ = tx.Err() // once it can be asked, the transaction has no timer to start any more
	tx.Terminate()
}
