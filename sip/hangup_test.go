package sip

import (
	"context"
	"testing"
	"time"

	"maskd/sip/siptest"
)

func TestHangup(t *testing.T) {
	play(t, []ladder{
		{name: "customer_hangs_up", script: func(w *world) {
			w.talk()
			w.hangUp(w.customer)
		}},
		{name: "both_hang_up", script: func(w *world) {
			w.talk()
			w.rider.Bye()
			w.customer.Bye()
			w.await(w.rider, "200 BYE")
		}},
		{name: "bye_overtakes_ack", script: func(w *world) {
			w.network.Delay(func(p siptest.Packet) time.Duration {
				if p.From.Addr() == w.cast.rider.host() && siptest.Parse(p.Data).Name() == "ACK" {
					return 300 * time.Millisecond
				}
				return 0
			})
			w.ring()
			w.customer.Answer()
			w.await(w.rider, "200")
			w.hangUp(w.rider)
		}},
		{name: "bye_while_ringing", script: func(w *world) {
			w.ring()
			w.rider.Bye()
			w.await(w.rider, "487")
		}},
		{name: "operator_hangs_up", script: func(w *world) {
			w.talk()
			if !w.b2bua.Hangup(w.b2bua.Calls()[0].ID) {
				w.t.Error("the call was not live")
			}
		}},
		{name: "daemon_stops", script: func(w *world) {
			w.talk()
			w.b2bua.Close(context.Background())
		}},
		{name: "daemon_stops_while_ringing", script: func(w *world) {
			w.ring()
			w.b2bua.Close(context.Background())
		}},
	})
}
