package sip

import (
	"testing"
	"time"

	"maskd/sip/siptest"
)

// apart fails unless as much time has passed as it has to.
func (w *world) apart(since time.Time, least, most time.Duration) {
	w.t.Helper()
	if d := time.Since(since); d < least || d > most {
		w.t.Errorf("sent again after %s, not %s to %s", d, least, most)
	}
}

// Both ends of a leg change its session at once (RFC 3261 section 14.1).
func TestGlare(t *testing.T) {
	const flight = 50 * time.Millisecond
	play(t, []ladder{
		{name: "customer_has_offered_too", script: func(w *world) { // its Call-ID is ours
			w.talk()
			w.customer.Refuse(491, "Request Pending")
			w.rider.Reinvite(siptest.Flowing("sendonly"))
			w.await(w.customer, "INVITE")
			refused := time.Now()
			w.await(w.customer, "INVITE")
			w.apart(refused, 2100*time.Millisecond, 4*time.Second+flight)
			w.await(w.customer, "ACK")
			time.Sleep(time.Second)
			w.hangUp(w.rider)
		}},
		{name: "rider_has_offered_too", script: func(w *world) { // its Call-ID is the rider's
			w.talk()
			w.rider.Refuse(491, "Request Pending")
			w.customer.Reinvite(siptest.Flowing("sendonly"))
			w.await(w.rider, "INVITE")
			refused := time.Now()
			w.await(w.rider, "INVITE")
			w.apart(refused, 0, 2*time.Second+flight)
			w.await(w.rider, "ACK")
			time.Sleep(time.Second)
			w.hangUp(w.rider)
		}},
		{name: "peer_changes_its_mind_while_we_wait", script: func(w *world) {
			w.talk()
			w.customer.Refuse(491, "Request Pending")
			w.rider.Reinvite(siptest.Flowing("sendonly"))
			w.await(w.customer, "INVITE")
			time.Sleep(100 * time.Millisecond)
			w.customer.Reinvite()
			w.await(w.customer, "INVITE")
			w.await(w.customer, "ACK")
			time.Sleep(time.Second)
			w.hangUp(w.rider)
		}},
		{name: "hung_up_while_we_wait", script: func(w *world) {
			w.talk()
			w.customer.Refuse(491, "Request Pending")
			w.rider.Reinvite(siptest.Flowing("sendonly"))
			w.await(w.customer, "INVITE")
			time.Sleep(100 * time.Millisecond)
			w.hangUp(w.customer)
		}},
	})
}

// Our re-INVITE fails: the call goes on, unless the peer has forgotten it
// (RFC 3261 sections 12.2.1.2 and 14.1).
func TestOurReinviteFails(t *testing.T) {
	refused := func(name string, status int, ends bool) ladder {
		return ladder{name: name, script: func(w *world) {
			w.talk()
			w.customer.Refuse(status, "No")
			w.rider.Reinvite(siptest.Flowing("sendonly"))
			w.await(w.customer, "INVITE")
			if ends {
				w.await(w.rider, "BYE")
				return
			}
			time.Sleep(time.Minute)
			w.hangUp(w.rider)
		}}
	}
	play(t, []ladder{
		refused("our_reinvite_times_out", 408, true),
		refused("our_reinvite_meets_a_broken_server", 500, false),
		refused("our_reinvite_is_declined", 603, false),
		{name: "our_reinvite_is_lost", script: func(w *world) {
			w.talk()
			w.lose(always, "INVITE", maskd, customer)
			w.rider.Reinvite(siptest.Flowing("sendonly"))
			w.await(w.rider, "BYE")
		}},
		{name: "our_reinvite_is_tried_for_ever", script: func(w *world) {
			w.talk()
			w.customer.Refuse(100, "Trying")
			w.rider.Reinvite(siptest.Flowing("sendonly"))
			w.await(w.customer, "INVITE")
			time.Sleep(time.Minute)
			w.hangUp(w.rider)
		}},
	})
}

// What is sent crosses, or comes in another order.
func TestCrossing(t *testing.T) {
	play(t, []ladder{
		{name: "reinvite_before_the_ack", script: func(w *world) {
			w.lose(1, "ACK", rider, maskd)
			w.ring()
			w.customer.Answer()
			w.await(w.rider, "200")
			w.rider.Reinvite()
			w.await(w.rider, "491")
			time.Sleep(time.Second)
			w.rider.Reinvite()
			w.await(w.rider, "200")
			time.Sleep(time.Second)
			w.hangUp(w.rider)
		}},
		{name: "reinvite_before_the_answer", script: func(w *world) {
			w.ring()
			w.rider.Reinvite()
			if m := w.await(w.rider, "500"); m.Get("Retry-After") == "" {
				w.t.Error("500 does not say when to try again (RFC 3261 section 14.2)")
			}
			w.customer.Answer()
			w.await(w.rider, "200")
			time.Sleep(time.Second)
			w.hangUp(w.customer)
		}},
		{name: "reinvite_with_a_lower_number", script: func(w *world) {
			w.talk()
			w.rider.Reinvite(siptest.With("CSeq", "1 INVITE"))
			w.await(w.rider, "500")
			time.Sleep(time.Second)
			w.hangUp(w.rider)
		}},
		{name: "update_while_the_200_waits_for_its_ack", script: func(w *world) {
			w.talk()
			w.rider.Ignore(func(m siptest.Message) bool { return m.Name() == "200" })
			w.rider.Reinvite()
			time.Sleep(100 * time.Millisecond)
			w.rider.Update(siptest.Body(w.rider.SDP()))
			w.await(w.rider, "200 UPDATE")
			w.rider.Ignore(nil)
			w.await(w.rider, "200")
			time.Sleep(time.Second)
			w.hangUp(w.rider)
		}},
		{name: "bye_crosses_our_reinvite", script: func(w *world) {
			w.talk()
			w.rider.Reinvite(siptest.Flowing("sendonly"))
			time.Sleep(10 * time.Millisecond)
			w.customer.Refuse(487, "Request Terminated")
			w.hangUp(w.customer)
		}},
		{name: "bye_crosses_the_riders_reinvite", script: func(w *world) {
			w.talk()
			w.customer.Bye()
			time.Sleep(14 * time.Millisecond) // it takes 13; our BYE to the rider 7 more
			w.rider.Reinvite(siptest.Flowing("sendonly"))
			w.await(w.rider, "481")
		}},
		{name: "reinvite_is_cancelled_too_late", script: func(w *world) {
			w.talk()
			w.rider.Reinvite(siptest.Flowing("sendonly"))
			w.await(w.rider, "200")
			w.rider.Cancel()
			_, err := w.rider.Await("200 CANCEL", "481 CANCEL")
			w.must(err)
			time.Sleep(time.Second)
			w.hangUp(w.rider)
		}},
	})
}

// prack makes the rider send a PRACK within the dialog of an 18x.
func (w *world) prack(ringing siptest.Message, rack string, edits ...siptest.Edit) {
	w.rider.Ask("PRACK", string(riderDID), append([]siptest.Edit{siptest.With("To", ringing.Get("To")),
		siptest.With("Call-ID", ringing.Get("Call-ID")), siptest.With("CSeq", "314160 PRACK"), siptest.With("RAck", rack)}, edits...)...)
}

// Reliable provisional responses that something crosses (RFC 3262 section 3).
func TestCrossingPrack(t *testing.T) {
	reliably := func(w *world) siptest.Message {
		w.rider.Invite(string(riderDID), siptest.With("Require", "100rel"))
		w.await(w.customer, "INVITE")
		w.customer.Respond(180, "Ringing")
		return w.await(w.rider, "180")
	}
	unacknowledged := func(w *world) {
		w.lose(always, "PRACK", rider, maskd)
		reliably(w)
	}
	play(t, []ladder{
		{name: "prack_for_something_else", script: func(w *world) {
			w.lose(1, "PRACK", rider, maskd)
			ringing := reliably(w)
			for _, rack := range []string{"1 314159 INVITE", ringing.Get("RSeq") + " 1 INVITE", "nonsense"} {
				w.prack(ringing, rack)
				w.await(w.rider, "481 PRACK")
			}
			w.prack(ringing, ringing.Get("RSeq")+" 314159 INVITE")
			w.await(w.rider, "200 PRACK")
			w.answerAndEnd()
		}},
		{name: "cancel_after_a_reliable_18x", script: func(w *world) {
			reliably(w)
			w.await(w.rider, "200 PRACK")
			w.rider.Cancel()
			w.await(w.rider, "487")
		}},
		{name: "cancel_instead_of_the_prack", script: func(w *world) {
			unacknowledged(w)
			w.rider.Cancel()
			w.await(w.rider, "487")
		}},
		{name: "answered_but_no_prack_comes", script: func(w *world) {
			unacknowledged(w)
			w.customer.Answer()
			w.await(w.rider, "500")
		}},
		{name: "answered_and_hung_up_before_the_prack", script: func(w *world) {
			unacknowledged(w)
			w.customer.Answer()
			time.Sleep(time.Second)
			w.hangUp(w.customer)
		}},
		{name: "answered_and_complete_before_the_prack", script: func(w *world) {
			unacknowledged(w)
			w.customer.Answer()
			time.Sleep(time.Second)
			w.complete(1)
			w.await(w.rider, "480")
		}},
		{name: "prack_offers_anew", cast: usual.early(EarlyRelay), script: func(w *world) {
			w.lose(1, "PRACK", rider, maskd)
			w.rider.Invite(string(riderDID), siptest.With("Require", "100rel"))
			w.await(w.customer, "INVITE")
			w.customer.Respond(183, "Progress", siptest.Body(w.customer.SDP()))
			ringing := w.await(w.rider, "183")
			w.prack(ringing, ringing.Get("RSeq")+" 314159 INVITE", siptest.Body(w.rider.SDP()))
			if m := w.await(w.rider, "200 PRACK"); m.Body == "" {
				w.t.Error("the PRACK's offer has no answer (RFC 3262 section 5)")
			}
			w.rider.Cancel()
			w.await(w.rider, "487")
		}},
	})
}

// The callee's phone changes the session before it is answered (RFC 3311).
func TestCustomerUpdatesBeforeTheAnswer(t *testing.T) {
	play(t, []ladder{
		{name: "customer_updates_before_it_answers", cast: usual.early(EarlyRelay), script: func(w *world) {
			w.invite()
			w.customer.Respond(183, "Progress", siptest.Reliable(71), siptest.Body(w.customer.SDP()))
			w.await(w.customer, "PRACK")
			w.customer.Update(siptest.Body(w.customer.SDP()))
			w.await(w.customer, "200 UPDATE")
			w.customer.Answer(siptest.NoBody)
			w.await(w.rider, "200")
			time.Sleep(time.Second)
			w.hangUp(w.rider)
		}},
		{name: "customer_updates_before_any_answer", script: func(w *world) {
			w.ring()
			w.customer.Update(siptest.Body(w.customer.SDP()))
			w.await(w.customer, "491 UPDATE")
			w.answerAndEnd()
		}},
	})
}
