package sip

import (
	"strconv"
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
		declined("not_acceptable_here", 488),
		declined("server_error", 500),
		declined("not_acceptable", 606),
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
			w.rider.Invite(string(riderDID))
			w.await(w.customer, "INVITE")
			w.customer.Respond(503, "Overloaded", siptest.With("Retry-After", "120 (customer-host)"))
			w.await(w.rider, "500")
		}},
		{name: "next_gateway_after_503", cast: twoGateways, script: func(w *world) {
			w.rider.Invite(string(riderDID))
			w.await(w.customer, "INVITE")
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
