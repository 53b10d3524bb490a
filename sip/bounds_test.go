package sip

import "testing"

func TestAFullHouse(t *testing.T) {
	play(t, []ladder{
		{name: "one_call_too_many", cast: twoGateways, script: func(w *world) {
			w.b2bua.maxCalls = 1
			w.ring()
			w.second.Invite(string(customerDID))
			w.await(w.second, "503")
			w.rider.Cancel()
			w.await(w.rider, "487")
		}},
	})
}

// Who waits until an interaction has no calls does not wait for goodbyes.
func TestACallThatEndsIsNoLiveCall(t *testing.T) {
	inWorld(t, usual, func(w *world) {
		w.talk()
		if n := w.b2bua.LiveCalls(interaction); n != 1 {
			t.Errorf("%d calls live while the two talk", n)
		}
		w.lose(always, "BYE", maskd, customer)
		w.hangUp(w.rider)
		if calls := w.b2bua.Calls(); len(calls) != 1 || calls[0].State != ending {
			t.Errorf("while the customer is told, the calls are %+v", calls)
		}
		if n := w.b2bua.LiveCalls(interaction); n != 0 {
			t.Errorf("%d calls live after the end", n)
		}
	})
}
