package edge

import (
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"
)

// requestID names a request, by whatever path it came (RFC 3261 section
// 8.2.2.2). Another trunk's requests are none of this one's business.
func (l *listener) requestID(req *sip.Request, trunk *Trunk) requestKey {
	tag, _ := req.From().Params.Get("tag")
	return l.edge.aftermath.key(trunk.Name, req.CSeq().SeqNo, tag, req.CallID().Value())
}

// merges finds INVITEs that a proxy forked and that reached us by two paths:
// each has a transaction of its own, but is the same call. The customer must
// not ring twice, so all but the first are answered 482.
type merges struct {
	mu      sync.Mutex
	ongoing map[requestKey]struct{}
}

func newMerges() *merges { return &merges{ongoing: make(map[requestKey]struct{})} }

// begin notes the transaction of a request. It reports false if there is one
// already.
func (m *merges) begin(id requestKey) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, merged := m.ongoing[id]; merged {
		return false
	}
	m.ongoing[id] = struct{}{}
	return true
}

// end notes that the transaction of a request is over.
func (m *merges) end(id requestKey) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.ongoing, id)
}

// first reports whether no other transaction has this request, nor had it of
// late.
func (l *listener) first(req *sip.Request, tx serving, trunk *Trunk) bool {
	merges, id := l.edge.merges, l.requestID(req, trunk)
	if l.edge.aftermath.answered(id, time.Now()) != 0 || !merges.begin(id) {
		return false
	}
	if !tx.OnEnd(func() { merges.end(id) }) {
		merges.end(id)
	}
	return true
}
