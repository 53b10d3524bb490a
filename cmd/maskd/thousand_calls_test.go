package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"strings"

	"maskd/sip/siptest"
)

// callAround has so many of a line talk to each other, and each call go another way.
func (m *muster) callAround(l line, calls int) {
	ways := callees()
	atOnce(m, m.pairs(l, calls, `,"labels":{"city":"Pune"}`), func(n int, p pair) error {
		caller, callee, did := p.a, p.b, p.didA
		if err := ladder(does(func() { caller.Invite(did) }), hears(callee, "INVITE")); err != nil {
			return err
		}
		return ways[n%len(ways)](caller, callee)
	})
}

// callees are the ways in which a call can go once it has come to who is called, who
// says its number in whatever it says.
func callees() []func(caller, callee *siptest.Phone) error {
	up := func(caller, callee *siptest.Phone, more ...func() error) error {
		return ladder(append([]func() error{does(func() { callee.Answer() }), hears(caller, "200")}, more...)...)
	}
	over := func(by, other *siptest.Phone) func() error {
		return func() error { return ladder(does(by.Bye), hears(other, "BYE"), hears(by, "200 BYE")) }
	}
	fails := func(status int, phrase string, edits ...siptest.Edit) func(caller, callee *siptest.Phone) error {
		return func(caller, callee *siptest.Phone) error {
			return ladder(does(func() { callee.Respond(status, phrase+" says "+callee.Number, edits...) }), hears(caller, "480", "486", "500"))
		}
	}
	asks := func(method string, edits ...siptest.Edit) func(caller, callee *siptest.Phone) error {
		return func(caller, callee *siptest.Phone) error {
			edits := append(edits, siptest.With("Refer-To", "<sip:"+caller.Number+"@elsewhere.invalid>"), siptest.With("Content-Type", "text/plain"),
				func(m *siptest.Message) { m.Body = "call " + caller.Number })
			return up(caller, callee, does(func() { caller.Within(method, edits...); callee.Within(method, edits...) }), over(caller, callee))
		}
	}
	return []func(caller, callee *siptest.Phone) error{
		func(caller, callee *siptest.Phone) error { return up(caller, callee, over(caller, callee)) },
		func(caller, callee *siptest.Phone) error { return up(caller, callee, over(callee, caller)) },
		func(caller, callee *siptest.Phone) error {
			return ladder(does(func() { callee.Respond(180, "Ringing at "+callee.Number) }), hears(caller, "180"),
				does(caller.Cancel), hears(callee, "CANCEL"), hears(caller, "487"))
		},
		func(caller, callee *siptest.Phone) error {
			return ladder(does(func() { callee.Respond(183, "Session at "+callee.Number, siptest.Body(callee.SDP())) }), hears(caller, "180", "183"),
				func() error { return up(caller, callee, over(caller, callee)) })
		},
		func(caller, callee *siptest.Phone) error {
			return ladder(does(func() { callee.Respond(180, "Ringing", siptest.Reliable(1)) }), hears(callee, "PRACK"), hears(caller, "180"),
				func() error { return up(caller, callee, over(callee, caller)) })
		},
		func(caller, callee *siptest.Phone) error { // hold and resume
			return up(caller, callee,
				does(func() { caller.Reinvite(siptest.Flowing("sendonly")) }), hears(caller, "200"), hears(callee, "INVITE"), hears(callee, "ACK"),
				does(func() { caller.Reinvite() }), hears(caller, "200"), hears(callee, "INVITE"), hears(callee, "ACK"), over(caller, callee))
		},
		func(caller, callee *siptest.Phone) error {
			return up(caller, callee, does(func() { callee.Update(siptest.Body(callee.SDP() + "a=inactive\r\n")) }), hears(callee, "200 UPDATE"), over(caller, callee))
		},
		func(caller, callee *siptest.Phone) error { // keys, and what is none
			return up(caller, callee, does(func() {
				caller.Inform("application/dtmf-relay", "Signal=5\r\nDuration=160\r\nX-Number: "+caller.Number+"\r\n")
				caller.Inform("application/xml", "<number>"+caller.Number+"</number>")
			}), hears(caller, "200 INFO"), over(caller, callee))
		},
		fails(486, "Busy"), fails(603, "Decline"), fails(404, "Not Found"), fails(410, "Gone"), fails(484, "Incomplete"), fails(433, "Anonymous"),
		fails(500, "Server Error"), fails(600, "Busy Everywhere"), fails(606, "Not Acceptable"), fails(401, "Unauthorized", siptest.With("WWW-Authenticate", `Digest realm="r", nonce="n"`)),
		func(caller, callee *siptest.Phone) error {
			return fails(302, "Moved", siptest.With("Contact", "<sip:"+callee.Number+"@elsewhere.invalid>"))(caller, callee)
		},
		asks("REFER"), asks("MESSAGE"), asks("NOTIFY", siptest.With("Event", "refer")), asks("OPTIONS"), asks("SUBSCRIBE", siptest.With("Event", "dialog")), asks("PUBLISH"),
	}
}

// dispatcher is the decision hook, and a webhook. What each is told goes into a sink.
func (m *muster) dispatcher() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked, err := httputil.DumpRequest(r, true)
		if err != nil {
			m.Error(err)
		}
		if r.URL.Path != "/decide" {
			m.sinks.add("events to a webhook", asked)
			w.WriteHeader(http.StatusNoContent)
			return
		}
		m.sinks.add("questions to the hook", asked)
		decision := "refuse"
		for city, says := range map[string]string{"Pune": "connect", "Delhi": "fallback"} {
			if strings.Contains(string(asked), `"city":"`+city+`"`) {
				decision = says
			}
		}
		_, _ = io.WriteString(w, fmt.Sprintf(`{"decision":%q}`, decision))
	})
}
