package main

import (
	"errors"
	"fmt"
	"strings"

	"maskd/cmd/maskd/admin"
	"maskd/sip/siptest"
)

// meetOtherwise has parties reach each other in all the ways that are no pair's: as
// groups, by a PIN, an extension or an open DID, by a click, or not at all.
func (m *muster) meetOtherwise() {
	crowd, aloud := m.site.line("crowd"), m.site.line("aloud")
	announced := m.create("acme", `{"pool":"aloud","parties":{"a":{"numbers":["`+m.take()+`"]},"b":{"numbers":["`+m.take()+`"]}}}`)
	atOnce(m, []func() error{
		func() error { // a stranger hears that he reaches nobody
			stranger := m.caller(aloud)
			stranger.Invite(announced.Parties.A.Dial)
			return ladder(hears(stranger, "183"), hears(stranger, "404"))
		},
		func() error { return m.ringInTurn(crowd) },
		func() error { return m.ringAtOnce(crowd) },
		func() error { return m.enterPIN(m.site.line("doubted"), true) },
		func() error { // the guesser locks others out, who may have the same DID
			return errors.Join(m.enterPIN(m.site.line("strange"), false), m.guessPIN(m.site.line("strange")))
		},
		func() error { return m.enterExtension(crowd) },
		func() error { return m.callOpen(crowd) },
		func() error { return m.redirect(m.site.line("sent")) },
		func() error { return m.askHook(m.site.line("hooked")) },
		func() error { return m.click(crowd, `{"from":"a","confirm":true}`, true) },
		func() error { return m.click(crowd, `{"from":"b"}`, false) },
		func() error { return m.clickByCommand(crowd) },
		func() error { return m.showCredentials(m.site.line("account")) },
		func() error { return m.talkInSecret(m.site.line("account")) },
	}, func(_ int, do func() error) error { return do() })
}

// presses has a phone press keys, as the INFO of many phones tells it.
func presses(p *siptest.Phone, keys string) func() error {
	return func() error {
		for _, key := range keys {
			p.Inform("application/dtmf-relay", fmt.Sprintf("Signal=%c\r\nDuration=160\r\n", key))
			if err := hears(p, "200 INFO")(); err != nil {
				return fmt.Errorf("key %c: %w", key, err)
			}
		}
		return nil
	}
}

// joins answers a call whose caller was answered before, by us, and has him hang up.
func joins(callee, caller *siptest.Phone) func() error {
	return func() error {
		return ladder(hears(callee, "INVITE"), does(func() { callee.Answer() }), hears(callee, "ACK"), does(caller.Bye), hears(callee, "BYE"))
	}
}

// meets answers a call, and has the caller hang up.
func meets(callee, caller *siptest.Phone) func() error {
	return func() error {
		return ladder(hears(callee, "INVITE"), does(func() { callee.Answer() }), hears(caller, "200"), hears(callee, "ACK"), does(caller.Bye), hears(callee, "BYE"))
	}
}

func quoted(numbers ...string) string { return `["` + strings.Join(numbers, `","`) + `"]` }

func (m *muster) ringInTurn(l line) error {
	a, first, second, last := m.caller(l), m.callee(l), m.callee(l), m.callee(l)
	i := m.create("integrator", `{"pool":"`+l.name+`","parties":{"a":{"numbers":`+quoted(m.take(), a.Number)+`,"ring":"all"},
		"b":{"numbers":`+quoted(first.Number, second.Number)+`,"fallback":"`+last.Number+`"}}}`)
	a.Invite(i.Parties.A.Dial)
	return ladder(hears(first, "INVITE"), does(func() { first.Respond(486, "Busy at "+first.Number) }),
		hears(second, "INVITE"), does(func() { second.Respond(603, "Declined by "+second.Number) }), meets(last, a))
}

func (m *muster) ringAtOnce(l line) error {
	a, first, second := m.caller(l), m.callee(l), m.callee(l)
	i := m.create("integrator", `{"pool":"`+l.name+`","parties":{"a":{"numbers":`+quoted(a.Number)+`},"b":{"numbers":`+quoted(first.Number, second.Number)+`,"ring":"all"}}}`)
	a.Invite(i.Parties.A.Dial)
	return ladder(hears(first, "INVITE"), does(func() { first.Respond(180, "Ringing at "+first.Number) }), meets(second, a), hears(first, "CANCEL"))
}

// enterPIN proves who calls, from his own number or another.
func (m *muster) enterPIN(l line, known bool) error {
	a, b := m.caller(l), m.callee(l)
	i := m.create("integrator", `{"pool":"`+l.name+`","parties":{"a":{"numbers":`+quoted(a.Number)+`,"pin":"482913","locale":"hi-IN"},"b":{"numbers":`+quoted(b.Number)+`,"pin":"generate"}}}`)
	if !known {
		a = m.caller(l)
	}
	a.Invite(i.Parties.A.Dial)
	return ladder(hears(a, "200"), presses(a, "482913#"), joins(b, a))
}

func (m *muster) guessPIN(l line) error {
	i := m.create("integrator", `{"pool":"`+l.name+`","parties":{"a":{"numbers":`+quoted(m.take())+`,"pin":"190734"},"b":{"numbers":`+quoted(m.take())+`}}}`)
	guesser := m.caller(l)
	guesser.Invite(i.Parties.A.Dial)
	return ladder(hears(guesser, "200"), presses(guesser, "000000#"), presses(guesser, "000001#"), presses(guesser, "000002#"), hears(guesser, "BYE"))
}

func (m *muster) enterExtension(l line) error {
	a, stranger := m.callee(l), m.caller(l)
	i := m.create("integrator", `{"pool":"`+l.name+`","mode":"extension","parties":{"a":{"numbers":`+quoted(a.Number)+`,"extension":"73914"}}}`)
	stranger.Invite(i.Parties.A.Dial)
	return ladder(hears(stranger, "200"), presses(stranger, "73914#"), joins(a, stranger))
}

// callOpen has a stranger call an open DID, its party call him back, and another party
// call its fallback. A stranger who is called back is at the callees' carrier too.
func (m *muster) callOpen(l line) error {
	number := m.take(l.caller, l.callee)
	stranger, back := m.plugIn(l.caller, number), m.plugIn(l.callee, number)
	party := m.take(l.caller, l.callee)
	a, rung := m.plugIn(l.caller, party), m.plugIn(l.callee, party)
	i := m.create("integrator", `{"pool":"`+l.name+`","mode":"open","parties":{"a":{"numbers":`+quoted(party)+`}}}`)
	stranger.Invite(i.Parties.A.Dial)
	if err := meets(rung, stranger)(); err != nil {
		return fmt.Errorf("by an open DID: %w", err)
	}
	await(m.T, "the last caller to be known", func() bool {
		_, answer := m.ask("integrator", "GET", "/v1/interactions/"+i.ID, "")
		return strings.Contains(answer, `"last_called_at"`)
	})
	a.Invite(i.Parties.A.Dial)
	if err := meets(back, a)(); err != nil {
		return fmt.Errorf("back: %w", err)
	}
	other, fallback := m.caller(l), m.callee(l)
	i = m.create("integrator", `{"pool":"`+l.name+`","mode":"open","callback":"fallback","callback_number":"`+fallback.Number+`","withheld":"refuse","parties":{"a":{"numbers":`+quoted(other.Number)+`}}}`)
	other.Invite(i.Parties.A.Dial)
	return meets(fallback, other)()
}

// redirect has the pool's stranger ring where strangers are sent.
func (m *muster) redirect(l line) error {
	i := m.create("integrator", `{"pool":"`+l.name+`","parties":{"a":{"numbers":`+quoted(m.take())+`},"b":{"numbers":`+quoted(m.take())+`}}}`)
	stranger, desk := m.caller(l), m.plugIn(l.callee, m.desk)
	stranger.Invite(i.Parties.A.Dial)
	return meets(desk, stranger)()
}

func (m *muster) askHook(l line) error {
	p := m.pairs(l, 1, `,"hook":true,"labels":{"city":"Pune"}`)[0]
	p.a.Invite(p.didA)
	return meets(p.b, p.a)()
}

// click rings both parties, who are both at the callees' carrier then.
func (m *muster) click(l line, body string, confirm bool) error {
	a, b := m.callee(l), m.callee(l)
	i := m.create("integrator", `{"pool":"`+l.name+`","parties":{"a":{"numbers":`+quoted(a.Number)+`},"b":{"numbers":`+quoted(b.Number)+`}}}`)
	status, answer := m.ask("operator", "POST", "/v1/interactions/"+i.ID+"/call", body, "Idempotency-Key", "click-"+i.ID)
	if status != 202 {
		return fmt.Errorf("%d %s", status, answer)
	}
	m.called(read[admin.Originated](m.T, []byte(answer)).ID)
	first, second := a, b
	if strings.Contains(body, `"b"`) {
		first, second = b, a
	}
	steps := []func() error{hears(first, "INVITE"), does(func() { first.Answer() }), hears(first, "ACK")}
	if confirm {
		steps = append(steps, presses(first, "1"))
	}
	return ladder(append(steps, joins(second, first))...)
}

// clickByCommand has a command ring both.
func (m *muster) clickByCommand(l line) error {
	a, b := m.callee(l), m.callee(l)
	i := m.create("integrator", `{"pool":"`+l.name+`","parties":{"a":{"numbers":`+quoted(a.Number)+`},"b":{"numbers":`+quoted(b.Number)+`}}}`)
	m.command(exitOK, "", "interaction", "call", "--from", "a", i.ID)
	return ladder(hears(a, "INVITE"), does(func() { a.Answer() }), hears(a, "ACK"), joins(b, a))
}

// called notes a call, of which more is asked later.
func (m *muster) called(id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls = append(m.calls, id)
}

// showCredentials calls by a carrier that asks who we are.
func (m *muster) showCredentials(l line) error {
	p := m.pairs(l, 1, "")[0]
	p.a.Invite(p.didA)
	return ladder(hears(p.b, "INVITE"), does(func() {
		p.b.Respond(407, "Who calls "+p.b.Number, siptest.With("Proxy-Authenticate", `Digest realm="tamarin.example", nonce="4711", algorithm=SHA-256, qop="auth"`))
	}), meets(p.b, p.a))
}

// talkInSecret has a caller who wants his sound encrypted.
func (m *muster) talkInSecret(l line) error {
	p := m.pairs(l, 1, "")[0]
	p.a.Invite(p.didA, func(m *siptest.Message) {
		m.Body = strings.Replace(m.Body, "RTP/AVP", "RTP/SAVP", 1) + "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\n"
	})
	return meets(p.b, p.a)()
}
