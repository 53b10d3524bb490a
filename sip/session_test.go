package sip

import (
	"testing"
	"time"

	"maskd/sip/siptest"
)

// Sessions change (RFC 3261 section 14, RFC 3311, RFC 3264) and are refreshed
// (RFC 4028).

func TestHold(t *testing.T) {
	play(t, []ladder{
		{name: "rider_holds_and_resumes", script: func(w *world) {
			w.talk()
			w.rider.Reinvite(siptest.Flowing("sendonly"))
			w.await(w.customer, "ACK")
			time.Sleep(5 * time.Second)
			w.rider.Reinvite()
			w.await(w.customer, "ACK")
			time.Sleep(5 * time.Second)
			w.hangUp(w.rider)
		}},
		{name: "customer_holds_and_rider_hangs_up", script: func(w *world) {
			w.talk()
			w.customer.Reinvite(siptest.Flowing("inactive"))
			w.await(w.rider, "ACK")
			time.Sleep(5 * time.Second)
			w.hangUp(w.rider)
		}},
		{name: "rider_holds_by_update", script: func(w *world) {
			w.talk()
			w.rider.Update(siptest.Body(w.rider.SDP()), siptest.Flowing("sendonly"))
			w.await(w.rider, "200 UPDATE")
			w.await(w.customer, "ACK")
			time.Sleep(time.Second)
			w.hangUp(w.customer)
		}},
		{name: "complete_while_held", script: func(w *world) {
			w.talk()
			w.rider.Reinvite(siptest.Flowing("sendonly"))
			w.await(w.customer, "ACK")
			w.complete(1)
			w.await(w.rider, "BYE")
		}},
		{name: "hold_is_refused_by_the_other_side", script: func(w *world) {
			w.talk()
			w.customer.Refuse(488, "Not Acceptable Here")
			w.rider.Reinvite(siptest.Flowing("sendonly"))
			w.await(w.customer, "ACK")
			time.Sleep(time.Second)
			w.hangUp(w.rider)
		}},
	})
}

func TestReinvite(t *testing.T) {
	play(t, []ladder{
		{name: "rider_offers_anew", script: func(w *world) {
			w.talk()
			w.rider.Reinvite()
			w.await(w.rider, "200")
			time.Sleep(time.Second)
			w.hangUp(w.rider)
		}},
		{name: "customer_offers_anew", script: func(w *world) {
			w.talk()
			w.customer.Reinvite()
			w.await(w.customer, "200")
			time.Sleep(time.Second)
			w.hangUp(w.rider)
		}},
		{name: "rider_asks_for_an_offer", script: func(w *world) {
			w.talk()
			w.rider.Reinvite(siptest.NoBody)
			w.await(w.rider, "200")
			time.Sleep(time.Second)
			w.hangUp(w.rider)
		}},
		{name: "customer_asks_for_an_offer", script: func(w *world) {
			w.talk()
			w.customer.Reinvite(siptest.NoBody)
			w.await(w.customer, "200")
			time.Sleep(time.Second)
			w.hangUp(w.rider)
		}},
		{name: "fax_is_refused_and_the_call_goes_on", script: func(w *world) {
			w.talk()
			w.rider.Reinvite(siptest.Body("v=0\r\no=- 1 2 IN IP4 10.11.12.13\r\ns=-\r\nc=IN IP4 10.11.12.13\r\nt=0 0\r\nm=image 41414 udptl t38\r\n"))
			w.await(w.rider, "488")
			time.Sleep(time.Second)
			w.hangUp(w.customer)
		}},
		{name: "both_hold_at_once", script: func(w *world) {
			w.talk()
			w.rider.Reinvite(siptest.Flowing("sendonly"))
			w.customer.Reinvite(siptest.Flowing("sendonly"))
			time.Sleep(10 * time.Second)
			w.hangUp(w.rider)
		}},
		{name: "peer_has_forgotten_the_dialog", script: func(w *world) {
			w.talk()
			w.customer.Refuse(481, "Call/Transaction Does Not Exist")
			w.rider.Reinvite(siptest.Flowing("sendonly"))
			w.await(w.rider, "BYE")
		}},
		{name: "no_ack_to_a_new_answer", script: func(w *world) {
			w.talk()
			w.rider.Ignore(func(m siptest.Message) bool { return m.Status() == 200 && m.Method() == "INVITE" })
			w.rider.Reinvite()
			w.await(w.customer, "BYE")
			w.rider.Ignore(nil)
		}},
	})
}

func TestLateOffer(t *testing.T) {
	play(t, []ladder{
		{name: "invite_without_offer", script: func(w *world) {
			w.rider.Invite(string(riderDID), siptest.NoBody)
			w.await(w.customer, "INVITE")
			w.customer.Respond(180, "Ringing")
			w.answerAndEnd()
		}},
		{name: "invite_without_offer_nor_answer", script: func(w *world) {
			w.rider.Terse()
			w.rider.Invite(string(riderDID), siptest.NoBody)
			w.await(w.customer, "INVITE")
			w.customer.Answer()
			w.await(w.rider, "BYE")
		}},
	})
}

func TestReliableProvisionalResponses(t *testing.T) {
	play(t, []ladder{
		{name: "rider_requires_100rel", script: func(w *world) {
			w.rider.Invite(string(riderDID), siptest.With("Require", "100rel"))
			w.await(w.customer, "INVITE")
			w.customer.Respond(180, "Ringing")
			w.await(w.rider, "200 PRACK")
			w.answerAndEnd()
		}},
		{name: "rider_requires_100rel_and_makes_no_offer", script: func(w *world) {
			w.rider.Invite(string(riderDID), siptest.NoBody, siptest.With("Require", "100rel"))
			w.await(w.customer, "INVITE")
			w.customer.Respond(180, "Ringing")
			w.await(w.rider, "200 PRACK")
			w.answerAndEnd()
		}},
		{name: "prack_does_not_come", script: func(w *world) {
			w.rider.Ignore(func(m siptest.Message) bool { return m.Get("RSeq") != "" })
			w.rider.Invite(string(riderDID), siptest.With("Require", "100rel"))
			w.await(w.customer, "INVITE")
			w.customer.Respond(180, "Ringing")
			w.await(w.rider, "500")
		}},
		{name: "answer_waits_for_the_prack", script: func(w *world) {
			w.rider.Invite(string(riderDID), siptest.With("Require", "100rel"))
			w.await(w.customer, "INVITE")
			w.customer.Respond(180, "Ringing")
			w.customer.Respond(183, "Progress")
			w.answerAndEnd()
		}},
		{name: "customer_rings_reliably", script: func(w *world) {
			w.invite()
			w.customer.Respond(180, "Ringing", siptest.Reliable(71))
			w.await(w.customer, "PRACK")
			w.customer.Respond(183, "Progress", siptest.Reliable(72))
			w.await(w.customer, "PRACK")
			w.answerAndEnd()
		}},
		{name: "customer_answers_in_a_reliable_183", script: func(w *world) {
			w.invite()
			w.customer.Respond(183, "Progress", siptest.Reliable(71), siptest.Body(w.customer.SDP()))
			w.await(w.customer, "PRACK")
			w.customer.Answer(siptest.NoBody)
			w.await(w.rider, "200")
			time.Sleep(time.Second)
			w.hangUp(w.rider)
		}},
	})
}

// What the callee's network plays before the answer is heard only where the
// trunk's policy says so.
func TestEarlyMedia(t *testing.T) {
	play(t, []ladder{
		{name: "early_media_is_relayed", cast: usual.early(EarlyRelay), script: func(w *world) {
			w.invite()
			w.customer.Respond(183, "Progress", siptest.Body(w.customer.SDP()))
			if m := w.await(w.rider, "183"); m.Body == "" {
				w.t.Error("183 without a body")
			}
			w.answerAndEnd()
		}},
		{name: "early_media_is_relayed_reliably", cast: usual.early(EarlyRelay), script: func(w *world) {
			w.rider.Invite(string(riderDID), siptest.With("Supported", "100rel"))
			w.await(w.customer, "INVITE")
			w.customer.Respond(183, "Progress", siptest.Body(w.customer.SDP()))
			w.await(w.rider, "200 PRACK")
			w.customer.Answer()
			if m := w.await(w.rider, "200"); m.Body != "" {
				w.t.Error("200 with a body: the answer was in the 183")
			}
			time.Sleep(time.Second)
			w.hangUp(w.rider)
		}},
		{name: "early_media_is_suppressed", cast: usual.early(EarlySuppress), script: func(w *world) {
			w.invite()
			w.customer.Respond(183, "Progress", siptest.Body(w.customer.SDP()))
			if m := w.await(w.rider, "183"); m.Body != "" {
				w.t.Error("183 with a body")
			}
			w.answerAndEnd()
		}},
		{name: "rider_updates_before_the_answer", cast: usual.early(EarlyRelay), script: func(w *world) {
			w.rider.Invite(string(riderDID), siptest.With("Require", "100rel"))
			w.await(w.customer, "INVITE")
			w.customer.Respond(183, "Progress", siptest.Body(w.customer.SDP()))
			w.await(w.rider, "200 PRACK")
			w.rider.Update(siptest.Body(w.rider.SDP()))
			w.await(w.rider, "200 UPDATE")
			w.answerAndEnd()
		}},
		{name: "rider_updates_before_it_is_answered", script: func(w *world) {
			w.ring()
			w.rider.Update(siptest.Body(w.rider.SDP()))
			w.await(w.rider, "500 UPDATE")
			w.rider.Update()
			w.await(w.rider, "200 UPDATE")
			w.answerAndEnd()
		}},
	})
}

func TestSessionTimer(t *testing.T) {
	play(t, []ladder{
		{name: "rider_refreshes", script: func(w *world) {
			w.rider.Invite(string(riderDID), siptest.With("Supported", "timer"), siptest.With("Session-Expires", "90;refresher=uac"))
			w.await(w.customer, "INVITE")
			w.customer.Answer()
			w.await(w.rider, "200")
			time.Sleep(45 * time.Second)
			w.rider.Update(siptest.With("Supported", "timer"), siptest.With("Session-Expires", "90;refresher=uac"))
			w.await(w.rider, "200 UPDATE")
			time.Sleep(45 * time.Second)
			w.hangUp(w.rider)
		}},
		{name: "early_update_leaves_the_timer", script: func(w *world) {
			w.rider.Invite(string(riderDID), siptest.With("Supported", "timer"), siptest.With("Session-Expires", "90;refresher=uac"))
			w.await(w.customer, "INVITE")
			w.customer.Respond(180, "Ringing")
			w.await(w.rider, "180")
			w.rider.Update(siptest.With("Supported", "timer"), siptest.With("Session-Expires", "1800;refresher=uas"))
			w.await(w.rider, "200 UPDATE")
			w.customer.Answer()
			if got := w.await(w.rider, "200").Get("Session-Expires"); got != "90;refresher=uac" {
				w.t.Errorf("our 2xx says Session-Expires: %q", got)
			}
			w.await(w.rider, "BYE") // it did not refresh
		}},
		{name: "refresh_wants_a_longer_interval", script: func(w *world) {
			w.invite()
			w.customer.Answer(siptest.With("Require", "timer"), siptest.With("Session-Expires", "90;refresher=uac"))
			w.await(w.rider, "200")
			w.customer.Refuse(422, "Session Interval Too Small", siptest.With("Min-SE", "120"))
			w.await(w.customer, "INVITE")
			w.customer.Modesty(siptest.With("Session-Expires", "120;refresher=uac"))
			if got := w.await(w.customer, "INVITE").Get("Session-Expires"); got != "120;refresher=uac" {
				w.t.Errorf("the second try says Session-Expires: %q", got)
			}
			time.Sleep(time.Second)
			w.hangUp(w.rider)
		}},
		{name: "rider_does_not_refresh", script: func(w *world) {
			w.rider.Invite(string(riderDID), siptest.With("Supported", "timer"), siptest.With("Session-Expires", "90;refresher=uac"))
			w.await(w.customer, "INVITE")
			w.customer.Answer()
			w.await(w.rider, "200")
			w.await(w.rider, "BYE")
		}},
		{name: "we_refresh_the_customer_by_update", script: func(w *world) {
			w.invite()
			w.customer.Answer(siptest.With("Allow", "INVITE, UPDATE"), siptest.With("Require", "timer"), siptest.With("Session-Expires", "90;refresher=uac"))
			w.await(w.rider, "200")
			w.customer.Modesty(siptest.With("Session-Expires", "90;refresher=uac"))
			w.await(w.customer, "UPDATE")
			w.await(w.customer, "UPDATE")
			w.hangUp(w.rider)
		}},
		{name: "we_refresh_the_customer_by_invite", script: func(w *world) {
			w.invite()
			w.customer.Answer(siptest.With("Require", "timer"), siptest.With("Session-Expires", "90;refresher=uac"))
			w.await(w.rider, "200")
			w.await(w.customer, "INVITE")
			time.Sleep(time.Second)
			w.hangUp(w.rider)
		}},
		{name: "interval_too_small_for_the_customer", script: func(w *world) {
			w.invite()
			w.customer.Respond(422, "Session Interval Too Small", siptest.With("Min-SE", "3600"))
			w.await(w.customer, "INVITE")
			w.customer.Answer()
			w.await(w.rider, "200")
			w.hangUp(w.rider)
		}},
		{name: "interval_too_small_for_us", script: func(w *world) {
			w.rider.Invite(string(riderDID), siptest.With("Supported", "timer"), siptest.With("Session-Expires", "60"))
			w.await(w.rider, "422")
		}},
	})
}
