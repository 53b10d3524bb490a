package sip

import (
	"testing"
	"time"
)

// Who drains takes no new call, and lets those go on that are up.
func TestDrain(t *testing.T) {
	inWorld(t, usual, func(w *world) {
		w.talk()
		if n := w.b2bua.Drain(); n != 1 || !w.b2bua.Draining() {
			t.Errorf("%d calls are live", n)
		}
		over := w.b2bua.Over()
		w.customer.Invite(string(customerDID))
		w.await(w.customer, "503")
		w.customer.Ask("OPTIONS", string(customerDID))
		w.await(w.customer, "503 OPTIONS")
		time.Sleep(time.Hour)
		select {
		case <-over:
			t.Error("it is over before the call is")
		default:
		}
		w.hangUp(w.rider)
		select {
		case <-over:
		case <-time.After(time.Minute):
			t.Error("it is not over after the last call")
		}
		if n := w.b2bua.Drain(); n != 0 {
			t.Errorf("%d calls are live in the end", n)
		}
	})
}
