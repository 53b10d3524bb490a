package sip

import (
	"time"

	"maskd/sip/leg"
)

// timers are the timers of one call. A timer that fires just as it is stopped
// has posted its letter already; the round tells that letter from a current one.
type timers struct {
	post   func(letter) bool
	slots  [2]slots // by leg: A, and the first B
	others []slots  // of further legs B
}

// slots are those of a leg, by timer.
type slots [starTimer + 1]slot

type slot struct {
	timer *time.Timer
	round uint32
}

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

func (t *timers) slot(on Target, timer leg.Timer) *slot {
	if on <= LegB {
		return &t.slots[on-LegA][timer]
	}
	for len(t.others) < int(on-LegB) {
		t.others = append(t.others, slots{})
	}
	return &t.others[on-LegB-1][timer]
}

// soonest is when a timer fires that is to fire at once: one of no delay at all runs
// within the call that starts it in a test of fake time, where the race detector dies
// of two such (golang/go issue 78156).
const soonest = time.Nanosecond

// start starts or restarts a timer.
func (t *timers) start(on Target, timer leg.Timer, after time.Duration) {
	s := t.slot(on, timer)
	s.stop()
	round := s.round // not the letter, which is ten times as large: it is written when it is posted
	s.timer = time.AfterFunc(max(after, soonest), func() { t.post(letter{kind: fromTimer, leg: on, timer: timer, round: round}) })
}

func (t *timers) stop(on Target, timer leg.Timer) { t.slot(on, timer).stop() }

// current reports whether a letter is from the timer's latest start.
func (t *timers) current(l letter) bool { return t.slot(l.leg, l.timer).round == l.round }

func (t *timers) stopAll() {
	for on := range t.slots {
		t.slots[on].stop()
	}
	for on := range t.others {
		t.others[on].stop()
	}
}

func (s *slots) stop() {
	for timer := range s {
		s[timer].stop()
	}
}

func (s *slot) stop() {
	s.round++
	if s.timer != nil {
		s.timer.Stop()
		s.timer = nil
	}
}
