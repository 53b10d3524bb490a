package edge

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestScreen(t *testing.T) {
	methods := verdict{status: 405, name: "Allow", value: allowed}
	noSDP := verdict{status: 415, name: "Accept", value: acceptedTypes}
	unheard := verdict{status: 501, name: "Allow", value: allowed}
	bad, ok := verdict{status: 400}, verdict{}
	of := func(method string) lines {
		return options().start(method + " sip:192.0.2.50 SIP/2.0").with("CSeq: 1 " + method)
	}

	for _, row := range []struct {
		name string
		msg  lines
		body string
		want verdict
	}{
		{"an INVITE", invite(), sdp, ok},
		{"an OPTIONS", options(), "", ok},
		{"a BYE", of("BYE"), "", ok},
		{"a CANCEL", of("CANCEL"), "", ok},
		{"compact names (7.3.3)", invite().without("From").without("To").without("Call-ID").without("Contact").without("Content-Type").
			and("f: <sip:a@b>;tag=1").and("t: <sip:c@d>").and("i: x").and("m: <sip:a@b>").and("c: application/sdp"), sdp, ok},
		{"names in any case (7.3.1)", invite().without("From").and("fROM: <sip:a@b>;tag=1"), sdp, ok},
		{"no Max-Forwards, as old clients send it (16.3)", invite().without("Max-Forwards"), sdp, ok},

		{"another version (8.2)", options().start("OPTIONS sip:192.0.2.50 SIP/7.0"), "", verdict{status: 505}},
		{"no From", options().without("From"), "", bad},
		{"no To", options().without("To"), "", bad},
		{"no Call-ID", options().without("Call-ID"), "", bad},
		{"no tag in From (8.1.1.3)", options().with("From: <sip:probe@caller.invalid>"), "", bad},
		{"two From: which one would the carrier believe?", options().and("From: <sip:other@caller.invalid>;tag=x"), "", bad},
		{"two From, one compact", options().and("f: <sip:other@caller.invalid>;tag=x"), "", bad},
		{"two To", options().and("To: <sip:other@192.0.2.50>"), "", bad},
		{"two Call-ID", options().and("Call-ID: other"), "", bad},
		{"two CSeq", options().and("CSeq: 2 OPTIONS"), "", bad},
		{"two Max-Forwards", options().and("Max-Forwards: 2"), "", bad},
		{"two Content-Type", invite().and("Content-Type: text/plain"), sdp, bad},
		{"two Content-Length (RFC 4475 3.3.9)", options().and("Content-Length: 0").and("l: 0"), "", bad},
		{"a CSeq of another method (8.1.1.5)", options().with("CSeq: 1 INVITE"), "", bad},
		{"two Expires", invite().and("Expires: 10").and("Expires: 20"), sdp, bad},
		{"two Session-Expires, one compact", invite().and("Session-Expires: 1800").and("x: 90"), sdp, bad},
		{"two Content-Disposition", invite().and("Content-Disposition: session").and("Content-Disposition: render"), sdp, bad},
		{"two Replaces (RFC 3891 section 3)", invite().and("Replaces: a;to-tag=b;from-tag=c").and("Replaces: d;to-tag=e;from-tag=f"), sdp, bad},
		{"two of what may be there twice (7.3.1)", invite().and("Supported: timer").and("Supported: 100rel"), sdp, ok},
		{"a tag in capitals (7.3.1)", options().with("From: <sip:probe@caller.invalid>;TAG=probetag"), "", ok},
		{"white space around the tag (25.1)", options().with("From: <sip:probe@caller.invalid> ; tag = probetag"), "", ok},
		{"white space in CSeq (RFC 4475 3.1.1.1)", options().with("CSeq: 0001   OPTIONS"), "", ok},
		{"a tab is white space (25.1)", options().and("Subject: a\tb"), "", ok},

		{"REGISTER", of("REGISTER"), "", methods},
		{"REFER, which would choose whom we dial", of("REFER"), "", methods},
		{"MESSAGE", of("MESSAGE"), "", methods},
		{"SUBSCRIBE", of("SUBSCRIBE"), "", methods},
		{"PUBLISH", of("PUBLISH"), "", methods},
		{"NOTIFY", of("NOTIFY"), "", methods},
		{"a method that nobody knows (21.5.2)", of("NEWMETHOD"), "", unheard},
		{"a part of one", of("OPTION"), "", unheard},
		{"part of the list", of("ACK,"), "", unheard},
		{"methods have no case here, but CSeq's has (7.1)", options().start("options sip:192.0.2.50 SIP/2.0"), "", ok},

		{"a scheme that is no telephone's (8.2.2.1)", options().start("OPTIONS http:x SIP/2.0"), "", verdict{status: 416}},
		{"tel", options().start("OPTIONS tel:+15550100001 SIP/2.0"), "", ok},
		{"sips in clear (RFC 5630)", options().start("OPTIONS sips:192.0.2.50 SIP/2.0"), "",
			verdict{status: 480, name: "Warning", value: sipsNotAllowed}},
		{"Max-Forwards 0 (16.3)", options().with("Max-Forwards: 0"), "", verdict{status: 483}},

		{"an extension is required (8.2.2.3)", options().and("Require: replaces"), "",
			verdict{status: 420, name: "Unsupported", value: "replaces"}},
		{"two are", options().and("Require: replaces").and("Require: norefersub"), "",
			verdict{status: 420, name: "Unsupported", value: "replaces, norefersub"}},
		{"two that we know, and one that we don't", invite().and("Require: 100rel, Timer, sec-agree"), sdp,
			verdict{status: 420, name: "Unsupported", value: "sec-agree"}},
		{"not of a CANCEL (8.2.2.3)", of("CANCEL").and("Require: replaces"), "", ok},

		{"a session interval that is too small (RFC 4028 section 9)", invite().and("Supported: timer").and("Session-Expires: 89"), sdp,
			verdict{status: 422, name: "Min-SE", value: "90"}},
		{"in its compact form", invite().and("k: timer").and("x: 60;refresher=uac"), sdp, verdict{status: 422, name: "Min-SE", value: "90"}},
		{"from a caller who could not do better", invite().and("Session-Expires: 60"), sdp, ok},
		{"one that is not", invite().and("Supported: timer").and("Session-Expires: 90;refresher=uas"), sdp, ok},

		{"an INVITE without a Contact (8.1.1.8)", invite().without("Contact"), sdp, bad},
		{"with two", invite().and("Contact: <sip:other@192.0.2.9>"), sdp, bad},
		{"with two in a line", invite().with("Contact: <sip:a@192.0.2.9>, <sip:b@192.0.2.9>"), sdp, bad},
		{"with all of them", invite().with("Contact: *"), sdp, bad},
		{"without an offer: ours goes first (13.2.1)", invite().without("Content-Type"), "", ok},
		{"with a body that says nothing of itself", invite().without("Content-Type"), sdp, noSDP},
		{"with another body (8.2.3)", invite().with("Content-Type: application/pidf+xml"), "<x/>", noSDP},
		{"to take over a call (RFC 3891 section 3)", invite().and("Replaces: a;to-tag=b;from-tag=c"), sdp, verdict{status: 481}},
		{"required, that is an extension we lack", invite().and("Replaces: a;to-tag=b;from-tag=c").and("Require: replaces"), sdp,
			verdict{status: 420, name: "Unsupported", value: "replaces"}},
		{"the type in any case, with a parameter", invite().with("Content-Type: Application/SDP ;charset=utf-8"), sdp, ok},

		{"the version is judged first", lines{"OPTIONS sip:x SIP/7.0", "Via: SIP/7.0/UDP 192.0.2.9"}, "", verdict{status: 505}},
		{"bad form before an unknown method", of("NEWMETHOD").without("From"), "", bad},
	} {
		t.Run(row.name, func(t *testing.T) {
			got := screen(request(t, row.msg, row.body))
			if diff := cmp.Diff(row.want, got, cmp.AllowUnexported(verdict{})); diff != "" {
				t.Errorf("verdict (-want +got):\n%s", diff)
			}
		})
	}
}
