package sip

import (
	"testing"
	"time"

	"maskd/sip/siptest"
)

func TestCancel(t *testing.T) {
	play(t, []ladder{
		{name: "cancel_before_any_response", script: func(w *world) {
			w.invite()
			w.rider.Cancel()
			w.await(w.rider, "487")
			time.Sleep(100 * time.Millisecond)
			w.customer.Respond(100, "Trying")
			w.await(w.customer, "CANCEL")
		}},
		{name: "cancel_before_any_response_then_final", script: func(w *world) {
			w.invite()
			w.rider.Cancel()
			w.await(w.rider, "487")
			time.Sleep(100 * time.Millisecond)
			w.customer.Respond(486, "Busy Here")
			w.await(w.customer, "ACK")
		}},
		{name: "cancel_before_any_response_then_answer", script: func(w *world) {
			w.invite()
			w.rider.Cancel()
			w.await(w.rider, "487")
			time.Sleep(100 * time.Millisecond)
			w.customer.Answer()
			w.await(w.customer, "BYE")
		}},
		{name: "cancel_with_a_silent_gateway", script: func(w *world) {
			w.customer.Ignore(func(siptest.Message) bool { return true })
			w.rider.Invite(string(riderDID))
			w.await(w.rider, "100")
			time.Sleep(100 * time.Millisecond)
			w.rider.Cancel()
			w.await(w.rider, "487")
		}},
		{name: "cancel_after_100", script: func(w *world) {
			w.invite()
			w.customer.Respond(100, "Trying")
			time.Sleep(100 * time.Millisecond)
			w.rider.Cancel()
			w.await(w.customer, "CANCEL")
		}},
		{name: "cancel_while_ringing", script: func(w *world) {
			w.ring()
			w.rider.Cancel()
			w.await(w.customer, "CANCEL")
		}},
		{name: "cancel_is_not_honoured", script: func(w *world) {
			w.ring()
			w.customer.Ignore(func(m siptest.Message) bool { return m.Method() == "CANCEL" })
			w.rider.Cancel()
			w.await(w.rider, "487")
		}},
		{name: "cancel_crosses_customers_answer", script: func(w *world) {
			w.ring()
			w.customer.Answer()
			time.Sleep(2 * time.Millisecond) // the 200 takes 13, the CANCEL 7
			w.rider.Cancel()
			w.await(w.customer, "BYE")
		}},
		{name: "cancel_crosses_our_answer", script: func(w *world) {
			w.ring()
			w.customer.Answer()
			time.Sleep(9 * time.Millisecond) // our 200 leaves after 13, the CANCEL comes after 16
			w.rider.Cancel()
			w.await(w.rider, "200")
			time.Sleep(time.Second)
			w.hangUp(w.rider)
		}},
		{name: "cancel_overtakes_invite", script: func(w *world) {
			w.network.Delay(func(p siptest.Packet) time.Duration {
				if p.From.Addr() == w.cast.rider.host() && siptest.Parse(p.Data).Name() == "INVITE" {
					return 50 * time.Millisecond
				}
				return 0
			})
			w.rider.Invite(string(riderDID))
			time.Sleep(time.Millisecond)
			w.rider.Cancel()
			w.await(w.rider, "487")
		}},
	})
}
