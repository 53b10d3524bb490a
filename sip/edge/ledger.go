package edge

import (
	"errors"
	"strconv"
	"strings"
	"sync"

	"github.com/emiago/sipgo/sip"
)

// What can go wrong with an answer.
var (
	// errCancelled: a CANCEL was faster, and the INVITE is answered 487.
	errCancelled = errors.New("request was cancelled")
	// errOver: the request has its final response.
	errOver = errors.New("transaction is over")
)

// ledger is the transactions of a UDP listener (RFC 3261 section 17). Safe for
// use by many goroutines.
type ledger struct {
	mu      sync.Mutex
	servers map[serverKey]*served
	clients map[clientKey]*asked
	closed  bool

	unanswered unanswered // of the clients
}

func newLedger() *ledger {
	return &ledger{servers: make(map[serverKey]*served), clients: make(map[clientKey]*asked)}
}

// serverKey is what a request's transaction is matched by (section 17.2.3).
type serverKey struct {
	branch string
	host   string // of sent-by
	port   int
	method sip.RequestMethod
	old    string // what RFC 2543 has in place of a branch of its own
}

// serverKeyOf returns the key of the transaction of a method that a request
// belongs to: an ACK or CANCEL to its INVITE's. It reports false for a request
// that can't be matched.
func serverKeyOf(req *sip.Request, method sip.RequestMethod) (serverKey, bool) {
	via := req.Via()
	branch, _ := via.Params.Get("branch")
	if len(branch) <= len(sip.RFC3261BranchMagicCookie) || !strings.HasPrefix(branch, sip.RFC3261BranchMagicCookie) {
		return oldKeyOf(req, method)
	}
	port := via.Port
	if port <= 0 {
		port = sip.DefaultPort(via.Transport)
	}
	return serverKey{branch: branch, host: via.Host, port: port, method: method}, true
}

// oldKeyOf is the key of a request whose sender knows RFC 2543 only.
func oldKeyOf(req *sip.Request, method sip.RequestMethod) (serverKey, bool) {
	from, callID := req.From(), req.CallID()
	if from == nil || callID == nil {
		return serverKey{}, false
	}
	tag, ok := from.Params.Get("tag")
	old := strings.Join([]string{tag, callID.Value(), strconv.FormatUint(uint64(req.CSeq().SeqNo), 10), req.Via().Value()}, "\n")
	return serverKey{method: method, old: old}, ok
}

// clientKey is what a response's transaction is matched by (section 17.1.3).
type clientKey struct {
	branch string // ours, and 128 random bits
	method sip.RequestMethod
}

func clientKeyOf(via *sip.ViaHeader, cseq *sip.CSeqHeader) clientKey {
	branch, _ := via.Params.Get("branch")
	return clientKey{branch: branch, method: cseq.MethodName}
}

// serve returns the transaction of a request: the one that it has already, or
// the one that is given. It returns nil once the ledger is closed.
func (g *ledger) serve(fresh *served) *served {
	g.mu.Lock()
	defer g.mu.Unlock()
	if known, ok := g.servers[fresh.key]; ok || g.closed {
		return known
	}
	g.servers[fresh.key] = fresh
	return fresh
}

// server returns the transaction of that key; nil if there is none.
func (g *ledger) server(key serverKey) *served {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.servers[key]
}

// client returns the transaction of that key; nil if there is none.
func (g *ledger) client(key clientKey) *asked {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.clients[key]
}

// ask enters a transaction of ours. It reports false once the ledger is closed.
func (g *ledger) ask(tx *asked) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.closed {
		g.clients[tx.key] = tx
	}
	return !g.closed
}

func (g *ledger) forgetServer(key serverKey) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.servers, key)
}

func (g *ledger) forgetClient(key clientKey) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.clients, key)
}

// close ends all transactions.
func (g *ledger) close() {
	g.mu.Lock()
	servers, clients := g.servers, g.clients
	g.servers, g.clients, g.closed = nil, nil, true
	g.mu.Unlock()
	for _, tx := range servers {
		tx.Terminate()
	}
	for _, tx := range clients {
		tx.giveUp()
	}
	g.unanswered.close()
}
