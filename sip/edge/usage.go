package edge

import (
	"errors"

	"github.com/emiago/sipgo/sip"

	"maskd/sip/digest"
	"maskd/sip/leg"
)

// usage is the INVITE usage of a dialog (RFC 5057), in what both legs have in
// common: the requests within it that end its session, change it and refresh
// it. One goroutine owns it: the call's.
type usage struct {
	listener *listener
	dialog   dialog
	put      func(Signal) bool

	ended bool             // a BYE was sent or accepted
	bye   Signal           // the peer's BYE, to be accepted
	asked Signal           // the peer's re-INVITE, UPDATE or PRACK, to be answered
	taken Signal           // its re-INVITE that we have accepted
	ok    *sip.Response    // our 2xx to that, to be sent again
	timer leg.SessionTimer // what the last exchange agreed on
	ours  ourChange

	// established is whether the dialog's INVITE is over, with the session timer
	// that its 2xx says: what is asked before does not change that.
	established bool
	gone        chan struct{} // closed when the leg is forgotten; nil until we change anything
}

// ourChange is the re-INVITE or UPDATE that we sent last.
type ourChange struct {
	method   sip.RequestMethod
	seq      uint32
	branch   string       // of a re-INVITE
	ack      *sip.Request // to its 2xx, to be sent again
	req      *sip.Request
	exchange *digest.Exchange // nil if the peer may not ask who we are
}

// heard takes over what a signal says of the dialog, and returns what it means
// to the leg; false if it means nothing.
func (u *usage) heard(s Signal) (leg.Input, bool) {
	switch s.In.Kind {
	case leg.GotBye:
		if !u.dialog.hears(s) {
			return leg.Input{}, false
		}
		u.bye = s
	case leg.GotReinvite, leg.GotUpdate, leg.GotPrack:
		if !u.dialog.hears(s) {
			return leg.Input{}, false
		}
		s.In.Timer = u.timer
		if u.established {
			s.In.Timer = s.facts.timer.agree(u.timer)
		}
		u.asked = s
	case leg.GotDigit:
		return s.In, s.facts.tag == u.dialog.remote.tag
	case leg.GotAck:
		s.In.Kind = leg.GotChangeAck
		return s.In, u.ok != nil && s.facts.cseq == u.taken.facts.cseq
	case leg.GotChanged:
		if s.facts.cseq != u.ours.seq || s.facts.tag != u.dialog.remote.tag {
			return leg.Input{}, false
		}
		u.dialog.refresh(s.facts)
		u.timer = s.facts.timer.agreed()
		s.In.Timer = u.timer
		accepted(u.ours.exchange, s.res)
	case leg.GotGlare, leg.GotRefused, leg.GotGone:
		if s.facts.cseq != u.ours.seq || u.askedWho(s.res) {
			return leg.Input{}, false
		}
		u.learn(s.res)
	}
	return s.In, true
}

// do performs what a leg wants done within the dialog. It reports false if
// that is not what the action is.
func (u *usage) do(act leg.Action, sdp []byte) (error, bool) {
	switch act.Do {
	case leg.SendBye:
		u.ended = true
		return u.listener.sendBye(&u.dialog, act.Cause, u.put), true
	case leg.AcceptBye:
		u.ended = true
		return u.bye.accept(), true
	case leg.SendDigit:
		return u.listener.sendDigit(&u.dialog, act.Digit), true
	case leg.AcceptPrack:
		return u.asked.answer(composePracked(u.asked.req, sdp)), true
	case leg.SendChange:
		return u.sendChange(sip.INVITE, sdp), true
	case leg.SendRefresh:
		return u.sendRefresh(sdp), true
	case leg.AckChange:
		return u.ackChange(), true
	case leg.AcceptChange:
		return u.acceptChange(sdp), true
	case leg.ResendChange:
		return u.taken.answer(u.ok), true
	case leg.RefuseChange:
		return u.asked.answer(u.listener.composeRefusal(u.asked.req, act.Status)), true
	default:
		return nil, false
	}
}

// acceptChange answers the peer's re-INVITE or UPDATE; its Contact is then
// where our requests go (RFC 3261 section 12.2.2, RFC 3311 section 5.2).
func (u *usage) acceptChange(sdp []byte) error {
	req := u.asked.req
	if u.asked.facts.tag == u.dialog.remote.tag { // else it is an early dialog's, which knows it already
		u.dialog.refresh(u.asked.facts)
	}
	agreed := leg.SessionTimer{}
	if u.established {
		u.timer, agreed = u.asked.In.Timer, u.asked.In.Timer
	}
	res := composeChanged(req, u.dialog.contact, agreed, sdp)
	if !req.IsInvite() {
		return u.asked.answer(res)
	}
	u.ok, u.taken = res, u.asked
	return u.acceptInvite(res)
}

// acceptInvite answers the peer's re-INVITE. If a CANCEL was faster, the
// transaction has sent 487 and must be told so (see [Inbound.respond]); the
// peer's ACK is to that, and the leg need not wait for it.
func (u *usage) acceptInvite(res *sip.Response) error {
	err := u.asked.tx.Respond(res)
	if errors.Is(err, sip.ErrTransactionCanceled) {
		u.put(Signal{In: leg.Input{Kind: leg.GotAck}, facts: facts{cseq: u.taken.facts.cseq}})
		err = u.asked.tx.Respond(composeResponse(u.asked.req, 487))
	}
	if err != nil {
		return ErrSend
	}
	return nil
}

// sendChange asks the peer to change or refresh the session.
func (u *usage) sendChange(method sip.RequestMethod, sdp []byte) error {
	u.dialog.cseq++
	if u.gone == nil {
		u.gone = make(chan struct{})
	}
	u.drop()
	u.ours = ourChange{method: method, seq: u.dialog.cseq, branch: u.listener.edge.tokens.branch()}
	u.ours.req = u.listener.composeChange(method, &u.dialog, u.ours.branch, u.timer, sdp)
	u.ours.exchange = u.dialog.trunk.exchange(u.ours.req)
	return u.startChange()
}

// startChange sends what we want changed.
func (u *usage) startChange() error {
	authorize(u.ours.req, u.ours.exchange)
	if u.ours.method == sip.INVITE {
		u.listener.edge.invites.put(u.ours.branch, entry{
			callID: u.dialog.callID, trunk: u.dialog.trunk, put: changed(u.put)})
	}
	return u.listener.requestUntil(u.gone, u.ours.req, u.settled())
}

// changed makes a 2xx to a re-INVITE of ours, which comes from the wire like
// any 2xx to an INVITE, one that a session hears. A provisional response to it
// means nothing.
func changed(put func(Signal) bool) func(Signal) bool {
	return func(s Signal) bool {
		if s.In.Kind != leg.GotOK {
			return true
		}
		s.In.Kind = leg.GotChanged
		return put(s)
	}
}

// settled tells the leg of the final response to what we have sent. The 2xx to
// an INVITE comes from the wire, the first and every other.
func (u *usage) settled() func(*sip.Response) {
	put, ours := u.put, u.ours
	return func(res *sip.Response) {
		s := Signal{In: leg.Input{Kind: changeKind(res)}, facts: facts{cseq: ours.seq}, res: res}
		if s.In.Kind == leg.GotChanged {
			if ours.method == sip.INVITE {
				return
			}
			s.facts, s.SDP = factsOfResponse(res), sdpOf(res)
		}
		put(s)
	}
}

// changeKind returns what the final response to a re-INVITE or UPDATE means;
// none means that the peer is gone (RFC 3261 section 12.2.1.2).
func changeKind(res *sip.Response) leg.InputKind {
	switch {
	case res == nil, res.StatusCode == 481, res.StatusCode == 408:
		return leg.GotGone
	case res.IsSuccess():
		return leg.GotChanged
	case res.StatusCode == 491:
		return leg.GotGlare
	default:
		return leg.GotRefused
	}
}

// learn takes from a refusal how the next refresh may do better: with a longer
// interval (RFC 4028 section 7.3), or by re-INVITE.
func (u *usage) learn(res *sip.Response) {
	switch {
	case res == nil:
	case res.StatusCode == 422:
		u.timer.Every = max(u.timer.Every, timerOf(res).least)
	case u.ours.method == sip.UPDATE:
		u.dialog.updates = false
	}
}

// RefreshOffers reports whether a refresh would have our SDP.
func (u *usage) RefreshOffers() bool { return !u.dialog.updates }

// sendRefresh refreshes the session: by UPDATE where the peer knows it, since
// that needs no SDP (RFC 4028 section 7.4).
func (u *usage) sendRefresh(sdp []byte) error {
	if u.dialog.updates {
		return u.sendChange(sip.UPDATE, nil)
	}
	return u.sendChange(sip.INVITE, sdp)
}

// ackChange acknowledges the 2xx to a re-INVITE of ours; one to an UPDATE needs none.
func (u *usage) ackChange() error {
	if u.ours.method != sip.INVITE {
		return nil
	}
	if u.ours.ack == nil {
		u.ours.ack = u.listener.composeAck(&u.dialog, u.ours.seq)
		vouch(u.ours.ack, u.ours.req)
	}
	return u.listener.send(u.ours.ack)
}

// drop forgets our last re-INVITE: a 2xx to it that comes again is a stray.
func (u *usage) drop() {
	if u.ours.branch != "" {
		u.listener.edge.invites.drop(u.ours.branch)
	}
}

// close forgets all that was asked: a transaction that has had a provisional
// response would wait for a final one for ever.
func (u *usage) close() {
	u.drop()
	if u.gone != nil {
		close(u.gone)
		u.gone = nil
	}
}
