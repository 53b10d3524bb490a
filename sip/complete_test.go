package sip

import (
	"testing"
	"time"
)

func TestComplete(t *testing.T) {
	play(t, []ladder{
		{name: "complete_while_routing", script: func(w *world) {
			w.invite()
			w.complete(1)
			w.await(w.rider, "480")
			w.customer.Respond(180, "Ringing")
			w.await(w.customer, "CANCEL")
		}},
		{name: "complete_while_ringing", script: func(w *world) {
			w.ring()
			w.complete(1)
			w.await(w.customer, "CANCEL")
		}},
		{name: "complete_as_customer_answers", script: func(w *world) {
			w.ring()
			w.customer.Answer()
			w.complete(1)
			w.await(w.customer, "BYE")
		}},
		{name: "complete_before_ack", script: func(w *world) {
			w.ring()
			w.customer.Answer()
			w.await(w.customer, "ACK") // the rider's takes a millisecond more
			w.complete(1)
			w.await(w.rider, "BYE")
		}},
		{name: "complete_and_no_ack", script: func(w *world) {
			w.lose(always, "ACK", rider, maskd)
			w.ring()
			w.customer.Answer()
			w.await(w.customer, "ACK")
			w.complete(1)
			w.await(w.rider, "BYE")
		}},
		{name: "complete_while_talking", script: func(w *world) {
			w.talk()
			w.complete(1)
			w.await(w.rider, "BYE")
		}},
		{name: "complete_as_rider_hangs_up", script: func(w *world) {
			w.talk()
			w.rider.Bye()
			time.Sleep(8 * time.Millisecond) // the BYE takes 7, the customer's 200 comes after 33
			w.complete(1)
			w.await(w.rider, "200 BYE")
		}},
		{name: "call_after_complete", script: func(w *world) {
			w.talk()
			w.complete(1)
			w.await(w.rider, "BYE")
			time.Sleep(time.Second)
			w.rider.Invite(string(riderDID))
			w.await(w.rider, "404")
		}},
	})
}
