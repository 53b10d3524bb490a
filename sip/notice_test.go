package sip_test

import (
	"slices"

	"maskd/mapping"
	"maskd/sip"
	"maskd/sip/leg"
)

// happenNotice notes that something is to be heard before the end, or was.
func (w *wire) happenNotice(e sip.Event) {
	switch e.Kind {
	case sip.Refuse:
		w.refuse()
	case sip.Part:
		w.part()
	case sip.NoticeOver:
		w.Call.Notice = false
		by := mapping.EndedByPolicy
		if w.Call.Parted {
			w.Call.Completed = true
		}
		w.end(by)
	case sip.TimeOver:
		w.Call.Clock = false
		w.end(mapping.EndedByLimit)
	}
}

// refuse: who made no offer hears nothing before the end, and whoever has heard
// of progress is not refused any more.
func (w *wire) refuse() {
	switch {
	case w.Call.Ended || w.Call.Refused:
	case w.A.Asks.Late || w.A.Said != said100:
		w.end(mapping.EndedByPolicy)
	default:
		w.Call.Refused = true
	}
}

// part: only who talks hears anything.
func (w *wire) part() {
	talking := w.standingOfA() == standingConfirmed && w.standingOfB(max(w.Call.Hunt.Won, 1)-1) == standingConfirmed && !w.Call.Parted
	if talking {
		w.Call.Parted, w.Call.By = true, mapping.EndedByComplete
		return
	}
	w.Call.Completed = true
	w.end(mapping.EndedByComplete)
}

// possibleNotices adds what can happen to calls that are refused, parted or
// limited.
func (w *wire) possibleNotices(in *scope, to []sip.Event) []sip.Event {
	if w.Call.Notice {
		to = append(to, sip.Event{Kind: sip.NoticeOver})
	}
	if !in.notices {
		return to
	}
	to = append(to, sip.Event{Kind: sip.Part, Cause: leg.CauseComplete})
	if !w.Call.Routed {
		to = append(to, sip.Event{Kind: sip.Refuse, Cause: leg.CauseRefused})
	}
	if w.Call.Clock {
		to = append(to, sip.Event{Kind: sip.Warn}, sip.Event{Kind: sip.TimeOver})
	}
	return to
}

func checkNoticed(t *transition) string {
	for i, a := range t.Acts {
		if reason := checkHeard(t, t.at(i), a); reason != "" {
			return reason
		}
	}
	w := t.after()
	saying := (w.Call.Refused || w.Call.Parted) && !w.Call.Ended
	switch {
	case w.Call.Notice != saying:
		return "it is to be heard, and is not waited for, or the reverse"
	case w.Call.Parted && !w.Call.Ended && w.Call.Bridge != sip.BridgeParted:
		return "the two are parted, and hear each other"
	case w.Call.Clock != (w.Call.Bridge == sip.BridgeOpen):
		return "the time is counted though they don't talk, or the reverse"
	case t.Event.Kind == sip.Warn && w.Call.Bridge == sip.BridgeOpen && !did(t, sip.PlayWarning):
		return "nobody is warned"
	default:
		return ""
	}
}

// checkHeard returns what is wrong with the action, knowing w.
func checkHeard(t *transition, w *wire, a sip.Action) string {
	switch {
	case a.On >= sip.LegB && a.Leg.Do == leg.SendInvite && w.Call.Refused:
		return "somebody is rung for a call that is refused"
	case a.On == sip.Whole && a.Do == sip.PlayWarning && w.Call.Bridge != sip.BridgeOpen:
		return "a warning, and nobody talks"
	case a.On == sip.Whole && a.Do == sip.PlayNotice && w.Call.Refused && w.A.Said != said18x:
		return "A can't hear it yet"
	case a.On == sip.Whole && a.Do == sip.PlayNotice && !w.Call.Refused && w.Call.Bridge != sip.BridgeParted:
		return "it is played while the two hear each other"
	case w.Call.Parted && !w.Call.Ended && crosses(t.Event.Kind, a):
		return "it crosses from one to the other: " + nameAction(a)
	default:
		return ""
	}
}

// crosses reports whether what happened to one leg is told the other.
func crosses(from sip.EventKind, a sip.Action) bool {
	return from == sip.OnA && a.On >= sip.LegB || from == sip.OnB && a.On == sip.LegA
}

func did(t *transition, v sip.Verb) bool {
	for _, a := range t.Acts {
		if a.On == sip.Whole && a.Do == v {
			return true
		}
	}
	return false
}

// onEvent is faulty in one event.
func onEvent(k sip.EventKind, faulty stepFunc) stepFunc { return onProof(k, faulty) }

// ringRefused forgets that the call is refused when its route comes late.
func ringRefused(s sip.State, e sip.Event, acts []sip.Action) (sip.State, []sip.Action) {
	if e.Kind == sip.Refuse {
		s, acts = sip.Step(s, e, acts)
		s.Notice = sip.NoticeNone
		return sip.Step(s, sip.Event{Kind: sip.Routed, Gateways: 1}, acts)
	}
	return sip.Step(s, e, acts)
}

// passing lets a leg that is parted tell the other.
func passing(s sip.State, e sip.Event, acts []sip.Action) (sip.State, []sip.Action) {
	parted := s.Bridge == sip.BridgeParted
	if parted {
		s.Bridge = sip.BridgeOpen
	}
	s, acts = sip.Step(s, e, acts)
	if parted && s.Bridge == sip.BridgeOpen {
		s.Bridge = sip.BridgeParted
	}
	return s, acts
}

// playEarly plays before A is told that there is sound.
func playEarly(_ sip.State, e sip.Event, next sip.State, acts []sip.Action) (sip.State, []sip.Action) {
	if e.Kind == sip.Refuse {
		slices.Reverse(acts)
	}
	return next, acts
}
