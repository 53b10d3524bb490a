package sip

import (
	"strings"
	"testing"
	"time"

	"maskd/sip/siptest"
)

// ring makes the rider call, and the customer's phone ring.
func (w *world) ring() {
	w.t.Helper()
	w.invite()
	w.customer.Respond(180, "Customer is ringing")
	w.await(w.rider, "180")
	time.Sleep(2 * time.Second)
}

// talk makes the two talk.
func (w *world) talk() {
	w.t.Helper()
	w.ring()
	w.customer.Answer()
	w.await(w.rider, "200")
	w.await(w.customer, "ACK")
	time.Sleep(10 * time.Second)
}

// invite has the rider's INVITE reach the customer.
func (w *world) invite() {
	w.t.Helper()
	w.rider.Invite(string(riderDID))
	w.await(w.customer, "INVITE")
}

// answerAndEnd has the customer answer, the two talk for a second, and the rider
// hang up.
func (w *world) answerAndEnd() {
	w.t.Helper()
	w.customer.Answer()
	w.await(w.rider, "200")
	time.Sleep(time.Second)
	w.hangUp(w.rider)
}

// hangUp makes a phone end the call.
func (w *world) hangUp(p *siptest.Phone) {
	w.t.Helper()
	p.Bye()
	w.await(p, "200 BYE")
}

func TestAnswer(t *testing.T) {
	play(t, []ladder{
		{name: "rider_calls", script: func(w *world) {
			w.talk()
			w.hangUp(w.rider)
		}},
		{name: "customer_calls", script: func(w *world) {
			w.customer.Invite(string(customerDID))
			w.await(w.rider, "INVITE")
			w.rider.Respond(180, "Rider is ringing")
			time.Sleep(2 * time.Second)
			w.rider.Answer()
			w.await(w.customer, "200")
			time.Sleep(10 * time.Second)
			w.hangUp(w.customer)
		}},
		{name: "answer_without_ringing", script: func(w *world) {
			w.invite()
			w.answerAndEnd()
		}},
		{name: "progress_then_ringing", script: func(w *world) {
			w.invite()
			w.customer.Respond(100, "Trying there")
			w.customer.Respond(183, "Progress there")
			w.await(w.rider, "183")
			w.customer.Respond(180, "Customer is ringing")
			w.await(w.rider, "180")
			w.answerAndEnd()
		}},
		{name: "early_media_is_dropped", script: func(w *world) {
			w.invite()
			w.customer.Respond(183, "Session Progress", siptest.Body(w.customer.SDP()))
			if m := w.await(w.rider, "180"); m.Body != "" {
				w.t.Errorf("180 has a body: %s", m.Body)
			}
			w.answerAndEnd()
		}},
		{name: "answer_cannot_be_used", script: func(w *world) {
			w.ring()
			w.customer.Answer(siptest.Body("v=0\r\no=- 1 1 IN IP4 customer-host.invalid\r\ns=-\r\nt=0 0\r\n"))
			w.await(w.rider, "488")
		}},
		{name: "answer_has_no_body", script: func(w *world) {
			w.ring()
			w.customer.Answer(siptest.NoBody)
			w.await(w.rider, "488")
		}},
		{name: "answer_has_a_control_character", script: func(w *world) {
			w.ring()
			w.customer.Answer(siptest.With("Server", "a\x01b"))
			w.await(w.rider, "488")
		}},
		{name: "two_forks_answer", script: func(w *world) {
			w.ring()
			w.customer.Answer()
			w.await(w.rider, "200")
			w.customer.Fork("another-phone")
			w.await(w.customer, "BYE")
			time.Sleep(time.Second)
			w.hangUp(w.rider)
		}},
		{name: "a_phone_of_3gpp_calls", script: func(w *world) {
			w.rider.Invite(string(riderDID), siptest.With("Supported", "precondition, 100rel, 199, timer, gruu"), siptest.With("P-Early-Media", "supported"),
				siptest.Body(w.rider.SDP()+"a=curr:qos local none\r\na=curr:qos remote none\r\na=des:qos optional local sendrecv\r\na=des:qos none remote sendrecv\r\n"))
			m := w.await(w.customer, "INVITE")
			if said := strings.Join(append(m.All("Supported"), m.Body), " "); m.Get("Require")+m.Get("P-Early-Media") != "" || strings.Contains(said, "precondition") || strings.Contains(said, "qos") {
				w.t.Errorf("the callee is told of preconditions: %v\n%s", m.Headers, m.Body)
			}
			w.customer.Respond(180, "Ringing")
			if m := w.await(w.rider, "180"); strings.Contains(m.Get("Require"), "precondition") {
				w.t.Errorf("the caller has to know of %s", m.Get("Require"))
			}
			w.customer.Answer()
			if m := w.await(w.rider, "200"); strings.Contains(m.Body, "qos") {
				w.t.Errorf("preconditions are answered: %s", m.Body)
			}
			time.Sleep(time.Second)
			w.hangUp(w.rider)
		}},
		{name: "a_phone_of_3gpp_wants_a_precondition", script: func(w *world) {
			w.rider.Invite(string(riderDID), siptest.With("Require", "precondition"))
			if m := w.await(w.rider, "420"); m.Get("Unsupported") != "precondition" {
				w.t.Errorf("not supported is %q", m.Get("Unsupported"))
			}
		}},
		{name: "answer_comes_after_the_end", script: func(w *world) {
			w.ring()
			w.customer.Ignore(func(m siptest.Message) bool { return m.Method() == "CANCEL" })
			w.rider.Cancel()
			w.await(w.rider, "487")
			time.Sleep(time.Minute)
			w.customer.Answer()
			w.await(w.customer, "BYE")
		}},
	})
}
