package sip_test

import (
	"slices"
	"testing"

	"maskd/mapping"
	"maskd/sip"
	"maskd/sip/leg"
)

// fault is a mistake that one could make in the machine, and the promise that
// it breaks.
type fault struct {
	name   string
	step   stepFunc
	breaks string
}

var faults = []fault{
	{"the ACK is not sent", without(sip.LegB, leg.SendAck), acknowledged},
	{"a 2xx after the end is ignored", onB(leg.UACEnded, leg.GotOK, ignore), acknowledged},
	{"a 2xx that crossed CANCEL is not ended", onB(leg.UACCancelling, leg.GotOK, dropping(sip.LegB, leg.SendBye)), acknowledged},

	{"CANCEL does not wait for a 1xx", cancelAtOnce, lawful},
	{"CANCEL after the final response", onB(leg.UACCancelling, leg.GotFinal, adding(sip.LegB, leg.SendCancel)), lawful},
	{"BYE does not wait for the ACK", byeBeforeAck, lawful},
	{"200 after CANCEL", onB(leg.UACCancelling, leg.GotOK, adding(sip.LegA, leg.SendOK)), lawful},
	{"180 after CANCEL", onB(leg.UACCancelling, leg.GotRinging, adding(sip.LegA, leg.SendRinging)), lawful},
	{"the next gateway after ringing", onB(leg.UACEarly, leg.GotFailure, asIfProceeding), lawful},
	{"the next gateway after the end", onB(leg.UACCancelWait, leg.GotFailure, adding(sip.LegB, leg.SendInvite)), lawful},

	{"A's end is not told to B", keepB, together},
	{"B's end is not told to A", keepA, together},
	{"a CANCEL that was faster than our 200 is ignored", onA(leg.UASAnswered, leg.GotCancel, ignore), together},
	{"CANCEL is not sent", without(sip.LegB, leg.SendCancel), together},
	{"stop is ignored while it rings", ignoreStopInEarly, together},

	{"the bridge is not cut", withoutVerb(sip.CutBridge), bridged},
	{"the bridge is cut last", cutLast, bridged},
	{"A is answered when B rings", onB(leg.UACCalling, leg.GotRinging, answering), bridged},
	{"the bridge opens at every 2xx", onB(leg.UACReleasing, leg.GotOK, opening), bridged},
	{"the bridge does not open", withoutVerb(sip.OpenBridge), bridged},
	{"A is not answered when B answers", without(sip.LegA, leg.SendOK), bridged},

	{"a route that comes after complete is rung", routeAnyway, completed},

	{"a BYE that crosses ours is not accepted", onB(leg.UACReleasing, leg.GotBye, ignore), byeAccepted},
	{"a BYE after the end is not accepted", onA(leg.UASEnded, leg.GotBye, ignore), byeAccepted},
	{"a BYE is accepted twice", onA(leg.UASConfirmed, leg.GotBye, adding(sip.LegA, leg.AcceptBye)), byeAccepted},

	{"the retransmission is not stopped", onA(leg.UASAnswered, leg.GotAck, dropping(sip.LegA, leg.StopTimer)), timed},
	{"the timer after CANCEL is not stopped", without(sip.LegB, leg.StopTimer), timed},
	{"the ring timer is not stopped", withoutVerb(sip.StopRingTimer), timed},

	{"the 2xx is not sent again", withoutTimer(leg.TimerResend), timed},
	{"the 2xx is sent again only once", onA(leg.UASAnswered, leg.ResendFired, dropping(sip.LegA, leg.StartTimer)), timed},

	{"the record is written twice", recordAgain, recorded},
	{"the record is written when A is over", recordEarly, recorded},
	{"the record is not written", withoutVerb(sip.WriteRecord), recorded},
	{"the record says answered", lying(func(e *sip.End) { e.Outcome, e.Status = mapping.OutcomeAnswered, 200 }), recorded},
	{"the record has B's status", lying(func(e *sip.End) { e.Status++ }), recorded},
	{"the record blames the caller", lying(func(e *sip.End) { e.By = mapping.EndedByCaller }), recorded},

	{"nothing ends the ringing", withoutVerb(sip.StartRingTimer), silenceEnds},
	{"nothing ends the wait for the ACK", withoutTimer(leg.TimerAck), silenceEnds},
	{"nothing ends the wait after CANCEL", withoutTimer(leg.TimerCancel), silenceEnds},
	{"the end of our BYE is not noticed", onB(leg.UACReleasing, leg.ByeOver, ignore), silenceEnds},
}

// TestPlantedFaults shows that each property can fail.
func TestPlantedFaults(t *testing.T) {
	untested := map[string]bool{silenceEnds: true}
	for _, p := range properties {
		untested[p.Name] = true
	}
	for _, f := range faults {
		delete(untested, f.breaks)
		t.Run(f.name, func(t *testing.T) {
			b, broken := explore(f.step, f.breaks).breaches[f.breaks]
			if !broken {
				t.Fatalf("not found, but it breaks %q", f.breaks)
			}
			t.Logf("%s: %s\n%s", f.breaks, b.Reason, b.Trace)
		})
	}
	for name := range untested {
		t.Errorf("no fault breaks %q", name)
	}
}

// twist spoils what a right step has made of s and e.
type twist func(s sip.State, e sip.Event, next sip.State, acts []sip.Action) (sip.State, []sip.Action)

// always spoils every step.
func always(tw twist) stepFunc {
	return func(s sip.State, e sip.Event, acts []sip.Action) (sip.State, []sip.Action) {
		next, acts := sip.Step(s, e, acts)
		return tw(s, e, next, acts)
	}
}

// onA spoils what leg A makes of the input in the state.
func onA(in leg.UASState, k leg.InputKind, tw twist) stepFunc {
	return always(func(s sip.State, e sip.Event, next sip.State, acts []sip.Action) (sip.State, []sip.Action) {
		if e.Kind != sip.OnA || e.In.Kind != k || s.A.State != in {
			return next, acts
		}
		return tw(s, e, next, acts)
	})
}

// onB spoils what leg B makes of the input in the state.
func onB(in leg.UACState, k leg.InputKind, tw twist) stepFunc {
	return always(func(s sip.State, e sip.Event, next sip.State, acts []sip.Action) (sip.State, []sip.Action) {
		if e.Kind != sip.OnB || e.In.Kind != k || s.B.State != in {
			return next, acts
		}
		return tw(s, e, next, acts)
	})
}

func ignore(s sip.State, _ sip.Event, _ sip.State, acts []sip.Action) (sip.State, []sip.Action) {
	return s, acts[:0]
}

func dropping(on sip.Target, v leg.Verb) twist {
	return func(_ sip.State, _ sip.Event, next sip.State, acts []sip.Action) (sip.State, []sip.Action) {
		return next, slices.DeleteFunc(acts, func(a sip.Action) bool { return a.On == on && a.Leg.Do == v })
	}
}

func adding(on sip.Target, v leg.Verb) twist {
	return func(_ sip.State, _ sip.Event, next sip.State, acts []sip.Action) (sip.State, []sip.Action) {
		return next, append(acts, sip.Action{On: on, Leg: leg.Action{Do: v}})
	}
}

func without(on sip.Target, v leg.Verb) stepFunc { return always(dropping(on, v)) }

func withoutVerb(v sip.Verb) stepFunc {
	return always(func(_ sip.State, _ sip.Event, next sip.State, acts []sip.Action) (sip.State, []sip.Action) {
		return next, slices.DeleteFunc(acts, func(a sip.Action) bool { return a.On == sip.Whole && a.Do == v })
	})
}

func withoutTimer(timer leg.Timer) stepFunc {
	return always(func(_ sip.State, _ sip.Event, next sip.State, acts []sip.Action) (sip.State, []sip.Action) {
		return next, slices.DeleteFunc(acts, func(a sip.Action) bool { return a.Leg.Do == leg.StartTimer && a.Leg.Timer == timer })
	})
}

// lying spoils the End of a call that nobody answered.
func lying(spoil func(*sip.End)) stepFunc {
	return always(func(s sip.State, _ sip.Event, next sip.State, acts []sip.Action) (sip.State, []sip.Action) {
		if s.End.Outcome == 0 && next.End.Outcome != 0 && s.Bridge == sip.BridgeNone {
			spoil(&next.End)
		}
		return next, acts
	})
}

var cancelAtOnce = always(func(s sip.State, _ sip.Event, next sip.State, acts []sip.Action) (sip.State, []sip.Action) {
	if s.B.State == leg.UACCalling && next.B.State == leg.UACCancelWait {
		next.B = leg.UAC{State: leg.UACCancelling}
		acts = append(acts, sip.Action{On: sip.LegB, Leg: leg.Action{Do: leg.SendCancel}})
	}
	return next, acts
})

var byeBeforeAck = always(func(s sip.State, _ sip.Event, next sip.State, acts []sip.Action) (sip.State, []sip.Action) {
	if s.A.State == leg.UASAnswered && next.A.State == leg.UASClosing {
		next.A = leg.UAS{State: leg.UASReleasing}
		acts = append(acts, sip.Action{On: sip.LegA, Leg: leg.Action{Do: leg.SendBye}})
	}
	return next, acts
})

func asIfProceeding(s sip.State, e sip.Event, _ sip.State, acts []sip.Action) (sip.State, []sip.Action) {
	s.B.State = leg.UACProceeding
	return sip.Step(s, e, acts[:0])
}

var keepA = always(func(s sip.State, e sip.Event, next sip.State, acts []sip.Action) (sip.State, []sip.Action) {
	if e.Kind != sip.OnB || s.End.Outcome != 0 || next.End.Outcome == 0 {
		return next, acts
	}
	next.A = s.A
	return next, slices.DeleteFunc(acts, func(a sip.Action) bool { return a.On == sip.LegA })
})

var keepB = always(func(s sip.State, e sip.Event, next sip.State, acts []sip.Action) (sip.State, []sip.Action) {
	if e.Kind != sip.OnA || s.End.Outcome != 0 || next.End.Outcome == 0 {
		return next, acts
	}
	next.B = s.B
	return next, slices.DeleteFunc(acts, func(a sip.Action) bool { return a.On == sip.LegB })
})

var ignoreStopInEarly = always(func(s sip.State, e sip.Event, next sip.State, acts []sip.Action) (sip.State, []sip.Action) {
	if e.Kind == sip.Stop && s.B.State == leg.UACEarly {
		return s, acts[:0]
	}
	return next, acts
})

var cutLast = always(func(_ sip.State, _ sip.Event, next sip.State, acts []sip.Action) (sip.State, []sip.Action) {
	n := len(acts)
	acts = slices.DeleteFunc(acts, func(a sip.Action) bool { return a.Do == sip.CutBridge })
	if len(acts) < n {
		acts = append(acts, sip.Action{On: sip.Whole, Do: sip.CutBridge})
	}
	return next, acts
})

func answering(_ sip.State, _ sip.Event, next sip.State, acts []sip.Action) (sip.State, []sip.Action) {
	var legActs []leg.Action
	next.A, legActs = next.A.Step(leg.Input{Kind: leg.Answer}, nil)
	for _, a := range legActs {
		acts = append(acts, sip.Action{On: sip.LegA, Leg: a})
	}
	return next, acts
}

func opening(_ sip.State, _ sip.Event, next sip.State, acts []sip.Action) (sip.State, []sip.Action) {
	next.Bridge = sip.BridgeOpen
	return next, append(acts, sip.Action{On: sip.Whole, Do: sip.OpenBridge})
}

func routeAnyway(s sip.State, e sip.Event, acts []sip.Action) (sip.State, []sip.Action) {
	if e.Kind == sip.Routed {
		s.End, s.B = sip.End{}, leg.UAC{}
	}
	return sip.Step(s, e, acts)
}

var recordAgain = always(func(s sip.State, _ sip.Event, next sip.State, acts []sip.Action) (sip.State, []sip.Action) {
	if s.Closed {
		acts = append(acts, sip.Action{On: sip.Whole, Do: sip.WriteRecord})
	}
	return next, acts
})

var recordEarly = always(func(s sip.State, _ sip.Event, next sip.State, acts []sip.Action) (sip.State, []sip.Action) {
	if next.A.Over() && !s.Closed && !next.Closed {
		next.Closed = true
		acts = append(acts, sip.Action{On: sip.Whole, Do: sip.WriteRecord})
	}
	return next, acts
})
