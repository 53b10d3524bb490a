package sip_test

import (
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
	in     int // the scope that it is looked for in
}

var faults = []fault{
	{"the ACK is not sent", without(sip.LegB, leg.SendAck), acknowledged, setUp},
	{"a 2xx after the end is ignored", onB(leg.UACEnded, leg.GotOK, ignore), acknowledged, setUp},
	{"a 2xx that crossed CANCEL is not ended", onB(leg.UACCancelling, leg.GotOK, dropping(sip.LegB, leg.SendBye)), acknowledged, setUp},

	{"CANCEL does not wait for a 1xx", cancelAtOnce, lawful, setUp},
	{"CANCEL after the final response", onB(leg.UACCancelling, leg.GotFinal, adding(sip.LegB, leg.SendCancel)), lawful, setUp},
	{"BYE does not wait for the ACK", byeBeforeAck, lawful, setUp},
	{"200 after CANCEL", onB(leg.UACCancelling, leg.GotOK, adding(sip.LegA, leg.SendOK)), lawful, setUp},
	{"180 after CANCEL", onB(leg.UACCancelling, leg.GotRinging, adding(sip.LegA, leg.SendRinging)), lawful, setUp},
	{"the next gateway after ringing", onB(leg.UACEarly, leg.GotFailure, asIfProceeding), lawful, setUp},
	{"the next gateway after the end", onB(leg.UACCancelWait, leg.GotFailure, adding(sip.LegB, leg.SendInvite)), lawful, setUp},

	{"A's end is not told to B", keepB, together, setUp},
	{"B's end is not told to A", keepA, together, setUp},
	{"a CANCEL that was faster than our 200 is ignored", onA(leg.UASAnswered, leg.GotCancel, ignore), together, setUp},
	{"CANCEL is not sent", without(sip.LegB, leg.SendCancel), together, setUp},
	{"stop is ignored while it rings", ignoreStopInEarly, together, setUp},

	{"the bridge is not cut", withoutVerb(sip.CutBridge), bridged, setUp},
	{"the bridge is cut last", cutLast, bridged, setUp},
	{"A is answered when B rings", onB(leg.UACCalling, leg.GotRinging, answering), bridged, setUp},
	{"the bridge opens at every 2xx", onB(leg.UACReleasing, leg.GotOK, opening), bridged, setUp},
	{"the bridge does not open", withoutVerb(sip.OpenBridge), bridged, setUp},
	{"A is not answered when B answers", without(sip.LegA, leg.SendOK), bridged, setUp},

	{"a route that comes after complete is rung", routeAnyway, completed, setUp},

	{"a BYE that crosses ours is not accepted", onB(leg.UACReleasing, leg.GotBye, ignore), byeAccepted, setUp},
	{"a BYE after the end is not accepted", onA(leg.UASEnded, leg.GotBye, ignore), byeAccepted, setUp},
	{"a BYE is accepted twice", onA(leg.UASConfirmed, leg.GotBye, adding(sip.LegA, leg.AcceptBye)), byeAccepted, setUp},

	{"the retransmission is not stopped", onA(leg.UASAnswered, leg.GotAck, dropping(sip.LegA, leg.StopTimer)), timed, setUp},
	{"the timer after CANCEL is not stopped", without(sip.LegB, leg.StopTimer), timed, setUp},
	{"the ring timer is not stopped", withoutVerb(sip.StopRingTimer), timed, setUp},

	{"the 2xx is not sent again", withoutTimer(leg.TimerResend), timed, setUp},
	{"the 2xx is sent again only once", onA(leg.UASAnswered, leg.ResendFired, dropping(sip.LegA, leg.StartTimer)), timed, setUp},

	{"the record is written twice", recordAgain, recorded, setUp},
	{"the record is written when A is over", recordEarly, recorded, setUp},
	{"the record is not written", withoutVerb(sip.WriteRecord), recorded, setUp},
	{"the record says answered", lying(func(e *sip.End) { e.Outcome, e.Status = mapping.OutcomeAnswered, 200 }), recorded, setUp},
	{"the record has B's status", lying(func(e *sip.End) { e.Status++ }), recorded, setUp},
	{"the record blames the caller", lying(func(e *sip.End) { e.By = mapping.EndedByCaller }), recorded, setUp},

	{"a reliable 18x is not acknowledged", without(sip.LegB, leg.SendPrack), acknowledged, offeredEarly},
	{"the INVITE is sent again unasked", onB(leg.UACProceeding, leg.GotFailure, adding(sip.LegB, leg.SendAgain)), lawful, setUp},

	{"an 18x does not wait for the PRACK", ringAtOnce, inTurn, askedFor},
	{"the 200 says again what an 18x has said", answerAgain, inTurn, askedFor},
	{"the 200 answers though nothing was offered", saying(leg.SendOK, leg.BodyAnswer), inTurn, askedFor},
	{"a PRACK's offer has no answer", saying(leg.AcceptPrack, leg.BodyNone), inTurn, askedFor},
	{"an offer that meets ours is accepted", acceptAnything, inTurn, callersSession},
	{"a change does not wait for the ACK", changeAtOnce, inTurn, callersSession},
	{"a change meets ours", onB(leg.UACConfirmed, leg.GotChanged, adding(sip.LegB, leg.SendChange)), inTurn, calleesSession},
	{"a re-INVITE without an offer gets none", saying(leg.AcceptChange, leg.BodyNone), inTurn, calleesSession},

	{"a PRACK is not answered", without(sip.LegA, leg.AcceptPrack), replied, askedFor},
	{"an UPDATE before the answer is not answered", without(sip.LegB, leg.RefuseChange), replied, offeredEarly},
	{"a re-INVITE that meets ours is not answered", without(sip.LegA, leg.RefuseChange), replied, callersSession},
	{"the 200 to our re-INVITE is not acknowledged", without(sip.LegB, leg.AckChange), replied, callersSession},
	{"a 200 to our re-INVITE is not acknowledged again", onB(leg.UACReleasing, leg.GotChanged, ignore), replied, calleesSession},

	{"a call is not completed while a re-INVITE waits for its ACK", ignoreStopInSession, together, callersSession},
	{"a change goes out after complete", changeAfterStop, completed, callersSession},

	{"B is rung while the PIN is asked for", ringUnproven, proved, callersProof},
	{"a wrong PIN is as good as a right one", believing, proved, callersProof},
	{"the caller may guess for ever", guessing, proved, callersProof},
	{"the PIN is asked for only once", onProof(sip.Unproven, withoutVerb(sip.AskPIN)), proved, callersProof},
	{"the caller is not asked", withoutVerb(sip.AskPIN), proved, callersProof},
	{"who has not proved who he is has talked", provedTalk, recorded, callersProof},

	{"somebody is rung for a call that is refused", ringRefused, noticed, announced},
	{"a refusal is played before A can hear it", always(playEarly), noticed, announced},
	{"what is heard in place of a refusal goes on", onEvent(sip.NoticeOver, always(ignore)), silenceEnds, announced},
	{"it is not noticed that the caller has gone", withoutVerb(sip.StopNotice), noticed, announced},
	{"a call is parted, and the two hear each other", withoutVerb(sip.PartBridge), noticed, parted},
	{"parted ones hear nothing", withoutVerb(sip.PlayNotice), noticed, parted},
	{"a hold crosses after the talk", passing, noticed, parted},
	{"the goodbye has no end", onEvent(sip.NoticeOver, always(ignore)), silenceEnds, parted},
	{"nobody is warned", withoutVerb(sip.PlayWarning), noticed, parted},
	{"the time is not counted", withoutVerb(sip.StartCallTimer), noticed, setUp},
	{"the time is counted after the end", withoutVerb(sip.StopCallTimer), noticed, parted},
	{"time that is over ends nothing", onEvent(sip.TimeOver, always(ignore)), together, parted},

	{"B is rung with A", ringBoth, fetched, ourCall},
	{"it is not asked whom to ring when A is there", withoutVerb(sip.Seek), fetched, ourCall},
	{"the ACK to A is not sent", without(sip.LegA, leg.SendAck), acknowledged, ourCall},
	{"A is rung on after complete", without(sip.LegA, leg.SendCancel), together, ourCall},
	{"B is left alone when A hangs up", keepB, together, ourCall},
	{"A is left alone when B declines", keepA, together, ourCall},
	{"A is rung after complete", originateAnyway, completed, ourCall},
	{"A's ring timer runs on", withoutVerb(sip.StopRingTimer), timed, ourCall},
	{"the next gateway of A has all the time", withoutTimer(leg.TimerGateway), timed, ourCall},
	{"nothing ends the ringing of A", withoutVerb(sip.StartRingTimer), silenceEnds, ourCall},
	{"the record says that A was sent a response", lying(func(e *sip.End) { e.Status = 486 }), recorded, ourCall},
	{"the record blames B for what A did", lying(func(e *sip.End) { e.By = mapping.EndedByCallee }), recorded, ourCall},
	{"A is not asked for a key", withoutVerb(sip.AskPIN), fetched, ourConfirmedCall},
	{"B is rung though A pressed nothing", ringUnproven, fetched, ourConfirmedCall},
	{"A is asked for ever", guessing, fetched, ourConfirmedCall},
	{"A's session does not expire", withoutTimer(leg.TimerExpire), timed, firstsSession},
	{"a re-INVITE of A's is not answered", without(sip.LegA, leg.RefuseChange), replied, firstsSession},
	{"an offer of A's that meets ours is accepted", acceptAnything, inTurn, firstsSession},
	{"a call that we began is parted, and the two hear nothing of it", withoutVerb(sip.PlayNotice), noticed, ourParted},

	{"B is heard early whatever the policy", onB(leg.UACProceeding, leg.GotProgress, previewing), previewed, askedFor},
	{"B is heard early after the end", onB(leg.UACCancelling, leg.GotProgress, previewing), previewed, askedFor},

	{"a reliable 18x is not sent again", withoutTimer(leg.TimerEarly), timed, askedFor},
	{"nothing ends the wait for the PRACK", withoutTimer(leg.TimerPrack), timed, askedFor},
	{"a silent gateway has all the time", withoutTimer(leg.TimerGateway), timed, setUp},
	{"what met the peer's is not sent again", withoutTimer(leg.TimerGlare), timed, callersSession},
	{"the 200 to a re-INVITE is not sent again", withoutTimer(leg.TimerResend), timed, callersSession},
	{"a session does not expire", withoutTimer(leg.TimerExpire), timed, callersSession},
	{"a refused refresh is not tried again", onA(leg.UASConfirmed, leg.GotRefused, dropping(sip.LegA, leg.StartTimer)), timed, callersSession},
	{"a session is refreshed by both", refreshToo, timed, calleesSession},

	{"answered before the PRACK is answered", answeredUnsaid, recorded, askedFor},

	{"who rings beside the one that has answered rings on", losersRingOn, hunted, atOnce},
	{"who has rung in vain rings on", losersRingOn, hunted, inTurns},
	{"a 2xx of a loser that crossed CANCEL is not ended", onB(leg.UACCancelling, leg.GotOK, dropping(sip.LegB, leg.SendBye)), hunted, atOnce},
	{"the next is not rung", withoutVerb(sip.RingNext), hunted, inTurns},
	{"not all are rung at once", withoutVerb(sip.RingNext), hunted, atOnce},
	{"the next is rung while one rings", impatient, hunted, inTurns},
	{"the next is rung after complete", ringOnAfterStop, hunted, inTurns},
	{"the caller is told of each that rings", tellingAll, hunted, atOnce},
	{"the caller is told what became of the last", tellingTheLast, hunted, inTurns},
	{"the first that is busy ends the call", singleMinded, together, inTurns},
	{"the second may ring for ever", timeFirstOnly, timed, inTurns},
	{"a leg outlives the record", recordEarly, recorded, atOnce},

	{"nothing ends the ringing", withoutVerb(sip.StartRingTimer), silenceEnds, setUp},
	{"nothing ends the wait for the ACK", withoutTimer(leg.TimerAck), silenceEnds, setUp},
	{"nothing ends the wait after CANCEL", withoutTimer(leg.TimerCancel), silenceEnds, setUp},
	{"the end of our BYE is not noticed", onB(leg.UACReleasing, leg.ByeOver, ignore), silenceEnds, setUp},
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
			b, broken := explore(f.step, &scopes[f.in], f.breaks).breaches[f.breaks]
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
