package sip

import (
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"maskd/sip/leg"
)

// which names a timer of a call.
type which struct {
	on    Target
	timer leg.Timer
}

// bell is the timers of a call, whose owner looks whenever they ring.
type bell struct {
	timers
	rung chan struct{}
}

func newBell() *bell {
	b := &bell{rung: make(chan struct{}, 100)}
	b.begun, b.ring = time.Now(), func() { b.rung <- struct{}{} }
	return b
}

// until returns which timers fire in that time, and when.
func (b *bell) until(end time.Time) map[which]time.Time {
	heard := make(map[which]time.Time)
	over := time.NewTimer(time.Until(end))
	defer over.Stop()
	for {
		select {
		case <-b.rung:
			if on, timer, ok := b.fired(); ok {
				heard[which{on, timer}] = time.Now()
			}
		case <-over.C:
			return heard
		}
	}
}

// Whatever is started, started again and stopped: each timer fires once, at its time, and
// none that was stopped.
func TestOneTimerIsAllTheTimersOfACall(t *testing.T) {
	all := []which{{LegA, turnTimer}, {LegA, 1}, {LegA, limitTimer}, {LegB, ringTimer}, {LegB, 1}, {LegB, starTimer}, {LegB + 2, 1}}
	for seed := range uint64(200) {
		synctest.Test(t, func(t *testing.T) {
			chance := rand.New(rand.NewPCG(seed, 0))
			b := newBell()
			defer b.stopAll()
			want := make(map[which]time.Time)
			for range 40 {
				switch w := all[chance.IntN(len(all))]; chance.IntN(5) {
				case 0:
					b.stop(w.on, w.timer)
					delete(want, w)
				case 1:
					pause := time.Duration(chance.IntN(300)) * time.Millisecond
					due := make(map[which]time.Time)
					for w, at := range want {
						if !at.After(time.Now().Add(pause)) {
							due[w] = at
							delete(want, w)
						}
					}
					sameTimes(t, b.until(time.Now().Add(pause+time.Microsecond)), due)
				default:
					after := 2*time.Millisecond + time.Duration(chance.IntN(1000))*time.Millisecond
					b.start(w.on, w.timer, after)
					want[w] = time.Now().Add(after)
				}
			}
			sameTimes(t, b.until(time.Now().Add(time.Minute)), want)
			if b.set != 0 {
				t.Error("it rings again, and nothing is left to fire")
			}
		})
	}
}

// sameTimes compares which timers have fired with which should have, to a microsecond: two
// that are due at once fire one after the other.
func sameTimes(t *testing.T, got, want map[which]time.Time) {
	t.Helper()
	for w, at := range want {
		if late := got[w].Sub(at); got[w].IsZero() || late < 0 || late > time.Microsecond {
			t.Errorf("%v fires at %v, and is due at %v", w, got[w], at)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d have fired, and %d were due", len(got), len(want))
	}
}

// What was due while the call was busy fires in order, unless the call has stopped it or
// started it again by then.
func TestATimerThatIsStoppedAfterItRangDoesNotFire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBell()
		defer b.stopAll()
		b.start(LegA, 1, time.Second)
		b.start(LegB, 1, time.Second)
		b.start(LegB, 2, 3*time.Second)
		b.start(LegA, 2, 2*time.Second)
		time.Sleep(5 * time.Second) // all are due, and nobody has looked
		b.stop(LegA, 1)
		b.start(LegB, 1, time.Second)
		var fired []which
		for range 10 {
			time.Sleep(time.Microsecond)
			if on, timer, ok := b.fired(); ok {
				fired = append(fired, which{on, timer})
			}
		}
		if want := []which{{LegA, 2}, {LegB, 2}}; !slices.Equal(fired, want) {
			t.Errorf("%v fire, want %v", fired, want)
		}
	})
}
