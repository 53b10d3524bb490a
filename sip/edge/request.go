package edge

import (
	"net/netip"
	"time"

	"github.com/emiago/sipgo/sip"
)

// receive takes a request to its transaction, or begins one.
func (l *listener) receive(req *sip.Request) {
	if req.Transport() == nowhere {
		return
	}
	if req.IsCancel() && l.cancels(req) {
		return
	}
	method := req.CSeq().MethodName
	if method == sip.ACK {
		method = sip.INVITE
	}
	key, ok := serverKeyOf(req, method)
	if !ok {
		_ = l.reply(composeResponse(req, 400))
		return
	}
	if req.IsAck() { // that of a 2xx was taken already, and has no transaction
		if tx := l.ledger.server(key); tx != nil {
			tx.acknowledged(req)
		}
		return
	}
	now := time.Now()
	first := newServed(l, key, req, now)
	switch tx := l.ledger.serve(first); {
	case tx == first && l.repeated(req): // not before: what is over by now was under way a moment ago
		tx.Terminate()
	case tx == first && begins(req):
		l.edge.crew.run(func() { l.onRequest(req, tx) })
	case tx == first:
		tx.begin(now)
		l.onRequest(req, tx)
	case tx != nil && tx.origin.Method == req.Method:
		tx.repeated()
	}
}

// cancels takes a CANCEL to the transaction of its INVITE (section 9.2); false
// if there is none.
func (l *listener) cancels(req *sip.Request) bool {
	key, ok := serverKeyOf(req, sip.INVITE)
	if !ok {
		return false
	}
	tx := l.ledger.server(key)
	if tx == nil || l.cancelKey(tx.origin).trunk != l.cancelKey(req).trunk { // a Via can be copied
		return false
	}
	_ = l.reply(composeResponse(req, 200)) // first, so that the CANCEL is not repeated
	tx.cancel()
	return true
}

// reply sends a response that has no transaction.
func (l *listener) reply(res response) error {
	to, err := netip.ParseAddrPort(wayBack(res.to))
	if err != nil {
		return ErrSend
	}
	return l.writeResponse(&res, to)
}

// writeResponse writes a response to the socket.
func (l *listener) writeResponse(res *response, to netip.AddrPort) error {
	text := l.edge.texts.ofResponse(res)
	defer l.edge.texts.Put(text)
	return l.write(*text, to)
}
