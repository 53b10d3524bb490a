package sip

import (
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"maskd/mapping"
)

// counting is the cast whose interaction has so many calls at once.
func (c cast) counting(most int) cast {
	c.quotas = []mapping.Quota{{Of: mapping.Common{Interaction: interaction}, Most: most, Refusal: mapping.RefusalBusy}}
	return c
}

func TestCallsAtOnce(t *testing.T) {
	play(t, []ladder{
		{name: "one_call_too_many_at_once", cast: usual.counting(1), script: func(w *world) {
			w.talk()
			w.customer.Invite(string(customerDID))
			w.await(w.customer, "486")
			w.hangUp(w.rider)
			time.Sleep(time.Second)
			w.callBack()
			w.hangUp(w.customer)
		}},
	})
}

// A call that only says goodbye counts no more: who hangs up may call again, even
// if the other's phone is gone.
func TestACallThatEndsDoesNotCount(t *testing.T) {
	inWorld(t, usual.counting(1), func(w *world) {
		w.talk()
		w.lose(always, "BYE", maskd, customer)
		w.hangUp(w.rider)
		w.rider.Invite(string(riderDID))
		w.await(w.customer, "INVITE")
		w.customer.Respond(486, "Busy")
		w.await(w.rider, "486")
	})
}

// Who is refused for the number of calls knows that he is a party; who is none
// is told nothing else than before.
func TestAStrangerIsNotToldThatAPartyIsBusy(t *testing.T) {
	inWorld(t, usual.counting(1), func(w *world) {
		w.talk()
		w.customer.Invite(string(customerDID), noCustomer)
		w.await(w.customer, "404")
		w.hangUp(w.rider)
	})
}

// The last call that an interaction has in all counts until its record is on its
// way, though one of its peers never says that it is over.
func TestAnAnsweredCallCountsUntilItsRecord(t *testing.T) {
	c := usual
	c.quotas = []mapping.Quota{{Of: mapping.Common{Interaction: interaction, InAll: true}, Most: 1, Refusal: mapping.RefusalSpent}}
	inWorld(t, c, func(w *world) {
		w.ring()
		w.rider.Cancel() // this one does not count
		w.await(w.rider, "487")
		time.Sleep(time.Second)
		w.talk()
		w.lose(always, "BYE", maskd, customer)
		w.hangUp(w.rider)
		w.rider.Invite(string(riderDID))
		w.await(w.rider, "404")
		w.settle()
		w.b2bua.live.mu.Lock()
		defer w.b2bua.live.mu.Unlock()
		if n := len(w.b2bua.live.census.counts); n != 0 {
			t.Errorf("%d counts are left when no call is", n)
		}
	})
}

// However calls come and go, no quota is ever exceeded and none is full in vain.
func TestTheCensusIsThatOfACountByHand(t *testing.T) {
	s := newCensus()
	chance := rand.New(rand.NewPCG(3, 4))
	commons := []mapping.Common{{Interaction: interaction}, {Interaction: interaction, InAll: true}, {DID: riderDID},
		{Number: rider.number()}, {Tenant: "north"}}
	most := []int{2, 3, 4, 1, 5}
	live, ending := map[*call][]int{}, map[*call]bool{}
	count := func(common int) (n int) {
		for c, of := range live {
			for _, each := range of {
				if each == common && (!ending[c] || commons[each].InAll) {
					n++
				}
			}
		}
		return n
	}
	for range 5000 {
		if chance.IntN(2) == 0 && len(live) > 0 {
			for c := range live { // any of them
				if ending[c] {
					s.leave(c, false)
					delete(live, c)
					delete(ending, c)
				} else {
					s.leave(c, true)
					ending[c] = true
				}
				break
			}
			continue
		}
		c := &call{}
		var of []int
		var quotas []mapping.Quota
		fits := true
		for each := range commons {
			if chance.IntN(2) == 0 {
				of = append(of, each)
				quotas = append(quotas, mapping.Quota{Of: commons[each], Most: most[each], Refusal: mapping.RefusalBusy})
				fits = fits && count(each) < most[each]
			}
		}
		if got := s.enter(c, quotas); (got == 0) != fits {
			t.Fatalf("entered: %q, fits: %t", got, fits)
		}
		if fits {
			live[c] = of
		}
	}
	for each, common := range commons {
		if s.counts[common] != count(each) {
			t.Errorf("%d counted, there are %d", s.counts[common], count(each))
		}
	}
}

// teller counts calls in all as a store does, which does not know of the live ones.
type teller struct {
	done, version atomic.Int64
	most          int64
}

// route is what a look-up says is left, which may be less by the time it is used.
func (s *teller) route() mapping.Route {
	version := s.version.Load()
	runtime.Gosched()
	left := int(s.most - s.done.Load())
	return mapping.Route{Interaction: interaction, Counted: uint64(version), Quotas: []mapping.Quota{
		{Of: mapping.Common{Interaction: interaction, InAll: true}, Most: left, Refusal: mapping.RefusalSpent}}}
}

// However calls are looked up, admitted and over at once, there are as many in all as
// there may be: not one more, and not one less if enough are tried.
func TestCallsInAllAreExact(t *testing.T) {
	for round := range 300 {
		s := &teller{most: 3}
		r := newLive(func() uint64 { return uint64(s.version.Load()) })
		var callers sync.WaitGroup
		for n := range 4 {
			callers.Go(func() {
				chance := rand.New(rand.NewPCG(uint64(n), uint64(round)))
				for s.done.Load() < s.most {
					s.call(r, chance.IntN(3) > 0)
				}
			})
		}
		callers.Wait()
		if done := s.done.Load(); done != s.most {
			t.Fatalf("there were %d calls, and may be %d", done, s.most)
		}
		if len(r.census.counts) != 0 {
			t.Fatalf("%d counts are left", len(r.census.counts))
		}
	}
}

// call is one from its look-up to its record.
func (s *teller) call(r *live, answered bool) {
	c := &call{}
	full, stale := mapping.Refusal(0), true
	for stale {
		route := s.route()
		full, stale = r.bind(c, &route, 1000)
	}
	runtime.Gosched()
	if full != 0 {
		return
	}
	r.leave(c, answered)
	r.record(c, func() {
		if answered {
			s.done.Add(1)
			s.version.Add(1)
		}
	})
	r.over.Add(1)
	r.drop(c)
}

// A call whose route is stale is told anew what is left, and goes on.
func TestAStaleRouteIsMadeAnew(t *testing.T) {
	c := usual
	c.quotas = []mapping.Quota{{Of: mapping.Common{Tenant: mapping.DefaultTenant, InAll: true}, Most: 1, Refusal: mapping.RefusalAllotment}}
	inWorld(t, c, func(w *world) {
		w.directory.counted = 7
		w.directory.stale = 3
		w.talk()
		w.hangUp(w.rider)
		if w.directory.stale != 0 {
			t.Errorf("%d look-ups were stale, and nobody asked again", w.directory.stale)
		}
	})
}
