package sip_test

import (
	"time"

	"maskd/sip"
	"maskd/sip/leg"
)

// scope is a part of what can happen to a call that is walked through to its
// end. All of it at once would be millions of states, and is not needed: a leg
// has a part of its state only before its ACK and another only after it, and
// what crosses from one leg to the other is an enum. So each scope has all of
// one part, and of the others what that part can bring about; how the two
// sessions meet is one of them.
type scope struct {
	name     string
	asks     []leg.Asks         // what the caller's INVITE may ask for
	stops    []leg.Cause        // what the call may be told to stop for
	declines []leg.Cause        // what a final response may stand for
	early    []bool             // whether a B that describes itself before the answer may be heard
	reliable bool               // whether B's provisional responses may want a PRACK
	plan     sip.Plan           // how the numbers are rung
	brief    bool               // a leg that is over is heard of no more, and rings or doesn't
	gateways uint8              // how many there are to try at most
	timersA  []leg.SessionTimer // what an exchange with A may agree on
	timersB  []leg.SessionTimer // and one with B
	asksA    func(*wire) bool   // whether A may send re-INVITE and UPDATE now
	asksB    func(*wire) bool   // whether B may
	from     []sip.Event        // what has happened before
	notices  bool               // whether the call may be refused, parted and limited as an announced one
	ours     bool               // we begin the call
	confirms bool               // and A is to press a key
}

// few are a complete that hangs up, and a peer that is found dead.
var few = []leg.Cause{leg.CauseComplete, leg.CauseLost}

var (
	untimed    = []leg.SessionTimer{{}}
	everyTimer = []leg.SessionTimer{{}, {Every: 90 * time.Second}, {Every: 90 * time.Second, Ours: true}}
)

func never(*wire) bool       { return false }
func beforeACK(w *wire) bool { return w.standingOfA() != standingConfirmed }
func beforeOK(w *wire) bool  { return w.standingOfB(0) != standingConfirmed }
func anytime(*wire) bool     { return true }
func unproven(w *wire) bool  { return !w.Call.Proven }
func beforeEnd(w *wire) bool { return !w.Call.Ended }

// The scopes by their index.
const (
	setUp = iota
	askedFor
	offeredEarly
	callersSession
	calleesSession
	bothSessions
	callersProof
	announced
	parted
	inTurns
	atOnce
	ourCall
	ourConfirmedCall
	firstsSession
	ourTurns
	ourParted
)

// scopes are walked one after the other.
var scopes = []scope{
	setUp: {name: "set-up and every end", asks: []leg.Asks{{}}, stops: causes, declines: declines, gateways: 2,
		timersA: untimed, timersB: untimed, asksA: never, asksB: never},
	askedFor: {name: "what the caller asks for", asks: everyAsks(), stops: few, declines: declines[:1], gateways: 1, early: []bool{false, true},
		timersA: untimed, timersB: untimed, asksA: beforeACK, asksB: never},
	offeredEarly: {name: "what the callee offers early", asks: []leg.Asks{{}, {Reliable: leg.ReliableMaybe}}, stops: few, declines: declines[:1], gateways: 1, early: []bool{false, true}, reliable: true,
		timersA: untimed, timersB: untimed, asksA: never, asksB: beforeOK},
	callersSession: {name: "the caller's session", asks: timedAsks(), stops: few, declines: declines[:1], gateways: 1,
		timersA: everyTimer, timersB: untimed, asksA: anytime, asksB: never, from: normalCall[:5]},
	calleesSession: {name: "the callee's session", asks: []leg.Asks{{}}, stops: few, declines: declines[:1], gateways: 1,
		timersA: untimed, timersB: everyTimer, asksA: never, asksB: anytime, from: normalCall[:5]},
	bothSessions: {name: "both sessions", asks: []leg.Asks{{}}, stops: few, declines: declines[:1], gateways: 1,
		timersA: untimed, timersB: untimed, asksA: beforeEnd, asksB: beforeEnd, from: normalCall[:5]},
	callersProof: {name: "the caller's proof", asks: []leg.Asks{{}, {Late: true}}, stops: few, declines: declines[:1], gateways: 1, early: []bool{true},
		timersA: untimed, timersB: untimed, asksA: unproven, asksB: never, from: []sip.Event{{Kind: sip.Ask}}},
	announced: {name: "what is heard in place of a refusal", asks: everyAsks(), stops: few, declines: declines[:1], gateways: 1, notices: true,
		timersA: untimed, timersB: untimed, asksA: beforeACK, asksB: never},
	parted: {name: "what is heard after a talk, and how long that may be", asks: []leg.Asks{{}}, stops: few, declines: declines[:1], gateways: 1, notices: true,
		timersA: untimed, timersB: untimed, asksA: beforeEnd, asksB: never, from: normalCall[:4]},
	inTurns: {name: "numbers in their turns", asks: []leg.Asks{{}}, stops: few, brief: true, declines: []leg.Cause{leg.CauseBusy, leg.CauseUnreachable}, plan: sip.Plan{Numbers: 2, Together: 1}, gateways: 1,
		timersA: untimed, timersB: untimed, asksA: never, asksB: never},
	atOnce: {name: "numbers at once", asks: []leg.Asks{{}}, stops: few, brief: true, declines: []leg.Cause{leg.CauseBusy}, plan: sip.Plan{Numbers: 2, Together: 2}, gateways: 1,
		timersA: untimed, timersB: untimed, asksA: never, asksB: never},
	ourCall: {name: "a call that we begin", asks: []leg.Asks{{}}, stops: few, declines: declines[:2], gateways: 2, early: []bool{false},
		timersA: untimed, timersB: untimed, asksA: never, asksB: never, ours: true},
	ourConfirmedCall: {name: "a call that we begin and that is confirmed", asks: []leg.Asks{{}}, stops: few, declines: declines[:1], gateways: 1, early: []bool{true},
		timersA: untimed, timersB: untimed, asksA: never, asksB: never, ours: true, confirms: true, from: []sip.Event{{Kind: sip.Originate, Gateways: 1}}},
	firstsSession: {name: "the first's session, in a call that we begin", asks: []leg.Asks{{}}, stops: few, declines: declines[:1], gateways: 1,
		timersA: everyTimer, timersB: untimed, asksA: anytime, asksB: never, ours: true, from: ourTalk},
	ourTurns: {name: "numbers in their turns, in a call that we begin", asks: []leg.Asks{{}}, stops: few, brief: true, declines: []leg.Cause{leg.CauseBusy}, plan: sip.Plan{Numbers: 2, Together: 1}, gateways: 1,
		timersA: untimed, timersB: untimed, asksA: never, asksB: never, ours: true},
	ourParted: {name: "what is heard after a talk that we began", asks: []leg.Asks{{}}, stops: few, declines: declines[:1], gateways: 1, notices: true,
		timersA: untimed, timersB: untimed, asksA: beforeEnd, asksB: never, ours: true, from: ourTalk},
}

func everyAsks() (all []leg.Asks) {
	for r := range leg.ReliableRequired + 1 {
		all = append(all, leg.Asks{Reliable: r}, leg.Asks{Reliable: r, Late: true})
	}
	return all
}

func timedAsks() (all []leg.Asks) {
	for _, t := range everyTimer {
		all = append(all, leg.Asks{Timer: t})
	}
	return all
}

// first is what is known when an INVITE has been admitted, and all has happened
// that happens before.
func (in *scope) first(step stepFunc, asks leg.Asks) node {
	if in.ours {
		return in.begun(step)
	}
	n := node{State: sip.State{A: leg.UAS{Asks: asks}}}
	n.Wire.A.Asks, n.Wire.A.Talk.Timer = asks, asks.Timer
	if !asks.Late {
		n.Wire.A.Talk.Offer = offerTheirs
	}
	return in.after(step, n)
}

// begun is what is known when we are about to begin a call, and all has happened
// that happens before.
func (in *scope) begun(step stepFunc) node {
	n := node{State: sip.Originated(in.confirms)}
	n.Wire.Call.Ours, n.Wire.Call.Asked = true, in.confirms
	return in.after(step, n)
}

// after is what is known when all has happened that happens before.
func (in *scope) after(step stepFunc, n node) node {
	var t transition
	for _, e := range in.from {
		t.take(step, n, e)
		n = t.to()
	}
	return n
}
