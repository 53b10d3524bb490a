package sip

import (
	"time"

	"maskd/sip/leg"
)

// timers are the timers of one call. A timer that fires just as it is stopped
// has posted its letter already; the round tells that letter from a current one.
type timers struct {
	post  func(letter) bool
	slots [2][consentTimer + 1]slot // by leg and timer
}

type slot struct {
	timer *time.Timer
	round uint32
}

// The slots that no timer of a leg uses: the ring timer is leg B's, the wait
// for a turn on the trunk to B is leg A's, and so is that for the next digit of
// a PIN; the time to agree to a recording is leg B's.
const (
	ringTimer  leg.Timer = 0
	turnTimer  leg.Timer = 0
	entryTimer leg.Timer = leg.Timers

	consentTimer = entryTimer + 1
)

func (t *timers) slot(on Target, timer leg.Timer) *slot { return &t.slots[on-LegA][timer] }

// start starts or restarts a timer.
func (t *timers) start(on Target, timer leg.Timer, after time.Duration) {
	s := t.slot(on, timer)
	s.stop()
	l := letter{kind: fromTimer, leg: on, timer: timer, round: s.round}
	s.timer = time.AfterFunc(after, func() { t.post(l) })
}

func (t *timers) stop(on Target, timer leg.Timer) { t.slot(on, timer).stop() }

// current reports whether a letter is from the timer's latest start.
func (t *timers) current(l letter) bool { return t.slot(l.leg, l.timer).round == l.round }

func (t *timers) stopAll() {
	for on := range t.slots {
		for timer := range t.slots[on] {
			t.slots[on][timer].stop()
		}
	}
}

func (s *slot) stop() {
	s.round++
	if s.timer != nil {
		s.timer.Stop()
		s.timer = nil
	}
}
