package sip_test

import (
	"fmt"
	"slices"

	"maskd/mapping"
	"maskd/sip"
	"maskd/sip/leg"
)

// rung is how many numbers are rung at most in a walk.
const rung = 2

// hunt is what an onlooker knows of the ringing: what was asked for, and what has
// become of it.
type hunt struct {
	Plan    sip.Plan
	Dealt   uint8 // numbers that were rung, or could not be
	Seeking bool  // the next one is awaited
	Won     uint8 // which has answered, counted from 1
	Alerts  uint8 // how many 18x A was sent, but for those sent again; 2 is more than one
	Best    leg.Cause
	By      mapping.EndedBy
	Status  int // what A is to be told, once all have failed
}

func (h *hunt) next(p sip.Plan) uint8 {
	h.Plan, h.Seeking = sip.Plan{Numbers: max(p.Numbers, 1), Together: max(p.Together, 1)}, false
	h.Dealt++
	return h.Dealt - 1
}

// perform notes what A is told.
func (h *hunt) perform(act leg.Action) {
	if h.Plan.Numbers > 1 && (act.Do == leg.SendRinging || act.Do == leg.SendProgress) {
		h.Alerts = min(h.Alerts+1, 2)
	}
}

// rings reports whether the callee is to be rung.
func (b *wireB) rings() bool {
	return b.Invited && b.Final == finalNone && !b.Released && !b.Cancelled && !b.GaveUp
}

// rings reports whether anybody is.
func (w *wire) rings() bool {
	for n := range w.B {
		if !w.Call.Ended && w.B[n].rings() {
			return true
		}
	}
	return false
}

// release notes that who rings is not wanted any more.
func (w *wire) release() {
	for n := range w.B {
		if w.B[n].rings() {
			w.B[n].Released = true
		}
	}
}

// answered notes who has won.
func (w *wire) answered(number uint8) {
	w.Call.Hunt.Won, w.Call.Hunt.Seeking = number+1, false
	w.release()
}

// ranks are the causes that A is told, the nearest to an answer last.
var ranks = map[leg.Cause]int{leg.CauseFailed: 1, leg.CauseFull: 1, leg.CauseUnreachable: 2, leg.CauseMedia: 2, leg.CauseUnwilling: 2,
	leg.CauseHangup: 2, leg.CauseBusy: 3, leg.CauseNoAnswer: 4}

// missed notes that a number has not answered, and that the call has ended if it
// was the last.
func (w *wire) missed(by mapping.EndedBy, cause leg.Cause) {
	h := &w.Call.Hunt
	if w.Call.Ended {
		return
	}
	if ranks[cause] > ranks[h.Best] {
		h.Best, h.By = cause, by
	}
	if !w.rings() && !h.Seeking && h.Dealt == h.Plan.Numbers {
		w.end(h.By)
		if !w.Call.Asked && !w.Call.Ours { // else it is there already
			h.Status = h.Best.Status()
		}
		h.Best, h.By = 0, 0
	}
}

// checkHunted holds how several numbers are rung.
func checkHunted(t *transition) string {
	for i, a := range t.Acts {
		w := t.at(i)
		if a.On != sip.Whole || a.Do != sip.RingNext {
			continue
		}
		h := &w.Call.Hunt
		switch {
		case w.Call.Ended || h.Won != 0:
			return "the next is to be rung, and nobody waits for that"
		case h.Seeking:
			return "the next is to be rung, twice"
		case h.Dealt >= h.Plan.Numbers:
			return "the next is to be rung, and there is none"
		case h.Dealt >= h.Plan.Together && w.rings():
			return "the next is to be rung, while another rings"
		}
	}
	w := t.after()
	h := &w.Call.Hunt
	waits := w.Call.Routed && !w.Call.Ended && h.Won == 0
	switch {
	case waits && !h.Seeking && !w.rings():
		return "nobody is rung, and the call goes on"
	case waits && !h.Seeking && h.Dealt < h.Plan.Together:
		return "not all are rung that are to be rung at once"
	case h.Plan.Numbers > 1 && h.Alerts > 1:
		return "the caller is told twice that it rings"
	case h.Status != 0 && t.before().Call.Hunt.Status == 0 && t.To.End.Status != h.Status:
		return fmt.Sprintf("the caller is told %d, not %d", t.To.End.Status, h.Status)
	case h.Won != 0 && t.To.Hunt.Won != h.Won && !w.Call.Ended:
		return "the machine is wrong about who has answered"
	}
	return w.checkLosers()
}

// checkLosers holds that who is not wanted any more hears of it at once.
func (w *wire) checkLosers() string {
	for n := range w.B {
		b := &w.B[n]
		switch {
		case !b.Released:
		case b.Final == finalNone && b.Heard != heardNothing && !b.Cancelled:
			return fmt.Sprintf("B%d is not wanted, and rings on", n+1)
		case b.Final == final2xx && b.Bye.none():
			return fmt.Sprintf("B%d is not wanted, and its dialog lives", n+1)
		}
	}
	return ""
}

// losersRingOn leaves those alone who have not answered.
var losersRingOn = always(func(s sip.State, e sip.Event, next sip.State, acts []sip.Action) (sip.State, []sip.Action) {
	if next.End.Outcome != 0 || next.Hunt.Won == s.Hunt.Won && e.Kind != sip.RingOver {
		return next, acts
	}
	for n := range next.B {
		if next.Hunt.Won != uint8(n)+1 {
			next.B[n] = s.B[n]
		}
	}
	return next, slices.DeleteFunc(acts, func(a sip.Action) bool { return a.On >= sip.LegB && a.On != sip.LegB+sip.Target(e.Number) })
})

// impatient has the next rung while somebody rings.
var impatient = always(func(s sip.State, e sip.Event, next sip.State, acts []sip.Action) (sip.State, []sip.Action) {
	if e.Kind == sip.OnB && e.In.Kind == leg.GotRinging && s.End.Outcome == 0 && s.Hunt.Won == 0 {
		acts = append(acts, sip.Action{On: sip.Whole, Do: sip.RingNext})
	}
	return next, acts
})

// tellingAll tells A of each that rings.
func tellingAll(s sip.State, e sip.Event, acts []sip.Action) (sip.State, []sip.Action) {
	s.Hunt.Told = false
	return sip.Step(s, e, acts)
}

// singleMinded takes the first number for the only one.
func singleMinded(s sip.State, e sip.Event, acts []sip.Action) (sip.State, []sip.Action) {
	e.Plan = sip.Plan{}
	return sip.Step(s, e, acts)
}

// ringOnAfterStop goes on with the next number when the call is told to stop.
var ringOnAfterStop = always(func(_ sip.State, e sip.Event, next sip.State, acts []sip.Action) (sip.State, []sip.Action) {
	if e.Kind == sip.Stop && next.Hunt.Dealt < next.Hunt.Plan.Numbers {
		acts = append(acts, sip.Action{On: sip.Whole, Do: sip.RingNext})
	}
	return next, acts
})

// tellingTheLast tells A what became of the number that was rung last.
func tellingTheLast(s sip.State, e sip.Event, acts []sip.Action) (sip.State, []sip.Action) {
	s.Hunt.Best = sip.Failure{}
	return sip.Step(s, e, acts)
}

// timeFirstOnly starts the ring timer for the first number only.
var timeFirstOnly = always(func(s sip.State, _ sip.Event, next sip.State, acts []sip.Action) (sip.State, []sip.Action) {
	return next, slices.DeleteFunc(acts, func(a sip.Action) bool { return a.Do == sip.StartRingTimer && s.Hunt.Dealt > 0 })
})
