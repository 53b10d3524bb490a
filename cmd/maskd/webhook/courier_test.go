package webhook

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"maskd/mapping"
)

const (
	created = mapping.EventInteractionCreated
	ended   = mapping.EventCallEnded
)

// ids returns the names of what is in the box.
func (b *box) ids() (ids []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.events {
		ids = append(ids, e.ID.Text(mapping.KindEvent))
	}
	return ids
}

func idsOf(attempts []attempt) (ids []string) {
	for _, a := range attempts {
		ids = append(ids, a.id)
	}
	return ids
}

func TestDelaysAreFromFiveSecondsToAnHour(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, r := rapid.IntRange(1, 1_000_000).Draw(t, "failures"), rapid.Float64Range(0, 1).Draw(t, "chance")
		if d := delay(n, r); d < 5*time.Second || d > time.Hour || d < delay(max(n-1, 1), 0) {
			t.Errorf("after %d failures %s", n, d)
		}
	})
}

// What fails is tried again with the same id, later and later, and what comes after
// waits for it.
func TestWhatFailsIsTriedAgainInItsOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, r := newBox(), &receiver{answer: func(n int) int { return []int{-1, 500, 302, 404, 204}[min(n-1, 4)] }}
		o := staffed(b, map[string]*receiver{"a": r})
		defer o.Close()
		set(t, o, true, endpoint("a"))
		b.happen(created, ended)
		synctest.Wait()
		if s := o.Standings()[0]; s.State() != StateFailing || s.Failed != 1 || s.Backlog(time.Now()) != 0 || b.noted("a").FailingSince.IsZero() {
			t.Errorf("%+v, noted %+v", s, b.noted("a"))
		}
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		got := r.attempts()
		want := []string{b.ids()[0], b.ids()[0], b.ids()[0], b.ids()[0], b.ids()[0], b.ids()[1]}
		if !slices.Equal(idsOf(got), want) {
			t.Fatalf("sent %v, not %v", idsOf(got), want)
		}
		for n := 1; n < 5; n++ {
			least := 5 * time.Second << (n - 1)
			if pause := got[n].at.Sub(got[n-1].at); pause < least || pause > least*5/4 {
				t.Errorf("after %d failures it waited %s", n, pause)
			}
		}
		if s := o.Standings()[0]; s.State() != StateDelivering || s.Delivered != 2 || s.Failed != 4 || !s.Waiting.IsZero() || b.noted("a") != s.Progress {
			t.Errorf("%+v, noted %+v", s, b.noted("a"))
		}
	})
}

func TestWhoTakesNothingForThreeDaysIsDisabled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, r := newBox(), always(500)
		receivers := map[string]*receiver{"a": r}
		o := staffed(b, receivers)
		set(t, o, true, endpoint("a"))
		b.happen(created)
		time.Sleep(mapping.MaxFailing - time.Hour)
		o.Close() // three days are three days over a restart
		o = staffed(b, receivers)
		set(t, o, true, endpoint("a"))
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		tries := len(r.attempts())
		if s := o.Standings()[0]; s.State() != StateDisabled || b.noted("a") != s.Progress || s.Backlog(time.Now()) < mapping.MaxFailing {
			t.Fatalf("%+v, noted %+v", s, b.noted("a"))
		}
		b.happen(ended)
		time.Sleep(24 * time.Hour)
		if len(r.attempts()) != tries {
			t.Error("it is told something")
		}
		o.Close()
		o = staffed(b, receivers) // it stays so over a restart
		defer func() { o.Close() }()
		set(t, o, true, endpoint("a"))
		time.Sleep(time.Hour)
		if len(r.attempts()) != tries || o.Standings()[0].State() != StateDisabled {
			t.Error("a restart has resumed it")
		}

		r.say(200)
		if o.Resume("b") || !o.Resume("a") {
			t.Error("resume")
		}
		synctest.Wait()
		if got := idsOf(r.attempts()[tries:]); !slices.Equal(got, b.ids()) || o.Standings()[0].State() != StateDelivering {
			t.Errorf("sent %v, not %v: %+v", got, b.ids(), o.Standings()[0])
		}
	})
}

// An endpoint that says itself that it is gone is disabled at once, and tried again
// when the configuration is read again.
func TestWhoIsGoneIsDisabledAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, r := newBox(), always(410)
		o := staffed(b, map[string]*receiver{"a": r})
		defer o.Close()
		set(t, o, true, endpoint("a"))
		b.happen(created, ended)
		time.Sleep(24 * time.Hour)
		if s := o.Standings()[0]; len(r.attempts()) != 1 || s.State() != StateDisabled || !b.noted("a").Gone {
			t.Errorf("%d attempts, %+v", len(r.attempts()), s)
		}
		r.say(200)
		set(t, o, false, endpoint("a"))
		synctest.Wait()
		if s := o.Standings()[0]; s.Delivered != 2 || s.State() != StateDelivering || b.noted("a").Gone {
			t.Errorf("%+v", s)
		}
	})
}

// Promise 7, as far as it is ours: who hangs delays nobody else, nor a stop.
func TestWhoHangsDelaysNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, hanging, other := newBox(), always(0), always(200)
		o := staffed(b, map[string]*receiver{"hanging": hanging, "other": other})
		set(t, o, true, endpoint("hanging"), endpoint("other"))
		b.happen(created, ended, created)
		synctest.Wait()
		if len(other.attempts()) != 3 || len(hanging.attempts()) != 1 {
			t.Errorf("%d and %d", len(other.attempts()), len(hanging.attempts()))
		}
		time.Sleep(attemptTime + 7*time.Second)
		synctest.Wait()
		if len(hanging.attempts()) != 2 {
			t.Errorf("tried %d times: an attempt does not end", len(hanging.attempts()))
		}
		begun := time.Now()
		o.Close()
		if took := time.Since(begun); took > 0 {
			t.Errorf("a stop took %s", took)
		}
	})
}

func TestAnEndpointIsToldWhatItWants(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBox()
		receivers := map[string]*receiver{"all": always(200), "ended": always(200), "acme": always(200), "late": always(200)}
		o := staffed(b, receivers)
		defer o.Close()
		b.happen(created) // before anybody was told
		others := endpoint("acme")
		others.Tenant = "acme"
		first := []Endpoint{endpoint("all"), endpoint("ended", ended), others}
		set(t, o, true, first...)
		b.happen(created, ended)
		synctest.Wait()
		set(t, o, false, append(first, endpoint("late"))...)
		b.happen(created, ended, created)
		synctest.Wait()
		all := b.ids()
		for name, want := range map[string][]string{"all": all[1:], "ended": {all[2], all[4]}, "acme": nil, "late": all[3:]} {
			if got := idsOf(receivers[name].attempts()); !slices.Equal(got, want) {
				t.Errorf("%s was sent %v, not %v", name, got, want)
			}
		}
		if p := b.noted("ended"); p.After != 6 {
			t.Errorf("what is not for it is not passed over: %+v", p)
		}
	})
}

// Who leaves the configuration is forgotten; whose tenant changes begins anew.
func TestWhoIsConfiguredAnewBeginsAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, a := newBox(), always(200)
		o := staffed(b, map[string]*receiver{"a": a})
		defer o.Close()
		set(t, o, true, endpoint("a"))
		b.happen(created)
		synctest.Wait()
		set(t, o, false)
		b.happen(created)
		if _, err := b.Progress("a"); err == nil || len(o.Standings()) > 0 {
			t.Errorf("it is remembered: %+v", b.noted("a"))
		}
		set(t, o, false, endpoint("a"))
		b.happen(ended)
		synctest.Wait()
		if got := idsOf(a.attempts()); !slices.Equal(got, []string{b.ids()[0], b.ids()[2]}) {
			t.Errorf("sent %v of %v", got, b.ids())
		}
		moved := endpoint("a")
		moved.Tenant = "acme"
		set(t, o, false, moved)
		if p := b.noted("a"); p.Tenant != "acme" {
			t.Errorf("%+v", p)
		}
	})
}

// Progress is noted once a second while there is more to tell, and when all is told.
// What a crash leaves unnoted is sent again, by the same id.
func TestWhatIsNotNotedIsSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, r := newBox(), always(200)
		receivers := map[string]*receiver{"a": r}
		o := staffed(b, receivers)
		set(t, o, true, endpoint("a"))
		before := b.count()
		b.happen(slices.Repeat([]mapping.EventType{created}, 250)...)
		synctest.Wait()
		if notes := b.count() - before; notes > 2 || b.noted("a").After != 250 {
			t.Errorf("noted %d times: %+v", notes, b.noted("a"))
		}
		b.spoil(true) // as if it crashed before
		b.happen(ended, ended)
		synctest.Wait()
		o.Close()
		b.spoil(false)
		o = staffed(b, receivers)
		defer o.Close()
		set(t, o, true, endpoint("a"))
		synctest.Wait()
		got := idsOf(r.attempts())
		if last := got[len(got)-4:]; !slices.Equal(last, append(b.ids()[250:], b.ids()[250:]...)) {
			t.Errorf("sent %v last", last)
		}
	})
}

// Events may grow too old while an endpoint is away, and an older copy of the store
// may have been put back.
func TestWhoIsAwayForTooLongGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, after := range []uint64{0, 99} {
			b, r := newBox(), always(200)
			b.happen(created, created)
			b.forget()
			b.happen(ended)
			b.put("a", mapping.Progress{Tenant: mapping.DefaultTenant, After: after})
			o := staffed(b, map[string]*receiver{"a": r})
			set(t, o, true, endpoint("a"))
			synctest.Wait()
			b.happen(created)
			synctest.Wait()
			want := b.ids()
			if after > 2 {
				want = want[1:] // nobody knows what it has of the other store's
			}
			if got := idsOf(r.attempts()); !slices.Equal(got, want) {
				t.Errorf("after %d it was sent %v, not %v", after, got, want)
			}
			o.Close()
		}
	})
}
