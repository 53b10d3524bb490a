package sip_test

import (
	"maskd/sip"
	"maskd/sip/leg"
)

// causes are all that a call can be told to stop for.
var causes = []leg.Cause{
	leg.CauseComplete, leg.CauseOperator, leg.CauseShutdown, leg.CauseRefused, leg.CauseLost,
	leg.CauseMedia, leg.CauseFailed, leg.CauseHangup, leg.CauseCancelled, leg.CauseBusy,
	leg.CauseNoAnswer, leg.CauseUnreachable,
}

// declines are all that a final response can stand for.
var declines = []leg.Cause{
	leg.CauseBusy, leg.CauseNoAnswer, leg.CauseUnreachable, leg.CauseMedia, leg.CauseFailed,
}

// maxGateways is how many gateways the walk has to try: one to fail, one to
// fail over to.
const maxGateways = 2

// possible appends everything that can happen next: all that a network, two
// phones, the clock and the operator can do, polite or not.
func (w wire) possible(to []sip.Event) []sip.Event {
	for _, c := range causes {
		to = append(to, sip.Event{Kind: sip.Stop, Cause: c})
	}
	if !w.Call.Routed {
		for n := range uint8(maxGateways) {
			to = append(to, sip.Event{Kind: sip.Routed, Gateways: n + 1})
		}
	}
	if w.Call.Ring {
		to = append(to, sip.Event{Kind: sip.RingOver})
	}
	return w.possibleB(w.possibleA(to))
}

func (w wire) possibleA(to []sip.Event) []sip.Event {
	add := func(k leg.InputKind, can bool) {
		if can {
			to = append(to, sip.Event{Kind: sip.OnA, In: leg.Input{Kind: k}})
		}
	}
	// A CANCEL can be faster than our 2xx: the transaction has then sent 487, and
	// the 2xx never left. We learn it after the step that wanted it sent.
	add(leg.GotCancel, w.A.Said <= said18x || w.A.waits())
	add(leg.GotAck, w.A.Said == said2xx)
	add(leg.GotBye, w.A.Tagged)
	add(leg.ByeOver, w.A.Bye.Sent)
	add(leg.ResendFired, w.A.Running[leg.TimerResend])
	add(leg.AckFired, w.A.Running[leg.TimerAck])
	return to
}

func (w wire) possibleB(to []sip.Event) []sip.Event {
	add := func(k leg.InputKind, c leg.Cause, can bool) {
		if can {
			to = append(to, sip.Event{Kind: sip.OnB, In: leg.Input{Kind: k, Cause: c}})
		}
	}
	// A 1xx may be overtaken by what was sent after it, and a 2xx may come from
	// another fork, after anything (RFC 3261 section 13.2.2.4).
	for _, k := range []leg.InputKind{leg.GotTrying, leg.GotRinging, leg.GotProgress, leg.GotOK, leg.GotBadOK} {
		add(k, 0, w.B.Invited)
	}
	pending := w.B.Invited && w.B.Final == finalNone
	for _, c := range declines {
		add(leg.GotFinal, c, pending)
	}
	add(leg.GotFailure, 0, pending)
	add(leg.GotBye, 0, w.B.Tagged)
	add(leg.ByeOver, 0, w.B.Bye.Sent)
	add(leg.CancelFired, 0, w.B.Running[leg.TimerCancel])
	return to
}

// silent reports whether the event comes by itself when neither peer ever says
// anything again.
func (w wire) silent(e sip.Event) bool {
	switch e.Kind {
	case sip.Routed, sip.RingOver:
		return true
	case sip.Stop: // two that talk and fall silent are found out by their media
		return e.Cause == leg.CauseLost && w.Call.Bridge == sip.BridgeOpen && !w.Call.Ended
	}
	switch e.In.Kind {
	case leg.ByeOver, leg.ResendFired, leg.AckFired, leg.CancelFired:
		return true
	case leg.GotFailure: // timer B, which the first 1xx stops (RFC 3261 section 17.1.1.2)
		return w.B.Heard == heardNothing
	default:
		return false
	}
}
