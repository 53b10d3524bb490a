package sip

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"maskd/sip/siptest"
)

// elsewhere is a Contact that a phone has moved to, on the same host.
func elsewhere(p part) siptest.Edit {
	return siptest.With("Contact", "<sip:line2@"+p.addr+";moved=yes>")
}

// A target refresh moves where later requests go (RFC 3261 section 12.2, RFC
// 3311 section 5.2).
func TestTargetRefresh(t *testing.T) {
	for _, row := range []struct {
		name  string
		moves func(*world)
	}{
		{"the customer by re-INVITE", func(w *world) {
			w.customer.Reinvite(elsewhere(customer))
			w.await(w.customer, "200")
		}},
		{"the customer by UPDATE", func(w *world) {
			w.customer.Update(elsewhere(customer))
			w.await(w.customer, "200 UPDATE")
		}},
		{"the customer in its answer to a re-INVITE", func(w *world) {
			w.customer.Modesty(elsewhere(customer))
			w.rider.Reinvite(siptest.Flowing("sendonly"))
			w.await(w.customer, "ACK")
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			inWorld(t, usual, func(w *world) {
				w.talk()
				row.moves(w)
				time.Sleep(time.Second)
				w.rider.Bye()
				if bye := w.await(w.customer, "BYE"); !strings.Contains(bye.Start, "moved=yes") {
					t.Errorf("sent to where it was before: %s", bye.Start)
				}
			})
		})
	}
	t.Run("the rider by re-INVITE", func(t *testing.T) {
		inWorld(t, usual, func(w *world) {
			w.talk()
			w.rider.Reinvite(elsewhere(rider))
			w.await(w.rider, "200")
			time.Sleep(time.Second)
			w.customer.Bye()
			if bye := w.await(w.rider, "BYE"); !strings.Contains(bye.Start, "moved=yes") {
				t.Errorf("sent to where it was before: %s", bye.Start)
			}
		})
	})
	t.Run("not by a re-INVITE that we refuse", func(t *testing.T) {
		inWorld(t, usual, func(w *world) {
			w.talk()
			w.customer.Reinvite(siptest.Body("v=0\r\n"), elsewhere(customer))
			w.await(w.customer, "488")
			time.Sleep(time.Second)
			w.rider.Bye()
			if bye := w.await(w.customer, "BYE"); strings.Contains(bye.Start, "moved=yes") {
				t.Errorf("sent to where it never was: %s", bye.Start)
			}
		})
	})
}

// Requests within a dialog pass the proxies that want to see them: in the order
// of the INVITE, from where the request is sent (section 12.1).
func TestRouteSet(t *testing.T) {
	inWorld(t, usual, func(w *world) {
		outer, inner := "sip:outer@10.11.12.13;lr", "sip:inner@10.11.12.13;lr"
		near, far := "sip:near@10.77.78.79;lr", "sip:far@10.77.78.79;lr"
		w.rider.Invite(string(riderDID), siptest.Routed(outer, inner)) // the outer one has added its own last
		w.await(w.customer, "INVITE")
		w.customer.Answer(siptest.Routed(far, near))
		ok := w.await(w.rider, "200")
		ack := w.await(w.customer, "ACK")
		time.Sleep(time.Second)
		w.rider.Reinvite(siptest.Flowing("sendonly"))
		reinvite := w.await(w.customer, "INVITE")
		time.Sleep(time.Second)
		w.complete(1)
		for _, row := range []struct {
			name string
			got  []string
			want []string
		}{
			{"the 200 to the rider", ok.All("Record-Route"), []string{outer, inner}},
			{"the ACK to the customer", ack.All("Route"), []string{near, far}},
			{"the re-INVITE to the customer", reinvite.All("Route"), []string{near, far}},
			{"the BYE to the customer", w.await(w.customer, "BYE").All("Route"), []string{near, far}},
			{"the BYE to the rider", w.await(w.rider, "BYE").All("Route"), []string{outer, inner}},
		} {
			for i := range row.got {
				row.got[i] = strings.Trim(row.got[i], "<>")
			}
			if diff := cmp.Diff(row.want, row.got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", row.name, diff)
			}
		}
	})
}

// A gateway that says nothing for 4 s is followed by the next, and what it says
// later is dealt with.
func TestAGatewayWakesUp(t *testing.T) {
	asleep := func(w *world) {
		w.invite()
		asked := time.Now()
		w.await(w.second, "INVITE")
		w.apart(asked, 4*time.Second, 4*time.Second+100*time.Millisecond)
		w.second.Respond(180, "Ringing")
		w.await(w.rider, "180")
	}
	talk := func(w *world) {
		w.second.Answer()
		w.await(w.rider, "200")
		time.Sleep(time.Second)
		w.hangUp(w.rider)
	}
	play(t, []ladder{
		{name: "gateway_wakes_up_and_rings", cast: twoGateways, script: func(w *world) {
			asleep(w)
			w.customer.Respond(180, "Ringing")
			w.await(w.customer, "CANCEL")
			talk(w)
		}},
		{name: "gateway_wakes_up_and_answers", cast: twoGateways, script: func(w *world) {
			asleep(w)
			w.customer.Answer()
			w.await(w.customer, "BYE")
			talk(w)
		}},
		{name: "gateway_wakes_up_and_declines", cast: twoGateways, script: func(w *world) {
			asleep(w)
			w.customer.Respond(486, "Busy Here")
			time.Sleep(time.Second)
			talk(w)
		}},
		{name: "gateway_wakes_up_after_the_call", cast: twoGateways, script: func(w *world) {
			asleep(w)
			talk(w)
			time.Sleep(time.Second)
			w.customer.Answer()
			w.await(w.customer, "BYE")
		}},
		{name: "interval_is_never_long_enough", script: func(w *world) {
			w.rider.Invite(string(riderDID))
			for _, least := range []string{"100", "200", "400", "800"} {
				w.await(w.customer, "INVITE")
				w.customer.Respond(422, "Session Interval Too Small", siptest.With("Min-SE", least))
			}
			w.await(w.rider, "480")
		}},
	})
}
