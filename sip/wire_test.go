package sip_test

import (
	"maskd/mapping"
	"maskd/sip"
	"maskd/sip/leg"
)

// wire is what an onlooker knows who sees both legs' messages and the call's
// timers, but not the machine. What may happen next is judged from it alone,
// and it is written from RFC 3261 and its extensions.
type wire struct {
	A     wireA
	First wireB // leg A in place of that, in a call that we begin
	B     [rung]wireB
	Call  wireCall
}

// wireA is leg A as its caller sees it.
type wireA struct {
	Asks    leg.Asks // of its INVITE
	Prack   bool     // an 18x waits for its PRACK
	Talk    dialogue
	Said    said
	Status  int     // of the final response
	Tagged  bool    // the caller knows our tag, so it can send BYE
	Acked   bool    // the ACK to our 2xx has come
	AckOver bool    // 64*T1 have passed without it
	Bye     bye     // of the dialog
	Running running // the leg's timers
}

// wireB is leg B as its callee sees it: its present INVITE, and the dialog.
type wireB struct {
	Invited   bool
	Released  bool  // its number is not wanted any more
	Left      uint8 // gateways not yet tried
	Heard     heard
	Final     final
	Owed      bool // a 2xx waits for our ACK
	Cancelled bool
	Retry     bool // it was refused for what we can mend
	Dropped   bool // it was silent for too long
	OwePrack  bool // a reliable 18x waits for our PRACK
	Talk      dialogue
	GaveUp    bool // 64*T1 have passed since CANCEL
	Stray     bool // a 2xx came when nobody waited any more: of another fork, and so nobody waits for its BYE
	Tagged    bool // the callee has made a tag, so it can send BYE
	Bye       bye
	Running   running
}

// wireCall is the call as a whole.
type wireCall struct {
	Ours      bool // we begin it
	Begun     bool // it is known how to ring A, in such a call
	Sought    bool // it is asked whom to ring, in such a call
	Routed    bool
	Hunt      hunt
	Asked     bool  // A is asked for a PIN, or for a key
	Entry     bool  // it is listened to what A types
	Wrong     uint8 // how often it was wrong
	Proven    bool  // it was right
	Ring      bool  // the ring timer runs
	Bridge    sip.Bridge
	Talked    bool // A was sent a 2xx because B has answered, and not cancelled before that left; or it was there before B
	Ended     bool // something has ended the call
	By        mapping.EndedBy
	Completed bool  // by the completion of its interaction, if perhaps not first
	Clock     bool  // it is counted how long they talk
	Refused   bool  // A hears why it is refused, or is to
	Parted    bool  // both hear that it is over, or are to
	Notice    bool  // it is waited until that was heard
	Records   uint8 // 2 is too many
}

// said is the highest response to the caller's INVITE.
type said uint8

const (
	said100 said = iota
	said18x
	said2xx
	saidNo // 3xx to 6xx
)

// heard is the highest provisional response to our INVITE.
type heard uint8

const (
	heardNothing heard = iota
	heard100
	heard18x
)

// final is how our INVITE ended.
type final uint8

const (
	finalNone final = iota
	final2xx
	finalNo // 3xx to 6xx, or the transaction failed
)

// bye is what is known of the end of a dialog.
type bye struct {
	Sent    bool
	Pending bool // ours has no answer yet
	Got     bool
}

// send notes our BYE. One more, in a dialog that has ended, is not waited for.
func (b *bye) send() {
	b.Pending = b.Pending || b.none()
	b.Sent = true
}

// none reports whether nobody has ended the dialog.
func (b bye) none() bool { return !b.Sent && !b.Got }

// over reports whether the dialog has ended, and nothing is left to wait for.
func (b bye) over() bool { return !b.none() && !b.Pending }

// waits reports whether our 2xx is out and nothing has been heard of it.
func (a wireA) waits() bool { return a.Said == said2xx && !a.Acked && !a.AckOver && a.Bye.none() }

// over reports whether the caller has nothing more to expect.
func (a wireA) over() bool { return a.Said == saidNo || a.Said == said2xx && a.Bye.over() }

// over reports whether the callee has nothing more to expect.
func (b wireB) over() bool {
	switch {
	case !b.Invited:
		return true
	case b.Final == final2xx:
		return b.Bye.over() || b.Stray
	default:
		return b.Final == finalNo || b.GaveUp
	}
}

// happen returns what the onlooker knows after an event.
func (w wire) happen(e sip.Event) wire {
	switch e.Kind {
	case sip.Routed:
		if (!w.Call.Asked || w.Call.Proven) && w.fetched() {
			w.Call.Routed = true
			w.B[w.Call.Hunt.next(e.Plan)].Left = e.Gateways
		}
	case sip.Unrung:
		if w.fetched() {
			w.Call.Routed = true
			w.Call.Hunt.next(e.Plan)
			w.missed(mapping.EndedByFailure, e.Cause)
		}
	case sip.OnA:
		return w.happenOnA(e.In)
	case sip.OnB:
		w.happenOut(sip.LegB+sip.Target(e.Number), e.In)
	case sip.RingOver:
		w.Call.Ring = false
		w.release()
		w.missed(mapping.EndedByTimeout, leg.CauseNoAnswer)
	case sip.Stop:
		w.Call.Completed = w.Call.Completed || e.Cause == leg.CauseComplete
		w.end(stopper(e.Cause))
	case sip.Ask, sip.Proven, sip.Unproven:
		w.happenProof(e.Kind)
	case sip.Originate:
		if !w.Call.Ended {
			w.Call.Begun, w.First.Left = true, e.Gateways
		}
	default:
		w.happenNotice(e)
	}
	return w
}

func (w wire) happenA(in leg.Input) wire {
	if w.standingOfA() == standingConfirmed && w.A.Talk.lost(in) {
		w.end(mapping.EndedByTimeout)
	}
	w.A.Talk.happen(in, w.standingOfA())
	switch in.Kind {
	case leg.GotCancel: // if our 2xx was under way, it was too late (section 9.2)
		w.A.Said, w.A.Status, w.A.Prack, w.Call.Talked = saidNo, 487, false, false
		w.end(mapping.EndedByCaller)
	case leg.GotAck:
		w.happenAck(in)
	case leg.GotPrack:
		w.happenPrack(in)
	case leg.PrackFired:
		w.end(mapping.EndedByTimeout)
	case leg.GotBye:
		w.A.Bye.Got = true
		w.end(mapping.EndedByCaller)
	case leg.ByeOver:
		w.A.Bye.Pending = false
	case leg.AckFired:
		if !w.A.Acked {
			w.A.AckOver = true
			w.end(mapping.EndedByTimeout)
		}
	}
	return w
}

// happenAck notes the ACK to our 2xx, which has to bring what that asked for.
func (w *wire) happenAck(in leg.Input) {
	if w.A.waits() && w.A.Talk.Offer == offerOurs {
		if in.Body != leg.BodyAnswer {
			w.end(mapping.EndedByCaller)
		}
		w.A.Talk.answered()
	}
	w.A.Acked = true
}

// happenPrack notes the PRACK to our 18x, likewise.
func (w *wire) happenPrack(in leg.Input) {
	w.A.Prack = false
	if w.A.Talk.Offer != offerOurs {
		return
	}
	if in.Body != leg.BodyAnswer {
		w.end(mapping.EndedByCaller)
	}
	w.A.Talk.answered()
}

// lost reports whether the input says that the peer of an established dialog is
// gone.
func (d *dialogue) lost(in leg.Input) bool {
	return in.Kind == leg.ExpireFired || in.Kind == leg.GotGone || in.Kind == leg.AckFired && d.Waits
}

// out returns a leg that we invite.
func (w *wire) out(on sip.Target) *wireB {
	if on == sip.LegA {
		return &w.First
	}
	return &w.B[on-sip.LegB]
}

// failed notes that a leg that we invite has not answered: who is rung first is the
// only one.
func (w *wire) failed(on sip.Target, by mapping.EndedBy, cause leg.Cause) {
	if on == sip.LegA {
		w.end(by)
		return
	}
	w.missed(by, cause)
}

// happenOut notes what happens to a leg that we invite.
func (w *wire) happenOut(on sip.Target, in leg.Input) {
	b, who := w.out(on), mapping.EndedByCallee
	if on == sip.LegA {
		who = mapping.EndedByCaller
	}
	b.Running.fire(in)
	if b.standing(w.Call) == standingConfirmed && b.Talk.lost(in) {
		w.end(mapping.EndedByFailure)
	}
	b.Talk.happen(in, b.standing(w.Call))
	wanted := b.rings()
	switch in.Kind {
	case leg.GotTrying:
		b.provisional(heard100)
	case leg.GotRinging, leg.GotProgress:
		if in.Reliable {
			b.OwePrack = true
		}
		if in.Reliable && in.Body == leg.BodyAnswer {
			b.Talk.answered()
		}
		b.provisional(heard18x)
	case leg.GotOK, leg.GotBadOK:
		if b.Final != final2xx {
			b.Talk.Timer = in.Timer
			b.Talk.answered()
		}
		b.answer()
		switch {
		case wanted && in.Kind == leg.GotBadOK:
			b.Released = true
			w.failed(on, mapping.EndedByFailure, leg.CauseMedia)
		case wanted && on != sip.LegA:
			w.answered(uint8(on - sip.LegB))
		}
	case leg.GotRetry:
		b.Final, b.Retry = finalNo, true
		if wanted && b.Heard == heard18x {
			w.failed(on, decliner(in.Cause, who), in.Cause)
		}
	case leg.GatewayFired:
		b.Dropped = true
	case leg.GotFinal:
		b.Final = finalNo
		if wanted {
			w.failed(on, decliner(in.Cause, who), in.Cause)
		}
	case leg.GotFailure:
		b.Final = finalNo
		if wanted && (b.Heard == heard18x || b.Left == 0) {
			w.failed(on, mapping.EndedByFailure, leg.CauseFailed)
		}
	case leg.GotBye:
		b.Bye.Got = true
		switch {
		case wanted:
			b.Released = true
			w.failed(on, who, leg.CauseHangup)
		case on == sip.LegA || w.Call.Hunt.Won == uint8(on-sip.LegB)+1:
			w.end(who)
		}
	case leg.ByeOver:
		b.Bye.Pending = false
	case leg.CancelFired:
		b.GaveUp = true
	}
}

// provisional notes a 1xx, which may come late.
func (b *wireB) provisional(h heard) {
	b.Tagged = b.Tagged || h == heard18x
	if b.Final == finalNone {
		b.Heard = max(b.Heard, h)
	}
}

// answer notes a 2xx. The first makes a dialog, whatever became of an early one.
func (b *wireB) answer() {
	if b.Final != final2xx {
		b.Stray = b.Final == finalNo || b.GaveUp
		b.Final, b.Bye = final2xx, bye{}
	}
	b.Tagged, b.Owed = true, true
}

// end notes who ended the call: the first to do so.
func (w *wire) end(by mapping.EndedBy) {
	switch {
	case w.Call.Parted && !w.Call.Ended: // that it will end was said before
		w.Call.Ended = true
	case !w.Call.Ended:
		w.Call.Ended, w.Call.By = true, by
	}
}

// perform returns what the onlooker knows after an action.
func (w wire) perform(a sip.Action) wire {
	switch a.On {
	case sip.LegA:
		if w.Call.Ours {
			w.First.perform(a.Leg)
			return w
		}
		w.A.perform(a.Leg)
		w.Call.Hunt.perform(a.Leg)
		w.Call.Talked = w.Call.Talked || a.Leg.Do == leg.SendOK && !w.Call.Asked
	case sip.Whole:
		w.Call.perform(a.Do)
	default:
		w.B[a.On-sip.LegB].perform(a.Leg)
	}
	return w
}

func (a *wireA) perform(act leg.Action) {
	a.Talk.perform(act)
	switch act.Do {
	case leg.SendRinging, leg.SendProgress:
		a.Said, a.Tagged, a.Prack = max(a.Said, said18x), true, a.Prack || act.Reliable
		if act.Reliable {
			a.say(act.Body)
		}
	case leg.SendOK:
		a.Said, a.Tagged, a.Status = said2xx, true, 200
		a.say(act.Body)
	case leg.SendFinal:
		a.Said, a.Status, a.Prack = saidNo, act.Cause.Status(), false
	case leg.SendBye:
		a.Bye.send()
	case leg.StartTimer:
		a.Running[act.Timer] = true
	case leg.StopTimer:
		a.Running[act.Timer] = false
	}
}

// say notes the SDP of a response that is sent until it is acknowledged.
func (a *wireA) say(b leg.Body) {
	switch b {
	case leg.BodyAnswer:
		a.Talk.answered()
	case leg.BodyOffer:
		a.Talk.Offer = offerOurs
	}
}

func (b *wireB) perform(act leg.Action) {
	b.Talk.perform(act)
	switch act.Do {
	case leg.SendInvite:
		*b = wireB{Invited: true, Released: b.Released, Left: b.Left - 1, Running: b.Running, Talk: dialogue{Offer: offerOurs}}
	case leg.SendAgain:
		*b = wireB{Invited: true, Released: b.Released, Left: b.Left, Running: b.Running, Talk: dialogue{Offer: offerOurs}}
	case leg.SendPrack:
		b.OwePrack = false
	case leg.SendAck:
		b.Owed = false
	case leg.SendCancel:
		b.Cancelled = true
	case leg.SendBye:
		b.Bye.send()
	case leg.StartTimer:
		b.Running[act.Timer] = true
	case leg.StopTimer:
		b.Running[act.Timer] = false
	}
}

func (c *wireCall) perform(v sip.Verb) {
	switch v {
	case sip.OpenEarly:
		c.Bridge = sip.BridgeEarly
	case sip.OpenBridge:
		c.Bridge, c.Talked = sip.BridgeOpen, c.Talked || c.Asked || c.Ours
	case sip.CutBridge:
		c.Bridge = sip.BridgeCut
	case sip.AskPIN:
		c.Entry = true
	case sip.Seek:
		c.Sought = true
	case sip.PartBridge:
		c.Bridge = sip.BridgeParted
	case sip.StartCallTimer:
		c.Clock = true
	case sip.StopCallTimer:
		c.Clock = false
	case sip.PlayNotice:
		c.Notice = true
	case sip.StopNotice:
		c.Notice = false
	case sip.RingNext:
		c.Hunt.Seeking = true
	case sip.StartRingTimer:
		c.Ring = true
	case sip.StopRingTimer:
		c.Ring = false
	case sip.WriteRecord:
		c.Records = min(c.Records+1, 2)
	}
}

// stopper returns who ends a call that is told to stop, in the CDR's words.
func stopper(c leg.Cause) mapping.EndedBy {
	switch c {
	case leg.CauseComplete:
		return mapping.EndedByComplete
	case leg.CauseOperator:
		return mapping.EndedByOperator
	case leg.CauseShutdown:
		return mapping.EndedByShutdown
	case leg.CauseRefused, leg.CauseLoop, leg.CauseUnproven, leg.CauseOccupied:
		return mapping.EndedByPolicy
	case leg.CauseLost:
		return mapping.EndedByTimeout
	default:
		return mapping.EndedByFailure
	}
}

// decliner returns who ends a call by a final response, in the CDR's words, if it
// is who's.
func decliner(c leg.Cause, who mapping.EndedBy) mapping.EndedBy {
	if c == leg.CauseBusy || c == leg.CauseNoAnswer {
		return who
	}
	return mapping.EndedByFailure
}
