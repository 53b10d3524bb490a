package leg_test

import (
	"slices"
	"strings"
	"testing"

	"maskd/sip/leg"
)

// past is one more than the last input, so that a number that means nothing is
// tried as well.
const past = leg.CancelFired + 1

// everyInput calls f with each input and each cause.
func everyInput(f func(leg.Input)) {
	for k := range past + 1 {
		for c := range leg.CauseShutdown + 1 {
			f(because(k, c))
		}
	}
}

// A leg takes every input in every state: it stays a leg, keeps to its side's
// messages, accepts every BYE, and what has ended stays so.
func TestUASIsTotal(t *testing.T) {
	foreign := []leg.Verb{leg.SendInvite, leg.SendAck, leg.SendCancel}
	for state := range leg.UASEnded + 1 {
		everyInput(func(in leg.Input) {
			before := leg.UAS{State: state, Interval: leg.T1, Cause: leg.CauseComplete}
			after, acts := before.Step(in, nil)
			if strings.HasPrefix(after.State.String(), "uas(") {
				t.Errorf("%s, %s: no such state as %s", state, in.Kind, after.State)
			}
			if state == leg.UASEnded && after != before {
				t.Errorf("%s: %s changes it into %+v", state, in.Kind, after)
			}
			if in.Kind == leg.GotBye && count(acts, leg.AcceptBye) != 1 {
				t.Errorf("%s: BYE is accepted %d times", state, count(acts, leg.AcceptBye))
			}
			checkActions(t, state.String(), in, acts, foreign)
		})
	}
}

// As TestUASIsTotal; and every 2xx to an INVITE of ours is acknowledged.
func TestUACIsTotal(t *testing.T) {
	foreign := []leg.Verb{leg.SendRinging, leg.SendProgress, leg.SendOK, leg.ResendOK, leg.SendFinal}
	for state := range leg.UACEnded + 1 {
		for gateways := range uint8(2) {
			everyInput(func(in leg.Input) {
				before := leg.UAC{State: state, Gateways: gateways, Cause: leg.CauseComplete}
				after, acts := before.Step(in, nil)
				if strings.HasPrefix(after.State.String(), "uac(") {
					t.Errorf("%s, %s: no such state as %s", state, in.Kind, after.State)
				}
				if state == leg.UACEnded && after != before {
					t.Errorf("%s: %s changes it into %+v", state, in.Kind, after)
				}
				if after.Gateways > gateways {
					t.Errorf("%s, %s: %d gateways are left of %d", state, in.Kind, after.Gateways, gateways)
				}
				if state != leg.UACIdle && in.Kind == leg.GotBye && count(acts, leg.AcceptBye) != 1 {
					t.Errorf("%s: BYE is accepted %d times", state, count(acts, leg.AcceptBye))
				}
				answer := in.Kind == leg.GotOK || in.Kind == leg.GotBadOK
				if state != leg.UACIdle && answer && count(acts, leg.SendAck) != 1 {
					t.Errorf("%s: a 2xx is acknowledged %d times", state, count(acts, leg.SendAck))
				}
				checkActions(t, state.String(), in, acts, foreign)
			})
		}
	}
}

// checkActions fails if an action is unknown, is the other side's, or lacks
// what its verb needs.
func checkActions(t *testing.T, state string, in leg.Input, acts []leg.Action, foreign []leg.Verb) {
	t.Helper()
	for _, a := range acts {
		timer := a.Do == leg.StartTimer || a.Do == leg.StopTimer
		switch {
		case strings.HasPrefix(a.Do.String(), "verb("):
			t.Errorf("%s, %s: no such action as %s", state, in.Kind, a.Do)
		case slices.Contains(foreign, a.Do):
			t.Errorf("%s, %s: %s is for the other side", state, in.Kind, a.Do)
		case timer != (a.Timer > 0 && a.Timer < leg.Timers):
			t.Errorf("%s, %s: %s with timer %d", state, in.Kind, a.Do, a.Timer)
		case (a.Do == leg.StartTimer) != (a.After > 0):
			t.Errorf("%s, %s: %s after %s", state, in.Kind, a.Do, a.After)
		case (a.Do == leg.Tell) != (a.Event.Kind != 0):
			t.Errorf("%s, %s: %s of %s", state, in.Kind, a.Do, a.Event.Kind)
		}
	}
}

func count(acts []leg.Action, v leg.Verb) int {
	n := 0
	for _, a := range acts {
		if a.Do == v {
			n++
		}
	}
	return n
}

func TestTimersFireTheirInput(t *testing.T) {
	for timer, want := range map[leg.Timer]leg.InputKind{
		leg.TimerResend: leg.ResendFired, leg.TimerAck: leg.AckFired, leg.TimerCancel: leg.CancelFired,
	} {
		if got := timer.Fired(); got != in(want) {
			t.Errorf("timer %d fires %+v, want %s", timer, got, want)
		}
	}
}
