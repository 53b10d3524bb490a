package sip_test

import (
	"maskd/sip"
	"maskd/sip/leg"
)

// What an onlooker knows of a call that we begin, besides what he knows of any.

// ourTalk is a call that we begin, until its parties talk.
var ourTalk = []sip.Event{
	{Kind: sip.Originate, Gateways: 1},
	{Kind: sip.OnA, In: leg.Input{Kind: leg.GotRinging}},
	{Kind: sip.OnA, In: leg.Input{Kind: leg.GotOK}},
	{Kind: sip.Routed, Gateways: 1},
	{Kind: sip.OnB, In: leg.Input{Kind: leg.GotRinging}},
	{Kind: sip.OnB, In: leg.Input{Kind: leg.GotOK}},
}

// there reports whether who is rung first is there.
func (w *wire) there() bool { return w.First.Final == final2xx && w.First.Bye.none() && !w.Call.Ended }

// fetched reports whether B may be rung, as far as A has to be there for it.
func (w *wire) fetched() bool { return !w.Call.Ours || w.there() }

// fetchedOurs reports whether A is there in a call that we begin.
func (w *wire) fetchedOurs() bool { return w.Call.Ours && w.First.Final == final2xx }

// overA reports whether whoever is at leg A has nothing more to expect.
func (w *wire) overA() bool {
	if w.Call.Ours {
		return w.First.over()
	}
	return w.A.over()
}

// lives reports whether a leg that we invite could have been ended, and is not.
func (b *wireB) lives() bool {
	return b.rung() && b.Heard != heardNothing && !b.Cancelled || b.Final == final2xx && b.Bye.none()
}

// happenOnA notes what happens to leg A, whichever it is.
func (w wire) happenOnA(in leg.Input) wire {
	if w.Call.Ours {
		w.happenOut(sip.LegA, in)
		return w
	}
	w.A.Running.fire(in)
	return w.happenA(in)
}

// possibleOurs is what can happen to who is rung first, and that it is rung.
func (w *wire) possibleOurs(in *scope, to []sip.Event) []sip.Event {
	for n := range in.gateways {
		if !w.Call.Begun {
			to = append(to, sip.Event{Kind: sip.Originate, Gateways: n + 1})
		}
	}
	return w.First.possible(&choices{on: sip.OnA, scope: in, timers: in.timersA, to: to}, in.asksA(w))
}

// checkFetched holds that B hears of nothing before A is there and has confirmed,
// that A is asked for that and listened to, and that it hears ringing when it
// rings.
func checkFetched(t *transition) string {
	if !t.before().Call.Ours {
		return ""
	}
	for i, a := range t.Acts {
		if reason := t.at(i).forbidsFetched(a); reason != "" {
			return reason
		}
	}
	w := t.after()
	switch asked := w.Call.Asked && !w.Call.Proven; {
	case asked && w.there() && !w.Call.Entry:
		return "A may press a key, and nobody listens"
	case !w.Call.Asked && w.there() && !w.Call.Sought:
		return "A is there, and it is not asked whom to ring"
	default:
		return ""
	}
}

// forbidsFetched returns why an action may not be, knowing w.
func (w *wire) forbidsFetched(a sip.Action) string {
	unproven := w.Call.Asked && !w.Call.Proven
	waits := !w.there() || unproven
	switch {
	case a.On >= sip.LegB && !w.out(a.On).Invited && waits && !w.Call.Ended:
		return "B is not to be rung: " + nameAction(a)
	case a.On >= sip.LegB && a.Leg.Do == leg.SendInvite && waits:
		return "B is not to be rung: " + nameAction(a)
	case a.On != sip.Whole:
		return ""
	case a.Do == sip.AskPIN && (!unproven || !w.there() || w.Call.Wrong >= 2):
		return "there is nothing to ask for"
	case (a.Do == sip.PlayRingback || a.Do == sip.Seek) && waits:
		return "nobody will be rung: " + nameAction(a)
	case a.Do == sip.Seek && w.Call.Sought:
		return "it is asked twice whom to ring"
	default:
		return ""
	}
}

// ringBoth does not wait for A.
func ringBoth(s sip.State, e sip.Event, acts []sip.Action) (sip.State, []sip.Action) {
	s, acts = sip.Step(s, e, acts)
	if e.Kind == sip.Originate && s.End.Outcome == 0 {
		answered := s.Answered
		s.Answered = true
		s, acts = sip.Step(s, sip.Event{Kind: sip.Routed, Gateways: 1}, acts)
		s.Answered = answered
	}
	return s, acts
}

// originateAnyway rings A though the call has ended.
func originateAnyway(s sip.State, e sip.Event, acts []sip.Action) (sip.State, []sip.Action) {
	if e.Kind == sip.Originate {
		s.End, s.First = sip.End{}, leg.UAC{}
	}
	return sip.Step(s, e, acts)
}
