package leg_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"maskd/sip/leg"
)

func TestUAS(t *testing.T) {
	const (
		hangup    = leg.CauseHangup
		cancelled = leg.CauseCancelled
		lost      = leg.CauseLost
		complete  = leg.CauseComplete
	)
	proceeding, early := leg.UAS{}, leg.UAS{State: leg.UASEarly}
	answered := leg.UAS{State: leg.UASAnswered, Interval: leg.T1}
	confirmed := leg.UAS{State: leg.UASConfirmed}
	closing := leg.UAS{State: leg.UASClosing, Interval: leg.T1, Cause: complete}
	releasing, ended := leg.UAS{State: leg.UASReleasing}, leg.UAS{State: leg.UASEnded}
	stopped := []leg.Action{stop(leg.TimerResend), stop(leg.TimerAck)}

	for _, row := range []struct {
		name string
		leg  leg.UAS
		in   leg.Input
		want leg.UAS
		acts []leg.Action
	}{
		{"it rings: 180 (13.3.1.1)", proceeding, in(leg.Ring), early, []leg.Action{do(leg.SendRinging)}},
		{"it rings again: 180 again (13.3.1.1)", early, in(leg.Ring), early, []leg.Action{do(leg.SendRinging)}},
		{"progress: 183 (13.3.1.1)", proceeding, in(leg.Advance), early, []leg.Action{do(leg.SendProgress)}},
		{"an answer is a 2xx, sent until its ACK comes (13.3.1.4)", proceeding, in(leg.Answer), answered,
			[]leg.Action{with(leg.SendOK, leg.BodyAnswer), start(leg.TimerResend, 500*time.Millisecond), start(leg.TimerAck, patience)}},
		{"an answer after 180 (13.3.1.4)", early, in(leg.Answer), answered,
			[]leg.Action{with(leg.SendOK, leg.BodyAnswer), start(leg.TimerResend, 500*time.Millisecond), start(leg.TimerAck, patience)}},
		{"released before an answer: a final response (13.3.1.3)", early, because(leg.Release, leg.CauseBusy), ended,
			[]leg.Action{doBecause(leg.SendFinal, leg.CauseBusy)}},
		{"CANCEL before an answer: the transaction has sent 487 (9.2)", early, in(leg.GotCancel), ended,
			[]leg.Action{released(cancelled)}},
		{"BYE on an early dialog: 200, and 487 to the INVITE (15.1.2)", early, in(leg.GotBye), ended,
			[]leg.Action{do(leg.AcceptBye), released(cancelled), doBecause(leg.SendFinal, cancelled)}},
		{"an ACK without a 2xx means nothing (13.3.1.4)", early, in(leg.GotAck), early, nil},

		{"ACK: the dialog is confirmed (13.3.1.4)", answered, in(leg.GotAck), confirmed, stopped},
		{"no ACK yet: the 2xx again, after twice the time (13.3.1.4)", answered, in(leg.ResendFired),
			leg.UAS{State: leg.UASAnswered, Interval: time.Second},
			[]leg.Action{do(leg.ResendOK), start(leg.TimerResend, time.Second)}},
		{"no ACK for 64*T1: the others first, then BYE (13.3.1.4)", answered, in(leg.AckFired), releasing,
			[]leg.Action{stop(leg.TimerResend), released(lost), doBecause(leg.SendBye, lost)}},
		{"released without an ACK: BYE must wait (15)", answered, because(leg.Release, complete), closing, nil},
		{"BYE instead of the ACK (15.1.2)", answered, in(leg.GotBye), ended,
			append([]leg.Action{do(leg.AcceptBye)}, append(stopped, released(hangup))...)},
		{"CANCEL that was faster than our 2xx: 487 was sent (9.2)", answered, in(leg.GotCancel), ended,
			append(stopped[:2:2], released(cancelled))},
		{"answered once is enough (13.3.1.4)", answered, in(leg.Answer), answered, nil},

		{"released: BYE (15.1.1)", confirmed, because(leg.Release, complete), releasing,
			[]leg.Action{doBecause(leg.SendBye, complete)}},
		{"BYE: 200 (15.1.2)", confirmed, in(leg.GotBye), ended, []leg.Action{do(leg.AcceptBye), released(hangup)}},
		{"the ACK again means nothing (13.3.1.4)", confirmed, in(leg.GotAck), confirmed, nil},

		{"the ACK that BYE has waited for (15)", closing, in(leg.GotAck), releasing,
			append(stopped[:2:2], doBecause(leg.SendBye, complete))},
		{"no ACK for 64*T1: BYE need not wait longer (15)", closing, in(leg.AckFired), releasing,
			append(stopped[:2:2], doBecause(leg.SendBye, complete))},
		{"closing, the 2xx is sent again all the same (13.3.1.4)", closing, in(leg.ResendFired),
			leg.UAS{State: leg.UASClosing, Interval: time.Second, Cause: complete},
			[]leg.Action{do(leg.ResendOK), start(leg.TimerResend, time.Second)}},
		{"closing, the peer's BYE comes first (15.1.2)", closing, in(leg.GotBye), ended,
			append([]leg.Action{do(leg.AcceptBye)}, stopped...)},
		{"closing, CANCEL was faster than our 2xx (9.2)", closing, in(leg.GotCancel), ended,
			append(stopped[:2:2], released(cancelled))},
		{"closing, the first cause stands", closing, because(leg.Release, hangup), closing, nil},

		{"our BYE was answered (15.1.1)", releasing, in(leg.ByeOver), ended, nil},
		{"a BYE crosses ours (15.1.2)", releasing, in(leg.GotBye), releasing, []leg.Action{do(leg.AcceptBye)}},
		{"BYE is sent once", releasing, because(leg.Release, complete), releasing, nil},

		{"a BYE after the end (15.1.2)", ended, in(leg.GotBye), ended, []leg.Action{do(leg.AcceptBye)}},
		{"no answer after the end (13.3.1)", ended, in(leg.Answer), ended, nil},
		{"no 180 after the end (13.3.1)", ended, in(leg.Ring), ended, nil},
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

// The 2xx goes out at intervals that double from T1 to T2 (RFC 3261 section 13.3.1.4).
func TestUASRetransmits(t *testing.T) {
	u, _ := leg.UAS{}.Step(in(leg.Answer), nil)
	var got []time.Duration
	for range 6 {
		var acts []leg.Action
		u, acts = u.Step(in(leg.ResendFired), nil)
		got = append(got, acts[len(acts)-1].After)
	}
	want := []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 4 * time.Second, 4 * time.Second, 4 * time.Second}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("intervals (-want +got):\n%s", diff)
	}
}
