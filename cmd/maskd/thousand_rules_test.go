package main

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"maskd/cmd/maskd/admin"
	"maskd/sip/siptest"
)

// meetByRules has calls go as a party's hours, the hook, a limit or a list says, and as
// it was changed while the interaction lived.
func (m *muster) meetByRules() {
	crowd, allotted := m.site.line("crowd"), m.site.line("allotted")
	atOnce(m, []func() error{
		func() error { return m.ringOutsideHours(crowd) },
		func() error { return m.announceHours(m.site.line("aloud")) },
		func() error { return m.haveHookDivert(m.site.line("hooked")) },
		func() error { return m.reviseRinging(crowd) },
		func() error { return m.reviseCallback(crowd) },
		func() error { return m.exceed(allotted, "") },
		func() error { return m.exceed(m.site.line("named"), `,"max_calls":1`) },
		func() error { return m.completeByCalls(allotted) },
		func() error { return m.blockAsTenant(m.site.line("aloud")) },
		func() error { return m.wishByKey(crowd) },
		func() error { return m.askHost(m.site.line("streamed")) },
	}, func(_ int, do func() error) error { return do() })
}

// never is a schedule that is not open, and what becomes of calls then.
func never(otherwise string) string {
	return `"schedule":{"zone":"Asia/Kolkata","windows":[{"from":"00:00","to":"24:00"}],"holidays":[` + daysAround(time.Now()) + `],"otherwise":"` + otherwise + `"}`
}

func (m *muster) ringOutsideHours(l line) error {
	a, fallback := m.caller(l), m.callee(l)
	i := m.create("integrator", `{"pool":"`+l.name+`","parties":{"a":{"numbers":`+quoted(a.Number)+`},"b":{"numbers":`+quoted(m.take())+`,"fallback":"`+fallback.Number+`",`+never("fallback")+`}}}`)
	a.Invite(i.Parties.A.Dial)
	return meets(fallback, a)()
}

func (m *muster) announceHours(l line) error {
	a := m.caller(l)
	i := m.create("acme", `{"pool":"`+l.name+`","parties":{"a":{"numbers":`+quoted(a.Number)+`},"b":{"numbers":`+quoted(m.take())+`,`+never("announce")+`}}}`)
	a.Invite(i.Parties.A.Dial)
	return ladder(hears(a, "183"), hears(a, "404"))
}

func (m *muster) haveHookDivert(l line) error {
	a, fallback := m.caller(l), m.callee(l)
	i := m.create("integrator", `{"pool":"`+l.name+`","hook":true,"labels":{"city":"Delhi"},"parties":{"a":{"numbers":`+quoted(a.Number)+`},"b":{"numbers":`+quoted(m.take(), m.take())+`,"fallback":"`+fallback.Number+`"}}}`)
	a.Invite(i.Parties.A.Dial)
	return meets(fallback, a)()
}

func (m *muster) reviseRinging(l line) error {
	a, b, fallback := m.caller(l), m.callee(l), m.callee(l)
	i := m.create("integrator", `{"pool":"`+l.name+`","parties":{"a":{"numbers":`+quoted(a.Number)+`},"b":{"numbers":`+quoted(b.Number)+`,"fallback":"`+m.take()+`"}}}`)
	m.expect(200, "integrator", "PATCH", "/v1/interactions/"+i.ID, `{"direction":"a_to_b","parties":{"b":{"ring":"all","ring_seconds":20,"fallback":"`+fallback.Number+`"}}}`)
	a.Invite(i.Parties.A.Dial)
	return ladder(hears(b, "INVITE"), does(func() { b.Respond(486, "Busy at "+b.Number) }), meets(fallback, a))
}

func (m *muster) reviseCallback(l line) error {
	a, back := m.caller(l), m.callee(l)
	i := m.create("integrator", `{"pool":"`+l.name+`","mode":"open","callback":"refuse","parties":{"a":{"numbers":`+quoted(a.Number)+`}}}`)
	m.expect(200, "integrator", "PATCH", "/v1/interactions/"+i.ID, `{"callback":"fallback","callback_number":"`+back.Number+`","withheld":"refuse"}`)
	a.Invite(i.Parties.A.Dial)
	return meets(back, a)()
}

// exceed makes one call, and one that is too many: on a line where nobody has an extension,
// for which a stranger would be asked.
func (m *muster) exceed(l line, draft string) error {
	p := m.pairs(l, 1, draft)[0]
	p.a.Invite(p.didA)
	if err := meets(p.b, p.a)(); err != nil {
		return err
	}
	await(m.T, "a call to count, which is over", func() bool {
		return !slices.ContainsFunc(m.live(), func(c admin.Call) bool { return c.Interaction == p.id })
	})
	p.a.Invite(p.didA)
	return hears(p.a, "404")()
}

// completeByCalls has an interaction complete itself after a call.
func (m *muster) completeByCalls(l line) error {
	p := m.pairs(l, 1, `,"complete_after_calls":1,"expiry":"sliding"`)[0]
	p.a.Invite(p.didA)
	if err := meets(p.b, p.a)(); err != nil {
		return err
	}
	m.await(p, "an interaction to complete itself", func(i admin.Interaction) bool { return i.State == "completed" })
	p.a.Invite(p.didA)
	return hears(p.a, "404")()
}

// blockAsTenant has a tenant's operator keep a caller of its own from calling.
func (m *muster) blockAsTenant(l line) error {
	a, b := m.caller(l), m.take()
	i := m.create("acme", `{"pool":"`+l.name+`","parties":{"a":{"numbers":`+quoted(a.Number)+`},"b":{"numbers":`+quoted(b)+`}}}`)
	m.expect(201, "acme's operator", "POST", "/v1/blocks", `{"number":"`+a.Number+`","with":"`+b+`","reason":"they have asked for it"}`)
	a.Invite(i.Parties.A.Dial)
	if err := ladder(hears(a, "183"), hears(a, "404")); err != nil {
		return err
	}
	m.expect(200, "acme's operator", "GET", "/v1/blocks", "")
	m.expect(200, "acme's operator", "POST", "/v1/blocks:remove", `{"number":"`+a.Number+`","with":"`+b+`"}`)
	return nil
}

// wishByKey has one want no more calls of this interaction, and the other none of the
// one, in the midst of a call.
func (m *muster) wishByKey(l line) error {
	p := m.pairs(l, 1, "")[0]
	p.a.Invite(p.didA)
	err := ladder(hears(p.b, "INVITE"), does(func() { p.b.Answer() }), hears(p.a, "200"), hears(p.b, "ACK"), presses(p.a, "*8"))
	m.await(p, "A to be left alone", func(i admin.Interaction) bool { return i.Parties.A.DoNotDisturb })
	if err != nil {
		return err
	}
	before := m.blocks()
	err = presses(p.b, "*9")()
	await(m.T, "the two to be kept from each other", func() bool { return m.blocks() > before })
	return errors.Join(err, ladder(does(p.a.Bye), hears(p.b, "BYE")))
}

// await waits until a pair's interaction is so.
func (m *muster) await(p pair, what string, is func(admin.Interaction) bool) {
	await(m.T, what, func() bool {
		_, answer := m.ask("integrator", "GET", "/v1/interactions/"+p.id, "")
		return is(read[admin.Interaction](m.T, []byte(answer)))
	})
}

// blocks is how many blocks there are.
func (m *muster) blocks() int {
	return len(read[admin.Page[admin.Block]](m.T, []byte(m.expect(200, "operator", "GET", "/v1/blocks?limit=1000", ""))).Data)
}

// askHost has a carrier ask whether we are there.
func (m *muster) askHost(l line) error {
	asker := m.caller(l)
	asker.Ask("OPTIONS", l.did)
	return hears(asker, "200 OPTIONS")()
}

// talkTooLong begins a call that a party's own limit ends, with warnings; the result
// waits for that.
func (m *muster) talkTooLong() (end func()) {
	l := m.site.line("crowd")
	a, b := m.caller(l), m.callee(l)
	i := m.create("integrator", `{"pool":"`+l.name+`","warn_seconds":[5],"parties":{"a":{"numbers":`+quoted(a.Number)+`,"max_call_seconds":10,"locale":"hi-IN"},"b":{"numbers":`+quoted(b.Number)+`}}}`)
	a.Invite(i.Parties.A.Dial)
	if err := ladder(hears(b, "INVITE"), does(func() { b.Answer() }), hears(a, "200"), hears(b, "ACK")); err != nil {
		m.Error(fmt.Errorf("a call with a limit: %w", err))
	}
	return func() {
		for _, phone := range []*siptest.Phone{a, b} {
			if err := hears(phone, "BYE")(); err != nil {
				m.Error(fmt.Errorf("the limit of a call: %w", err))
			}
		}
	}
}
