package sip

import (
	"time"

	"maskd/sip/leg"
)

// timers are the timers of one call, which are one timer: most are stopped before they
// fire, and then nothing need be done. It rings when the first is due, or was before it
// was stopped.
type timers struct {
	ring   func() // called when somebody should look, by another goroutine
	begun  time.Time
	timer  *time.Timer
	set    time.Duration // since begun, when the timer rings; 0: it does not
	slots  [2]slots      // by leg: A, and the first B
	others []slots       // of further legs B
}

// slots are when the timers of a leg fire, since the call began; 0: not.
type slots [starTimer + 1]time.Duration

// The slots that no timer of a leg uses are the call's. On leg A: the wait for a
// turn on the trunk to B, that for the next digit of a PIN, how long the two
// may talk, and how long copies of a PIN's keys may come. On the first leg B: how long it is
// rung, the wait for the next warning, the time to agree to a recording, and how long is heard
// what is heard before the end. On either: how long a star is kept from the other.
const (
	turnTimer  leg.Timer = 0
	entryTimer leg.Timer = leg.Timers
	limitTimer leg.Timer = leg.Timers + 1
	clingTimer leg.Timer = leg.Timers + 2

	ringTimer    leg.Timer = 0
	warnTimer    leg.Timer = leg.Timers
	consentTimer leg.Timer = leg.Timers + 1
	noticeTimer  leg.Timer = leg.Timers + 2

	starTimer leg.Timer = leg.Timers + 3
)

// of returns the slots of a leg.
func (t *timers) of(on Target) *slots {
	if on <= LegB {
		return &t.slots[on-LegA]
	}
	for len(t.others) < int(on-LegB) {
		t.others = append(t.others, slots{})
	}
	return &t.others[on-LegB-1]
}

// soonest is when a timer fires that is to fire at once: one of no delay at all runs
// within the call that starts it in a test of fake time, where the race detector dies
// of two such (golang/go issue 78156).
const soonest = time.Nanosecond

// start starts or restarts a timer.
func (t *timers) start(on Target, timer leg.Timer, after time.Duration) {
	now := time.Since(t.begun)
	due := now + max(after, soonest)
	t.of(on)[timer] = due
	if t.set == 0 || due < t.set {
		t.wind(due, now)
	}
}

// wind has the timer ring when one is due.
func (t *timers) wind(due, now time.Duration) {
	t.set = due
	if after := max(due-now, soonest); t.timer == nil {
		t.timer = time.AfterFunc(after, t.ring)
	} else {
		t.timer.Reset(after)
	}
}

func (t *timers) stop(on Target, timer leg.Timer) { t.of(on)[timer] = 0 }

// fired returns the timer that has fired first, and is stopped by that; false if none has
// fired. It is asked whenever the timer has rung, and will ring for the next.
func (t *timers) fired() (on Target, timer leg.Timer, ok bool) {
	now := time.Since(t.begun)
	on, timer, due := t.next()
	if ok = due != 0 && due <= now; ok {
		t.stop(on, timer)
		_, _, due = t.next()
	}
	if t.set = 0; due != 0 {
		t.wind(due, now)
	}
	return on, timer, ok
}

// next returns the timer that is to fire next, and when; 0: there is none.
func (t *timers) next() (on Target, timer leg.Timer, due time.Duration) {
	for i := range len(t.slots) + len(t.others) {
		for n, at := range t.of(LegA + Target(i)) {
			if at != 0 && (due == 0 || at < due) {
				on, timer, due = LegA+Target(i), leg.Timer(n), at
			}
		}
	}
	return on, timer, due
}

// stopAll stops them for good.
func (t *timers) stopAll() {
	if t.timer != nil {
		t.timer.Stop()
	}
}
