package sip

import (
	"testing"
	"time"

	"maskd/sip/siptest"
)

// lose loses the first n messages of that name from one part to maskd, or from
// maskd to it.
func (w *world) lose(n int, name string, from, to part) {
	w.network.Lose(func(p siptest.Packet) bool {
		hit := n > 0 && siptest.Parse(p.Data).Name() == name &&
			p.From.Addr() == from.host() && p.To.Addr() == to.host()
		if hit {
			n--
		}
		return hit
	})
}

// maskd is where the daemon is, as a part of the network.
var maskd = part{addr: maskdAddr}

// always is more often than anything is sent.
const always = 1 << 20

// lossy is a normal call in which one message is lost.
func lossy(name string, n int, message string, from, to part) ladder {
	return ladder{name: name, script: func(w *world) {
		w.lose(n, message, from, to)
		w.invite()
		w.customer.Respond(180, "Ringing")
		time.Sleep(time.Second)
		w.customer.Answer()
		w.await(w.rider, "200")
		time.Sleep(10 * time.Second)
		w.hangUp(w.rider)
	}}
}

func TestLoss(t *testing.T) {
	play(t, []ladder{
		lossy("lost_invite_of_rider", 1, "INVITE", rider, maskd),
		lossy("lost_invite_to_customer", 1, "INVITE", maskd, customer),
		lossy("lost_100", 1, "100", maskd, rider),
		lossy("lost_answer_of_customer", 1, "200", customer, maskd),
		lossy("lost_answer_to_rider", 2, "200", maskd, rider),
		lossy("lost_ack_of_rider", 2, "ACK", rider, maskd),
		lossy("lost_ack_to_customer", 2, "ACK", maskd, customer),
		lossy("lost_bye_of_rider", 1, "BYE", rider, maskd),
		lossy("lost_bye_to_customer", 1, "BYE", maskd, customer),
		lossy("lost_200_to_bye", 1, "200 BYE", maskd, rider),
		lossy("customer_is_cut_off", always, "BYE", maskd, customer),
		{name: "lost_ringing", script: func(w *world) {
			w.lose(1, "180", customer, maskd)
			w.invite()
			w.customer.Respond(180, "Ringing")
			w.await(w.rider, "180") // our INVITE is sent again, and so is the 180
			w.rider.Cancel()
			w.await(w.rider, "487")
		}},
		{name: "lost_busy", script: func(w *world) {
			w.lose(1, "486", customer, maskd)
			w.lose(1, "486", maskd, rider)
			w.ring()
			w.customer.Respond(486, "Busy Here")
			w.await(w.rider, "486")
		}},
		{name: "lost_ack_to_busy", script: func(w *world) {
			w.lose(2, "ACK", maskd, customer)
			w.ring()
			w.customer.Respond(486, "Busy Here")
			w.await(w.rider, "486")
		}},
		{name: "lost_cancel", script: func(w *world) {
			w.lose(1, "CANCEL", rider, maskd)
			w.lose(1, "CANCEL", maskd, customer)
			w.ring()
			w.rider.Cancel()
			w.await(w.customer, "CANCEL")
		}},
		{name: "rider_never_acknowledges", script: func(w *world) {
			w.lose(always, "ACK", rider, maskd)
			w.ring()
			w.customer.Answer()
			w.await(w.rider, "BYE")
		}},
	})
}
