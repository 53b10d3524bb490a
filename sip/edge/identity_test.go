package edge

import (
	"testing"
	"time"

	"maskd/mapping"
)

func TestDIDIsReadFromTheRequestURI(t *testing.T) {
	for _, row := range []struct {
		uri  string
		want mapping.DID
	}{
		{"sip:+15550100001@192.0.2.50", "+15550100001"},
		{"sip:15550100001@192.0.2.50", "+15550100001"},
		{"sips:+15550100001@192.0.2.50", "+15550100001"},
		{"SIP:+15550100001@192.0.2.50", "+15550100001"},
		{"sip:%2B15550100001@192.0.2.50", "+15550100001"},
		{"sip:+15550100001;user=phone@192.0.2.50", "+15550100001"},
		{"sip:+15550100001;npdi;rn=+15550999999@192.0.2.50", "+15550100001"},
		{"sip:+15550100001;phone-context=+1@192.0.2.50", "+15550100001"},
		{"sip:+15550100001:secret@192.0.2.50:5080;transport=udp?Subject=x", "+15550100001"},
		{"sip:%2b15550100001@192.0.2.50", "+15550100001"},
		{"sip:+1%355501000%301@192.0.2.50", "+15550100001"},
		{"tel:+15550100001", "+15550100001"},
		{"tel:+1-(555)-010.0001", "+15550100001"}, // RFC 3966 section 5.1.1
		{"tel:+15550100001;phone-context=example.invalid", "+15550100001"},

		{"tel:5550100001;phone-context=+1", "+15550100001"}, // a local number (RFC 3966 section 5.1.5)
		{"sip:5550100001;phone-context=+1@192.0.2.50;user=phone", "+15550100001"},
		{"sip:5550100001@192.0.2.50;Phone-Context=+1;user=phone", "+15550100001"},
		{"sip:+15550100001@192.0.2.50;user=phone", "+15550100001"},

		{"sip:5550100001@192.0.2.50;phone-context=example.invalid;user=phone", ""},
		{"sip:5550100001;phone-context=+1@192.0.2.50;phone-context=+44", ""},
		{"sip:5550100001@192.0.2.50;phone-context=+1;Phone-Context=+44", ""},
		{"sip:+1555010000%0a1@192.0.2.50", ""},
		{"sip:+1555010000%zz@192.0.2.50", ""},
		{"sip:192.0.2.50", ""},
		{"sip:+15550100001", ""}, // a host
		{"sip:alice@192.0.2.50", ""},
		{"sip:++15550100001@192.0.2.50", ""},
		{"sip:+%2B15550100001@192.0.2.50", ""},
		{"sip:1%2B5550100001@192.0.2.50", ""},
		{"sip:+015550100001@192.0.2.50", ""},
		{"sip:0015550100001@192.0.2.50", ""},
		{"sip:+1555010000x@192.0.2.50", ""},
		{"sip:+1555010000\u0661@192.0.2.50", ""}, // a digit, but not one of ours
		{"sip:112@192.0.2.50", ""},
		{"sip:+1234567890123456@192.0.2.50", ""},
		{"sip:*15550100001@192.0.2.50", ""},
	} {
		t.Run(row.uri, func(t *testing.T) {
			trunk := carrier()
			got := identify(request(t, invite().start("INVITE "+row.uri+" SIP/2.0"), sdp), &trunk, time.Time{})
			if got.DID != row.want || got.Trunk != trunk.Name {
				t.Errorf("DID %q on trunk %q, want %q on %q", got.DID, got.Trunk, row.want, trunk.Name)
			}
		})
	}
}

func TestCallerIsReadFromTheHeaderTrusted(t *testing.T) {
	const from, asserted, other = "+919876543210", "+447700900123", "+33612345678"
	pai := func(values ...string) lines {
		l := invite()
		for _, v := range values {
			l = l.and("P-Asserted-Identity: " + v)
		}
		return l
	}
	const nobody = ""

	for _, row := range []struct {
		name                 string
		msg                  lines
		paiOrFrom, pai, from string
	}{
		{"From alone", invite(), from, nobody, from},
		{"PAI and From", pai("<sip:+447700900123@h>"), asserted, asserted, from},
		{"PAI in another case", invite().and("p-asserted-IDENTITY: <sip:+447700900123@h>"), asserted, asserted, from},
		{"PAI without brackets", pai("sip:+447700900123@h"), asserted, asserted, from},
		{"PAI without plus", pai("<sip:447700900123@h>"), asserted, asserted, from},
		{"PAI with a name", pai(`"Beth" <sip:+447700900123@h>`), asserted, asserted, from},
		{"PAI as tel", pai("<tel:+447700900123>"), asserted, asserted, from},
		{"PAI with user parameters", pai("<sip:+447700900123;cpc=ordinary@h;user=phone>"), asserted, asserted, from},
		{"PAI as sip and tel (RFC 3325 9.1)", pai("<sip:+447700900123@h>, <tel:+447700900123>"), asserted, asserted, from},
		{"in two spellings", pai("<sip:447700900123@h>, <tel:+44-7700-900123>"), asserted, asserted, from},
		{"PAI with a comma in the name", pai(`"DOE, JOHN" <sip:+447700900123@h>`), asserted, asserted, from},
		{"and a quote", pai(`"DOE\", JOHN" <sip:+447700900123@h>, <tel:+447700900123>`), asserted, asserted, from},
		{"and a second number in it", pai(`"<sip:+33612345678@h>, " <sip:+447700900123@h>`), asserted, asserted, from},
		{"the same in two headers", pai("<sip:+447700900123@h>", "<tel:+447700900123>"), asserted, asserted, from},
		{"two PAI that differ assert nobody", pai("<sip:+447700900123@h>, <tel:+33612345678>"), nobody, nobody, from},
		{"so do two headers", pai("<sip:+447700900123@h>", "<sip:+33612345678@h>"), nobody, nobody, from},
		{"PAI that is anonymous", pai("<sip:anonymous@anonymous.invalid>"), nobody, nobody, from},
		{"PAI that can't be read is not replaced by From", pai("<sip:+447700900123@h"), nobody, nobody, from},
		{"nor is an empty one", pai(""), nobody, nobody, from},
		{"nor one that names a host only", pai("<sip:h>"), nobody, nobody, from},
		{"a name beside a number asserts nobody", pai("<sip:alice@h>, <tel:+447700900123>"), nobody, nobody, from},
		{"one of two that can't be read spoils both", pai("<sip:+447700900123@h>", "<sip:"), nobody, nobody, from},
		{"an anonymous From", invite().with(`From: "Anonymous" <sip:anonymous@anonymous.invalid>;tag=1`), nobody, nobody, nobody},
		{"an anonymous From with PAI", pai("<sip:+447700900123@h>").with(`From: <sip:anonymous@anonymous.invalid>;tag=1`), asserted, asserted, nobody},
		{"Privacy and PAI: looked up, never shown", pai("<sip:+447700900123@h>").and("Privacy: id"), asserted, asserted, from},
		{"Privacy without PAI", invite().and("Privacy: id"), nobody, nobody, from},
		{"in capitals, among others", invite().and("Privacy: critical; USER"), nobody, nobody, from},
		{"in a second header", invite().and("Privacy: header").and("Privacy: Id"), nobody, nobody, from},
		{"Privacy for other headers", invite().and("Privacy: header;session;history"), from, nobody, from},
		{"Privacy: none", invite().and("Privacy: none"), from, nobody, from},
		{"a number at the host of nobody", invite().with("From: <sip:+919876543210@Anonymous.Invalid>;tag=1"), nobody, nobody, nobody},
		{"the same in PAI", pai("<sip:+447700900123@unknown.invalid>"), nobody, nobody, from},
		{"Restricted", invite().with(`From: "Restricted" <sip:Restricted@h>;tag=1`), nobody, nobody, nobody},
		{"Unavailable", invite().with("From: <sip:unavailable@h>;tag=1"), nobody, nobody, nobody},
		{"zeros", invite().with("From: <sip:0000000000@h>;tag=1"), nobody, nobody, nobody},
		{"zeros behind a plus", invite().with("From: <sip:+00000000000@h>;tag=1"), nobody, nobody, nobody},
		{"PAI with a verdict (TS 24.229)", pai("<sip:+447700900123;verstat=TN-Validation-Failed@h>"), asserted, asserted, from},
		{"in one of two", pai("<sip:+447700900123;verstat=No-TN-Validation@h>, <tel:+447700900123>"), asserted, asserted, from},
		{"two verdicts that differ", pai("<sip:+447700900123;verstat=TN-Validation-Passed@h>, <tel:+447700900123;verstat=TN-Validation-Failed>"),
			nobody, nobody, from},
		{"a From of letters", invite().with("From: <sip:alice@h>;tag=1"), nobody, nobody, nobody},
		{"a From with a service code", invite().with("From: <sip:112@h>;tag=1"), nobody, nobody, nobody},
		{"other headers are trusted for nothing", invite().and("Remote-Party-ID: <sip:+33612345678@h>").
			and("P-Preferred-Identity: <sip:+33612345678@h>").and("Diversion: <sip:+33612345678@h>"), from, nobody, from},
	} {
		t.Run(row.name, func(t *testing.T) {
			for source, want := range map[CallerSource]string{
				CallerPAIOrFrom: row.paiOrFrom, CallerPAI: row.pai, CallerFrom: row.from} {
				trunk := carrier()
				trunk.Caller = source
				var caller mapping.Number
				if want != nobody {
					caller = number(t, want)
				}
				if got := identify(request(t, row.msg, sdp), &trunk, time.Time{}); got.Caller != caller {
					t.Errorf("source %d: caller %v, want %v", source, got.Caller, caller)
				}
			}
		})
	}
}
