package sip

import (
	"testing"
	"time"

	"maskd/mapping"
)

// bounds has a number be bounded by itself.
func (d *directory) bounds(n mapping.Number, q mapping.Quota) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.reaching == nil {
		d.reaching = make(map[mapping.Number]mapping.Quota)
	}
	d.reaching[n] = q
}

// grow has a call counted while the next route is made.
func (d *directory) grow() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.counted, d.stale = d.counted+1, 1
}

// counts is how many calls count to a number.
func (w *world) counts(n mapping.Number) (all int) {
	w.b2bua.live.mu.Lock()
	defer w.b2bua.live.mu.Unlock()
	for of, calls := range w.b2bua.live.census.counts {
		if of.Number == n {
			all += calls
		}
	}
	return all
}

var (
	oneAtOnce = mapping.Quota{Most: 1, Refusal: mapping.RefusalBusy}
	oneInAll  = mapping.Quota{Of: mapping.Common{InAll: true}, Most: 1, Refusal: mapping.RefusalAllotment}
)

func none(q mapping.Quota) mapping.Quota { q.Most = 0; return q }

// A fallback that has no calls left is not rung, though nobody else answers.
func TestTheLimitsOfANumberBoundAFallback(t *testing.T) {
	for name, q := range map[string]mapping.Quota{"at once": none(oneAtOnce), "in all": none(oneInAll)} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, threeOnes, func(w *world) {
				w.directory.bounds(w.directory.routes[key{riderDID, rider.number()}].Hunt.Fallback, q)
				w.callLines(0)
				w.lines[0].Respond(603, "Decline")
				w.ringLine(1)
				w.lines[1].Respond(486, "Busy Here")
				w.await(w.rider, "486")
				if tried := w.journal.final()[0].Tried; tried != 2 {
					t.Errorf("%d are rung", tried)
				}
			})
		})
	}
}

// Each number of a group counts while it is rung, and who answers until the end.
func TestANumberOfAGroupCountsFromWhenItIsRung(t *testing.T) {
	inWorld(t, threeOnes, func(w *world) {
		hunted := w.directory.routes[key{riderDID, rider.number()}]
		numbers, _ := hunted.Numbers()
		for n, q := range []mapping.Quota{oneAtOnce, oneInAll, oneAtOnce} {
			w.directory.bounds(numbers[n], q)
		}
		counts := func(when string, want ...int) {
			t.Helper()
			time.Sleep(time.Millisecond)
			for n := range numbers {
				if got := w.counts(numbers[n]); got != want[n] {
					t.Errorf("%s, %d calls count to number %d, want %d", when, got, n, want[n])
				}
			}
		}
		w.callLines(0)
		counts("while the first is rung", 1, 0, 0)
		w.directory.grow() // a route that is made now is stale at once
		w.lines[0].Respond(603, "Decline")
		w.ringLine(1)
		counts("while the second is rung", 0, 1, 0)
		w.answerLine(1)
		counts("while it talks", 0, 1, 0)
		w.hangUp(w.rider)
		w.settle()
		counts("at the end", 0, 0, 0)
	})
}

// Whom the decision hook picks is bounded as whoever is rung without it.
func TestTheLimitsOfANumberBoundWhomTheArbiterPicks(t *testing.T) {
	for name, ruling := range map[string]mapping.Ruling{
		"a target":     {Verdict: mapping.VerdictConnect, Picks: true, Target: 1},
		"the fallback": {Verdict: mapping.VerdictFallback},
	} {
		for _, full := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				c := hooked("")
				picked := c.desk()
				if ruling.Verdict == mapping.VerdictFallback {
					c.hunt.Fallback = customer.number()
					picked = customer.number()
				}
				inWorld(t, c, func(w *world) {
					q := oneAtOnce
					if full {
						q = none(q)
					}
					w.directory.bounds(picked, q)
					w.rules(ruling)
					w.rider.Invite(string(riderDID))
					if full {
						w.await(w.rider, "486")
						return
					}
					if w.await(w.customer, "INVITE"); w.counts(picked) != 1 {
						t.Errorf("%d calls count to whom is rung", w.counts(picked))
					}
					w.customer.Respond(486, "Busy")
					w.await(w.rider, "486")
				})
			})
		}
	}
}

// Who is rung second by a click is bounded too if nobody knew of it when the call began: it is not
// counted to what the route then says.
func TestTheLimitsOfANumberBoundWhomAClickReachesSince(t *testing.T) {
	for name, most := range map[string]int{"full": 0, "not full": 1} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, usual, func(w *world) {
				w.click(false)
				q := oneAtOnce
				q.Most = most
				w.directory.bounds(customer.number(), q)
				w.directory.quotes(key{riderDID, rider.number()}, q)
				w.pickUp()
				if most == 0 {
					if w.await(w.rider, "BYE"); w.counts(customer.number()) != 0 || w.tried() != 0 {
						t.Error("who has as many calls as he may is rung")
					}
					return
				}
				if w.await(w.customer, "INVITE"); w.counts(customer.number()) != 1 {
					t.Errorf("%d calls count to whom is rung", w.counts(customer.number()))
				}
				w.customer.Respond(486, "Busy")
				w.await(w.rider, "BYE")
			})
		})
	}
}

// quotes has the route to a number say, from now on, what bounds that.
func (d *directory) quotes(at key, q mapping.Quota) {
	d.mu.Lock()
	defer d.mu.Unlock()
	route := d.routes[at]
	q.Of.Number, q.Of.Tenant = route.Target, route.Tenant
	route.Quotas = []mapping.Quota{q}
	d.routes[at] = route
}

// tried is how many were rung by the first call that is over.
func (w *world) tried() int {
	w.settle()
	return w.journal.final()[0].Tried
}
