package sip

import (
	"math/rand/v2"
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
