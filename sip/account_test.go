package sip

import (
	"strings"
	"testing"
	"time"

	"maskd/sip/digest"
	"maskd/sip/edge"
	"maskd/sip/siptest"
)

// asked is the cast where the customer's carrier knows us by an account.
var asked = cast{rider: rider, customer: customer,
	account: digest.Account{Username: "maskd-account", Password: digest.NewPassword("zanzibar"), Realm: "customer-realm"}}

// who makes a response a challenge of the customer's carrier.
func who(header, nonce string) siptest.Edit {
	return siptest.With(header, `Digest realm="customer-realm", nonce="`+nonce+`", qop="auth"`)
}

// A carrier that asks who calls is told, and the rider hears nothing of it (RFC
// 3261 sections 22.2 and 22.3).
func TestACarrierAsksWhoCalls(t *testing.T) {
	play(t, []ladder{
		{name: "challenged_and_let_in", cast: asked, script: func(w *world) {
			w.invite()
			w.customer.Respond(407, "Who?", who("Proxy-Authenticate", "c0ffee"))
			w.expectCredentials("INVITE", "Proxy-Authorization")
			w.customer.Respond(180, "Customer is ringing")
			w.await(w.rider, "180")
			w.customer.Answer()
			w.await(w.rider, "200")
			w.expectCredentials("ACK", "Proxy-Authorization")
			time.Sleep(time.Second)
			w.rider.Bye()
			w.expectCredentials("BYE", "Proxy-Authorization")
		}},
		{name: "challenged_by_proxy_and_server", cast: asked, script: func(w *world) {
			w.invite()
			w.customer.Respond(407, "Who?", who("Proxy-Authenticate", "c0ffee"))
			w.expectCredentials("INVITE", "Proxy-Authorization")
			w.customer.Respond(401, "And who?", who("WWW-Authenticate", "beef"))
			w.expectCredentials("INVITE", "Authorization")
			w.answerAndEnd()
		}},
		{name: "challenged_and_refused", cast: asked, script: func(w *world) {
			w.invite()
			w.customer.Respond(401, "Who?", who("WWW-Authenticate", "c0ffee"))
			w.expectCredentials("INVITE", "Authorization")
			w.customer.Respond(401, "No!", who("WWW-Authenticate", "cafe"))
			w.await(w.rider, "480")
		}},
	})
}

// expectCredentials waits for a request that says who we are.
func (w *world) expectCredentials(method, header string) {
	w.t.Helper()
	if m := w.await(w.customer, method); m.Get(header) == "" {
		w.t.Errorf("%s without %s", method, header)
	}
}

// A busy trunk with a wrong password has its account locked within seconds,
// unless we stop trying.
func TestAnAccountThatIsRefusedIsNotTriedWithEachCall(t *testing.T) {
	inWorld(t, asked, func(w *world) {
		refuse := func() {
			w.invite()
			w.customer.Respond(401, "Who?", who("WWW-Authenticate", "c0ffee"))
		}
		account := func() edge.AccountStanding { return w.b2bua.Trunks()[1].Account }
		for range 2 {
			refuse()
			w.expectCredentials("INVITE", "Authorization")
			w.customer.Respond(401, "No!", who("WWW-Authenticate", "cafe"))
			w.await(w.rider, "480")
		}
		for range 5 {
			refuse()
			w.await(w.rider, "480")
			time.Sleep(time.Second)
		}
		sent := 0
		for _, p := range w.sentTo(customer.host()) {
			if strings.Contains(string(p.Data), "\r\nAuthorization:") {
				sent++
			}
		}
		if sent != 2 || account() != edge.AccountRefused {
			t.Errorf("credentials sent %d times; the account is %s", sent, account())
		}
		time.Sleep(time.Minute)
		if account() != edge.AccountInUse {
			t.Errorf("after a minute the account is %s", account())
		}
		refuse()
		w.expectCredentials("INVITE", "Authorization")
		w.answerAndEnd()
	})
}
