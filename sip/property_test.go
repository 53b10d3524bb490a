package sip_test

import (
	"fmt"
	"slices"
	"time"

	"maskd/mapping"
	"maskd/sip"
	"maskd/sip/leg"
)

// The promises of the call machine.
const (
	lawful       = "no message is sent that RFC 3261 forbids"
	acknowledged = "every 2xx and reliable 18x is acknowledged at once, and a 2xx's dialog ended if the call is over"
	inTurn       = "there is one offer at a time in a dialog, and each has one answer, in the message it belongs into"
	replied      = "every re-INVITE, UPDATE and PRACK is answered once, and each 2xx to ours acknowledged"
	together     = "when one leg is released, so is the other, in the same step"
	bridged      = "A is answered and audio passes only after B has answered, and none after the end; who is asked for a PIN is answered before"
	proved       = "nobody is rung before a caller who is asked has entered his PIN, and he has three tries"
	noticed      = "what is heard before the end is heard by whom it is for, after it nothing passes between the two, and the time of a call is counted while they talk"
	fetched      = "in a call that we begin B is rung only when A is there, and has pressed a key if it is asked to"
	previewed    = "before the answer B is heard only where it may be, and A never"
	completed    = "complete leaves nothing alive"
	byeAccepted  = "every BYE is accepted, once"
	timed        = "a timer runs as long as it is needed, and no longer"
	recorded     = "the record is written once, when both legs are over, and is true"
	hunted       = "numbers are rung as they are to be, one wins, and no other rings on"
	silenceEnds  = "every call ends when its peers fall silent" // held by the walk as a whole
)

// property is a promise about every transition.
type property struct {
	Name  string
	Check func(*transition) string // what is wrong, or nothing
}

var properties = []property{
	{lawful, checkLawful},
	{acknowledged, checkAcknowledged},
	{inTurn, checkOffers},
	{replied, checkDialogue},
	{together, checkTogether},
	{bridged, checkBridged},
	{proved, checkProved},
	{noticed, checkNoticed},
	{fetched, checkFetched},
	{previewed, checkPreviewed},
	{completed, checkCompleted},
	{byeAccepted, checkByeAccepted},
	{timed, checkTimed},
	{recorded, checkRecorded},
	{hunted, checkHunted},
}

// transition is one step, and what the onlooker knew during it.
type transition struct {
	From, To sip.State
	Event    sip.Event
	Acts     []sip.Action
	Seen     []wire // before the event, after it, and after each action
}

// take performs a step.
func (t *transition) take(step stepFunc, n node, e sip.Event) {
	t.From, t.Event = n.State, e
	t.To, t.Acts = step(n.State, e, t.Acts[:0])
	shorten(&t.To)
	t.Seen = append(t.Seen[:0], n.Wire, n.Wire.happen(e))
	for i, a := range t.Acts {
		t.Seen = append(t.Seen, t.Seen[i+1].perform(a))
	}
}

// shorten takes every interval for the shortest: how long it is decides
// nothing, and that of an 18x doubles for ever.
func shorten(s *sip.State) {
	for _, interval := range []*time.Duration{&s.A.Interval, &s.A.Early.Interval, &s.A.Session.Interval, &s.First.Session.Interval} {
		*interval = min(*interval, leg.T1)
	}
	for n := range s.B {
		s.B[n].Session.Interval = min(s.B[n].Session.Interval, leg.T1)
	}
}

// before returns what was known before the event, and at(i) before action i.
func (t *transition) before() *wire  { return &t.Seen[0] }
func (t *transition) at(i int) *wire { return &t.Seen[i+1] }
func (t *transition) after() *wire   { return &t.Seen[len(t.Seen)-1] }
func (t *transition) to() node       { return node{State: t.To, Wire: *t.after()} }

// got reports whether the event is this input on this leg.
func (t *transition) got(on sip.EventKind, k leg.InputKind) bool {
	return t.Event.Kind == on && t.Event.In.Kind == k
}

// count returns how often the step does this on the leg.
func (t *transition) count(on sip.Target, v leg.Verb) int {
	n := 0
	for _, a := range t.Acts {
		if a.On == on && a.Leg.Do == v {
			n++
		}
	}
	return n
}

func checkLawful(t *transition) string {
	for i, a := range t.Acts {
		reason := ""
		switch {
		case a.On == sip.LegA && t.at(i).Call.Ours:
			reason = t.at(i).First.forbids(a.Leg.Do, t.at(i).Call)
		case a.On == sip.LegA:
			reason = t.at(i).A.forbids(a.Leg.Do)
		case a.On != sip.Whole:
			reason = t.at(i).out(a.On).forbids(a.Leg.Do, t.at(i).Call)
		}
		if reason != "" {
			return nameAction(a) + ": " + reason
		}
	}
	return ""
}

// forbids returns why the verb may not be done now, if it may not.
func (a *wireA) forbids(v leg.Verb) string {
	switch v {
	case leg.SendRinging, leg.SendProgress, leg.SendOK, leg.SendFinal:
		if a.Said >= said2xx {
			return "the INVITE has its final response (section 13.3.1)"
		}
	case leg.ResendOK:
		if !a.waits() {
			return "there is no 2xx that waits for its ACK (section 13.3.1.4)"
		}
	case leg.SendBye:
		switch {
		case a.Said != said2xx:
			return "there is no confirmed dialog (section 15)"
		case !a.Acked && !a.AckOver:
			return "BYE before the ACK (section 15)"
		case !a.Bye.none():
			return "the dialog has ended (section 15.1.2)"
		}
	case leg.SendInvite, leg.SendAck, leg.SendCancel:
		return "not for a UAS"
	}
	return ""
}

// forbids returns why the verb may not be done now, if it may not.
func (b *wireB) forbids(v leg.Verb, call wireCall) string {
	switch v {
	case leg.SendAgain:
		switch {
		case call.Ended:
			return "the call is over"
		case !b.Retry:
			return "nobody has asked for it"
		case b.Heard == heard18x:
			return "somebody was alerted"
		}
	case leg.SendPrack:
		if !b.OwePrack {
			return "there is no reliable 18x (RFC 3262 section 4)"
		}
	case leg.SendInvite:
		switch {
		case call.Ended:
			return "the call is over"
		case call.Hunt.Won != 0 || b.Released:
			return "its number is not wanted"
		case b.Invited && b.Final != finalNo && !b.Dropped:
			return "the INVITE before is not over (section 14.1)"
		case b.Retry:
			return "the gateway has only asked for more"
		case b.Heard == heard18x:
			return "somebody was alerted"
		case b.Left == 0:
			return "no gateway is left"
		}
	case leg.SendCancel:
		switch {
		case b.Heard == heardNothing:
			return "CANCEL before a provisional response (section 9.1)"
		case b.Final != finalNone:
			return "CANCEL after the final response (section 9.1)"
		case b.Cancelled:
			return "CANCEL twice"
		}
	case leg.SendAck:
		if !b.Owed {
			return "there is no 2xx to acknowledge (section 13.2.2.4)"
		}
	case leg.SendBye:
		return b.forbidsBye()
	case leg.SendRinging, leg.SendProgress, leg.SendOK, leg.ResendOK, leg.SendFinal:
		return "not for a UAC"
	}
	return ""
}

// forbidsBye lets a dialog that has ended be ended again when its 2xx comes
// again: that may be another fork's.
func (b *wireB) forbidsBye() string {
	switch {
	case b.Final != final2xx:
		return "there is no confirmed dialog (section 15)"
	case b.Owed:
		return "BYE before our ACK (section 13.2.2.4)"
	default:
		return ""
	}
}

func checkAcknowledged(t *transition) string {
	w := t.after()
	if w.Call.Ours {
		if reason := w.First.checkAcknowledged(t, t.Event.Kind == sip.OnA, sip.LegA); reason != "" {
			return reason
		}
	}
	for n := range w.B {
		here := t.Event.Kind == sip.OnB && t.Event.Number == uint8(n)
		if reason := w.B[n].checkAcknowledged(t, here, sip.LegB+sip.Target(n)); reason != "" {
			return reason
		}
	}
	return ""
}

// checkAcknowledged looks at a leg that we invite, where the event was or not.
func (b *wireB) checkAcknowledged(t *transition, here bool, on sip.Target) string {
	if b.OwePrack && b.Final == finalNone && !b.GaveUp {
		return "a reliable 18x has no PRACK"
	}
	if k := t.Event.In.Kind; !here || k != leg.GotOK && k != leg.GotBadOK {
		return ""
	}
	switch {
	case t.count(on, leg.SendAck) != 1:
		return fmt.Sprintf("%d ACK to a 2xx", t.count(on, leg.SendAck))
	case t.after().Call.Ended && b.Bye.none():
		return "the call is over, and the 2xx's dialog lives"
	default:
		return ""
	}
}

// checkTogether looks at both legs' wires after the step: if the call has
// ended, everything that the RFC lets us send to end them has been sent.
func checkTogether(t *transition) string {
	w := t.after()
	if !w.Call.Ended {
		if t.To.End.Outcome != 0 && !w.Call.Parted {
			return "released without a reason"
		}
		return ""
	}
	switch {
	case t.To.End.Outcome == 0:
		return "the end is not noticed"
	case w.A.Said <= said18x && !w.Call.Ours:
		return "A has no final response"
	case w.A.Said == said2xx && (w.A.Acked || w.A.AckOver) && w.A.Bye.none():
		return "A's dialog is not ended"
	case w.First.lives():
		return "A is not let go"
	}
	for n := range w.B {
		if w.B[n].lives() {
			return "B's INVITE is not cancelled, or its dialog not ended"
		}
	}
	return ""
}

func checkBridged(t *transition) string {
	for i, a := range t.Acts {
		if reason := checkSound(t.at(i), a); reason != "" {
			return reason
		}
	}
	w := t.after()
	switch {
	case w.Call.Bridge == sip.BridgeOpen && w.Call.Ended:
		return "the bridge is open after the end"
	case w.Call.Bridge == sip.BridgeOpen && w.A.Said != said2xx && !w.A.Prack && !w.fetchedOurs():
		return "the bridge is open, and A is not answered"
	case w.Call.Bridge < sip.BridgeOpen && w.Call.Hunt.Won != 0 && !w.Call.Ended:
		return "B has answered, and the bridge is not open"
	case w.Call.Bridge != t.To.Bridge:
		return "the machine is wrong about the bridge"
	default:
		return ""
	}
}

// checkSound returns what is wrong with the action, knowing w.
func checkSound(w *wire, a sip.Action) string {
	answer := a.On == sip.LegA && a.Leg.Do == leg.SendOK
	open := a.On == sip.Whole && a.Do == sip.OpenBridge
	loser := a.On >= sip.LegB && a.On != sip.LegB+sip.Target(max(w.Call.Hunt.Won, 1)-1)
	ends := a.Leg.Do == leg.SendBye || a.Leg.Do == leg.SendCancel || a.Leg.Do == leg.SendFinal
	switch {
	case (answer && !w.Call.Asked || open) && w.Call.Hunt.Won == 0:
		return "before B has answered: " + nameAction(a)
	case (answer || open) && w.Call.Ended:
		return "after the end: " + nameAction(a)
	case answer && !w.Call.Asked && w.Call.Bridge != sip.BridgeOpen:
		return "A is answered before it would be heard"
	case open && w.Call.Bridge > sip.BridgeEarly:
		return "the bridge opens again"
	case ends && !loser && (w.Call.Bridge == sip.BridgeOpen || w.Call.Bridge == sip.BridgeParted):
		return "while audio passes: " + nameAction(a)
	default:
		return ""
	}
}

func checkPreviewed(t *transition) string {
	for i, a := range t.Acts {
		w := t.at(i)
		switch {
		case a.On != sip.Whole || a.Do != sip.OpenEarly:
		case t.Event.Kind != sip.OnB || !t.Event.In.Early:
			return "B may not be heard"
		case w.Call.Bridge != sip.BridgeNone:
			return "B is heard already, or no more"
		case w.Call.Ended:
			return "after the end"
		}
	}
	return ""
}

func checkCompleted(t *transition) string {
	for i, a := range t.Acts {
		alive := a.Do == sip.OpenBridge || a.Do == sip.OpenEarly || a.Do == sip.AskPIN || a.Do == sip.PlayRingback
		switch a.Leg.Do {
		case leg.SendOK, leg.SendInvite, leg.SendAgain, leg.SendChange, leg.SendRefresh, leg.SendRinging, leg.SendProgress:
			alive = true
		}
		if alive && t.at(i).Call.Completed {
			return "after complete: " + nameAction(a)
		}
	}
	return ""
}

func checkByeAccepted(t *transition) string {
	for _, l := range []struct {
		from sip.EventKind
		on   sip.Target
	}{{sip.OnA, sip.LegA}, {sip.OnB, sip.LegB + sip.Target(t.Event.Number)}} {
		want := 0
		if t.got(l.from, leg.GotBye) {
			want = 1
		}
		if got := t.count(l.on, leg.AcceptBye); got != want {
			return fmt.Sprintf("%d BYE, accepted %d times", want, got)
		}
	}
	return ""
}

func checkRecorded(t *transition) string {
	w := t.after()
	over := w.Call.Ended && w.overA() && !slices.ContainsFunc(w.B[:], func(b wireB) bool { return !b.over() })
	written := w.Call.Records > t.before().Call.Records
	switch {
	case w.Call.Records > 1:
		return "the record is written twice"
	case written && !over:
		return "the record is written before both legs are over"
	case over && w.Call.Records == 0:
		return "both legs are over, and there is no record"
	case t.To.Closed != (w.Call.Records == 1):
		return "the machine is wrong about the record"
	case written:
		return checkTrue(t.To.End, w)
	default:
		return ""
	}
}

// checkTrue returns what is wrong in the record.
func checkTrue(end sip.End, w *wire) string {
	answered := end.Outcome == mapping.OutcomeAnswered
	switch {
	case end.Outcome == 0 || end.Outcome == mapping.OutcomeLive:
		return "the record has no outcome"
	case answered != w.Call.Talked:
		return fmt.Sprintf("outcome %s, but A was answered: %t", end.Outcome, w.Call.Talked)
	case answered != (end.Status == 200) && !w.Call.Asked && !w.Call.Ours:
		return fmt.Sprintf("outcome %s, status %d", end.Outcome, end.Status)
	case end.Status != w.A.Status:
		return fmt.Sprintf("status %d, but A was sent %d", end.Status, w.A.Status)
	case end.By != w.Call.By:
		return fmt.Sprintf("ended by %s, but it was %s", end.By, w.Call.By)
	default:
		return ""
	}
}
