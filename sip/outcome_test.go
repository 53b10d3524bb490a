package sip_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"maskd/mapping"
	"maskd/sip"
	"maskd/sip/leg"
)

// What the CDR says, by what happened.
func TestHowACallEnded(t *testing.T) {
	onA := func(k leg.InputKind) sip.Event { return sip.Event{Kind: sip.OnA, In: leg.Input{Kind: k}} }
	onB := func(k leg.InputKind) sip.Event { return sip.Event{Kind: sip.OnB, In: leg.Input{Kind: k}} }
	declined := func(status int) sip.Event {
		return sip.Event{Kind: sip.OnB, In: leg.Input{Kind: leg.GotFinal, Cause: leg.CauseOf(status)}}
	}
	stop := func(c leg.Cause) sip.Event { return sip.Event{Kind: sip.Stop, Cause: c} }
	ringing := []sip.Event{{Kind: sip.Routed, Gateways: 1}, onB(leg.GotRinging)}
	answered := append(ringing[:2:2], onB(leg.GotOK))
	talking := append(answered[:3:3], onA(leg.GotAck))

	for _, row := range []struct {
		name    string
		after   []sip.Event
		event   sip.Event
		outcome mapping.Outcome
		by      mapping.EndedBy
		status  int
	}{
		{"refused", nil, stop(leg.CauseRefused), mapping.OutcomeRefused, mapping.EndedByPolicy, 404},
		{"a loop", nil, stop(leg.CauseLoop), mapping.OutcomeRefused, mapping.EndedByPolicy, 482},
		{"one call too many at once", nil, stop(leg.CauseOccupied), mapping.OutcomeRefused, mapping.EndedByPolicy, 486},
		{"busy", ringing, declined(486), mapping.OutcomeBusy, mapping.EndedByCallee, 486},
		{"declined", ringing, declined(603), mapping.OutcomeBusy, mapping.EndedByCallee, 486},
		{"not there", ringing, declined(480), mapping.OutcomeNoAnswer, mapping.EndedByCallee, 480},
		{"no such number", ringing, declined(404), mapping.OutcomeFailed, mapping.EndedByFailure, 480},
		{"a server fails", ringing, declined(500), mapping.OutcomeFailed, mapping.EndedByFailure, 500},
		{"the gateway fails", ringing[:1], onB(leg.GotFailure), mapping.OutcomeFailed, mapping.EndedByFailure, 500},
		{"no common codec", ringing, onB(leg.GotBadOK), mapping.OutcomeFailed, mapping.EndedByFailure, 488},
		{"rung too long", ringing, sip.Event{Kind: sip.RingOver}, mapping.OutcomeNoAnswer, mapping.EndedByTimeout, 480},
		{"the caller gives up", ringing, onA(leg.GotCancel), mapping.OutcomeCancelled, mapping.EndedByCaller, 487},
		{"the caller gives up as B answers", answered, onA(leg.GotCancel), mapping.OutcomeCancelled, mapping.EndedByCaller, 487},
		{"complete while it rings", ringing, stop(leg.CauseComplete), mapping.OutcomeCancelled, mapping.EndedByComplete, 480},
		{"shutdown while it rings", ringing, stop(leg.CauseShutdown), mapping.OutcomeCancelled, mapping.EndedByShutdown, 503},

		{"the caller hangs up", talking, onA(leg.GotBye), mapping.OutcomeAnswered, mapping.EndedByCaller, 200},
		{"the callee hangs up", talking, onB(leg.GotBye), mapping.OutcomeAnswered, mapping.EndedByCallee, 200},
		{"the caller never acknowledges", answered, onA(leg.AckFired), mapping.OutcomeAnswered, mapping.EndedByTimeout, 200},
		{"the media stops", talking, stop(leg.CauseLost), mapping.OutcomeAnswered, mapping.EndedByTimeout, 200},
		{"complete while they talk", talking, stop(leg.CauseComplete), mapping.OutcomeAnswered, mapping.EndedByComplete, 200},
		{"the time is over", talking, sip.Event{Kind: sip.TimeOver}, mapping.OutcomeAnswered, mapping.EndedByLimit, 200},
		{"complete is announced", talking, sip.Event{Kind: sip.Part, Cause: leg.CauseComplete}, mapping.OutcomeAnswered, mapping.EndedByComplete, 200},
		{"complete is announced while it rings", ringing, sip.Event{Kind: sip.Part, Cause: leg.CauseComplete}, mapping.OutcomeCancelled, mapping.EndedByComplete, 480},
		{"an operator hangs up", talking, stop(leg.CauseOperator), mapping.OutcomeAnswered, mapping.EndedByOperator, 200},
	} {
		t.Run(row.name, func(t *testing.T) {
			want := sip.End{Outcome: row.outcome, By: row.by, Status: row.status}
			s := after(row.after)
			s, _ = sip.Step(s, row.event, nil)
			if diff := cmp.Diff(want, s.End); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			s, _ = sip.Step(s, stop(leg.CauseShutdown), nil)
			if diff := cmp.Diff(want, s.End); diff != "" {
				t.Errorf("the first end does not stand (-want +got):\n%s", diff)
			}
		})
	}
}

// after returns the state that the events lead to.
func after(events []sip.Event) sip.State {
	var s sip.State
	for _, e := range events {
		s, _ = sip.Step(s, e, nil)
	}
	return s
}

// The ring timer may fire just as it is stopped.
func TestLateRingTimerMeansNothing(t *testing.T) {
	for n := 4; n <= len(normalCall); n++ {
		before := after(normalCall[:n])
		got, acts := sip.Step(before, sip.Event{Kind: sip.RingOver}, nil)
		if got != before || len(acts) != 0 {
			t.Errorf("after %d events: it does %v", n, acts)
		}
	}
}
