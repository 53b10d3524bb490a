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

// rung reports whether the INVITE has no final response.
func (b *wireB) rung() bool { return b.Invited && b.Final == finalNone }

// needs are the timers of a leg that we invite, but for those of its session.
func (b *wireB) needs(call wireCall) running {
	return running{
		leg.TimerGateway: b.rung() && b.Heard == heardNothing && b.Left > 0 && !call.Ended && !b.Released,
		leg.TimerCancel:  b.rung() && b.Cancelled && !b.GaveUp,
	}
}

func checkTimed(t *transition) string {
	w := t.after()
	ofA := running{leg.TimerResend: w.A.waits(), leg.TimerAck: w.A.waits(), leg.TimerEarly: w.A.Prack, leg.TimerPrack: w.A.Prack}
	if reason := w.A.Talk.checkTimers(w.A.Running, ofA, w.standingOfA()); reason != "" {
		return "A: " + reason
	}
	if reason := w.First.checkTimed("first", w.Call, t.To.First.Over()); reason != "" {
		return reason
	}
	for n := range w.B {
		if reason := w.B[n].checkTimed(fmt.Sprintf("B%d", n+1), w.Call, t.To.B[n].Over()); reason != "" {
			return reason
		}
	}
	rung := w.rings() || w.First.rung() && !w.Call.Ended
	switch {
	case w.Call.Ring != rung:
		return fmt.Sprintf("somebody is rung: %t, the ring timer runs: %t", rung, w.Call.Ring)
	case t.To.A.Over() && w.A.Running != (running{}):
		return "a timer outlives its leg"
	default:
		return ""
	}
}

// checkTimed looks at the timers of a leg that we invite.
func (b *wireB) checkTimed(name string, call wireCall, over bool) string {
	if reason := b.Talk.checkTimers(b.Running, b.needs(call), b.standing(call)); reason != "" {
		return name + ": " + reason
	}
	if over && b.Running != (running{}) {
		return "a timer outlives its leg"
	}
	return ""
}
