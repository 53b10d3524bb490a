package sip_test

import (
	"maskd/sip"
	"maskd/sip/leg"
)

// causes are all that a call can be told to stop for.
var causes = []leg.Cause{
	leg.CauseComplete, leg.CauseOperator, leg.CauseShutdown, leg.CauseRefused, leg.CauseLost,
	leg.CauseMedia, leg.CauseFailed, leg.CauseHangup, leg.CauseCancelled, leg.CauseBusy,
	leg.CauseNoAnswer, leg.CauseUnreachable, leg.CauseOccupied,
}

// declines are all that a final response can stand for.
var declines = []leg.Cause{
	leg.CauseBusy, leg.CauseNoAnswer, leg.CauseUnreachable, leg.CauseMedia, leg.CauseFailed,
}

// possible appends everything that can happen next: all that a network, two
// phones, the clock and the operator can do, polite or not.
func (w *wire) possible(in *scope, to []sip.Event) []sip.Event {
	for _, c := range in.stops {
		to = append(to, sip.Event{Kind: sip.Stop, Cause: c})
	}
	if (!w.Call.Routed || w.Call.Hunt.Seeking) && !w.Call.Refused {
		for n := range in.gateways {
			to = append(to, sip.Event{Kind: sip.Routed, Plan: in.plan, Gateways: n + 1})
		}
		if in.plan.Numbers > 1 {
			to = append(to, sip.Event{Kind: sip.Unrung, Plan: in.plan, Cause: leg.CauseFull})
		}
	}
	if w.Call.Entry {
		to = append(to, sip.Event{Kind: sip.Proven}, sip.Event{Kind: sip.Unproven})
	}
	if w.Call.Ring {
		to = append(to, sip.Event{Kind: sip.RingOver})
	}
	to = w.possibleNotices(in, to)
	if w.Call.Ours {
		to = w.possibleOurs(in, to)
	} else {
		to = w.possibleA(&choices{on: sip.OnA, scope: in, timers: in.timersA, to: to})
	}
	for n := range w.B {
		to = w.B[n].possible(&choices{on: sip.OnB, number: uint8(n), scope: in, timers: in.timersB, to: to}, in.asksB(w))
	}
	return to
}

// choices are what can happen, in the making.
type choices struct {
	on     sip.EventKind
	number uint8 // with OnB
	scope  *scope
	timers []leg.SessionTimer // what an exchange may agree on
	to     []sip.Event
}

// add adds an input that can come.
func (c *choices) add(in leg.Input, can bool) {
	if can {
		c.to = append(c.to, sip.Event{Kind: c.on, Number: c.number, In: in})
	}
}

// bodies adds an input with each of the bodies.
func (c *choices) bodies(k leg.InputKind, can bool, bodies ...leg.Body) {
	for _, b := range bodies {
		c.add(leg.Input{Kind: k, Body: b}, can)
	}
}

// timers adds what the timers that run bring about.
func (c *choices) fire(runs *running) {
	for timer := leg.TimerResend; timer < leg.Timers; timer++ {
		c.add(timer.Fired(), runs[timer])
	}
}

// changes adds what the peer can do about the session, when it knows our tag,
// and what it can say to ours.
func (c *choices) changes(d *dialogue, asks bool) {
	for _, timer := range c.timers {
		c.add(leg.Input{Kind: leg.GotChanged, Body: leg.BodyAnswer, Timer: timer}, d.Change)
		for _, k := range []leg.InputKind{leg.GotReinvite, leg.GotUpdate} {
			c.add(leg.Input{Kind: k, Timer: timer}, asks)
			c.add(leg.Input{Kind: k, Body: leg.BodyOffer, Timer: timer}, asks)
			c.add(leg.Input{Kind: k, Body: leg.BodyOffer, Flow: leg.FlowHold, Timer: timer}, asks)
		}
	}
	c.bodies(leg.GotReinvite, asks, leg.BodyBad)
	c.bodies(leg.GotUpdate, asks, leg.BodyBad)
	c.bodies(leg.GotChanged, d.Change, leg.BodyBad)
	c.bodies(leg.GotChanged, d.Changed, leg.BodyNone)
	for _, k := range []leg.InputKind{leg.GotGlare, leg.GotRefused, leg.GotGone} {
		c.bodies(k, d.Change, leg.BodyNone)
	}
	c.bodies(leg.GotChangeAck, d.Taken, leg.BodyNone)
	c.bodies(leg.GotChangeAck, d.Waits && d.Offer == offerOurs, leg.BodyAnswer, leg.BodyBad)
	c.add(leg.Input{Kind: leg.GotChangeAck, Body: leg.BodyAnswer, Flow: leg.FlowHold}, d.Waits && d.Offer == offerOurs)
}

func (w *wire) possibleA(c *choices) []sip.Event {
	if c.scope.brief && w.A.over() {
		return c.to
	}
	// A CANCEL can be faster than our 2xx: the transaction has then sent 487, and
	// the 2xx never left. We learn it after the step that wanted it sent.
	c.bodies(leg.GotCancel, w.A.Said <= said18x || w.A.waits(), leg.BodyNone)
	c.bodies(leg.GotAck, w.A.Said == said2xx, leg.BodyNone)
	c.bodies(leg.GotAck, w.A.waits() && w.A.Talk.Offer == offerOurs, leg.BodyAnswer, leg.BodyBad)
	ours := w.A.Talk.Offer == offerOurs
	c.bodies(leg.GotPrack, w.A.Prack, leg.BodyNone)
	c.bodies(leg.GotPrack, w.A.Prack && ours, leg.BodyAnswer, leg.BodyBad)
	c.bodies(leg.GotPrack, w.A.Prack && !ours, leg.BodyOffer)
	c.bodies(leg.GotBye, w.A.Tagged, leg.BodyNone)
	c.bodies(leg.ByeOver, w.A.Bye.Sent, leg.BodyNone)
	c.fire(&w.A.Running)
	c.changes(&w.A.Talk, w.A.Tagged && c.scope.asksA(w))
	return c.to
}

// possible is what can happen to a leg that we invite, and whose peer may ask or
// not.
func (b *wireB) possible(c *choices, asks bool) []sip.Event {
	if !b.Invited || c.scope.brief && b.over() {
		return c.to
	}
	if c.scope.brief {
		return b.possibleInBrief(c)
	}
	// A 1xx may be overtaken by what was sent after it, and a 2xx may come from
	// another fork, after anything (RFC 3261 section 13.2.2.4).
	for _, k := range []leg.InputKind{leg.GotTrying, leg.GotRinging, leg.GotProgress, leg.GotBadOK} {
		c.bodies(k, b.Invited, leg.BodyNone)
	}
	for _, timer := range c.timers {
		c.add(leg.Input{Kind: leg.GotOK, Timer: timer}, b.Invited)
	}
	pending := b.Invited && b.Final == finalNone
	for _, early := range c.scope.early {
		c.add(leg.Input{Kind: leg.GotProgress, Body: leg.BodyAnswer, Early: early}, pending)
		c.add(leg.Input{Kind: leg.GotRinging, Reliable: true}, pending && c.scope.reliable)
		c.add(leg.Input{Kind: leg.GotProgress, Body: leg.BodyAnswer, Early: early, Reliable: true}, pending && c.scope.reliable)
	}
	for _, cause := range c.scope.declines {
		c.add(leg.Input{Kind: leg.GotFinal, Cause: cause}, pending)
	}
	c.add(leg.Input{Kind: leg.GotRetry, Cause: leg.CauseUnreachable}, pending)
	c.bodies(leg.GotFailure, pending, leg.BodyNone)
	c.bodies(leg.GotBye, b.Tagged, leg.BodyNone)
	c.bodies(leg.ByeOver, b.Bye.Sent, leg.BodyNone)
	c.fire(&b.Running)
	c.changes(&b.Talk, b.Tagged && asks)
	return c.to
}

// possibleInBrief leaves out what makes a difference to one leg only.
func (b *wireB) possibleInBrief(c *choices) []sip.Event {
	pending := b.Final == finalNone
	c.bodies(leg.GotRinging, pending && b.Heard == heardNothing, leg.BodyNone)
	c.bodies(leg.GotOK, true, leg.BodyNone)
	c.bodies(leg.GotBadOK, pending, leg.BodyNone)
	for _, cause := range c.scope.declines {
		c.add(leg.Input{Kind: leg.GotFinal, Cause: cause}, pending)
	}
	c.bodies(leg.GotFailure, pending, leg.BodyNone)
	c.bodies(leg.GotBye, b.Tagged && !b.Bye.Got, leg.BodyNone)
	c.bodies(leg.ByeOver, b.Bye.Pending, leg.BodyNone)
	c.fire(&b.Running)
	return c.to
}

// silent reports whether the event comes by itself when neither peer ever says
// anything again.
func (w *wire) silent(e sip.Event) bool {
	switch e.Kind {
	case sip.Originate, sip.Routed, sip.Unrung, sip.RingOver, sip.NoticeOver, sip.Unproven: // who types nothing has typed nothing right
		return true
	case sip.Proven, sip.Refuse, sip.Part, sip.Warn, sip.TimeOver:
		return false
	case sip.Stop: // two that talk and fall silent are found out by their media
		return e.Cause == leg.CauseLost && w.Call.Bridge == sip.BridgeOpen && !w.Call.Ended
	}
	switch e.In.Kind {
	case leg.ByeOver, leg.ResendFired, leg.AckFired, leg.EarlyFired, leg.PrackFired, leg.GatewayFired,
		leg.CancelFired, leg.GlareFired, leg.RefreshFired, leg.ExpireFired:
		return true
	case leg.GotGone: // timers B and F
		return true
	case leg.GotFailure: // timer B, which the first 1xx stops (RFC 3261 section 17.1.1.2)
		return e.Kind == sip.OnA && w.First.Heard == heardNothing || e.Kind == sip.OnB && w.B[e.Number].Heard == heardNothing
	default:
		return false
	}
}
