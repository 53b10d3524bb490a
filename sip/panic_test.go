package sip

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"maskd/mapping"
	"maskd/sip/leg"
	"maskd/sip/siptest"
)

// brokenJournal panics so often: at the first records that break it.
type brokenJournal struct {
	Journal
	breaks func(mapping.CDR) bool
	times  int // it still breaks
}

func (j *brokenJournal) Record(c mapping.CDR) {
	if j.times > 0 && j.breaks(c) {
		j.times--
		panic("the journal is broken")
	}
	j.Journal.Record(c)
}

// breakJournal lets such records break the journal.
func (w *world) breakJournal(such func(mapping.CDR) bool) {
	w.b2bua.journal = &brokenJournal{Journal: w.journal, breaks: such, times: 1}
}

// A call that panics is lost, but not on its peers: nobody is left on a line
// that nobody hears.
func TestACallThatPanicsEnds(t *testing.T) {
	for _, row := range []struct {
		name            string
		breaks          func(mapping.CDR) bool
		script          func(*world)
		rider, customer string // what each is sent
		outcome         mapping.Outcome
		by              mapping.EndedBy
	}{
		{"at admission", func(mapping.CDR) bool { return true },
			func(w *world) { w.rider.Invite(string(riderDID)) },
			"100, 500", "", mapping.OutcomeFailed, mapping.EndedByFailure},
		{"at the answer", func(c mapping.CDR) bool { return !c.AnsweredAt.IsZero() },
			func(w *world) { w.ring(); w.customer.Answer() },
			"100, 180, 500", "INVITE, ACK, BYE", mapping.OutcomeFailed, mapping.EndedByFailure},
		{"at the end of a call that was refused", func(c mapping.CDR) bool { return c.Outcome == mapping.OutcomeRefused },
			func(w *world) { w.rider.Invite(noDID) },
			"100, 404", "", mapping.OutcomeRefused, mapping.EndedByPolicy},
		{"at the end of a call that was answered", func(c mapping.CDR) bool { return c.Outcome == mapping.OutcomeAnswered },
			func(w *world) { w.talk(); w.rider.Bye() },
			"100, 180, 200, 200 BYE", "INVITE, ACK, BYE", mapping.OutcomeAnswered, mapping.EndedByCaller},
	} {
		t.Run(row.name, func(t *testing.T) {
			inWorld(t, usual, func(w *world) {
				w.breakJournal(row.breaks)
				row.script(w)
				w.settle()
				if got := w.heardBy(w.cast.rider); got != row.rider {
					t.Errorf("the rider is sent %q, not %q", got, row.rider)
				}
				if got := w.heardBy(w.cast.customer); got != row.customer {
					t.Errorf("the customer is sent %q, not %q", got, row.customer)
				}
				cdrs := w.journal.final()
				if len(cdrs) != 1 || cdrs[0].Outcome != row.outcome || cdrs[0].EndedBy != row.by {
					t.Errorf("%d CDRs, want one that is %s, ended by %s:\n%s", len(cdrs), row.outcome, row.by, w.journal.print())
				}
			})
		})
	}
}

// What breaks a call may break its end as well. Its record says all the same that it
// is over: who looks for live calls must not find it for ever.
func TestACallThatPanicsTwiceHasAFinalRecord(t *testing.T) {
	for name, row := range map[string]struct {
		breaks  func(mapping.CDR) bool
		script  func(*world)
		outcome mapping.Outcome
	}{
		"at admission":  {func(mapping.CDR) bool { return true }, func(w *world) { w.rider.Invite(string(riderDID)) }, mapping.OutcomeFailed},
		"at its end":    {func(c mapping.CDR) bool { return c.Outcome != mapping.OutcomeLive }, func(w *world) { w.talk(); w.rider.Bye() }, mapping.OutcomeAnswered},
		"at the answer": {func(c mapping.CDR) bool { return !c.AnsweredAt.IsZero() || c.Outcome == mapping.OutcomeFailed }, func(w *world) { w.ring(); w.customer.Answer() }, mapping.OutcomeFailed},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, usual, func(w *world) {
				w.breakJournal(row.breaks)
				w.b2bua.journal.(*brokenJournal).times = 2
				row.script(w)
				w.settle()
				if cdrs := w.journal.final(); len(cdrs) != 1 || cdrs[0].Outcome != row.outcome || cdrs[0].EndedAt.IsZero() {
					t.Errorf("the CDRs are\n%s", w.journal.print())
				}
			})
		})
	}
}

// heardBy names what a part was sent, in order.
func (w *world) heardBy(p part) string {
	var names []string
	for _, packet := range w.sentTo(p.host()) {
		names = append(names, siptest.Parse(packet.Data).Name())
	}
	return strings.Join(names, ", ")
}

// Whoever stops a call that panics is told when nothing of it is left: not
// before, and not never.
func TestWhoStopsACallThatPanicsIsTold(t *testing.T) {
	for _, row := range []struct {
		name   string
		breaks func(mapping.CDR) bool
		script func(w *world, stop func())
	}{
		{"before it reads that it is told to stop", func(c mapping.CDR) bool { return !c.AnsweredAt.IsZero() }, func(w *world, stop func()) {
			w.stopAt(mapping.CDR{Outcome: mapping.OutcomeLive, AnsweredAt: time.Now()}, stop)
			w.ring()
			w.customer.Answer()
		}},
		{"as it is told to stop", func(c mapping.CDR) bool { return c.Outcome == mapping.OutcomeCancelled }, func(w *world, stop func()) {
			w.stopAt(mapping.CDR{Outcome: mapping.OutcomeLive}, stop)
			w.rider.Invite(string(riderDID))
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, usual)
				w.breakJournal(row.breaks)
				told := make(chan string, 2)
				row.script(w, func() {
					w.b2bua.live.all()[0].mail.put(letter{kind: toStop, cause: leg.CauseComplete, read: func() {
						told <- fmt.Sprintf("%d legs, %d port pairs", w.b2bua.edge.Legs(), w.engine.Usage().Used)
					}})
				})
				if left := <-told; left != "0 legs, 0 port pairs" {
					t.Errorf("it is told when there are %s left", left)
				}
				w.settle()
				if len(told) != 0 {
					t.Error("it is told twice")
				}
				w.close()
			})
		})
	}
}

// stopAt stops the call as its record is written that is like the given one:
// before it reads any more mail.
func (w *world) stopAt(at mapping.CDR, stop func()) {
	j := w.b2bua.journal.(*brokenJournal)
	breaks := j.breaks
	j.breaks = func(c mapping.CDR) bool {
		if c.Outcome == at.Outcome && c.AnsweredAt.IsZero() == at.AnsweredAt.IsZero() {
			stop()
		}
		return breaks(c)
	}
}
