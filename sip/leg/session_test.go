package leg_test

import (
	"testing"
	"time"

	"maskd/sip/leg"
)

// during is an established leg whose Call-ID is not ours, in a session.
func during(s leg.Session) leg.UAS { return leg.UAS{State: leg.UASConfirmed, Session: s} }

// The session of an established dialog, as its peer changes it.
func TestThePeerChangesTheSession(t *testing.T) {
	stable := during(leg.Session{})
	offering := during(leg.Session{State: leg.SessionOffering, Sent: leg.WishChange})
	waiting := during(leg.Session{State: leg.SessionWaiting, Sent: leg.WishChange})
	answered := during(leg.Session{State: leg.SessionAnswered, Interval: leg.T1})
	offered := during(leg.Session{State: leg.SessionOffered, Interval: leg.T1})
	repeated := []leg.Action{start(leg.TimerResend, leg.T1), start(leg.TimerAck, patience)}
	stopped := []leg.Action{stop(leg.TimerResend), stop(leg.TimerAck)}
	accepted := func(b leg.Body, more ...leg.Action) []leg.Action {
		return append([]leg.Action{with(leg.AcceptChange, b)}, more...)
	}

	check(t, stepUAS, []row[leg.UAS]{
		{"re-INVITE: 200 until its ACK comes (14.2)", stable, carrying(leg.GotReinvite, leg.BodyOffer), answered, accepted(leg.BodyAnswer, repeated...)},
		{"the other leg hears of a hold", stable, flowing(leg.GotReinvite, leg.BodyOffer, leg.FlowHold), answered,
			accepted(leg.BodyAnswer, append([]leg.Action{tell(leg.Held)}, repeated...)...)},
		{"and of its end", stable, flowing(leg.GotReinvite, leg.BodyOffer, leg.FlowResume), answered,
			accepted(leg.BodyAnswer, append([]leg.Action{tell(leg.Resumed)}, repeated...)...)},
		{"re-INVITE without an offer: ours is in the 200 (14.2)", stable, in(leg.GotReinvite), offered, accepted(leg.BodyOffer, repeated...)},
		{"an offer that we can't use changes nothing (14.2)", stable, carrying(leg.GotReinvite, leg.BodyBad), stable, []leg.Action{refused(488)}},
		{"re-INVITE meets ours: 491 (14.2)", offering, carrying(leg.GotReinvite, leg.BodyOffer), offering, []leg.Action{refused(491)}},
		{"re-INVITE before the ACK to the one before: 491 (RFC 5407 3.1.4)", answered, carrying(leg.GotReinvite, leg.BodyOffer), answered,
			[]leg.Action{refused(491)}},
		{"re-INVITE while our offer has no answer: 491", offered, in(leg.GotReinvite), offered, []leg.Action{refused(491)}},
		{"after a 491 the peer is first: ours comes when that is over (14.1)", waiting, carrying(leg.GotReinvite, leg.BodyOffer),
			during(leg.Session{State: leg.SessionAnswered, Wish: leg.WishChange, Interval: leg.T1}),
			append([]leg.Action{stop(leg.TimerGlare)}, accepted(leg.BodyAnswer, repeated...)...)},

		{"ACK: the exchange is over", answered, in(leg.GotChangeAck), stable, stopped},
		{"ACK with the answer to our offer", offered, carrying(leg.GotChangeAck, leg.BodyAnswer), stable, stopped},
		{"that answer puts on hold", offered, flowing(leg.GotChangeAck, leg.BodyAnswer, leg.FlowHold), stable,
			append([]leg.Action{tell(leg.Held)}, stopped...)},
		{"ACK without the answer: the call goes on as it was", offered, in(leg.GotChangeAck), stable, stopped},
		{"no ACK yet: the 200 again, after twice the time (13.3.1.4)", answered, in(leg.ResendFired),
			during(leg.Session{State: leg.SessionAnswered, Interval: time.Second}),
			[]leg.Action{do(leg.ResendChange), start(leg.TimerResend, time.Second)}},
		{"no ACK for 64*T1: the others first, then BYE (14.2)", answered, in(leg.AckFired), leg.UAS{State: leg.UASReleasing},
			append(stopped[:2:2], released(leg.CauseLost), doBecause(leg.SendBye, leg.CauseLost))},
		{"what was wished for goes out after the ACK", during(leg.Session{State: leg.SessionAnswered, Wish: leg.WishChange, Interval: leg.T1}),
			in(leg.GotChangeAck), offering, append(stopped[:2:2], with(leg.SendChange, leg.BodyOffer))},

		{"UPDATE with an offer (RFC 3311 5.2)", stable, carrying(leg.GotUpdate, leg.BodyOffer), stable, accepted(leg.BodyAnswer)},
		{"UPDATE that holds", stable, flowing(leg.GotUpdate, leg.BodyOffer, leg.FlowHold), stable, accepted(leg.BodyAnswer, tell(leg.Held))},
		{"UPDATE without an offer refreshes", stable, in(leg.GotUpdate), stable, accepted(leg.BodyNone)},
		{"UPDATE with an offer that we can't use: 488", stable, carrying(leg.GotUpdate, leg.BodyBad), stable, []leg.Action{refused(488)}},
		{"UPDATE with an offer meets ours: 491 (RFC 3311 5.2)", offering, carrying(leg.GotUpdate, leg.BodyOffer), offering, []leg.Action{refused(491)}},
		{"UPDATE with an offer before the ACK brings our answer: 491", offered, carrying(leg.GotUpdate, leg.BodyOffer), offered,
			[]leg.Action{refused(491)}},
		{"UPDATE without an offer meets nothing", offering, in(leg.GotUpdate), offering, accepted(leg.BodyNone)},
		{"UPDATE before the ACK to an answer", answered, carrying(leg.GotUpdate, leg.BodyOffer), answered, accepted(leg.BodyAnswer)},
	})
}

// The session of an established dialog, as we change and refresh it.
func TestWeChangeTheSession(t *testing.T) {
	stable := during(leg.Session{})
	offering := during(leg.Session{State: leg.SessionOffering, Sent: leg.WishChange})
	waiting := during(leg.Session{State: leg.SessionWaiting, Sent: leg.WishChange})
	answered := during(leg.Session{State: leg.SessionAnswered, Interval: leg.T1})
	refreshing := during(leg.Session{State: leg.SessionOffering, Sent: leg.WishRefresh, Timer: ours, Due: true})
	again := func(s leg.UAS) leg.UAS { s.Session.Wish = leg.WishChange; return s }
	change, ack := with(leg.SendChange, leg.BodyOffer), do(leg.AckChange)
	spread := func(after, spread time.Duration) leg.Action {
		return leg.Action{Do: leg.StartTimer, Timer: leg.TimerGlare, After: after, Spread: spread}
	}

	check(t, stepUAS, []row[leg.UAS]{
		{"a change is offered (14.1)", stable, in(leg.Change), offering, []leg.Action{change}},
		{"one at a time (14.1)", offering, in(leg.Change), again(offering), nil},
		{"not while the peer's waits for its ACK (RFC 5407 3.1.4)", answered, in(leg.Change), again(answered), nil},
		{"200: ACK (14.1)", offering, carrying(leg.GotChanged, leg.BodyAnswer), stable, []leg.Action{ack}},
		{"200, and more was wished for", again(offering), carrying(leg.GotChanged, leg.BodyAnswer), offering, []leg.Action{ack, change}},
		{"the 200 again: our ACK was lost (13.2.2.4)", stable, in(leg.GotChanged), stable, []leg.Action{ack}},
		{"an answer that we can't use changes nothing", offering, carrying(leg.GotChanged, leg.BodyBad), stable, []leg.Action{ack}},
		{"refused: the call goes on as it is (14.1)", offering, in(leg.GotRefused), stable, nil},
		{"refused, and more was wished for", again(offering), in(leg.GotRefused), offering, []leg.Action{change}},
		{"491: who does not own the Call-ID waits for up to 2 s (14.1)", offering, in(leg.GotGlare), waiting,
			[]leg.Action{spread(10*time.Millisecond, 1990*time.Millisecond)}},
		{"491: what was wished for meanwhile goes with it", again(offering), in(leg.GotGlare), waiting,
			[]leg.Action{spread(10*time.Millisecond, 1990*time.Millisecond)}},
		{"then it is sent again", waiting, in(leg.GlareFired), offering, []leg.Action{change}},
		{"a change during the wait goes with it", waiting, in(leg.Change), waiting, nil},
		{"481, 408 or nothing: the others first, then BYE (12.2.1.2)", offering, in(leg.GotGone), leg.UAS{State: leg.UASReleasing},
			[]leg.Action{released(leg.CauseLost), doBecause(leg.SendBye, leg.CauseLost)}},
		{"released meanwhile: BYE (15.1.1)", waiting, because(leg.Release, leg.CauseComplete), leg.UAS{State: leg.UASReleasing},
			[]leg.Action{stop(leg.TimerGlare), doBecause(leg.SendBye, leg.CauseComplete)}},
		{"a 200 that crosses our BYE is acknowledged", leg.UAS{State: leg.UASReleasing}, in(leg.GotChanged), leg.UAS{State: leg.UASReleasing},
			[]leg.Action{ack}},

		{"half the interval is over: refresh (RFC 4028 7.4)", during(leg.Session{Timer: ours}), in(leg.RefreshFired), refreshing,
			[]leg.Action{with(leg.SendRefresh, leg.BodyOffer)}},
		{"refreshed", refreshing, leg.Input{Kind: leg.GotChanged, Timer: ours}, during(leg.Session{Timer: ours}),
			[]leg.Action{ack, start(leg.TimerRefresh, 45*time.Second), start(leg.TimerExpire, 60*time.Second)}},
		{"a refresh that is refused is tried again before the session expires", refreshing, in(leg.GotRefused),
			during(leg.Session{Timer: ours, Due: true}), []leg.Action{start(leg.TimerRefresh, 90*time.Second/8)}},
		{"so is one that went with a change",
			during(leg.Session{State: leg.SessionOffering, Sent: leg.WishChange, Timer: ours, Due: true}), in(leg.GotRefused),
			during(leg.Session{Timer: ours, Due: true}), []leg.Action{start(leg.TimerRefresh, 90*time.Second/8)}},
		{"a change that is refused leaves the timer alone",
			during(leg.Session{State: leg.SessionOffering, Sent: leg.WishChange, Timer: ours}), in(leg.GotRefused),
			during(leg.Session{Timer: ours}), nil},
		{"nobody has refreshed: the others first, then BYE (RFC 4028 10)", during(leg.Session{Timer: theirs}), in(leg.ExpireFired),
			leg.UAS{State: leg.UASReleasing},
			[]leg.Action{stop(leg.TimerExpire), released(leg.CauseLost), doBecause(leg.SendBye, leg.CauseLost)}},
	})
}

// Who owns the Call-ID waits longer after a 491 (section 14.1).
func TestTheOwnerOfTheCallIDWaitsLonger(t *testing.T) {
	check(t, stepUAC, []row[leg.UAC]{{
		"2.1 to 4 s",
		leg.UAC{State: leg.UACConfirmed, Session: leg.Session{State: leg.SessionOffering, Sent: leg.WishChange}}, in(leg.GotGlare),
		leg.UAC{State: leg.UACConfirmed, Session: leg.Session{State: leg.SessionWaiting, Sent: leg.WishChange}},
		[]leg.Action{{Do: leg.StartTimer, Timer: leg.TimerGlare, After: 2100 * time.Millisecond, Spread: 1900 * time.Millisecond}},
	}})
}
