package edge

import (
	"errors"

	"github.com/emiago/sipgo/sip"

	"maskd/sip/leg"
)

// usage is the INVITE usage of a dialog (RFC 5057), in what both legs have in
// common: the requests within it that end its session, change it and refresh
// it. One goroutine owns it: the call's.
type usage struct {
	listener *listener
	dialog   dialog
	put      func(Signal) bool

	// established is whether the dialog's INVITE is over, with the session timer
	// that its 2xx says: what is asked before does not change that.
	established bool

	ended bool             // a BYE was sent or accepted
	seq   uint32           // of the re-INVITE that is taken
	bye   question         // the peer's BYE, to be accepted
	asked *Signal          // the peer's re-INVITE, UPDATE or PRACK, to be answered; most calls have none
	taken question         // its re-INVITE that we have accepted
	ok    *response        // our 2xx to it, to be sent again
	timer leg.SessionTimer // what the last exchange agreed on
	ours  ourChange

	glares int // how often in succession what we sent was to be sent again
}

// heard takes over what a signal says of the dialog, and returns what it means
// to the leg; false if it means nothing.
func (u *usage) heard(s Signal) (leg.Input, bool) {
	switch s.In.Kind {
	case leg.GotBye:
		if !u.dialog.hears(s) {
			return leg.Input{}, false
		}
		u.bye = s.question
	case leg.GotReinvite, leg.GotUpdate, leg.GotPrack:
		if !u.dialog.hears(s) {
			return leg.Input{}, false
		}
		s.In.Timer = u.timer
		if u.established {
			s.In.Timer = s.facts.timer.agree(u.timer)
		}
		asked := s
		u.asked = &asked
	case leg.GotDigit:
		return s.In, s.facts.tag == u.dialog.remote.tag
	case leg.GotAck:
		s.In.Kind = leg.GotChangeAck
		return s.In, u.ok != nil && s.facts.cseq == u.seq
	case leg.GotChanged:
		if s.facts.cseq != u.ours.seq || s.facts.tag != u.dialog.remote.tag {
			return leg.Input{}, false
		}
		u.glares = 0
		u.ours.inTime()
		u.dialog.refresh(s.facts)
		u.timer = s.facts.timer.agreed()
		s.In.Timer = u.timer
		accepted(u.ours.exchange, s.res)
	case leg.GotGlare, leg.GotRefused, leg.GotGone:
		if s.facts.cseq != u.ours.seq || u.askedWho(s.res) {
			return leg.Input{}, false
		}
		if s.In.Kind == leg.GotGlare && !u.patient() {
			s.In.Kind = leg.GotRefused
		}
		if s.In.Kind == leg.GotRefused {
			u.glares = 0
			u.learn(s.res)
		}
		u.drop()
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
		return u.listener.acceptBye(u.bye), true
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
		return repeat(u.taken.tx, *u.ok), true
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
	u.ok, u.taken, u.seq = &res, u.asked.question, u.asked.facts.cseq
	return u.acceptInvite(res)
}

// acceptInvite answers the peer's re-INVITE. If a CANCEL was faster, the peer's
// ACK is to the 487, and the leg need not wait for it.
func (u *usage) acceptInvite(res response) error {
	err := u.asked.tx.Respond(res)
	if err == nil {
		u.listener.accepted(u.asked.req, u.asked.tx, u.dialog.trunk)
	}
	if errors.Is(err, errCancelled) {
		u.put(Signal{In: leg.Input{Kind: leg.GotAck}, facts: facts{cseq: u.seq}})
	}
	if err != nil {
		return ErrSend
	}
	return nil
}

// close forgets all that was asked.
func (u *usage) close() { u.drop() }
