package main

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"maskd/sip/siptest"
)

// finals are the answers with which a call ends that comes to nothing.
var finals = []string{"400", "403", "404", "405", "415", "416", "420", "480", "481", "482", "483", "484", "486", "487", "488", "500", "501", "505", "513"}

// sayOddly has callers write their number where no number belongs. Who is called is
// busy, if the call gets so far.
func (m *muster) sayOddly() {
	odd := oddities()
	atOnce(m, m.pairs(m.site.line("crowd"), len(odd), ""), func(n int, p pair) error {
		go func() { // some never ring
			_ = ladder(hears(p.b, "INVITE"), does(func() { p.b.Respond(486, "Busy") }))
		}()
		caller, did := p.a, p.didA
		if err := ladder(does(func() { caller.Invite(did, odd[n](caller.Number, did)) }), hears(caller, finals...)); err != nil {
			return fmt.Errorf("oddity %d: %w", n, err)
		}
		return nil
	})
	m.sayMalformed()
}

// oddities are INVITEs with the caller's number in odd places.
func oddities() []func(number, did string) siptest.Edit {
	head := func(name, value string) func(number, did string) siptest.Edit {
		return func(number, _ string) siptest.Edit {
			return siptest.With(name, strings.NewReplacer("NUMBER", number, "DIGITS", number[1:]).Replace(value))
		}
	}
	target := func(user string) func(number, did string) siptest.Edit {
		return func(number, did string) siptest.Edit {
			return func(m *siptest.Message) {
				m.Start = strings.Replace(m.Start, "sip:"+did+"@", "sip:"+strings.NewReplacer("DID", did, "NUMBER", number, "DIGITS", number[1:]).Replace(user)+"@", 1)
			}
		}
	}
	body := func(kind, text string) func(number, did string) siptest.Edit {
		return func(number, _ string) siptest.Edit {
			return func(m *siptest.Message) {
				siptest.With("Content-Type", kind)(m)
				m.Body = strings.NewReplacer("SDP", m.Body, "NUMBER", number, "DIGITS", number[1:], "ISUP", string(slices.Concat(packed(number[1:]), packed("0"+number[3:]+"f"), packed(number[6:]+"f")))).Replace(text)
			}
		}
	}
	return []func(number, did string) siptest.Edit{
		target("DID;isub=DIGITS"), target("DID;npdi;rn=NUMBER"), target("DID;phone-context=NUMBER"), target("DID;tgrp=DIGITS;trunk-context=x"),
		target("DIGITS"), target("DID%3bDIGITS"), target("DID:DIGITS"),
		func(number, did string) siptest.Edit {
			return func(m *siptest.Message) {
				m.Start = strings.Replace(m.Start, " SIP/2.0", ";x-number="+number+"?Diversion=%3Csip:"+number+"%3E SIP/2.0", 1)
			}
		},
		head("To", `"Dr DIGITS" <sip:DIGITS@there.invalid>`), head("Contact", "<sip:DIGITS@h.invalid;x=NUMBER>;+sip.instance=\"<urn:uuid:DIGITS>\""),
		head("Record-Route", "<sip:DIGITS@proxy.invalid;lr;x=NUMBER>"),
		head("Require", "DIGITS"), head("Supported", "timer, DIGITS"), head("Accept", "application/DIGITS"), head("Content-Language", "DIGITS"),
		head("Session-Expires", "DIGITS"), head("Min-SE", "DIGITS"), head("Expires", "DIGITS"), head("Timestamp", "DIGITS"), head("In-Reply-To", "DIGITS@h"),
		head("Referred-By", "<sip:NUMBER@x.invalid>"), head("Replaces", "DIGITS;to-tag=DIGITS;from-tag=DIGITS"), head("Join", "DIGITS;to-tag=a;from-tag=b"),
		head("Identity", "eyJhbGciOiJFUzI1NiJ9.eyJvcmlnIjp7InRuIjoi.DIGITS;info=<https://x.invalid/DIGITS>;alg=ES256;ppt=shaken"),
		head("Authorization", `Digest username="DIGITS", realm="DIGITS", nonce="n", uri="sip:NUMBER@x", response="0"`), head("Privacy", "id;DIGITS"),
		head("From", `"DIGITS" <tel:NUMBER;phone-context=x>;tag=tagDIGITS`), head("X-\tOdd", "DIGITS"), head("Call-ID", "DIGITS@DIGITS"), head("Priority", "DIGITS"),
		body("application/sdp", "v=0\r\no=DIGITS 1 1 IN IP4 127.0.0.1\r\ns=NUMBER\r\ni=DIGITS\r\nu=https://x.invalid/DIGITS\r\ne=DIGITS@x.invalid\r\np=NUMBER\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nk=clear:DIGITS\r\na=tool:DIGITS\r\nm=audio 40000 RTP/AVP 8\r\ni=DIGITS\r\na=label:DIGITS\r\na=ssrc:1 cname:DIGITS\r\na=DIGITS\r\n"),
		body("application/sdp", "NUMBER"), body("application/isup;version=itu-t92+", "ISUP"), body("application/DIGITS", "NUMBER"),
		body("multipart/mixed;boundary=DIGITS", "--DIGITS\r\nContent-Type: application/sdp\r\n\r\nSDP\r\n--DIGITS\r\nContent-Type: application/isup\r\n\r\nISUP\r\n--DIGITS--\r\n"),
	}
}

// sayMalformed sends what is no message, or one that tries a parser, with numbers in
// it, from a host whose numbers they are. Nobody waits for answers.
func (m *muster) sayMalformed() {
	l := m.site.line("crowd")
	board, to := m.board(l.caller), net.UDPAddrFromAddrPort(m.maskd)
	tortures, err := siptest.Tortures("../../testdata/torture")
	if err != nil {
		m.Fatal(err)
	}
	number := m.take(l.caller)
	head := strings.ReplaceAll("INVITE sip:+1555010000@x SIP/2.0\r\nVia: SIP/2.0/UDP "+l.caller.String()+":5060;branch=z9hG4bKDIGITS;x=DIGITS\r\n"+
		"From: \"DIGITS\" <sip:+DIGITS@x>;tag=DIGITS\r\nTo: <sip:+1555010000@x>\r\nCall-ID: DIGITS\r\nContact: <sip:+DIGITS@x>\r\nMax-Forwards: 70\r\n", "DIGITS", number[1:])
	malformed := []string{
		number, "INVITE " + number + "\r\n\r\n", "SIP/2.0 200 " + number + "\r\n\r\n", number + " sip:x SIP/2.0\r\n\r\n", head, head + "\r\n",
		head + "CSeq: " + number + "\r\n\r\n", head + "CSeq: " + number[1:] + " INVITE\r\n\r\n",
		strings.Replace(head, "Max-Forwards: 70", "Max-Forwards: "+number[1:], 1) + "CSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n", head + "CSeq: 1 INVITE\r\nContent-Length: " + number[1:] + "\r\n\r\n",
		head + "CSeq: 1 INVITE\r\nContent-Length: 4\r\n\r\n" + number, head + "CSeq: 1 INVITE\r\nFrom: <sip:" + number + "@y>;tag=z\r\nContent-Length: 0\r\n\r\n",
		head + "CSeq: 1 INVITE\r\nX: a\r\n " + number + "\r\n\tb\r\nContent-Length: 0\r\n\r\n", head + "CSeq: 1 INVITE\nX: " + number + "\nContent-Length: 0\n\n",
		head + "CSeq: 1 INVITE\r\n" + number + "\r\nContent-Length: 0\r\n\r\n", head + "CSeq: 1 INVITE\r\nContact\x01: " + number + "\r\nContent-Length: 0\r\n\r\n",
		head + "CSeq: 1 BYE\r\nContent-Length: 0\r\n\r\n", strings.ReplaceAll(head, "INVITE", "REGISTER") + "CSeq: 1 REGISTER\r\nContent-Length: 0\r\n\r\n",
		strings.ReplaceAll(head, "INVITE", "X"+number[1:]) + "CSeq: 1 X" + number[1:] + "\r\nContent-Length: 0\r\n\r\n",
		strings.ReplaceAll(head, "SIP/2.0\r\nVia", "SIP/"+number[1:]+"\r\nVia") + "CSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n",
		strings.ReplaceAll(head, "INVITE", "OPTIONS") + "CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n",
		strings.ReplaceAll(head, "INVITE", "BYE") + "CSeq: 1 BYE\r\nContent-Length: 0\r\n\r\n", strings.ReplaceAll(head, "INVITE", "CANCEL") + "CSeq: 1 CANCEL\r\nContent-Length: 0\r\n\r\n",
		head + "CSeq: 1 INVITE\r\nX: " + strings.Repeat(number, 4000) + "\r\nContent-Length: 0\r\n\r\n",
	}
	for _, torture := range tortures {
		malformed = append(malformed, strings.NewReplacer("\r\nTo:", "\r\nX-Number: "+number+"\r\nTo:", "Call-ID: ", "Call-ID: "+number[1:], "sip:caller", "sip:"+number).Replace(torture.Text))
	}
	for _, text := range malformed {
		if _, err := board.wire.WriteTo([]byte(text), to); err != nil {
			m.Error(err)
		}
	}
	m.sayToStrangers()
}

// sayToStrangers calls from a host that no trunk has, and over a TCP connection of one
// that has, with what is no SIP.
func (m *muster) sayToStrangers() {
	stranger := m.plugIn(m.strangers, m.take())
	stranger.Ask("OPTIONS", "+1555010000")
	l := m.site.line("crowd")
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: l.caller.AsSlice()}}
	conn, err := dialer.DialContext(m.Context(), "tcp", m.maskd.String())
	if err != nil {
		m.Fatal(err)
	}
	_, _ = fmt.Fprintf(conn, "INVITE sip:%s@x SIP/2.0\r\nX: %[1]s\r\nContent-Length: x%[1]s\r\n\r\n%[1]s", m.take(l.caller))
	if err := conn.Close(); err != nil {
		m.Error(err)
	}
}

// refuse has calls be refused, each for another reason.
func (m *muster) refuse() {
	l := m.site.line("crowd")
	ends := func(caller *siptest.Phone, did string, status string, edits ...siptest.Edit) {
		m.Helper()
		caller.Invite(did, edits...)
		if got, err := caller.Await(finals...); err != nil || got.Name() != status {
			m.Errorf("answered %s, want %s: %v", got.Name(), status, err)
		}
	}
	known := m.pairs(l, 1, "")[0]
	ends(m.caller(l), "+15559999999", "404")
	ends(m.caller(l), known.didA, "404")
	ends(m.caller(l), "112", "404")
	ends(m.caller(l), "urn:service:sos", "404", func(m *siptest.Message) { m.Start = "INVITE urn:service:sos SIP/2.0" })
	hidden := m.caller(l)
	tag := ";tag=tag" + hidden.Number[1:]
	ends(hidden, known.didA, "404", siptest.With("From", `"Anonymous" <sip:anonymous@anonymous.invalid>`+tag), siptest.Without("P-Asserted-Identity"), siptest.With("Privacy", "id"))
	ends(hidden, known.didA, "404", siptest.With("From", `"Anonymous" <sip:anonymous@anonymous.invalid>`+tag), siptest.With("Privacy", "id"))
	ends(hidden, known.didA, "482", siptest.With("From", "<sip:"+known.didB+"@x.invalid>"+tag), siptest.Without("P-Asserted-Identity"))
	ends(known.a, known.didA, "488", siptest.Body("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns="+known.a.Number+"\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=video 4000 RTP/AVP 31\r\n"))
	ends(known.a, known.didA, "420", siptest.With("Require", "x"+known.a.Number[1:]))
	ends(known.a, known.didA, "415", siptest.With("Content-Type", "application/x"+known.a.Number[1:]))

	for _, row := range []struct{ line, draft, status string }{
		{"crowd", `,"starts_at":"` + time.Now().AddDate(0, 1, 0).UTC().Format(time.RFC3339) + `"`, "404"}, {"crowd", `,"direction":"b_to_a"`, "404"},
		{"hooked", `,"hook":true,"labels":{"city":"Goa"}`, "404"},
	} {
		p := m.pairs(m.site.line(row.line), 1, row.draft)[0]
		ends(p.a, p.didA, row.status)
	}
	ends(m.caller(m.site.line("hooked")), m.pairs(m.site.line("hooked"), 1, "")[0].didA, "404")

	closed := m.take(l.caller)
	a := m.plugIn(l.caller, closed)
	i := m.create("integrator", `{"pool":"crowd","parties":{"a":{"numbers":["`+closed+`"]},"b":{"numbers":["`+m.take(l.callee)+`"],
		"schedule":{"zone":"Asia/Kolkata","windows":[{"from":"00:00","to":"24:00"}],"holidays":[`+daysAround(time.Now())+`]}}}}`)
	ends(a, i.Parties.A.Dial, "404")

	shy := m.pairs(l, 1, "")[0]
	m.expect(200, "integrator", "PATCH", "/v1/interactions/"+shy.id, `{"parties":{"b":{"do_not_disturb":true}}}`)
	ends(shy.a, shy.didA, "404")
	blocked := m.pairs(l, 1, "")[0]
	m.expect(201, "operator", "POST", "/v1/blocks", `{"number":"`+blocked.a.Number+`","bars":"calling","reason":"he calls at night"}`)
	ends(blocked.a, blocked.didA, "404")
	over := m.pairs(l, 1, "")[0]
	m.expect(200, "integrator", "POST", "/v1/interactions/"+over.id+"/complete", `{"reason":"the ride is over"}`)
	ends(over.a, over.didA, "404")
	once := m.pairs(l, 1, `,"max_calls_at_once":1`)[0]
	once.a.Invite(once.didA)
	if err := ladder(hears(once.b, "INVITE"), does(func() { once.b.Respond(180, "Ringing") }), hears(once.a, "180")); err != nil {
		m.Error(err)
	}
	ends(once.a, once.didA, "486")
	m.expect(200, "operator", "POST", "/v1/interactions/"+once.id+"/complete", `{"calls":"hangup"}`)
}

// daysAround are yesterday, today and tomorrow, in JSON.
func daysAround(now time.Time) string {
	var days []string
	for _, day := range []int{-1, 0, 1} {
		days = append(days, now.AddDate(0, 0, day).Format(`"2006-01-02"`))
	}
	return strings.Join(days, ",")
}
