package main

import (
	"net"
	"net/netip"
	"strings"
	"testing"

	"maskd/cmd/maskd/admin"
	"maskd/sip/siptest"
)

// carrierPhone is all the phones behind a line's carrier: they are rung in turn.
func carrierPhone(t *testing.T, s *site, at netip.Addr, number string) *siptest.Phone {
	t.Helper()
	conn, err := net.ListenPacket("udp", netip.AddrPortFrom(at, 5060).String())
	if err != nil {
		t.Fatal(err)
	}
	id := siptest.Identity{Number: number, Name: "Somebody", Host: "phone.invalid", Session: "phone", Port: 40000, Codecs: "8 101"}
	phone := siptest.PlugIn(conn, id, netip.AddrPortFrom(s.addr(1), 5060))
	t.Cleanup(phone.Close)
	return phone
}

// gets waits for a message, and returns it.
func gets(t *testing.T, p *siptest.Phone, name string) siptest.Message {
	t.Helper()
	m, err := p.Await(name)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// A group is rung in turn and then its fallback, as the command line has asked for;
// a stranger is sent where the pool says. The CDR tells who was reached.
func TestAGroupIsRungEndToEnd(t *testing.T) {
	t.Parallel()
	const elsewhere = "+15550199000"
	s := newSite(t, line{name: "group", transport: "udp"})
	s.tune(t, map[string]string{"group": "unknown_caller: redirect, redirect_to: " + elsewhere})
	s.start(t)
	l := s.line("group")
	numbers := []string{l.number('b', 0), l.number('b', 1), l.number('b', 2)}
	i := read[admin.Interaction](t, s.maskd(t,
		"a="+l.number('a', 0)+"\nb="+numbers[0]+"\nb="+numbers[1]+"\nb.fallback="+numbers[2]+"\n",
		"interaction", "create", "--json", "--pool", l.name))
	caller, callees := carrierPhone(t, s, l.caller, l.number('a', 0)), carrierPhone(t, s, l.callee, numbers[0])

	caller.Invite(i.Parties.A.Dial)
	for _, number := range numbers[:2] {
		expectRung(t, callees, number, i.Parties.B.Dial)
		callees.Respond(486, "Busy Here")
	}
	expectRung(t, callees, numbers[2], i.Parties.B.Dial)
	callees.Answer()
	gets(t, caller, "200")
	caller.Bye()
	gets(t, callees, "BYE")
	await(t, "the CDR", func() bool { return len(s.cdrs(t, l)) == 1 && s.cdrs(t, l)[0].Outcome == "answered" })
	if c := s.cdrs(t, l)[0]; c.Tried != 3 || c.Target.Ref != i.Parties.B.Fallback.Ref || c.Redirected {
		t.Errorf("CDR: %d rung, %s reached, redirected: %t; the fallback is %s", c.Tried, c.Target.Ref, c.Redirected, i.Parties.B.Fallback.Ref)
	}

	caller.Invite(i.Parties.A.Dial, siptest.With("From", "<sip:"+l.number('a', 5)+"@phone.invalid>;tag=another"))
	expectRung(t, callees, elsewhere, i.Parties.A.Dial)
	callees.Respond(486, "Busy Here")
	gets(t, caller, "486")
	await(t, "the second CDR", func() bool { all := s.cdrs(t, l); return len(all) == 2 && all[1].Outcome == "busy" })
	if c := s.cdrs(t, l)[1]; !c.Redirected || c.Interaction != "" || c.Shown != i.Parties.A.Dial {
		t.Errorf("CDR: redirected: %t, interaction %s, shown %s", c.Redirected, c.Interaction, c.Shown)
	}
	s.stop(t)
	for _, number := range numbers {
		if strings.Contains(s.log.String(), strings.TrimPrefix(number, "+")) {
			t.Error("the log holds a number")
		}
	}
}

// expectRung waits until a number is called, and checks what it sees.
func expectRung(t *testing.T, p *siptest.Phone, number, shown string) {
	t.Helper()
	m := gets(t, p, "INVITE")
	if !strings.Contains(m.Start, "sip:"+number+"@") || !strings.Contains(m.Get("From"), "sip:"+shown+"@") {
		t.Errorf("called %q from %q, want %s from %s", m.Start, m.Get("From"), number, shown)
	}
}
