package sip

import (
	"testing"
	"time"

	"maskd/sip/edge"
	"maskd/sip/siptest"
)

// slow is a cast whose customer's carrier takes one call a second.
func slow() cast {
	c := usual
	c.limits = edge.Limits{CallsPerSecondOut: 1}
	return c
}

// meetBusy makes a call that is over at once: the next one has to wait for the
// rest of the second.
func (w *world) meetBusy() {
	w.t.Helper()
	w.invite()
	w.customer.Respond(486, "Busy Here")
	w.await(w.rider, "486")
	time.Sleep(100 * time.Millisecond)
}

func TestACallWaitsForItsTurn(t *testing.T) {
	play(t, []ladder{
		{name: "turn_comes", cast: slow(), script: func(w *world) {
			w.meetBusy()
			began := time.Now()
			w.invite()
			if waited := time.Since(began); waited < 800*time.Millisecond || waited > time.Second {
				w.t.Errorf("the carrier is called after %s", waited)
			}
			w.customer.Respond(486, "Busy Here")
			w.await(w.rider, "486")
		}},
		{name: "cancel_while_waiting_for_a_turn", cast: slow(), script: func(w *world) {
			w.meetBusy()
			w.rider.Invite(string(riderDID))
			time.Sleep(100 * time.Millisecond)
			w.rider.Cancel()
			w.await(w.rider, "487")
		}},
		{name: "complete_while_waiting_for_a_turn", cast: slow(), script: func(w *world) {
			w.meetBusy()
			w.rider.Invite(string(riderDID))
			time.Sleep(100 * time.Millisecond)
			w.complete(1)
			w.await(w.rider, "480")
		}},
	})
}

func TestACallWhoseTurnIsFarIsRefused(t *testing.T) {
	inWorld(t, slow(), func(w *world) {
		for range 3 { // now, in a second and in two
			w.rider.Invite(string(riderDID))
			time.Sleep(10 * time.Millisecond)
		}
		w.rider.Invite(string(riderDID))
		if m := w.await(w.rider, "503"); m.Get("Retry-After") == "" {
			t.Error("503 does not say when to come again (RFC 3261 section 21.5.4)")
		}
		w.complete(3)
	})
}

// A channel is given back at the end of its call, however it ends.
func TestAChannelIsOneCalls(t *testing.T) {
	c := usual
	c.limits = edge.Limits{CallsOut: 1}
	inWorld(t, c, func(w *world) {
		for range 3 {
			w.ring()
			w.rider.Invite(string(riderDID))
			w.await(w.rider, "503")
			w.b2bua.Hangup(w.b2bua.Calls()[0].ID)
			w.await(w.customer, "CANCEL")
			w.settle()
		}
		w.customer.Ignore(func(m siptest.Message) bool { return m.Method() == "INVITE" })
		w.rider.Invite(string(riderDID))
		w.await(w.rider, "500")
		w.settle()
		w.rider.Invite(string(riderDID))
		w.await(w.rider, "500")
	})
}
