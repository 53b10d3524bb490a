package edge

import (
	"errors"
	"sync"
	"testing"
	"time"
)

func TestAChannelIsGivenBackOnce(t *testing.T) {
	q := newQuota(Limits{CallsIn: 1})
	first, err := q.enter(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := q.enter(time.Now()); !errors.Is(err, ErrLimit) {
		t.Fatalf("a second call on one channel: %v", err)
	}
	first.leave()
	first.leave()
	if _, err := q.enter(time.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := q.enter(time.Now()); !errors.Is(err, ErrLimit) {
		t.Errorf("left twice, and there are two channels: %v", err)
	}
}

// A call that its rate refuses holds no channel.
func TestACallTooSoonHoldsNoChannel(t *testing.T) {
	now := time.Now()
	q := newQuota(Limits{CallsIn: 9, CallsPerSecondIn: 1, CallsOut: 9, CallsPerSecondOut: 1})
	for range 9 {
		_, _ = q.enter(now)
		_, _, _ = q.exit(now)
	}
	if in := q.in.used.Load(); in != 1 {
		t.Errorf("%d channels are taken inward by one call", in)
	}
	if out := q.out.used.Load(); out != 3 { // at once, and a second and two later
		t.Errorf("%d channels are taken outward by three calls", out)
	}
}

func TestOutwardCallsAreSpaced(t *testing.T) {
	now := time.Now()
	q := newQuota(Limits{CallsPerSecondOut: 4})
	for i := range 9 {
		if _, wait, err := q.exit(now); err != nil || wait != time.Duration(i)*time.Second/4 {
			t.Errorf("call %d waits %s, %v", i, wait, err)
		}
	}
	if _, _, err := q.exit(now); !errors.Is(err, ErrLimit) {
		t.Errorf("a call that would wait longer than %s: %v", maxTurn, err)
	}
}

// A reload changes the limits of calls that are up, too.
func TestLimitsAreChangedWhileCallsAreUp(t *testing.T) {
	q := newQuota(Limits{CallsIn: 2})
	first, _ := q.enter(time.Now())
	second, _ := q.enter(time.Now())
	q.allow(Limits{CallsIn: 1})
	first.leave()
	if _, err := q.enter(time.Now()); !errors.Is(err, ErrLimit) {
		t.Errorf("with one call of one a second enters: %v", err)
	}
	second.leave()
	if _, err := q.enter(time.Now()); err != nil {
		t.Errorf("with none of one a call: %v", err)
	}
}

func TestNeverMoreThanTheChannelsAtOnce(t *testing.T) {
	q := newQuota(Limits{CallsOut: 7})
	var callers sync.WaitGroup
	for range 8 {
		callers.Go(func() {
			for range 1000 {
				if s, ok := q.out.take(); ok {
					if used := q.out.used.Load(); used > 7+8 { // those being refused are counted for an instant
						t.Errorf("%d at once", used)
					}
					s.leave()
				}
			}
		})
	}
	callers.Wait()
	if used := q.out.used.Load(); used != 0 {
		t.Errorf("%d are left", used)
	}
}

func TestATrunkAtItsLimitAnswers503(t *testing.T) {
	inExchange(t, func(x *exchange) {
		x.edge.peers().trunks[0].quota.allow(Limits{CallsPerSecondIn: 1})
		if got := names(x.send(x.carrier, invite().text(sdp))); got != "100, 404" {
			t.Errorf("the first is answered %q", got)
		}
	})
	inExchange(t, func(x *exchange) {
		x.edge.peers().trunks[0].quota = newQuota(Limits{CallsIn: 1})
		x.board.rings = true
		first := invite().with("Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKfirst").with("Call-ID: first")
		second := invite().with("Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKsecond").with("Call-ID: second")
		if got := names(x.send(x.carrier, first.text(sdp))); got != "100, 180" {
			t.Errorf("the one that fits is answered %q", got)
		}
		refused := x.send(x.carrier, second.text(sdp))
		if names(refused) != "503" || refused[0].Get("Retry-After") == "" {
			t.Errorf("the one too many is answered %q", names(refused))
		}
		x.send(x.carrier, cancelOf(first).text(""))
		third := second.with("Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKthird").with("Call-ID: third")
		if got := names(x.send(x.carrier, third.text(sdp))); got != "100, 180" {
			t.Errorf("after the end of the first, another is answered %q", got)
		}
		x.send(x.carrier, cancelOf(third).text(""))
	})
}
