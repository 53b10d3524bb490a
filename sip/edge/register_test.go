package edge

import (
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/google/go-cmp/cmp"
)

// peerSays is a response of a peer.
func peerSays(tb testing.TB, l lines) *sip.Response {
	tb.Helper()
	msg, err := sip.ParseMessage([]byte(l.text("")))
	if err != nil {
		tb.Fatalf("parse: %v", err)
	}
	return msg.(*sip.Response)
}

// bound returns a 200 to a REGISTER of ours.
func bound(more ...string) lines {
	return append(lines{
		"SIP/2.0 200 OK",
		"Via: SIP/2.0/UDP 192.0.2.50:5060;branch=z9hG4bKreg",
		"From: <sip:maskd@carrier.example>;tag=ours",
		"To: <sip:maskd@carrier.example>;tag=theirs",
		"Call-ID: registration",
		"CSeq: 1 REGISTER",
	}, more...)
}

func TestForHowLongWeAreBound(t *testing.T) {
	const ours = "<sip:maskd@192.0.2.50:5060>"
	contact := sip.Uri{Scheme: "sip", User: "maskd", Host: "192.0.2.50", Port: 5060}
	for _, row := range []struct {
		name string
		more []string
		want time.Duration
	}{
		{"by our Contact", []string{"Contact: " + ours + ";expires=600"}, 600 * time.Second},
		{"by Expires", []string{"Contact: " + ours, "Expires: 300"}, 300 * time.Second},
		{"Contact before Expires", []string{"Contact: " + ours + ";expires=600", "Expires: 300"}, 600 * time.Second},
		{"by neither", []string{"Contact: " + ours}, time.Hour},
		{"the only Contact, changed on its way", []string{"Contact: <sip:maskd@203.0.113.7:1024>;expires=60"}, time.Minute},
		{"ours among others", []string{"Contact: <sip:x@192.0.2.1>;expires=10", "Contact: " + ours + ";expires=600"}, 600 * time.Second},
		{"ours among others on one line", []string{"Contact: <sip:x@192.0.2.1>;expires=10, " + ours + ";expires=600"}, 600 * time.Second},
		{"others alone", []string{"Contact: <sip:x@192.0.2.1>;expires=10", "Contact: <sip:y@192.0.2.1>;expires=20"}, 0},
		{"none", nil, 0},
		{"nonsense", []string{"Contact: " + ours + ";expires=soon"}, 0},
		{"more than fits", []string{"Contact: " + ours + ";expires=99999999999"}, 0},
	} {
		if got := grantedOf(peerSays(t, bound(row.more...)), &contact, time.Hour); got != row.want {
			t.Errorf("%s: %v, want %v", row.name, got, row.want)
		}
	}
}

func TestServiceRoutesAreReadInOrderOrNotAtAll(t *testing.T) {
	for _, row := range []struct {
		name string
		more []string
		want string
	}{
		{"none", nil, ""},
		{"one", []string{"Service-Route: <sip:a.example;lr>"}, "sip:a.example;lr"},
		{"two", []string{"Service-Route: <sip:a;lr>", "Service-Route: <sip:b;lr>"}, "sip:a;lr sip:b;lr"},
		{"two on one line", []string{`Service-Route: "a, b" <sip:a;lr>;x=1 , <sip:b,c@d;lr>`}, "sip:a;lr sip:b,c@d;lr"},
		{"one that can't be read", []string{"Service-Route: <sip:a;lr>, <"}, ""},
		{"a control character", []string{"Service-Route: <sip:a;lr>;x=\x01"}, ""},
		{"too many", []string{"Service-Route: " + strings.Repeat("<sip:a;lr>, ", maxServiceRoutes) + "<sip:b>"}, ""},
	} {
		var got []string
		for _, uri := range serviceRoute(peerSays(t, bound(row.more...))) {
			got = append(got, uri.String())
		}
		if diff := cmp.Diff(row.want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", row.name, diff)
		}
	}
}

func TestSecondsAreReadUpToWhatFollows(t *testing.T) {
	for value, want := range map[string]time.Duration{
		"120": 2 * time.Minute, " 120 (in two minutes)": 2 * time.Minute, "120;duration=3600": 2 * time.Minute,
		"": 0, "soon": 0, "-1": 0, "4294967296": 0,
	} {
		if got := secondsIn(value); got != want {
			t.Errorf("%q: %v, want %v", value, got, want)
		}
	}
}

// Whatever a registrar answers, what we send next has no more routes than
// allowed, and none of them breaks a line.
func FuzzRegistrarsAnswer(f *testing.F) {
	f.Add("<sip:maskd@192.0.2.50:5060>;expires=600", "<sip:a;lr>, <sip:b;lr>", "1800")
	f.Add(`"a, b" <sip:a;lr>;x=1 , <sip:b,c@d;lr>`, `"`, "-1")
	f.Fuzz(func(t *testing.T, contact, route, expires string) {
		text := bound("Contact: "+contact, "Service-Route: "+route, "Expires: "+expires, "Min-Expires: "+expires).text("")
		msg, err := sip.ParseMessage([]byte(text))
		res, ok := msg.(*sip.Response)
		if err != nil || !ok {
			return
		}
		reply := replyOf(res, &sip.Uri{Scheme: "sip", User: "maskd", Host: "192.0.2.50", Port: 5060}, time.Hour)
		if reply.granted < 0 || reply.least < 0 || reply.retryAfter < 0 {
			t.Errorf("a time before now: %+v", reply)
		}
		routes := serviceRoute(res)
		if len(routes) > maxServiceRoutes {
			t.Errorf("%d routes", len(routes))
		}
		for _, uri := range routes {
			if strings.ContainsAny(uri.String(), "\r\n") {
				t.Errorf("route %q", uri.String())
			}
		}
	})
}
