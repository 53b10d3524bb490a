package leg_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"maskd/sip/leg"
)

// Provisional responses to a caller who knows of reliable ones (RFC 3262).
func TestReliableProvisionalResponses(t *testing.T) {
	required, maybe := leg.Asks{Reliable: leg.ReliableRequired}, leg.Asks{Reliable: leg.ReliableMaybe}
	late := leg.Asks{Reliable: leg.ReliableRequired, Late: true}
	asking := func(a leg.Asks) leg.UAS { return leg.UAS{Asks: a} }
	early := func(a leg.Asks, e leg.Early) leg.UAS { return leg.UAS{State: leg.UASEarly, Asks: a, Early: e} }
	sound := func(k leg.InputKind) leg.Input { return leg.Input{Kind: k, Early: true} }
	waits := leg.Early{Waits: true, Interval: leg.T1}
	settling := leg.Early{Waits: true, Interval: leg.T1, Settled: true}
	settled := leg.Early{Settled: true}
	offering := leg.Early{Waits: true, Interval: leg.T1, Offering: true}
	then := func(e leg.Early, v leg.Verb, sound bool) leg.Early { e.Next, e.NextEarly = v, sound; return e }
	answering := func(e leg.Early) leg.Early { e.Answered = true; return e }
	repeated := []leg.Action{start(leg.TimerEarly, leg.T1), start(leg.TimerPrack, patience)}
	stopped := []leg.Action{stop(leg.TimerEarly), stop(leg.TimerPrack)}
	sent := func(v leg.Verb, b leg.Body) []leg.Action { return append([]leg.Action{reliably(v, b)}, repeated...) }
	pracked := func(more ...leg.Action) []leg.Action {
		return append(append(stopped[:2:2], do(leg.AcceptPrack)), more...)
	}
	ok := func(b leg.Body) []leg.Action {
		return []leg.Action{with(leg.SendOK, b), start(leg.TimerResend, leg.T1), start(leg.TimerAck, patience)}
	}

	check(t, stepUAS, []row[leg.UAS]{
		{"required: until its PRACK comes (3)", asking(required), in(leg.Ring), early(required, waits), sent(leg.SendRinging, leg.BodyNone)},
		{"supported: not for its own sake", asking(maybe), in(leg.Ring), early(maybe, leg.Early{}), []leg.Action{do(leg.SendRinging)}},
		{"supported: if it has the answer (5)", asking(maybe), sound(leg.Advance), early(maybe, settling), sent(leg.SendProgress, leg.BodyAnswer)},
		{"unknown: what an unreliable one says of the sound is no answer yet", asking(leg.Asks{}), sound(leg.Advance),
			early(leg.Asks{}, leg.Early{}), []leg.Action{with(leg.SendProgress, leg.BodyAnswer)}},
		{"no offer: the first reliable one has ours (5)", asking(late), in(leg.Ring), early(late, offering), sent(leg.SendRinging, leg.BodyOffer)},
		{"no offer, and not required: ours is in the 2xx", asking(leg.Asks{Reliable: leg.ReliableMaybe, Late: true}), sound(leg.Advance),
			early(leg.Asks{Reliable: leg.ReliableMaybe, Late: true}, leg.Early{}), []leg.Action{do(leg.SendProgress)}},
		{"the next waits for the PRACK (3)", early(required, waits), sound(leg.Advance), early(required, then(waits, leg.SendProgress, true)), nil},
		{"and goes out then", early(required, then(waits, leg.SendProgress, true)), in(leg.GotPrack), early(required, settling),
			pracked(sent(leg.SendProgress, leg.BodyAnswer)...)},
		{"the answer waits too (3)", early(required, settling), in(leg.Answer), early(required, answering(settling)), nil},
		{"and is said once (5)", early(required, answering(settling)), in(leg.GotPrack),
			leg.UAS{State: leg.UASAnswered, Interval: leg.T1, Asks: required, Early: settled}, pracked(ok(leg.BodyNone)...)},
		{"no PRACK yet: again, after twice the time (3)", early(required, waits), in(leg.EarlyFired),
			early(required, leg.Early{Waits: true, Interval: time.Second}), []leg.Action{do(leg.ResendEarly), start(leg.TimerEarly, time.Second)}},
		{"no PRACK for 64*T1: the INVITE is refused (3)", early(required, waits), in(leg.PrackFired), leg.UAS{State: leg.UASEnded},
			append(stopped[:2:2], released(leg.CauseLost), doBecause(leg.SendFinal, leg.CauseLost))},
		{"CANCEL instead of the PRACK", early(required, waits), in(leg.GotCancel), leg.UAS{State: leg.UASEnded},
			append(stopped[:2:2], released(leg.CauseCancelled))},

		{"PRACK with the answer (5)", early(late, offering), carrying(leg.GotPrack, leg.BodyAnswer), early(late, leg.Early{Offering: true, Settled: true}),
			pracked()},
		{"that answer puts on hold", early(late, offering), flowing(leg.GotPrack, leg.BodyAnswer, leg.FlowHold),
			early(late, leg.Early{Offering: true, Settled: true}), pracked(tell(leg.Held))},
		{"PRACK without the answer (5)", early(late, offering), in(leg.GotPrack), leg.UAS{State: leg.UASEnded},
			pracked(released(leg.CauseMedia), doBecause(leg.SendFinal, leg.CauseMedia))},
		{"PRACK with another offer (5)", early(required, settling), carrying(leg.GotPrack, leg.BodyOffer), early(required, settled),
			append(stopped[:2:2], with(leg.AcceptPrack, leg.BodyAnswer))},
		{"PRACK with an offer that holds", early(required, settling), flowing(leg.GotPrack, leg.BodyOffer, leg.FlowHold), early(required, settled),
			append(stopped[:2:2], with(leg.AcceptPrack, leg.BodyAnswer), tell(leg.Held))},
	})
}

// Requests within a dialog that is not established (RFC 3311 section 5.2, RFC
// 3261 section 14.2).
func TestRequestsBeforeTheAnswer(t *testing.T) {
	ringing := leg.UAS{State: leg.UASEarly}
	settled := leg.UAS{State: leg.UASEarly, Asks: leg.Asks{Timer: theirs}, Early: leg.Early{Settled: true}}
	offering := leg.UAS{State: leg.UASEarly, Asks: leg.Asks{Late: true}, Early: leg.Early{Waits: true, Interval: leg.T1, Offering: true}}
	answered := leg.UAS{State: leg.UASAnswered, Interval: leg.T1, Asks: leg.Asks{Timer: theirs}}
	offered := leg.UAS{State: leg.UASAnswered, Interval: leg.T1, Asks: leg.Asks{Late: true}}
	timed := func(u leg.UAS, s leg.SessionTimer) leg.UAS { u.Asks.Timer = s; return u }
	wishing := func(u leg.UAS) leg.UAS { u.Session.Wish = leg.WishChange; return u }
	offer, accepted := carrying(leg.GotUpdate, leg.BodyOffer), []leg.Action{with(leg.AcceptChange, leg.BodyAnswer)}

	check(t, stepUAS, []row[leg.UAS]{
		{"re-INVITE before our final response: 500 (14.2)", ringing, carrying(leg.GotReinvite, leg.BodyOffer), ringing, []leg.Action{refused(500)}},
		{"re-INVITE before the ACK: 491 (RFC 5407 3.1.4)", answered, carrying(leg.GotReinvite, leg.BodyOffer), answered, []leg.Action{refused(491)}},
		{"the peer's offer has no answer: 500", ringing, offer, ringing, []leg.Action{refused(500)}},
		{"ours has none, in an 18x: 491", offering, offer, offering, []leg.Action{refused(491)}},
		{"ours has none, in the 2xx: 491", offered, offer, offered, []leg.Action{refused(491)}},
		{"both have", settled, offer, timed(settled, leg.SessionTimer{}), accepted},
		{"our 2xx has answered", answered, offer, timed(answered, leg.SessionTimer{}), accepted},
		{"the UPDATE's timer is the one that holds", settled, leg.Input{Kind: leg.GotUpdate, Timer: ours}, timed(settled, ours),
			[]leg.Action{do(leg.AcceptChange)}},
		{"a refused one's is not", ringing, leg.Input{Kind: leg.GotUpdate, Body: leg.BodyOffer, Timer: ours}, ringing, []leg.Action{refused(500)}},
		{"a hold on the other leg is told later, if our SDP is out", settled, in(leg.Change), wishing(settled), nil},
		{"or if our offer is", offering, in(leg.Change), wishing(offering), nil},
		{"else the answer will have it", ringing, in(leg.Change), ringing, nil},
	})

	calling := leg.UAC{State: leg.UACEarly}
	agreed := leg.UAC{State: leg.UACEarly, Settled: true}
	check(t, stepUAC, []row[leg.UAC]{
		{"UAC: re-INVITE while ours is not over: 491 (14.2)", calling, carrying(leg.GotReinvite, leg.BodyOffer), calling, []leg.Action{refused(491)}},
		{"UAC: our offer has no answer: 491", calling, offer, calling, []leg.Action{refused(491)}},
		{"UAC: a reliable 18x has answered", agreed, offer, agreed, accepted},
		{"UAC: without an offer there is nothing to meet", calling, in(leg.GotUpdate), calling, []leg.Action{do(leg.AcceptChange)}},
		{"UAC: that we can't use", agreed, carrying(leg.GotUpdate, leg.BodyBad), agreed, []leg.Action{refused(488)}},
	})
}

// An ACK has to bring the answer to the offer in our 2xx.
func TestLateAnswer(t *testing.T) {
	answered := leg.UAS{State: leg.UASAnswered, Interval: leg.T1, Asks: leg.Asks{Late: true}}
	settled := leg.UAS{State: leg.UASAnswered, Interval: leg.T1, Asks: leg.Asks{Late: true}, Early: leg.Early{Offering: true, Settled: true}}
	confirmed := leg.UAS{State: leg.UASConfirmed}
	stopped := []leg.Action{stop(leg.TimerResend), stop(leg.TimerAck)}
	check(t, stepUAS, []row[leg.UAS]{
		{"it does", answered, carrying(leg.GotAck, leg.BodyAnswer), confirmed, stopped},
		{"it puts on hold", answered, flowing(leg.GotAck, leg.BodyAnswer, leg.FlowHold), confirmed, append(stopped[:2:2], tell(leg.Held))},
		{"it does not: the others first, then BYE", answered, in(leg.GotAck), leg.UAS{State: leg.UASReleasing},
			append(stopped[:2:2], released(leg.CauseMedia), doBecause(leg.SendBye, leg.CauseMedia))},
		{"the PRACK has brought it", settled, in(leg.GotAck), confirmed, stopped},
	})
}

// A reliable 18x goes out at intervals that double without a limit (RFC 3262 section 3).
func TestReliableResponsesAreRepeated(t *testing.T) {
	u, _ := leg.UAS{Asks: leg.Asks{Reliable: leg.ReliableRequired}}.Step(in(leg.Ring), nil)
	var got []time.Duration
	for range 6 {
		var acts []leg.Action
		u, acts = u.Step(in(leg.EarlyFired), nil)
		got = append(got, acts[len(acts)-1].After)
	}
	want := []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second, 32 * time.Second}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("intervals (-want +got):\n%s", diff)
	}
}
