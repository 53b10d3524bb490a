//go:build linux

package main

import "time"

// turn is how far ahead the wheel reaches: beyond what a call that is weighed takes, and 64*T1
// more, after which it is given up.
const turn = 1 << 17

// wheel is the phones' clock: what is due, by the millisecond.
type wheel struct {
	start time.Time
	now   int // milliseconds since start that are over
	slots [turn][]due
}

// due is something to do for a pair, unless its call is another one by then.
type due struct {
	pair, call int
	what       duty
	again      time.Duration // for what is sent again: how long after the next time
}

// duty is what is to be done.
type duty uint8

const (
	repeatInvite duty = iota + 1
	repeatBye
	repeatAnswer
	hangUp
	giveUp
)

func (w *wheel) after(now time.Time, d time.Duration, e due) {
	at := max(int(now.Add(d).Sub(w.start)/time.Millisecond), w.now+1)
	w.slots[at%turn] = append(w.slots[at%turn], e)
}

// advance does all that has become due.
func (w *wheel) advance(now time.Time, do func(due)) {
	for until := int(now.Sub(w.start) / time.Millisecond); w.now < until; {
		w.now++
		slot := &w.slots[w.now%turn]
		for _, e := range *slot {
			do(e)
		}
		*slot = (*slot)[:0]
	}
}
