package sip

import (
	"maskd/media"
	"strconv"
	"strings"
	"testing"
	"time"

	"maskd/sip/siptest"
)

// declined is a call that the customer's side answers with a final response.
func declined(name string, status int, edits ...siptest.Edit) ladder {
	return ladder{name: name, script: func(w *world) {
		w.ring()
		w.customer.Respond(status, "+447700900123 says "+strconv.Itoa(status), edits...)
		time.Sleep(time.Second)
	}}
}

func TestDecline(t *testing.T) {
	play(t, []ladder{
		declined("busy", 486),
		declined("declined", 603),
		declined("redirected", 302, siptest.With("Contact", "<sip:+447700900999@elsewhere.invalid>")),
		declined("challenged", 401, siptest.With("WWW-Authenticate", `Digest realm="customer-realm", nonce="c0ffee"`)),
		declined("not_found", 404),
		declined("gone", 410),
		declined("temporarily_unavailable", 480),
		declined("not_acceptable_here", 488),
		declined("server_error", 500),
		declined("not_acceptable", 606),
		declined("busy_with_a_control_character", 486, siptest.With("Server", "a\x01b")),
	})
}

func TestNobodyAnswers(t *testing.T) {
	play(t, []ladder{
		{name: "no_answer", script: func(w *world) {
			w.ring()
			w.await(w.rider, "480")
		}},
		{name: "gateway_is_silent", script: func(w *world) {
			w.customer.Ignore(func(siptest.Message) bool { return true })
			w.rider.Invite(string(riderDID))
			w.await(w.rider, "500")
		}},
		{name: "gateway_falls_silent", script: func(w *world) {
			w.ring()
			w.customer.Ignore(func(siptest.Message) bool { return true })
			w.await(w.rider, "480")
		}},
		{name: "gateway_is_overloaded", script: func(w *world) {
			w.invite()
			w.customer.Respond(503, "Overloaded", siptest.With("Retry-After", "120 (customer-host)"))
			w.await(w.rider, "500")
		}},
		{name: "next_gateway_after_503", cast: twoGateways, script: func(w *world) {
			w.invite()
			w.customer.Respond(503, "Overloaded")
			w.answerAtSecond()
		}},
		{name: "next_gateway_after_silence", cast: twoGateways, script: func(w *world) {
			w.customer.Ignore(func(siptest.Message) bool { return true })
			w.rider.Invite(string(riderDID))
			w.answerAtSecond()
		}},
		{name: "no_next_gateway_once_it_rang", cast: twoGateways, script: func(w *world) {
			w.ring()
			w.customer.Respond(503, "Overloaded")
			w.await(w.rider, "500")
		}},
	})
}

// What the first gateway still says is not said by the second.
func TestAGatewayIsGivenUp(t *testing.T) {
	play(t, []ladder{
		{name: "gateway_fails_and_answers", cast: twoGateways, script: func(w *world) {
			w.failAndThen(func() { w.customer.Answer() })
			w.await(w.customer, "BYE")
			w.answerAtSecond()
		}},
		{name: "gateway_fails_and_rings", cast: twoGateways, script: func(w *world) {
			w.failAndThen(func() { w.customer.Respond(180, "Ringing") })
			w.answerAtSecond()
		}},
		{name: "gateway_fails_twice", cast: twoGateways, script: func(w *world) {
			w.failAndThen(func() { w.customer.Respond(503, "Overloaded") })
			w.answerAtSecond()
		}},
	})
}

// failAndThen lets the first gateway fail, and do something more before the
// call has read of the failure.
func (w *world) failAndThen(more func()) {
	w.t.Helper()
	w.invite()
	resume := w.hold()
	w.customer.Respond(503, "Overloaded")
	time.Sleep(time.Millisecond)
	more()
	time.Sleep(20 * time.Millisecond) // it takes 13
	resume()
}

// answerAtSecond lets the call be answered behind the second gateway.
func (w *world) answerAtSecond() {
	w.t.Helper()
	w.await(w.second, "INVITE")
	w.second.Respond(180, "Ringing")
	w.await(w.rider, "180")
	w.second.Answer()
	w.await(w.rider, "200")
	time.Sleep(time.Second)
	w.hangUp(w.rider)
}

// Who does not like our offer is made a simpler one, if there is one. What A
// offered was not wrong, so A is never told 488.
func TestOfferIsMadeSimpler(t *testing.T) {
	rich := cast{rider: rider, customer: customer, sound: media.LegOptions{
		Codecs: []media.Codec{media.G722, media.PCMA, media.PCMU, media.TelephoneEvent}, SRTP: media.SRTPOptional}}
	play(t, []ladder{
		{name: "offer_is_made_simpler", cast: rich, script: func(w *world) {
			w.rider.Invite(string(riderDID))
			if m := w.await(w.customer, "INVITE"); !strings.Contains(m.Body, "a=crypto:") {
				w.t.Errorf("the first offer is plain:\n%s", m.Body)
			}
			w.customer.Respond(488, "Not Acceptable Here")
			if m := w.await(w.customer, "INVITE"); strings.Contains(m.Body, "a=crypto:") || strings.Contains(m.Body, "G722") {
				w.t.Errorf("the second offer is no simpler:\n%s", m.Body)
			}
			w.answerAndEnd()
		}},
		{name: "offer_is_never_good_enough", cast: rich, script: func(w *world) {
			w.invite()
			w.customer.Respond(488, "Not Acceptable Here")
			w.await(w.customer, "INVITE")
			w.customer.Respond(488, "Not Acceptable Here")
			w.await(w.rider, "480")
		}},
	})
}
