package edge

import (
	"time"

	"github.com/emiago/sipgo/sip"

	"maskd/sip/leg"
)

// fresh marks an INVITE that creates a dialog, between the reader and the
// handler. sipgo does not read a received request's destination.
const fresh = "fresh"

// begins reports whether a request is an INVITE that creates a dialog. sipgo's
// own look-up of a destination makes one up where there is none.
func begins(req *sip.Request) bool { return req.MessageData.Destination() == fresh }

// onMessage sees every message in the order of the wire, on the reader's
// goroutine, before the transaction layer gives it a goroutine of its own and
// the order is lost. ACKs and responses to INVITEs are taken here; the rest
// may wait for its transaction.
func (l *listener) onMessage(msg sip.Message) {
	defer l.edge.contain()
	switch m := msg.(type) {
	case *sip.Request:
		l.preview(m)
	case *sip.Response:
		l.takeResponse(m)
	}
}

// preview gives an INVITE that creates a dialog our tag, so that every response
// to it has the same, the library's own included; and takes ACKs. No other
// goroutine has the request yet.
func (l *listener) preview(req *sip.Request) {
	via, cseq, to := req.Via(), req.CSeq(), req.To()
	if via == nil || cseq == nil || l.controls(req.Headers()) {
		// On a stream the transaction layer would answer it before anybody asks us, an
		// ACK too, and repeat what is wrong in it. There is no way back on no transport
		// (but for a CANCEL that matches a live INVITE, which is answered on the INVITE's connection).
		l.edge.counts.malformed.Add(1)
		req.SetTransport(nowhere)
		return
	}
	if req.IsCancel() && l.meddles(req) {
		via.Params.Add("branch", l.edge.tokens.branch()) // it matches nothing, and there is no way back
		req.SetTransport(nowhere)
		return
	}
	markSource(via, req.Source())
	switch {
	case to == nil:
	case req.IsAck():
		l.takeAck(req)
	case req.IsInvite() && !to.Params.Has("tag"):
		to.Params.Add("tag", l.newTag(req))
		req.SetDestination(fresh)
		l.admitted = 0 // it has become what it was admitted for
	case req.Method == sip.CANCEL && !to.Params.Has("tag"):
		l.tagCancel(req)
	}
}

// newTag makes the tag of the dialog that an INVITE creates.
func (l *listener) newTag(req *sip.Request) string {
	if id := req.CallID(); id != nil {
		return l.edge.tokens.tag(id.Value())
	}
	return l.edge.tokens.next()
}

// tagCancel gives a CANCEL the tag that the responses to its INVITE have, so
// that the response to it, which the library makes, has the same (section 9.2).
func (l *listener) tagCancel(req *sip.Request) {
	key := l.cancelKey(req)
	tag := l.edge.cancels.tag(key)
	if l.network == UDP && tag == "" {
		if tx := l.invited(req); tx != nil && l.cancelKey(tx.origin) == key {
			tag, _ = tx.origin.To().Params.Get("tag")
		}
	}
	if tag != "" {
		req.To().Params.Add("tag", tag)
	}
}

func (l *listener) takeAck(req *sip.Request) {
	if found, ok := l.legOf(req); ok {
		found.put(Signal{In: leg.Input{Kind: leg.GotAck}, facts: originOf(req), SDP: sdpOf(req)})
	}
}

// legOf returns the leg whose dialog a request belongs to. It must come from
// the trunk that the dialog is on.
func (l *listener) legOf(req *sip.Request) (entry, bool) {
	if req.CallID() == nil || req.To() == nil {
		return entry{}, false
	}
	tag, _ := req.To().Params.Get("tag")
	found, ok := l.edge.legs.find(tag, req.CallID().Value())
	return found, ok && l.hears(found.trunk, req)
}

// hears reports whether a message came in on the trunk, which may be one that
// leaves: its peers may have connected anew, and have proven themselves as they
// must now.
func (l *listener) hears(t *Trunk, msg sip.Message) bool {
	source := sourceOf(msg).Addr()
	if !source.IsValid() || !t.hears(source, l.network) {
		return false
	}
	if l.proves(t) {
		return true
	}
	now, stays := l.edge.peers().trunks.named(t.Name)
	return stays && l.proves(now)
}

// proves reports whether who got to the listener has proven what the trunk asks
// beside an address.
func (l *listener) proves(t *Trunk) bool { return l.trunk == nil || l.trunk.provesAs(t) }

// trunkOf returns the trunk that a message came in on; nil for none, and for
// one that leaves: it has nothing new to say.
func (l *listener) trunkOf(msg sip.Message) *Trunk {
	source := sourceOf(msg).Addr()
	trunk, ok := l.edge.peers().trunks.from(source)
	if !ok || !trunk.speaks(l.network) || !l.proves(trunk) {
		return nil
	}
	return trunk
}

// peerOf returns the trunk that a message came in on, which may be one that
// leaves; nil for none.
func (l *listener) peerOf(msg sip.Message) *Trunk {
	if trunk := l.trunkOf(msg); trunk != nil {
		return trunk
	}
	trunk, _ := l.edge.peers().leaving.from(sourceOf(msg).Addr())
	return trunk
}

// takeResponse takes a 1xx or 2xx to an INVITE of ours. Every 2xx comes through
// here: the first, a repeated one, another fork's, and one so late that its
// transaction is gone. Other final responses come from their transaction, once
// it has acknowledged them.
func (l *listener) takeResponse(res *sip.Response) {
	via, cseq, callID := res.Via(), res.CSeq(), res.CallID()
	if via == nil || cseq == nil || callID == nil || cseq.MethodName != sip.INVITE {
		return
	}
	branch, _ := via.Params.Get("branch")
	found, ok := l.edge.invites.find(branch, callID.Value())
	switch {
	case res.StatusCode >= 300 && !found.finals: // its transaction acknowledges it, and tells of it
	case ok && l.hears(found.trunk, res):
		found.put(signalOf(res, l.controls(res.Headers())))
	case res.IsSuccess() && l.sent(via) && count(res, "Via") == 1 && !l.controls(res.Headers()):
		l.takeStray(res)
	}
}

// signalOf returns what a response means to a leg. With a control character in
// it, nothing that it says of the dialog is believed but its tag.
func signalOf(res *sip.Response, controls bool) Signal {
	s := Signal{In: inputOf(res.StatusCode), status: res.StatusCode, facts: factsOfResponse(res), SDP: sdpOf(res)}
	if res.IsSuccess() {
		s.res = res
	}
	if controls {
		s.facts.target, s.facts.routes = nil, nil
		s.SDP = nil // no SDP that we can use: the dialog is acknowledged, and ended
	}
	return s
}

// sent reports whether a Via is ours.
func (l *listener) sent(via *sip.ViaHeader) bool {
	return via.Host == l.host && via.Port == int(l.addr.Port())
}

// inputOf returns what a status means to a leg.
func inputOf(status int) leg.Input {
	switch {
	case status == 100:
		return leg.Input{Kind: leg.GotTrying}
	case status == 180:
		return leg.Input{Kind: leg.GotRinging}
	case status < 200:
		return leg.Input{Kind: leg.GotProgress}
	case status < 300:
		return leg.Input{Kind: leg.GotOK}
	case status == 503:
		return leg.Input{Kind: leg.GotFailure}
	default:
		return leg.Input{Kind: leg.GotFinal, Cause: leg.CauseOf(status)}
	}
}

// onRequest takes a request that has a new server transaction, on a goroutine
// of its own.
func (l *listener) onRequest(req *sip.Request, tx serving) {
	defer func() {
		if l.edge.contained(recover()) {
			l.fail(req, tx)
		}
	}()
	if req.IsAck() {
		tx.Terminate() // taken already; an ACK has no response
		return
	}
	if l.trunkOf(req) == nil {
		if _, live := l.legOf(req); !live {
			tx.Terminate() // of a trunk that leaves, and of none of its calls: as from a stranger
			return
		}
	}
	if v := screen(req); v.status != 0 {
		l.edge.counts.malformed.Add(1)
		l.reject(req, tx, v)
		return
	}
	switch tag, _ := req.To().Params.Get("tag"); {
	case req.IsCancel():
		l.takeCancel(req, tx)
	case begins(req):
		l.takeInvite(req, tx)
	case tag != "":
		l.takeInDialog(req, tx)
	case req.Method == sip.OPTIONS:
		_ = tx.Respond(l.edge.answerOptions(req))
	default: // what belongs into a dialog, outside of one
		l.dismiss(tx, composeResponse(req, 481))
	}
}

// dismiss answers what is of no call. On UDP nothing is kept of it, since no
// governor bounds how much of it comes: if the answer is lost, the request comes
// again and gets the same (RFC 3261 section 8.2.7).
func (l *listener) dismiss(tx serving, res response) {
	_ = tx.Respond(res)
	if l.network == UDP {
		tx.Terminate()
	}
}

func (l *listener) reject(req *sip.Request, tx serving, v verdict) {
	if trunk := l.trunkOf(req); trunk != nil && req.IsInvite() {
		l.edge.rosterOf(trunk).sent.count(v.status)
		l.turnAway(req, trunk)
	}
	res := composeResponse(req, v.status)
	if v.name != "" {
		res.say(v.name, v.value)
	}
	l.dismiss(tx, res)
}

// takeCancel takes a CANCEL whose INVITE transaction was not found: it is over,
// never existed, or is about to.
func (l *listener) takeCancel(req *sip.Request, tx serving) {
	now := time.Now()
	late := l.edge.aftermath.answered(l.requestKey(req, sip.INVITE), now) != 0
	if late || l.edge.cancels.cancel(l.cancelKey(req), now) {
		l.dismiss(tx, composeResponse(req, 200))
		return
	}
	l.dismiss(tx, composeResponse(req, 481))
}

// takeInvite takes an INVITE that passed admission: a new call.
func (l *listener) takeInvite(req *sip.Request, tx serving) {
	trunk := l.trunkOf(req)
	if trunk == nil {
		tx.Terminate()
		return
	}
	if !l.first(req, tx, trunk) {
		l.dismiss(tx, composeResponse(req, 482))
		return
	}
	setup, seat, err := l.enter(req, trunk)
	if err != nil {
		l.dismiss(tx, composeResponse(req, 503))
		return
	}
	taken := false
	defer func() {
		if !taken { // refused, or a panic
			seat.leave()
			setup.settle(time.Now())
		}
	}()
	_ = tx.Respond(composeResponse(req, 100))
	in := newInbound(l, req, tx, trunk)
	l.edge.alarm(in.identity)
	call := l.edge.calls.Admit(in)
	if call == nil {
		l.edge.rosterOf(trunk).sent.count(503)
		_ = tx.Respond(composeResponse(req, 503))
		return
	}
	in.seat, in.setup, taken = seat, setup, true
	in.attach(call.Put)
	call.Run()
}

// takeInDialog takes a request within a dialog.
func (l *listener) takeInDialog(req *sip.Request, tx serving) {
	found, ok := l.legOf(req)
	switch {
	case !ok:
		l.dismiss(tx, composeResponse(req, 481))
	case req.Method == sip.INFO:
		l.takeInfo(req, tx, found)
	case req.Method == sip.OPTIONS:
		_ = tx.Respond(composeOptions(req))
	default:
		s := Signal{In: leg.Input{Kind: kindOf(req.Method)}, SDP: sdpOf(req), question: question{req, tx}}
		if s.facts = originOf(req); s.In.Kind != leg.GotBye {
			s.facts = factsOfRequest(req)
		}
		if !found.put(s) {
			_ = tx.Respond(composeResponse(req, 481))
		}
	}
}

// kindOf returns what a request within a dialog is to its leg.
func kindOf(method sip.RequestMethod) leg.InputKind {
	switch method {
	case sip.INVITE:
		return leg.GotReinvite
	case sip.UPDATE:
		return leg.GotUpdate
	case sip.PRACK:
		return leg.GotPrack
	default:
		return leg.GotBye
	}
}
