package edge

import (
	"errors"
	"net/netip"
	"time"

	"github.com/emiago/sipgo/sip"

	"maskd/sip/leg"
)

// Inbound is leg A on the wire: the dialog that a caller's INVITE creates. It
// belongs to the goroutine of its call.
type Inbound struct {
	// Never changed.
	invite   *sip.Request
	tx       serving
	cancel   cancelKey
	identity Identity
	contact  sip.Uri

	// The call's.
	usage
	early     *response // the reliable 18x that waits for its PRACK, to be sent again
	rseq      uint32    // of it
	answer    answer    // our 2xx
	answered  bool      // it was sent
	final     bool      // a final response is sent
	cancelled bool      // and it is 487, whatever we wanted to say
	listed    bool      // among the INVITEs that a CANCEL may be for
	seat      seat      // of its trunk
	setup     setup
	expires   *time.Timer // runs until the final response; nil if the caller waits as long as we do
}

func newInbound(l *listener, req *sip.Request, tx serving, trunk *Trunk) *Inbound {
	in := &Inbound{invite: req, tx: tx, identity: identify(req, trunk, time.Now())}
	in.listener = l
	in.cancel = l.cancelKey(req)
	in.contact = l.contact(string(in.identity.DID))
	if req.Recipient.IsEncrypted() { // our Contact is of the same scheme (RFC 3261 section 12.1.1)
		in.contact.Scheme, in.contact.UriParams = "sips", nil
	}
	f := factsOfRequest(req)
	in.dialog = dialog{
		callID:  req.CallID().Value(),
		local:   end{uri: &req.To().Address},
		remote:  end{uri: &req.From().Address, tag: f.tag},
		target:  f.target,
		routes:  f.routes,
		cseq:    l.edge.tokens.cseq(),
		heard:   f.cseq,
		contact: &in.contact,
		updates: f.update,
		trunk:   trunk,
		home:    sourceOf(req),
		alias:   l.aliased(req),
	}
	in.dialog.local.tag, _ = req.To().Params.Get("tag")
	in.timer = f.timer.agree(leg.SessionTimer{})
	in.rseq = l.edge.tokens.cseq()
	return in
}

// attach lets what happens on the wire reach the call.
func (in *Inbound) attach(put func(Signal) bool) {
	in.put = put
	edge := in.listener.edge
	tag, callID := in.dialog.local.tag, in.dialog.callID
	edge.legs.put(tag, entry{callID: callID, trunk: in.dialog.trunk, put: put})
	cancelled := func(lost bool) { // the transaction may be kept for longer than the call, and does not keep that
		if found, ok := edge.legs.find(tag, callID); ok {
			found.put(Signal{In: leg.Input{Kind: leg.GotCancel}, lost: lost})
		}
	}
	if !in.tx.OnCancel(cancelled) {
		cancelled(false) // it came before we could say that we wait for it
	}
	late := func() { put(Signal{In: leg.Input{Kind: leg.GotCancel}, late: true}) }
	if !in.awaitsCancel(late) {
		late()
	}
	in.limit(late)
}

// awaitsCancel has late called if a CANCEL finds the call and not its transaction. It
// reports false if one has come already.
func (in *Inbound) awaitsCancel(late func()) bool {
	cancels := in.listener.edge.cancels
	if key, _ := serverKeyOf(in.invite, sip.INVITE); in.listener.network == UDP && key.old == "" { // it finds the transaction
		return !cancels.first(in.cancel, time.Now())
	}
	in.listed = true
	at := in.listener.transactionOf(in.invite.Via())
	return cancels.invite(in.cancel, waiting{tag: in.dialog.local.tag, trunk: in.dialog.trunk.Name, at: at, cancelled: late}, time.Now())
}

// Local returns the address of ours that the INVITE came to.
func (in *Inbound) Local() netip.Addr { return in.listener.addr.Addr() }

// Identity returns who calls which DID on which trunk.
func (in *Inbound) Identity() Identity { return in.identity }

// Offer returns the SDP of the INVITE; empty if the caller wants to hear ours.
func (in *Inbound) Offer() []byte { return sdpOf(in.invite) }

// Asks returns what the INVITE asks of the leg.
func (in *Inbound) Asks() leg.Asks {
	asks := leg.Asks{Late: len(in.Offer()) == 0, Timer: in.timer}
	switch {
	case hasTag(in.invite, "Require", "100rel"):
		asks.Reliable = leg.ReliableRequired
	case hasTag(in.invite, "Supported", "100rel"):
		asks.Reliable = leg.ReliableMaybe
	}
	return asks
}

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
		in.finish(487)
		return s.In, true
	case leg.GotAck: // of our 2xx, not of another INVITE (section 13.2.2.4)
		if s.facts.cseq == in.invite.CSeq().SeqNo {
			in.established = true
			return s.In, true
		}
	case leg.GotPrack:
		return in.acknowledged(s)
	}
	return in.usage.heard(s)
}

// acknowledged takes a PRACK, if it is for the 18x that waits for one (RFC
// 3262 section 3).
func (in *Inbound) acknowledged(s Signal) (leg.Input, bool) {
	if in.early == nil || s.facts.rack != (rack{rseq: in.rseq, cseq: in.invite.CSeq().SeqNo}) {
		_ = s.answer(composeResponse(s.req, 481))
		return leg.Input{}, false
	}
	input, ok := in.usage.heard(s)
	if ok {
		in.early = nil
	}
	return input, ok
}

// Answered reports whether our 2xx was sent.
func (in *Inbound) Answered() bool { return in.answered }

// Do performs an action of the leg on the wire; sdp is what act.Body says.
// Errors: ErrSend.
func (in *Inbound) Do(act leg.Action, sdp []byte) error {
	switch act.Do {
	case leg.SendRinging:
		return in.sendEarly(180, act.Reliable, sdp)
	case leg.SendProgress:
		return in.sendEarly(183, act.Reliable, sdp)
	case leg.ResendEarly:
		return in.respond(*in.early)
	case leg.SendOK:
		in.finish(200)
		in.answer, in.answered = answer{in.timer, sdp}, true
		err := in.respond(in.compose2xx())
		if err == nil && !in.cancelled {
			in.listener.accepted(in.invite, in.tx, in.dialog.trunk)
		}
		return err
	case leg.ResendOK:
		return in.repeatOK()
	case leg.SendFinal:
		in.finish(act.Cause.Status())
		return in.respond(composeFinal(in.invite, act.Cause))
	case leg.SendBye:
		if !in.Answered() { // the call broke before: Close answers the INVITE (section 15)
			return nil
		}
	}
	err, _ := in.usage.do(act, sdp)
	return err
}

// answer is what our 2xx to the INVITE is made of, as often as it is sent.
type answer struct {
	timer leg.SessionTimer
	sdp   []byte
}

// compose2xx makes it.
func (in *Inbound) compose2xx() response {
	return composeChanged(in.invite, in.dialog.contact, in.answer.timer, in.answer.sdp)
}

// sendEarly sends a provisional response, reliably if so asked.
func (in *Inbound) sendEarly(status int, reliable bool, sdp []byte) error {
	res := composeEarly(in.invite, status, in.dialog.contact, sdp)
	if reliable {
		in.rseq++
		addReliable(&res, in.rseq)
		early := res
		in.early = &early
	}
	return in.respond(res)
}

// Close forgets the leg. What still comes for it is answered 481. A caller who
// has no final response, because the call broke, gets one.
func (in *Inbound) Close() {
	if !in.final {
		_ = in.respond(composeResponse(in.invite, 500))
	}
	in.finish(500)
	in.usage.close()
	in.listener.edge.legs.drop(in.dialog.local.tag)
	in.seat.leave()
	in.Settle()
}

// Settle tells that all that could be done at once for the call has been done:
// how long that took is how busy we are.
func (in *Inbound) Settle() {
	if in.setup.begun() {
		in.setup.settle(time.Now())
	}
}

// finish notes that the INVITE is answered for good, and with what the first time.
func (in *Inbound) finish(status int) {
	if !in.final {
		in.listener.edge.rosterOf(in.dialog.trunk).sent.count(status)
	}
	in.final = true
	in.unlimit()
	if in.listed {
		in.listener.edge.cancels.done(in.cancel)
	}
}

// repeatOK sends our 2xx again, unless a CANCEL was faster than the first.
func (in *Inbound) repeatOK() error {
	if in.cancelled {
		return nil
	}
	return repeat(in.tx, in.compose2xx())
}

// repeat sends a 2xx to an INVITE again, whose transaction is over by now.
func repeat(tx serving, res response) error {
	if tx.Repeat(res) != nil {
		return ErrSend
	}
	return nil
}

// respond answers the INVITE, unless a CANCEL was faster.
func (in *Inbound) respond(res response) error {
	err := in.tx.Respond(res)
	if errors.Is(err, errCancelled) {
		in.cancelled = true
	}
	if err != nil {
		return ErrSend
	}
	return nil
}
