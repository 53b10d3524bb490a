package edge

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"github.com/emiago/sipgo/sip"

	"maskd/mapping"
	"maskd/sip/digest"
	"maskd/sip/leg"
)

// Invitation is all that an outbound INVITE is made of, but its SDP. No field
// comes from the inbound leg.
type Invitation struct {
	Trunk  string
	Target mapping.Number // whom to ring
	Show   mapping.DID    // what the target sees
}

// maxRetries bounds how often an INVITE is sent again because its gateway asks
// for more: once for credentials, once for a fresh nonce, once for a longer
// session.
const maxRetries = 3

// Outbound is leg B on the wire: a dialog that our INVITE creates. It belongs
// to the goroutine of its call.
type Outbound struct {
	// Never changed.
	edge       *Edge
	trunk      *Trunk
	roster     *roster
	targets    []Target // where to try, in this order
	invitation Invitation
	call       func(Signal) bool
	wait       time.Duration

	// The call's.
	usage
	seat     seat // of its trunk
	tries    int  // how many INVITEs were sent, but for those sent again to the same gateway
	attempt  attempt
	given    []givenUp
	forks    forks
	usual    [1]fork          // a place for it: most are answered by who rang first
	prack    *fork            // the fork whose 18x is to be acknowledged
	spoke    string           // the tag of the fork that has described itself last
	wanted   *sip.Response    // what the gateway asks for
	retry    int              // how often it has
	exchange *digest.Exchange // with the gateway that asks who we are; nil: it may not
	least    time.Duration    // the session interval that it wants; 0: any
	ack      string           // the branch of our ACK; empty: none was sent
}

// Outbound prepares leg B. put takes what happens to it on the wire as
// [Call.Put] does. Errors: ErrTrunk, ErrLimit.
func (e *Edge) Outbound(inv Invitation, put func(Signal) bool) (*Outbound, error) {
	trunk, ok := e.peers().trunks.named(inv.Trunk)
	if !ok || len(trunk.Gateways) == 0 {
		return nil, ErrTrunk
	}
	now := time.Now()
	seat, wait, err := trunk.quota.exit(now)
	if err != nil {
		return nil, err
	}
	r := e.rosterOf(trunk)
	return &Outbound{edge: e, trunk: trunk, roster: r, targets: r.targets(now), invitation: inv, call: put,
		seat: seat, wait: wait}, nil
}

// Wait returns how long the INVITE has to wait for its turn on the trunk.
func (o *Outbound) Wait() time.Duration { return o.wait }

// Gateways returns how many targets there are to try, at least 1: if none is
// known, that one fails.
func (o *Outbound) Gateways() int { return max(len(o.targets), 1) }

// Destination returns the address that the next target's INVITE goes to; the
// zero address if none is known.
func (o *Outbound) Destination() netip.Addr {
	if o.tries >= len(o.targets) {
		return netip.Addr{}
	}
	return o.targets[o.tries].Addr.Addr()
}

// Patience returns how long a gateway may say nothing to our INVITE before the
// next one is tried.
func (o *Outbound) Patience() time.Duration { return cmp.Or(o.trunk.Failover, leg.GatewayPatience) }

// Heard takes over what a signal says of the dialog, and returns what it means
// to the leg; false if it means nothing.
func (o *Outbound) Heard(s Signal) (leg.Input, bool) {
	if s.tries != o.tries {
		o.outdated(s)
		return leg.Input{}, false
	}
	switch s.In.Kind {
	case leg.GotRinging, leg.GotProgress:
		return o.alerted(s)
	case leg.GotOK:
		return o.answered(s)
	case leg.GotRetry:
		if o.retry++; o.retry > maxRetries || !o.satisfies(s.res) { // it asks for more each time
			s.In.Kind = leg.GotFinal
		}
		o.wanted = s.res
		return s.In, true
	case leg.GotPrack: // we send no provisional response on this leg
		_ = s.answer(composeResponse(s.req, 481))
		return leg.Input{}, false
	case leg.GotReinvite, leg.GotUpdate:
		if o.dialog.remote.tag == "" {
			return o.askedEarly(s)
		}
	}
	return o.usage.heard(s)
}

// satisfies reports whether we have what the gateway asks for. A gateway that
// wants to know who we are asks before anything rings; who asks later is behind
// it and has no business with its password. The leg sees to that.
func (o *Outbound) satisfies(wants *sip.Response) bool {
	if _, asked := digest.PlaceOf(wants.StatusCode); asked {
		return o.listener.challenged(o.trunk, o.exchange, wants)
	}
	return true
}

// alerted takes a provisional response to its fork. A reliable one that is not
// the next of its fork means nothing (RFC 3262 section 4).
func (o *Outbound) alerted(s Signal) (leg.Input, bool) {
	f := o.forks.meet(o.dialog, s.facts)
	if s.facts.rseq == 0 || o.dialog.remote.tag != "" {
		return s.In, true
	}
	if f == nil || !f.orderly(s.facts.rseq) {
		return leg.Input{}, false
	}
	o.prack, s.In.Reliable = f, true
	o.describe(s)
	return s.In, true
}

// answered takes a 2xx. The first one's fork becomes the dialog.
func (o *Outbound) answered(s Signal) (leg.Input, bool) {
	if o.dialog.remote.tag == "" {
		if f := o.forks.at(s.facts.tag); f != nil {
			o.dialog = f.dialog
		}
		o.dialog.confirm(s.facts)
		o.timer, o.established = s.facts.timer.agreed(), true
	}
	if s.facts.tag != o.dialog.remote.tag { // another fork answered too (section 13.2.2.4)
		o.endFork(s.facts)
		return leg.Input{}, false
	}
	accepted(o.exchange, s.res)
	s.In.Timer = o.timer
	return s.In, true
}

// describe notes that a fork has described itself anew.
func (o *Outbound) describe(s Signal) {
	if f := o.forks.at(s.facts.tag); f != nil && len(s.SDP) > 0 {
		f.answer, o.spoke = s.SDP, s.facts.tag
	}
}

// Agreed reports whether the fork that has answered gave its SDP before, in a
// reliable provisional response, and returns that SDP if another fork has
// described itself since.
func (o *Outbound) Agreed() ([]byte, bool) {
	f := o.forks.at(o.dialog.remote.tag)
	switch {
	case f == nil || len(f.answer) == 0:
		return nil, false
	case o.spoke == o.dialog.remote.tag:
		return nil, true
	default:
		return f.answer, true
	}
}

// endFork ends the dialog of a fork that answered after another one did.
func (o *Outbound) endFork(f facts) {
	d := o.attempt.invite.dialog
	if known := o.forks.at(f.tag); known != nil {
		d = known.dialog
	}
	d.confirm(f)
	o.listener.endDialog(&d, f.cseq)
}

// askedEarly takes a request within an early dialog.
func (o *Outbound) askedEarly(s Signal) (leg.Input, bool) {
	f := o.forks.at(s.facts.tag)
	if f == nil {
		_ = s.answer(composeResponse(s.req, 481))
		return leg.Input{}, false
	}
	if !f.dialog.hears(s) {
		return leg.Input{}, false
	}
	if len(s.SDP) > 0 && len(f.answer) == 0 { // our offer has no answer on this fork (RFC 3311 section 5.2)
		_ = s.answer(composeResponse(s.req, 491))
		return leg.Input{}, false
	}
	f.dialog.refresh(s.facts)
	asked := s
	o.asked = &asked
	return s.In, true
}

// outdated deals with what had come of an INVITE when it was left for the next
// gateway.
func (o *Outbound) outdated(s Signal) {
	switch i := slices.IndexFunc(o.given, func(g givenUp) bool { return g.tries == s.tries }); {
	case s.tx != nil:
		s.Discard()
	case s.status == 0:
	case i >= 0:
		o.given[i].wake(s)
	case s.res != nil:
		o.listener.hangUp(s.res)
	}
}

// signal returns what hands the call what happens to the present INVITE and
// its dialog.
func (o *Outbound) signal() func(Signal) bool {
	tries := o.tries
	return func(s Signal) bool {
		s.tries = tries
		return o.call(s)
	}
}

// Do performs an action of the leg on the wire; sdp is what act.Body says.
// Errors: ErrSend. A signal says that the gateway failed, whether SendInvite has
// failed at once or a stream to it can not be made later.
func (o *Outbound) Do(act leg.Action, sdp []byte) error {
	switch act.Do {
	case leg.SendInvite:
		return o.sendInvite(sdp)
	case leg.SendAgain:
		return o.sendAgain(sdp)
	case leg.SendPrack:
		return o.listener.sendPrack(o.prack, o.attempt.invite.cseq)
	case leg.SendAck:
		return o.listener.acknowledge(&o.dialog, o.attempt.invite, &o.ack)
	case leg.SendCancel:
		return o.attempt.cancel(act.Cause)
	case leg.AcceptChange:
		o.describe(*o.asked)
		err, _ := o.usage.do(act, sdp)
		return err
	default:
		err, _ := o.usage.do(act, sdp)
		return err
	}
}

// Close forgets the leg. A 2xx that still comes is a stray.
func (o *Outbound) Close() {
	o.attempt.close()
	o.usage.close()
	o.seat.leave()
}

// sendInvite invites the target through the next gateway, in a dialog of its own.
func (o *Outbound) sendInvite(offer []byte) error {
	o.abandon()
	o.tries++
	o.usage = usage{put: o.signal()}
	o.forks, o.ack, o.least, o.retry, o.exchange = o.usual[:0], "", 0, 0, nil
	listener, ok := o.next()
	if !ok {
		o.put(Signal{In: leg.Input{Kind: leg.GotFailure}})
		return ErrSend
	}
	o.listener = listener
	o.dialog = o.newDialog()
	return o.start(offer)
}

// next goes on to the next target, and returns the listener that reaches it;
// false if there is none, because DNS has not said yet where the gateways are.
func (o *Outbound) next() (*listener, bool) {
	if o.tries > len(o.targets) {
		return nil, false
	}
	to := o.target()
	return o.edge.listenerFor(o.trunk, to.Network, to.Addr.Addr())
}

// target returns the present one.
func (o *Outbound) target() *Target { return &o.targets[o.tries-1] }

// abandon leaves the attempt before: its gateway has failed, or said nothing in
// its time.
func (o *Outbound) abandon() {
	if o.attempt.invite != nil && o.attempt.pending.Load() {
		o.given = append(o.given, o.attempt.giveUp())
	} else {
		o.attempt.close()
	}
	o.attempt = attempt{}
}

// sendAgain sends the INVITE once more in the same dialog, with what the
// gateway asked for (sections 22.2 and RFC 4028 section 7.3).
func (o *Outbound) sendAgain(offer []byte) error {
	o.attempt.close()
	if o.wanted.StatusCode == 422 {
		o.least = timerOf(o.wanted).least
	}
	o.dialog.cseq++
	o.forks = o.usual[:0]
	return o.start(offer)
}

func (o *Outbound) start(offer []byte) error {
	invite := o.listener.composeInvite(&o.dialog, o.edge.tokens.branch(), o.least, offer)
	o.attempt = attempt{listener: o.listener, invite: &invite, tries: o.tries, fate: &fate{roster: o.roster, target: *o.target()}}
	if err := o.sign(&invite); err != nil {
		o.put(Signal{In: leg.Input{Kind: leg.GotFailure}})
		return ErrSend
	}
	if o.exchange == nil {
		o.exchange = o.trunk.exchange(&invite)
	}
	authorize(&invite, o.exchange)
	o.attempt.stream = o.listener.overflow(&invite)
	return o.attempt.start(entry{callID: o.dialog.callID, trunk: o.trunk, put: o.put})
}

// sign says in an INVITE that the DID is ours, on a trunk that is to be told so.
func (o *Outbound) sign(invite *asking) error {
	if o.trunk.Signer == nil {
		return nil
	}
	now := time.Now()
	identity, err := o.trunk.Signer.Sign(string(o.invitation.Show), o.invitation.Target.Reveal(), o.edge.tokens.originID(), now)
	if err != nil {
		return err
	}
	setIdentity(invite, identity)
	return nil
}

// newDialog makes the dialog in which the target is rung: its number goes into
// the Request-URI and To, the DID into From, and nothing else is known here.
func (o *Outbound) newDialog() dialog {
	number := o.trunk.Format.Dial(o.invitation.Target.Reveal())
	shown := o.trunk.Format.Write(string(o.invitation.Show))
	callID, target := o.edge.tokens.next(), o.target()
	uris := &struct{ from, to, target, contact sip.Uri }{ // in one piece: they are needed for as long as each other
		from:    sip.Uri{Scheme: "sip", User: shown, Host: o.listener.host},
		to:      sip.Uri{Scheme: "sip", User: number, Host: target.Gateway.Host},
		target:  target.uri(number),
		contact: o.listener.contact(shown),
	}
	return dialog{
		callID:  callID,
		local:   end{uri: &uris.from, tag: o.edge.tokens.tag(callID)},
		remote:  end{uri: &uris.to},
		target:  &uris.target,
		routes:  o.trunk.serviceRoute(),
		cseq:    o.edge.tokens.cseq(),
		contact: &uris.contact,
		trunk:   o.trunk,
		home:    target.Addr,
	}
}
