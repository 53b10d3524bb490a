package leg_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"maskd/sip/leg"
)

func TestTimersFireTheirInput(t *testing.T) {
	want := map[leg.Timer]leg.InputKind{
		leg.TimerResend: leg.ResendFired, leg.TimerAck: leg.AckFired, leg.TimerEarly: leg.EarlyFired,
		leg.TimerPrack: leg.PrackFired, leg.TimerGateway: leg.GatewayFired, leg.TimerCancel: leg.CancelFired,
		leg.TimerGlare: leg.GlareFired, leg.TimerRefresh: leg.RefreshFired, leg.TimerExpire: leg.ExpireFired,
	}
	for timer := leg.TimerResend; timer < leg.Timers; timer++ {
		if got := timer.Fired(); got != in(want[timer]) {
			t.Errorf("timer %d fires %+v, want %s", timer, got, want[timer])
		}
	}
}

// What holds from a 2xx on: half of the interval until the refresh, and an end
// that leaves time for our BYE (RFC 4028 sections 7.2 and 10).
func TestSessionTimerStarts(t *testing.T) {
	for _, row := range []struct {
		name  string
		timer leg.SessionTimer
		want  []leg.Action
	}{
		{"none is agreed on", leg.SessionTimer{}, nil},
		{"we refresh", leg.SessionTimer{Every: 1800 * time.Second, Ours: true},
			[]leg.Action{start(leg.TimerRefresh, 900*time.Second), start(leg.TimerExpire, 1768*time.Second)}},
		{"the peer refreshes", leg.SessionTimer{Every: 1800 * time.Second}, []leg.Action{start(leg.TimerExpire, 1768*time.Second)}},
		{"a short interval ends after two thirds", leg.SessionTimer{Every: 90 * time.Second}, []leg.Action{start(leg.TimerExpire, 60*time.Second)}},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, acts := leg.UAC{State: leg.UACEarly}.Step(leg.Input{Kind: leg.GotOK, Timer: row.timer}, nil)
			want := append([]leg.Action{do(leg.SendAck), tell(leg.Answered)}, row.want...)
			if diff := cmp.Diff(want, acts); diff != "" {
				t.Errorf("actions (-want +got):\n%s", diff)
			}
		})
	}
}

// What holds from a refresh on takes the place of what held before.
func TestSessionTimerIsAgreedAnew(t *testing.T) {
	refresh, expire := start(leg.TimerRefresh, 45*time.Second), start(leg.TimerExpire, 60*time.Second)
	for _, row := range []struct {
		name          string
		before, after leg.SessionTimer
		want          []leg.Action
	}{
		{"none before, none after", leg.SessionTimer{}, leg.SessionTimer{}, nil},
		{"ours again: both begin anew", ours, ours, []leg.Action{refresh, expire}},
		{"theirs again", theirs, theirs, []leg.Action{expire}},
		{"it becomes ours", theirs, ours, []leg.Action{refresh, expire}},
		{"it becomes theirs: we refresh no longer", ours, theirs, []leg.Action{stop(leg.TimerRefresh), stop(leg.TimerExpire), expire}},
		{"ours ends", ours, leg.SessionTimer{}, []leg.Action{stop(leg.TimerRefresh), stop(leg.TimerExpire)}},
		{"theirs ends", theirs, leg.SessionTimer{}, []leg.Action{stop(leg.TimerExpire)}},
		{"one begins", leg.SessionTimer{}, theirs, []leg.Action{expire}},
	} {
		t.Run(row.name, func(t *testing.T) {
			u := leg.UAS{State: leg.UASConfirmed, Session: leg.Session{Timer: row.before}}
			got, acts := u.Step(leg.Input{Kind: leg.GotUpdate, Timer: row.after}, nil)
			if got.Session.Timer != row.after {
				t.Errorf("the timer is %+v", got.Session.Timer)
			}
			want := append([]leg.Action{do(leg.AcceptChange)}, row.want...)
			if diff := cmp.Diff(want, acts); diff != "" {
				t.Errorf("actions (-want +got):\n%s", diff)
			}
		})
	}
}
