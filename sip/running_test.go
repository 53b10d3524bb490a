package sip_test

import (
	"fmt"

	"maskd/sip/leg"
)

// running are the timers of a leg that run.
type running [leg.Timers]bool

// fire notes that a timer has run out.
func (r *running) fire(in leg.Input) {
	for timer := leg.TimerResend; timer < leg.Timers; timer++ {
		if timer.Fired().Kind == in.Kind {
			r[timer] = false
		}
	}
}

// quiet reports whether nothing is under way, after which a refresh could go out.
func (d *dialogue) quiet() bool { return !d.Change && !d.Glare && !d.Waits }

// refreshes reports whether it is for us to refresh the session.
func (d *dialogue) refreshes(at standing) bool {
	return at == standingConfirmed && d.Timer.Every > 0 && d.Timer.Ours
}

// checkTimers returns which timer of a leg runs in vain, or does not and should.
func (d *dialogue) checkTimers(runs, needed running, at standing) string {
	needed[leg.TimerResend] = needed[leg.TimerResend] || d.Waits
	needed[leg.TimerAck] = needed[leg.TimerAck] || d.Waits
	needed[leg.TimerGlare] = d.Glare
	needed[leg.TimerExpire] = at == standingConfirmed && d.Timer.Every > 0
	needed[leg.TimerRefresh] = d.refreshes(at)
	if !d.quiet() { // it may be due, and wait for its turn
		needed[leg.TimerRefresh] = runs[leg.TimerRefresh]
	}
	for timer := leg.TimerResend; timer < leg.Timers; timer++ {
		if runs[timer] != needed[timer] {
			return fmt.Sprintf("%s runs: %t, it is needed: %t", timer.Fired().Kind, runs[timer], needed[timer])
		}
	}
	return ""
}

func checkTimed(t *transition) string {
	w := t.after()
	ofA := running{leg.TimerResend: w.A.waits(), leg.TimerAck: w.A.waits(), leg.TimerEarly: w.A.Prack, leg.TimerPrack: w.A.Prack}
	if reason := w.A.Talk.checkTimers(w.A.Running, ofA, w.standingOfA()); reason != "" {
		return "A: " + reason
	}
	for n := range w.B {
		if reason := w.checkTimersB(uint8(n), t.To.B[n].Over()); reason != "" {
			return reason
		}
	}
	switch {
	case w.Call.Ring != w.rings():
		return fmt.Sprintf("B is rung: %t, the ring timer runs: %t", w.rings(), w.Call.Ring)
	case t.To.A.Over() && w.A.Running != (running{}):
		return "a timer outlives its leg"
	default:
		return ""
	}
}

func (w *wire) checkTimersB(number uint8, over bool) string {
	b := &w.B[number]
	open := b.Invited && b.Final == finalNone
	needed := running{
		leg.TimerGateway: open && b.Heard == heardNothing && b.Left > 0 && !w.Call.Ended && !b.Released,
		leg.TimerCancel:  open && b.Cancelled && !b.GaveUp,
	}
	if reason := b.Talk.checkTimers(b.Running, needed, w.standingOfB(number)); reason != "" {
		return fmt.Sprintf("B%d: %s", number+1, reason)
	}
	if over && b.Running != (running{}) {
		return "a timer outlives its leg"
	}
	return ""
}
