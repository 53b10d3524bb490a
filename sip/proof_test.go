package sip_test

import (
	"maskd/mapping"
	"maskd/sip"
)

// happenProof notes what became of the question for a PIN.
func (w *wire) happenProof(k sip.EventKind) {
	w.Call.Entry = false
	switch k {
	case sip.Ask:
		w.Call.Asked = true
	case sip.Proven:
		w.Call.Proven = true
	case sip.Unproven:
		w.Call.Wrong++
		switch {
		case w.Call.Ours && w.Call.Wrong == 2:
			w.end(mapping.EndedByTimeout)
		case w.Call.Wrong == mapping.PINTries:
			w.end(mapping.EndedByPolicy)
		}
	}
}

// checkProved holds that B hears of nothing before the PIN was right, and that
// the caller is listened to for as long as he may try.
func checkProved(t *transition) string {
	if t.before().Call.Ours {
		return ""
	}
	for i, a := range t.Acts {
		w := t.at(i)
		unproven := w.Call.Asked && !w.Call.Proven
		switch {
		case a.On >= sip.LegB && unproven:
			return "before the PIN was right: " + nameAction(a)
		case a.On == sip.Whole && (a.Do == sip.OpenBridge || a.Do == sip.OpenEarly || a.Do == sip.StartRingTimer) && unproven:
			return "before the PIN was right: " + nameAction(a)
		case a.On == sip.Whole && a.Do == sip.PlayRingback && (!w.Call.Proven || w.Call.Ended):
			return "a ringback, and nobody will be rung"
		case a.On == sip.Whole && a.Do == sip.AskPIN && (!unproven || w.Call.Ended || w.Call.Wrong >= mapping.PINTries):
			return "there is nothing to ask for"
		case a.On == sip.Whole && a.Do == sip.AskPIN && !w.A.Acked:
			return "asked before it can be heard"
		}
	}
	w := t.after()
	if w.Call.Asked && !w.Call.Proven && !w.Call.Ended && w.A.Acked && !w.Call.Entry {
		return "the caller may try, and nobody listens"
	}
	return ""
}

// onProof is faulty in one event.
func onProof(k sip.EventKind, faulty stepFunc) stepFunc {
	return func(s sip.State, e sip.Event, acts []sip.Action) (sip.State, []sip.Action) {
		if e.Kind == k {
			return faulty(s, e, acts)
		}
		return sip.Step(s, e, acts)
	}
}

// ringUnproven takes a route for a proof.
func ringUnproven(s sip.State, e sip.Event, acts []sip.Action) (sip.State, []sip.Action) {
	if e.Kind == sip.Routed {
		s.Proof = sip.ProofGiven
	}
	return sip.Step(s, e, acts)
}

// believing rings when the third PIN was wrong.
func believing(s sip.State, e sip.Event, acts []sip.Action) (sip.State, []sip.Action) {
	if e.Kind != sip.Unproven || s.Wrong+1 < mapping.PINTries {
		return sip.Step(s, e, acts)
	}
	s, acts = sip.Step(s, sip.Event{Kind: sip.Proven}, acts)
	return sip.Step(s, sip.Event{Kind: sip.Routed, Gateways: 1}, acts)
}

// guessing forgets how often it was wrong.
func guessing(s sip.State, e sip.Event, acts []sip.Action) (sip.State, []sip.Action) {
	s.Wrong = 0
	return sip.Step(s, e, acts)
}

// provedTalk takes our own answer for B's.
func provedTalk(s sip.State, e sip.Event, acts []sip.Action) (sip.State, []sip.Action) {
	s, acts = sip.Step(s, e, acts)
	if s.End.Outcome != 0 && s.Answered && s.Proof == sip.ProofAsked {
		s.End.Outcome = mapping.OutcomeAnswered
	}
	return s, acts
}
