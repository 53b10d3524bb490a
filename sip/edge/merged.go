package edge

import (
	"sync"

	"github.com/emiago/sipgo/sip"
)

// requestID names a request, by whatever path it came (RFC 3261 section
// 8.2.2.2). Its strings are the request's own, which the transaction keeps as
// long.
type requestID struct {
	trunk  *Trunk // another trunk's requests are none of this one's business
	tag    string // of From
	callID string
	cseq   uint32
}

func requestIDOf(req *sip.Request, trunk *Trunk) requestID {
	tag, _ := req.From().Params.Get("tag")
	return requestID{trunk: trunk, tag: tag, callID: req.CallID().Value(), cseq: req.CSeq().SeqNo}
}

// merges finds INVITEs that a proxy forked and that reached us by two paths:
// each has a transaction of its own, but is the same call. The customer must
// not ring twice, so all but the first are answered 482.
type merges struct {
	mu      sync.Mutex
	ongoing map[requestID]struct{}
}

func newMerges() *merges { return &merges{ongoing: make(map[requestID]struct{})} }

// begin notes the transaction of a request. It reports false if there is one
// already.
func (m *merges) begin(id requestID) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, merged := m.ongoing[id]; merged {
		return false
	}
	m.ongoing[id] = struct{}{}
	return true
}

// end notes that the transaction of a request is over.
func (m *merges) end(id requestID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.ongoing, id)
}

// first reports whether no other transaction has this request.
func (l *listener) first(req *sip.Request, tx *sip.ServerTx, trunk *Trunk) bool {
	merges, id := l.edge.merges, requestIDOf(req, trunk)
	if !merges.begin(id) {
		return false
	}
	if !tx.OnTerminate(func(string, error) { merges.end(id) }) {
		merges.end(id)
	}
	return true
}
