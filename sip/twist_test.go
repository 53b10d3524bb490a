package sip_test

import (
	"slices"

	"maskd/mapping"
	"maskd/sip"
	"maskd/sip/leg"
)

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
		if e.Kind != sip.OnB || e.In.Kind != k || s.B[e.Number].State != in {
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
	if s.B[0].State == leg.UACCalling && next.B[0].State == leg.UACCancelWait {
		next.B[0] = leg.UAC{State: leg.UACCancelling}
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
	s.B[e.Number].State = leg.UACProceeding
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
	if e.Kind == sip.Stop && s.B[0].State == leg.UACEarly {
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

var ignoreStopInSession = always(func(s sip.State, e sip.Event, next sip.State, acts []sip.Action) (sip.State, []sip.Action) {
	if e.Kind == sip.Stop && s.A.Session.State == leg.SessionAnswered {
		return s, acts[:0]
	}
	return next, acts
})

var changeAfterStop = always(func(s sip.State, e sip.Event, next sip.State, acts []sip.Action) (sip.State, []sip.Action) {
	if e.Kind == sip.Stop && s.B[0].State == leg.UACConfirmed {
		acts = append(acts, sip.Action{On: sip.LegB, Leg: leg.Action{Do: leg.SendChange, Body: leg.BodyOffer}})
	}
	return next, acts
})

var ringAtOnce = always(func(s sip.State, _ sip.Event, next sip.State, acts []sip.Action) (sip.State, []sip.Action) {
	if s.A.Early.Next == 0 && next.A.Early.Next != 0 {
		acts = append(acts, sip.Action{On: sip.LegA, Leg: leg.Action{Do: next.A.Early.Next, Reliable: true}})
	}
	return next, acts
})

var answerAgain = always(func(_ sip.State, _ sip.Event, next sip.State, acts []sip.Action) (sip.State, []sip.Action) {
	for i := range acts {
		if acts[i].Leg.Do == leg.SendOK && next.A.Early.Settled {
			acts[i].Leg.Body = leg.BodyAnswer
		}
	}
	return next, acts
})

// saying gives a message another body.
func saying(v leg.Verb, b leg.Body) stepFunc {
	return always(func(_ sip.State, _ sip.Event, next sip.State, acts []sip.Action) (sip.State, []sip.Action) {
		for i := range acts {
			if acts[i].Leg.Do == v {
				acts[i].Leg.Body = b
			}
		}
		return next, acts
	})
}

var acceptAnything = always(func(_ sip.State, _ sip.Event, next sip.State, acts []sip.Action) (sip.State, []sip.Action) {
	for i := range acts {
		if acts[i].Leg.Do == leg.RefuseChange && acts[i].Leg.Status == 491 {
			acts[i].Leg = leg.Action{Do: leg.AcceptChange, Body: leg.BodyAnswer}
		}
	}
	return next, acts
})

var changeAtOnce = always(func(_ sip.State, _ sip.Event, next sip.State, acts []sip.Action) (sip.State, []sip.Action) {
	if next.A.Session.State == leg.SessionAnswered && next.A.Session.Wish != leg.WishNothing {
		next.A.Session.Wish = leg.WishNothing
		acts = append(acts, sip.Action{On: sip.LegA, Leg: leg.Action{Do: leg.SendRefresh, Body: leg.BodyOffer}})
	}
	return next, acts
})

var refreshToo = always(func(s sip.State, e sip.Event, next sip.State, acts []sip.Action) (sip.State, []sip.Action) {
	if e.Kind == sip.OnB && s.B[0].Session.Timer.Every == 0 && next.B[0].Session.Timer.Every > 0 && !next.B[0].Session.Timer.Ours {
		acts = append(acts, sip.Action{On: sip.LegB, Leg: leg.Action{Do: leg.StartTimer, Timer: leg.TimerRefresh, After: leg.T1}})
	}
	return next, acts
})

var answeredUnsaid = always(func(s sip.State, _ sip.Event, next sip.State, acts []sip.Action) (sip.State, []sip.Action) {
	if s.A.Early.Answered && s.End.Outcome == 0 && next.End.Outcome != 0 {
		next.End.Outcome, next.End.Status = mapping.OutcomeAnswered, 200
	}
	return next, acts
})

func previewing(_ sip.State, _ sip.Event, next sip.State, acts []sip.Action) (sip.State, []sip.Action) {
	return next, append(acts, sip.Action{On: sip.Whole, Do: sip.OpenEarly})
}

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
		s.End, s.B, s.Hunt = sip.End{}, sip.State{}.B, sip.Hunt{}
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
