package edge

import (
	"net/netip"
	"sync/atomic"

	"github.com/emiago/sipgo/sip"

	"maskd/mapping"
	"maskd/sip/leg"
)

// Invitation is all that an outbound INVITE is made of, but its SDP. No field
// comes from the inbound leg.
type Invitation struct {
	Trunk  string
	Target mapping.Number // whom to ring
	Show   mapping.DID    // what the target sees
}

// Outbound is leg B on the wire: a dialog that our INVITE creates. It belongs
// to the goroutine of its call.
type Outbound struct {
	// Never changed.
	edge       *Edge
	trunk      *Trunk
	invitation Invitation
	call       func(Signal) bool

	// The call's.
	tries    int // how many INVITEs were sent, each to the next gateway
	attempt  attempt
	listener *listener
	dialog   dialog
	ack      *sip.Request // our ACK, to be sent again
	bye      Signal       // the peer's BYE, to be accepted
}

// attempt is one INVITE and its transaction.
type attempt struct {
	invite  *sip.Request
	branch  string
	tx      *sip.ClientTx
	pending *atomic.Bool // it has no final response yet
}

// Outbound prepares leg B. put takes what happens to it on the wire as
// [Call.Put] does. Errors: ErrTrunk.
func (e *Edge) Outbound(inv Invitation, put func(Signal) bool) (*Outbound, error) {
	trunk, ok := e.trunks.named(inv.Trunk)
	if !ok || len(trunk.Gateways) == 0 {
		return nil, ErrTrunk
	}
	return &Outbound{edge: e, trunk: trunk, invitation: inv, call: put}, nil
}

// Gateways returns how many gateways there are to try, at least 1.
func (o *Outbound) Gateways() int { return len(o.trunk.Gateways) }

// Heard takes over what a signal says of the dialog, and returns what it means
// to the leg; false if it means nothing.
func (o *Outbound) Heard(s Signal) (leg.Input, bool) {
	if s.tries != o.tries {
		o.outdated(s)
		return leg.Input{}, false
	}
	switch s.In.Kind {
	case leg.GotOK:
		if o.dialog.remote.tag == "" {
			o.dialog.confirm(s.facts)
		}
		if s.facts.tag != o.dialog.remote.tag { // another fork answered too (section 13.2.2.4)
			o.listener.endFork(o.dialog, s.facts)
			return leg.Input{}, false
		}
	case leg.GotDigit:
		return s.In, s.facts.tag == o.dialog.remote.tag
	case leg.GotBye:
		if !o.dialog.hears(s) {
			return leg.Input{}, false
		}
		o.bye = s
	}
	return s.In, true
}

// outdated deals with what comes of an INVITE that we have given up for the
// next gateway: whoever answers it is hung up on.
func (o *Outbound) outdated(s Signal) {
	switch {
	case s.res != nil:
		o.listener.endStray(s.res)
	case s.tx != nil:
		s.Discard()
	}
}

// put hands the call what happens to the present INVITE and its dialog.
func (o *Outbound) put() func(Signal) bool {
	tries := o.tries
	return func(s Signal) bool {
		s.tries = tries
		return o.call(s)
	}
}

// Do performs an action of the leg on the wire; offer is our SDP, for
// SendInvite. Errors: ErrSend, which for SendInvite is followed by a signal
// that the gateway failed.
func (o *Outbound) Do(act leg.Action, offer []byte) error {
	switch act.Do {
	case leg.SendInvite:
		return o.sendInvite(offer)
	case leg.SendAck:
		if o.ack == nil {
			o.ack = o.listener.composeBare(sip.ACK, &o.dialog, o.edge.tokens.branch())
		}
		return o.listener.send(o.ack)
	case leg.SendCancel:
		return o.listener.requestSoon(o.listener.composeCancel(&o.dialog, o.attempt.invite, o.attempt.branch), func(*sip.Response) {})
	case leg.SendBye:
		return o.listener.sendBye(&o.dialog, o.put())
	case leg.SendDigit:
		return o.listener.sendDigit(&o.dialog, act.Digit)
	case leg.AcceptBye:
		return o.bye.accept()
	default:
		return nil
	}
}

// Close forgets the leg. A 2xx that still comes is a stray. A transaction that
// waits for a final response waits no more: it has no timer of its own once a
// provisional one has come (RFC 3261 section 9.1 has us destroy it).
func (o *Outbound) Close() {
	o.edge.invites.drop(o.attempt.branch)
	o.edge.legs.drop(o.dialog.local.tag)
	if o.attempt.tx != nil && o.attempt.pending.Load() {
		o.attempt.tx.Terminate()
	}
}

// sendInvite invites the target through the next gateway, in a dialog of its own.
func (o *Outbound) sendInvite(offer []byte) error {
	o.Close()
	gateway := o.trunk.Gateways[o.tries]
	o.tries++
	put := o.put()
	addr, known := o.edge.gateways.addr(gateway)
	listener, ok := o.edge.listenerFor(gateway.Network, addr.Addr())
	if !known || !ok || !o.trunk.accepts(addr.Addr().Unmap()) { // we would not hear its answer
		put(Signal{In: leg.Input{Kind: leg.GotFailure}})
		return ErrSend
	}
	o.listener, o.ack = listener, nil
	o.dialog = o.newDialog(gateway, addr)
	o.attempt = attempt{branch: o.edge.tokens.branch(), pending: new(atomic.Bool)}
	o.attempt.invite = listener.composeInvite(&o.dialog, o.attempt.branch, offer)
	me := entry{callID: o.dialog.callID, trunk: o.trunk, put: put}
	o.edge.legs.put(o.dialog.local.tag, me)
	o.edge.invites.put(o.attempt.branch, me)
	return o.attempt.start(listener, put)
}

// start sends the INVITE. What it says of itself is that it failed, or a final
// response that its transaction has acknowledged; a 2xx is taken from the wire.
func (a *attempt) start(l *listener, put func(Signal) bool) (err error) {
	pending := a.pending
	pending.Store(true)
	a.tx, err = l.request(a.invite, func(res *sip.Response) {
		pending.Store(false)
		switch {
		case res == nil:
			put(Signal{In: leg.Input{Kind: leg.GotFailure}})
		case !res.IsSuccess():
			put(Signal{In: inputOf(res.StatusCode)})
		}
	})
	if err != nil {
		put(Signal{In: leg.Input{Kind: leg.GotFailure}})
	}
	return err
}

// newDialog makes the dialog in which the target is rung: its number goes into
// the Request-URI and To, the DID into From, and nothing else is known here.
func (o *Outbound) newDialog(g Gateway, addr netip.AddrPort) dialog {
	number := o.trunk.Format.write(o.invitation.Target.Reveal())
	shown := o.trunk.Format.write(string(o.invitation.Show))
	target := sip.Uri{Scheme: "sip", User: number, Host: g.Host, Port: int(g.Port)}
	if g.Network != UDP {
		target.UriParams = sip.HeaderParams{{K: "transport", V: "tcp"}}
	}
	return dialog{
		callID:  o.edge.tokens.next(),
		local:   end{uri: sip.Uri{Scheme: "sip", User: shown, Host: o.listener.host}, tag: o.edge.tokens.next()},
		remote:  end{uri: sip.Uri{Scheme: "sip", User: number, Host: g.Host}},
		target:  target,
		cseq:    o.edge.tokens.cseq(),
		contact: o.listener.contact(shown),
		trunk:   o.trunk,
		home:    addr,
	}
}
