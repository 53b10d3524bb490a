package edge

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestARegistrationOverTime(t *testing.T) {
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	const hour = time.Hour
	ok := registrarReply{status: 200, granted: hour}
	refused := registrarReply{status: 403}
	for _, row := range []struct {
		name    string
		replies []registrarReply // each at the time that is due, with chance 0.5
		state   RegistrationState
		next    time.Duration // from the last reply
		until   time.Duration // the same; 0: no binding
		expiry  time.Duration
	}{
		{"granted", []registrarReply{ok}, Registered, 42 * time.Minute, hour, hour},
		{"granted less", []registrarReply{{status: 200, granted: time.Minute}}, Registered, 42 * time.Second, time.Minute, hour},
		{"granted for ever", []registrarReply{{status: 200, granted: 1000 * hour}}, Registered, 16*hour + 48*time.Minute, 24 * hour, hour},
		{"granted nothing", []registrarReply{{status: 200}}, RegistrationFailed, 1500 * time.Millisecond, 0, hour},
		{"refused", []registrarReply{refused}, RegistrationFailed, 1500 * time.Millisecond, 0, hour},
		{"not heard", []registrarReply{{}}, RegistrationFailed, 1500 * time.Millisecond, 0, hour},
		{"refused twice", []registrarReply{refused, refused}, RegistrationFailed, 3 * time.Second, 0, hour},
		{"refused, then granted", []registrarReply{refused, ok}, Registered, 42 * time.Minute, hour, hour},
		{"a success ends the back-off", []registrarReply{refused, refused, ok, refused}, RegistrationFailed, 1500 * time.Millisecond, 18 * time.Minute, hour},
		{"told when", []registrarReply{{status: 503, retryAfter: time.Minute}}, RegistrationFailed, time.Minute, 0, hour},
		{"told a week", []registrarReply{{status: 503, retryAfter: 200 * hour}}, RegistrationFailed, hour, 0, hour},
		{"told sooner than is wise", []registrarReply{{status: 503, retryAfter: time.Millisecond}}, RegistrationFailed, 1500 * time.Millisecond, 0, hour},
		{"too brief (10.3)", []registrarReply{{status: 423, least: 2 * hour}}, Unregistered, 0, 0, 2 * hour},
		{"too brief, then granted", []registrarReply{{status: 423, least: 2 * hour}, {status: 200, granted: 2 * hour}}, Registered, 84 * time.Minute, 2 * hour, 2 * hour},
		{"never long enough", []registrarReply{{status: 423, least: 2 * hour}, {status: 423, least: 3 * hour}}, RegistrationFailed, 3 * time.Second, 0, 3 * hour},
		{"too brief by nothing", []registrarReply{{status: 423, least: hour}}, RegistrationFailed, 1500 * time.Millisecond, 0, hour},
		{"too brief by years", []registrarReply{{status: 423, least: 10000 * hour}}, RegistrationFailed, 1500 * time.Millisecond, 0, hour},
		{"a refresh that is refused leaves the binding", []registrarReply{ok, refused}, RegistrationFailed, 1500 * time.Millisecond, 18 * time.Minute, hour},
	} {
		t.Run(row.name, func(t *testing.T) {
			r, now := newRegistration(hour, start, start), start
			for _, reply := range row.replies {
				now = r.due
				r = r.heard(reply, now, 0.5)
			}
			until := time.Duration(0)
			if r.holds(now) {
				until = r.until.Sub(now)
			}
			if r.state != row.state || r.due.Sub(now) != row.next || until != row.until || r.expiry != row.expiry {
				t.Errorf("%v, next in %v, holds %v, asks for %v; want %v, %v, %v, %v",
					r.state, r.due.Sub(now), until, r.expiry, row.state, row.next, row.until, row.expiry)
			}
		})
	}
}

func TestOnlyTheFirstRegisterIsNews(t *testing.T) {
	now := time.Now()
	r := newRegistration(time.Hour, now, now).asking(now)
	if r.state != Registering {
		t.Errorf("the first: %v", r.state)
	}
	later := now.Add(time.Minute)
	for _, reply := range []registrarReply{{status: 200, granted: time.Hour}, {status: 403}} {
		r = r.heard(reply, now, 0)
		if next := r.asking(later); next.state != r.state || next.since != r.since {
			t.Errorf("another after %d: %v", reply.status, next.state)
		}
	}
	if gone := r.left(later); gone.state != Unregistered || gone.holds(later) {
		t.Errorf("taken back: %+v", gone)
	}
}

// Whatever a registrar says, the next REGISTER leaves neither at once for ever
// nor never, and while a binding holds it is refreshed in time.
func TestARegistrarSetsNoPaceOfItsOwn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
		r := newRegistration(time.Hour, now, now)
		atOnce := 0
		for range rapid.IntRange(1, 30).Draw(t, "replies") {
			now = r.due
			r = r.asking(now).heard(registrarReply{
				status:     rapid.SampledFrom([]int{0, 200, 403, 423, 503}).Draw(t, "status"),
				granted:    time.Duration(rapid.IntRange(0, 1<<20).Draw(t, "granted")) * time.Second,
				least:      time.Duration(rapid.IntRange(0, 1<<20).Draw(t, "least")) * time.Second,
				retryAfter: time.Duration(rapid.IntRange(0, 1<<20).Draw(t, "retry")) * time.Second,
			}, now, rapid.Float64Range(0, 0.999).Draw(t, "chance"))
			wait := r.due.Sub(now)
			if wait < 500*time.Millisecond {
				atOnce++
			} else {
				atOnce = 0
			}
			if atOnce > 1 || wait < 0 || wait > maxExpiry {
				t.Fatalf("waits %v after %d at once", wait, atOnce)
			}
			if r.state == Registered && (!r.due.Before(r.until) || !r.holds(now)) {
				t.Fatalf("bound until %v, refreshed at %v", r.until, r.due)
			}
		}
	})
}
