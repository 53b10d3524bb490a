package sip

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"maskd/sip/edge"
	"maskd/sip/siptest"
)

// reload replaces the trunks, and expects that this is so.
func (w *world) reload(want edge.Changes, trunks ...edge.Trunk) {
	w.t.Helper()
	got, err := w.b2bua.Reload(Config{Trunks: trunks})
	w.must(err)
	if diff := cmp.Diff(want, got); diff != "" {
		w.t.Errorf("reload (-want +got):\n%s", diff)
	}
}

// silence expects that a phone gets no message for longer than any timer is.
func (w *world) silence(p part, after time.Duration) {
	w.t.Helper()
	before := len(w.sentTo(p.host()))
	time.Sleep(after)
	if sent := w.sentTo(p.host())[before:]; len(sent) != 0 {
		w.t.Errorf("%s got %q", p.id.Name, sent[0].Data)
	}
}

// A call goes on to its end on the trunks that it was set up on, whatever
// becomes of them.
func TestACallGoesOnWhenItsTrunkIsRemoved(t *testing.T) {
	for name, who := range map[string]func(*world) (hangs, other *siptest.Phone){
		"the caller hangs up": func(w *world) (_, _ *siptest.Phone) { return w.rider, w.customer },
		"the callee hangs up": func(w *world) (_, _ *siptest.Phone) { return w.customer, w.rider },
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, usual, func(w *world) {
				w.talk()
				w.reload(edge.Changes{Removed: []string{"west", "east"}})
				time.Sleep(10 * time.Minute) // nobody forgets it
				w.rider.Reinvite(siptest.Flowing("sendonly"))
				w.await(w.customer, "INVITE")
				w.await(w.rider, "200")
				time.Sleep(time.Second)
				w.customer.Reinvite()
				w.await(w.customer, "200")
				time.Sleep(time.Second)
				hangs, other := who(w)
				hangs.Bye()
				w.await(other, "BYE")
				w.await(hangs, "200 BYE")
			})
		})
	}
}

func TestATrunkThatWasRemovedIsAStranger(t *testing.T) {
	inWorld(t, usual, func(w *world) {
		w.talk()
		w.reload(edge.Changes{Removed: []string{"west"}}, w.east)
		w.rider.Ask("OPTIONS", string(riderDID))
		w.rider.Ask("MESSAGE", string(riderDID))
		w.silence(rider, time.Minute)
		w.complete(1)
		w.await(w.rider, "BYE")
		w.await(w.customer, "BYE")
		time.Sleep(time.Second)
		w.rider.Invite(string(riderDID))
		w.silence(rider, 2*time.Minute)
		w.rider.Invite(string(riderDID))
		w.silence(rider, 2*time.Minute)
	})
}

// The last answer of a call may be lost: whoever repeats its BYE is heard a
// while longer. Then the trunk is gone.
func TestATrunkLeavesAfterItsLastCall(t *testing.T) {
	inWorld(t, usual, func(w *world) {
		w.talk()
		w.reload(edge.Changes{Removed: []string{"west"}}, w.east)
		knows := func() bool { return w.b2bua.edge.Knows(rider.host()) }
		time.Sleep(time.Hour)
		if !knows() {
			t.Error("the trunk has left before its call")
		}
		if last := w.b2bua.Trunks()[1]; last.Name != "west" || !last.Leaving || last.CallsIn != 1 {
			t.Errorf("of the trunk with its last call operators see %+v", last)
		}
		w.hangUp(w.rider)
		time.Sleep(20 * time.Second)
		if n := len(w.b2bua.Trunks()); n != 1 {
			t.Errorf("operators see %d trunks", n)
		}
		if !knows() {
			t.Error("the trunk has left before a BYE can be repeated")
		}
		time.Sleep(20 * time.Second)
		if knows() {
			t.Error("the trunk has not left")
		}
	})
}

func TestTheNextCallUsesTheNewGateway(t *testing.T) {
	inWorld(t, twoGateways, func(w *world) {
		w.talk()
		moved := w.east
		moved.Gateways = moved.Gateways[1:]
		w.reload(edge.Changes{Changed: []string{"east"}}, w.west, moved)
		w.customer.Reinvite(siptest.Flowing("inactive")) // the old one is heard in its call
		w.await(w.customer, "200")
		w.hangUp(w.rider)
		w.rider.Invite(string(riderDID))
		w.await(w.second, "INVITE")
		w.second.Answer()
		w.await(w.rider, "200")
		time.Sleep(time.Second)
		w.hangUp(w.rider)
	})
}

func TestATrunkThatIsAddedTakesCalls(t *testing.T) {
	inWorld(t, usual, func(w *world) {
		w.reload(edge.Changes{Removed: []string{"west"}}, w.east)
		w.rider.Invite(string(riderDID))
		w.silence(rider, time.Minute)
		w.reload(edge.Changes{Added: []string{"west"}}, w.west, w.east)
		w.talk()
		w.hangUp(w.customer)
	})
}

// What is known of a gateway outlives every change of its trunk.
func TestAReloadKeepsWhatIsKnownOfGateways(t *testing.T) {
	inWorld(t, twoGateways, func(w *world) {
		w.invite()
		w.customer.Respond(503, "Overloaded")
		w.await(w.second, "INVITE")
		w.second.Answer()
		w.await(w.rider, "200")
		time.Sleep(time.Second)
		before := w.b2bua.Trunks()[1]
		patient := w.east
		patient.Failover = 9 * time.Second
		w.reload(edge.Changes{}, w.west, w.east)
		w.reload(edge.Changes{Changed: []string{"east"}}, w.west, patient)
		after := w.b2bua.Trunks()[1]
		if !after.Targets[0].Shunned.Equal(before.Targets[0].Shunned) || before.Targets[0].Shunned.IsZero() ||
			after.Received[503] != 1 || after.CallsOut != 1 {
			t.Errorf("before %+v, after %+v", before, after)
		}
		w.hangUp(w.rider)
		if n := w.b2bua.Trunks()[1].Received[200]; n != 1 {
			t.Errorf("of the call that was up %d answers are counted", n)
		}
	})
}

// Calls come and go while the trunks change all the time.
func TestCallsWhileTrunksChange(t *testing.T) {
	const calls = 5
	inWorld(t, usual, func(w *world) {
		var changing sync.WaitGroup
		over := make(chan struct{})
		changing.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-over:
					return
				case <-time.After(77 * time.Millisecond):
				}
				trunks := []edge.Trunk{w.west, w.east}
				trunks[i%2].Failover = time.Duration(1+i%5) * time.Second
				if i%3 == 0 {
					slices.Reverse(trunks)
				}
				if _, err := w.b2bua.Reload(Config{Trunks: trunks}); err != nil {
					t.Error(err)
				}
			}
		})
		for range calls {
			w.talk()
			w.hangUp(w.rider)
		}
		close(over)
		changing.Wait()
		w.settle()
		if n := len(w.journal.final()); n != calls {
			t.Errorf("%d calls", n)
		}
	})
}
