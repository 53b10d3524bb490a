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
	rung := w.B.Invited && w.B.Final == finalNone
	ofA := running{leg.TimerResend: w.A.waits(), leg.TimerAck: w.A.waits(), leg.TimerEarly: w.A.Prack, leg.TimerPrack: w.A.Prack}
	ofB := running{
		leg.TimerGateway: rung && w.B.Heard == heardNothing && w.B.Left > 0 && !w.Call.Ended,
		leg.TimerCancel:  rung && w.B.Cancelled && !w.B.GaveUp,
	}
	if reason := w.A.Talk.checkTimers(w.A.Running, ofA, w.standingOfA()); reason != "" {
		return "A: " + reason
	}
	if reason := w.B.Talk.checkTimers(w.B.Running, ofB, w.standingOfB()); reason != "" {
		return "B: " + reason
	}
	switch {
	case w.Call.Ring != (rung && !w.Call.Ended):
		return fmt.Sprintf("B is rung: %t, the ring timer runs: %t", rung && !w.Call.Ended, w.Call.Ring)
	case t.To.A.Over() && w.A.Running != (running{}), t.To.B.Over() && w.B.Running != (running{}):
		return "a timer outlives its leg"
	default:
		return ""
	}
}
