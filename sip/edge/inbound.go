package edge

import (
	"errors"
	"time"

	"github.com/emiago/sipgo/sip"

	"maskd/sip/leg"
)

// Inbound is leg A on the wire: the dialog that a caller's INVITE creates. It
// belongs to the goroutine of its call.
type Inbound struct {
	// Never changed.
	listener *listener
	invite   *sip.Request
	tx       *sip.ServerTx
	cancel   string // the key of our CANCEL
	identity Identity
	put      func(Signal) bool

	// The call's.
	dialog dialog
	ok     *sip.Response // our 2xx, to be sent again
	final  bool          // a final response is sent
	bye    Signal        // the peer's BYE, to be accepted
}

func newInbound(l *listener, req *sip.Request, tx *sip.ServerTx, trunk *Trunk) *Inbound {
	in := &Inbound{listener: l, invite: req, tx: tx, identity: identify(req, trunk)}
	in.cancel = l.cancelKey(req)
	f := factsOfRequest(req)
	in.dialog = dialog{
		callID:  req.CallID().Value(),
		local:   end{uri: req.To().Address},
		remote:  end{uri: req.From().Address, tag: f.tag},
		target:  *f.target,
		routes:  f.routes,
		cseq:    l.edge.tokens.cseq(),
		heard:   f.cseq,
		contact: l.contact(string(in.identity.DID)),
		trunk:   trunk,
		home:    sourceOf(req),
	}
	in.dialog.local.tag, _ = req.To().Params.Get("tag")
	return in
}

// attach lets what happens on the wire reach the call.
func (in *Inbound) attach(put func(Signal) bool) {
	in.put = put
	edge := in.listener.edge
	edge.legs.put(in.dialog.local.tag, entry{callID: in.dialog.callID, trunk: in.dialog.trunk, put: put})
	cancelled := func(*sip.Request) { put(Signal{In: leg.Input{Kind: leg.GotCancel}}) }
	if !in.tx.OnCancel(cancelled) {
		cancelled(nil) // it came before we could say that we wait for it
	}
	in.tx.OnTerminate(func(_ string, err error) {
		if errors.Is(err, sip.ErrTransactionTransport) {
			put(Signal{In: leg.Input{Kind: leg.GotCancel}, lost: true})
		}
	})
	late := func() { put(Signal{In: leg.Input{Kind: leg.GotCancel}, late: true}) }
	if !edge.cancels.invite(in.cancel, waiting{tag: in.dialog.local.tag, cancelled: late}, time.Now()) {
		late()
	}
}

// Identity returns who calls which DID on which trunk.
func (in *Inbound) Identity() Identity { return in.identity }

// Offer returns the SDP of the INVITE.
func (in *Inbound) Offer() []byte { return in.invite.Body() }

// Heard takes over what a signal says of the dialog, and returns what it means
// to the leg; false if it means nothing.
func (in *Inbound) Heard(s Signal) (leg.Input, bool) {
	switch s.In.Kind {
	case leg.GotCancel:
		if (s.late || s.lost) && in.final { // we were faster: a CANCEL has no effect then (section 9.2)
			return leg.Input{}, false
		}
		if s.late {
			_ = in.respond(composeResponse(in.invite, 487))
		}
		in.finish()
	case leg.GotAck: // of our 2xx, not of another INVITE (section 13.2.2.4)
		return s.In, s.facts.cseq == in.dialog.heard
	case leg.GotDigit:
		return s.In, s.facts.tag == in.dialog.remote.tag
	case leg.GotBye:
		if !in.dialog.hears(s) {
			return leg.Input{}, false
		}
		in.bye = s
	}
	return s.In, true
}

// Answered reports whether our 2xx was sent.
func (in *Inbound) Answered() bool { return in.ok != nil }

// Do performs an action of the leg on the wire; answer is our SDP, for SendOK.
// Errors: ErrSend.
func (in *Inbound) Do(act leg.Action, answer []byte) error {
	switch act.Do {
	case leg.SendRinging:
		return in.respond(composeEarly(in.invite, 180, in.dialog.contact))
	case leg.SendProgress:
		return in.respond(composeEarly(in.invite, 183, in.dialog.contact))
	case leg.SendOK:
		in.finish()
		in.ok = composeOK(in.invite, in.dialog.contact, answer)
		return in.respond(in.ok)
	case leg.ResendOK:
		return in.respond(in.ok)
	case leg.SendFinal:
		in.finish()
		return in.respond(composeResponse(in.invite, act.Cause.Status()))
	case leg.SendBye:
		if !in.Answered() { // the call broke before: Close answers the INVITE (section 15)
			return nil
		}
		return in.listener.sendBye(&in.dialog, in.put)
	case leg.SendDigit:
		return in.listener.sendDigit(&in.dialog, act.Digit)
	case leg.AcceptBye:
		return in.bye.accept()
	default:
		return nil
	}
}

// Close forgets the leg. What still comes for it is answered 481. A caller who
// has no final response, because the call broke, gets one.
func (in *Inbound) Close() {
	if !in.final {
		_ = in.respond(composeResponse(in.invite, 500))
	}
	in.finish()
	in.listener.edge.legs.drop(in.dialog.local.tag)
}

// finish notes that the INVITE is answered for good.
func (in *Inbound) finish() {
	in.final = true
	in.listener.edge.cancels.done(in.cancel)
}

// respond answers the INVITE. If a CANCEL was faster, the transaction has sent
// 487 but now keeps the response that it did not send, and would repeat that
// one: it must be given the 487 once more.
func (in *Inbound) respond(res *sip.Response) error {
	err := in.tx.Respond(res)
	if errors.Is(err, sip.ErrTransactionCanceled) {
		err = in.tx.Respond(composeResponse(in.invite, 487))
	}
	if err != nil {
		return ErrSend
	}
	return nil
}
