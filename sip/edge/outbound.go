package edge

import (
	"net/netip"

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
	put        func(Signal)

	// The call's.
	next     int // the gateway to try next
	listener *listener
	dialog   dialog
	invite   *sip.Request
	branch   string
	ack      *sip.Request // our ACK, to be sent again
	bye      Signal       // the peer's BYE, to be accepted
}

// Outbound prepares leg B. put takes what happens to it on the wire, and never
// blocks. Errors: ErrTrunk.
func (e *Edge) Outbound(inv Invitation, put func(Signal)) (*Outbound, error) {
	trunk, ok := e.trunks.named(inv.Trunk)
	if !ok || len(trunk.Gateways) == 0 {
		return nil, ErrTrunk
	}
	return &Outbound{edge: e, trunk: trunk, invitation: inv, put: put}, nil
}

// Gateways returns how many gateways there are to try, at least 1.
func (o *Outbound) Gateways() int { return len(o.trunk.Gateways) }

// Heard takes over what a signal says of the dialog, and returns what it means
// to the leg; false if it means nothing.
func (o *Outbound) Heard(s Signal) (leg.Input, bool) {
	switch s.In.Kind {
	case leg.GotOK:
		if o.dialog.remote.tag == "" {
			o.dialog.confirm(s.facts)
		}
		if s.facts.tag != o.dialog.remote.tag { // another fork answered too (section 13.2.2.4)
			o.listener.endFork(o.dialog, s.facts)
			return leg.Input{}, false
		}
	case leg.GotBye:
		if !o.dialog.hears(s) {
			return leg.Input{}, false
		}
		o.bye = s
	}
	return s.In, true
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
		return o.listener.request(o.listener.composeCancel(&o.dialog, o.invite, o.branch), func(int) {})
	case leg.SendBye:
		return o.listener.sendBye(&o.dialog, o.put)
	case leg.AcceptBye:
		return o.bye.accept()
	default:
		return nil
	}
}

// Close forgets the leg. A 2xx that still comes is a stray.
func (o *Outbound) Close() {
	o.edge.invites.drop(o.branch)
	o.edge.legs.drop(o.dialog.local.tag)
}

// sendInvite invites the target through the next gateway, in a dialog of its own.
func (o *Outbound) sendInvite(offer []byte) error {
	o.Close()
	gateway := o.trunk.Gateways[o.next]
	o.next++
	addr, known := o.edge.gateways.addr(gateway)
	listener, ok := o.edge.listenerFor(gateway.Network, addr.Addr())
	if !known || !ok {
		o.put(Signal{In: leg.Input{Kind: leg.GotFailure}})
		return ErrSend
	}
	o.listener, o.branch, o.ack = listener, o.edge.tokens.branch(), nil
	o.dialog = o.newDialog(gateway, addr)
	me := entry{callID: o.dialog.callID, trunk: o.trunk, put: o.put}
	o.edge.legs.put(o.dialog.local.tag, me)
	o.edge.invites.put(o.branch, me)
	o.invite = listener.composeInvite(&o.dialog, o.branch, offer)
	err := listener.request(o.invite, func(status int) {
		switch {
		case status == 0:
			o.put(Signal{In: leg.Input{Kind: leg.GotFailure}})
		case status >= 300: // acknowledged by its transaction; a 2xx is taken from the wire
			o.put(Signal{In: inputOf(status)})
		}
	})
	if err != nil {
		o.put(Signal{In: leg.Input{Kind: leg.GotFailure}})
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
