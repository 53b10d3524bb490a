package leg_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"maskd/sip/leg"
)

func TestUAC(t *testing.T) {
	const (
		hangup    = leg.CauseHangup
		cancelled = leg.CauseCancelled
		media     = leg.CauseMedia
		complete  = leg.CauseComplete
	)
	idle, calling := leg.UAC{}, leg.UAC{State: leg.UACCalling}
	proceeding, early := leg.UAC{State: leg.UACProceeding}, leg.UAC{State: leg.UACEarly}
	confirmed := leg.UAC{State: leg.UACConfirmed}
	cancelWait := leg.UAC{State: leg.UACCancelWait, Cause: complete}
	cancelling := leg.UAC{State: leg.UACCancelling}
	releasing, ended := leg.UAC{State: leg.UACReleasing}, leg.UAC{State: leg.UACEnded}
	more := func(u leg.UAC) leg.UAC { u.Gateways++; return u } // with one more gateway to try
	cancel := func(c leg.Cause) []leg.Action {
		return []leg.Action{doBecause(leg.SendCancel, c), start(leg.TimerCancel, patience)}
	}
	endFork := []leg.Action{do(leg.SendAck), doBecause(leg.SendBye, cancelled)}

	for _, row := range []struct {
		name string
		leg  leg.UAC
		in   leg.Input
		want leg.UAC
		acts []leg.Action
	}{
		{"it invites (13.2.1)", idle, in(leg.Invite), calling, []leg.Action{with(leg.SendInvite, leg.BodyOffer)}},
		{"it invites, and another gateway waits: this one has 4 s", more(idle), in(leg.Invite), more(calling),
			[]leg.Action{with(leg.SendInvite, leg.BodyOffer), start(leg.TimerGateway, 4*time.Second)}},
		{"the gateway says nothing: the next", more(calling), in(leg.GatewayFired), calling,
			[]leg.Action{stop(leg.TimerGateway), with(leg.SendInvite, leg.BodyOffer)}},
		{"the gateway lives: it has all its time", more(calling), in(leg.GotTrying), more(proceeding), []leg.Action{stop(leg.TimerGateway)}},
		{"the gateway asks for more: the INVITE again (22.2, RFC 4028 7.3)", proceeding, in(leg.GotRetry), calling,
			[]leg.Action{with(leg.SendAgain, leg.BodyOffer)}},
		{"not after somebody was alerted", early, because(leg.GotRetry, leg.CauseUnreachable), ended, []leg.Action{released(leg.CauseUnreachable)}},
		{"nor when it is given up", cancelling, in(leg.GotRetry), ended, []leg.Action{stop(leg.TimerCancel)}},
		{"released before it began: nothing to send", idle, because(leg.Release, complete), ended, nil},

		{"100 (13.2.2.1)", calling, in(leg.GotTrying), proceeding, nil},
		{"a late 100 takes nothing back (13.2.2.1)", early, in(leg.GotTrying), early, nil},
		{"180 (13.2.2.1)", calling, in(leg.GotRinging), early, []leg.Action{tell(leg.Ringing)}},
		{"183 (13.2.2.1)", proceeding, in(leg.GotProgress), early, []leg.Action{tell(leg.Progress)}},
		{"2xx: ACK first (13.2.2.4)", early, in(leg.GotOK), confirmed, []leg.Action{do(leg.SendAck), tell(leg.Answered)}},
		{"2xx without a 1xx (13.2.2.4)", calling, in(leg.GotOK), confirmed, []leg.Action{do(leg.SendAck), tell(leg.Answered)}},
		{"2xx that we can't use: ACK, then BYE (13.2.2.4)", early, in(leg.GotBadOK), releasing,
			[]leg.Action{do(leg.SendAck), doBecause(leg.SendBye, media), released(media)}},
		{"the callee's own no is final (13.2.2.3)", more(calling), because(leg.GotFinal, leg.CauseBusy), ended,
			[]leg.Action{stop(leg.TimerGateway), released(leg.CauseBusy)}},
		{"a gateway that fails is followed by the next (21.5.4)", more(proceeding), in(leg.GotFailure), calling,
			[]leg.Action{with(leg.SendInvite, leg.BodyOffer)}},
		{"not after somebody was alerted", more(early), in(leg.GotFailure), ended,
			[]leg.Action{released(leg.CauseFailed)}},
		{"the last gateway fails (21.5.4)", calling, in(leg.GotFailure), ended, []leg.Action{released(leg.CauseFailed)}},
		{"released before a 1xx: CANCEL must wait (9.1)", more(calling), because(leg.Release, complete), cancelWait, []leg.Action{stop(leg.TimerGateway)}},
		{"released after 100: CANCEL (9.1)", proceeding, because(leg.Release, complete), cancelling, cancel(complete)},
		{"released after 180: CANCEL (9.1)", early, because(leg.Release, complete), cancelling, cancel(complete)},
		{"BYE on an early dialog does not end the INVITE: CANCEL (15)", early, in(leg.GotBye), cancelling,
			append(append([]leg.Action{do(leg.AcceptBye)}, cancel(hangup)...), released(hangup))},

		{"the 2xx again: our ACK was lost (13.2.2.4)", confirmed, in(leg.GotOK), confirmed, []leg.Action{do(leg.SendAck)}},
		{"released: BYE (15.1.1)", confirmed, because(leg.Release, complete), releasing,
			[]leg.Action{doBecause(leg.SendBye, complete)}},
		{"BYE: 200 (15.1.2)", confirmed, in(leg.GotBye), ended, []leg.Action{do(leg.AcceptBye), released(hangup)}},
		{"a late 180 means nothing (13.2.2.1)", confirmed, in(leg.GotRinging), confirmed, nil},

		{"the 1xx that CANCEL has waited for (9.1)", cancelWait, in(leg.GotTrying), cancelling, cancel(complete)},
		{"no 1xx, no answer: nothing to cancel (9.1)", cancelWait, in(leg.GotFailure), ended,
			[]leg.Action{stop(leg.TimerCancel)}},
		{"the callee answers before CANCEL left (9.1)", cancelWait, in(leg.GotOK), releasing,
			append([]leg.Action{stop(leg.TimerCancel)}, endFork...)},
		{"CANCEL is sent once (9.1)", cancelling, in(leg.GotRinging), cancelling, nil},
		{"2xx that crosses CANCEL: ACK and BYE (9.1)", cancelling, in(leg.GotOK), releasing,
			append([]leg.Action{stop(leg.TimerCancel)}, endFork...)},
		{"487 to the INVITE (9.1)", cancelling, because(leg.GotFinal, leg.CauseNoAnswer), ended,
			[]leg.Action{stop(leg.TimerCancel)}},
		{"nothing for 64*T1 after CANCEL: given up (9.1)", cancelling, in(leg.CancelFired), ended,
			[]leg.Action{stop(leg.TimerCancel)}},
		{"no gateway is tried after the end", more(cancelling), in(leg.GotFailure), ended,
			[]leg.Action{stop(leg.TimerCancel)}},
		{"BYE crosses CANCEL: the final response is still due (15)", cancelling, in(leg.GotBye), cancelling,
			[]leg.Action{do(leg.AcceptBye)}},

		{"our BYE was answered (15.1.1)", releasing, in(leg.ByeOver), ended, nil},
		{"a BYE crosses ours (15.1.2)", releasing, in(leg.GotBye), releasing, []leg.Action{do(leg.AcceptBye)}},
		{"the 2xx again, our BYE on its way (13.2.2.4)", releasing, in(leg.GotOK), releasing, []leg.Action{do(leg.SendAck)}},

		{"a 2xx after the end: ACK and BYE (13.2.2.4)", ended, in(leg.GotOK), ended, endFork},
		{"one that we can't use: the same (13.2.2.4)", ended, in(leg.GotBadOK), ended, endFork},
		{"a BYE after the end (15.1.2)", ended, in(leg.GotBye), ended, []leg.Action{do(leg.AcceptBye)}},
		{"a leg that ended invites nobody", ended, in(leg.Invite), ended, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, acts := row.leg.Step(row.in, nil)
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("state (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(row.acts, acts); diff != "" {
				t.Errorf("actions (-want +got):\n%s", diff)
			}
		})
	}
}
