package edge

import (
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"
	"github.com/google/go-cmp/cmp"

	"maskd/sip/digest"
	"maskd/sip/leg"
	"maskd/sip/siptest"
)

// The headers that may leave us; everything else is a leak. siptest reads the
// messages: it shares no code with what wrote them.
var (
	requestHeaders = []string{"Via", "Route", "Max-Forwards", "From", "To", "Call-ID", "CSeq", "Contact", "Allow",
		"Accept", "Supported", "Session-Expires", "Min-SE", "RAck", "Reason", "Content-Type", "Content-Length"}
	responseHeaders = []string{"Via", "Record-Route", "From", "To", "Call-ID", "CSeq", "Contact", "Allow", "Accept",
		"Supported", "Require", "Session-Expires", "Min-SE", "RSeq", "Reason", "Retry-After",
		"Unsupported", "Warning", "Timestamp", "Content-Type", "Content-Length"}
)

// outboundDialog is the dialog of an INVITE of ours.
func outboundDialog(l *listener) dialog {
	trunk := carrier()
	contact := l.contact("+15550100002")
	return dialog{
		callID: "ours", cseq: 41, trunk: &trunk, home: netip.MustParseAddrPort("192.0.2.9:5062"),
		local:   end{uri: &sip.Uri{Scheme: "sip", User: "+15550100002", Host: l.host}, tag: "ourtag"},
		remote:  end{uri: &sip.Uri{Scheme: "sip", User: "+447700900123", Host: "192.0.2.9"}},
		target:  &sip.Uri{Scheme: "sip", User: "+447700900123", Host: "192.0.2.9", Port: 5062},
		contact: &contact,
	}
}

// established is the same dialog after an answer by way of two proxies.
func established(t *testing.T, l *listener) dialog {
	d := outboundDialog(l)
	d.confirm(facts{tag: "peertag", target: uriOf(t, "sip:device@192.0.2.9:6000"),
		routes: []sip.Uri{*uriOf(t, "sip:192.0.2.9:5063;lr"), *uriOf(t, "sip:192.0.2.9:5064;lr")}})
	return d
}

// loaded is an INVITE with everything in it that must not come out again.
func loaded(t *testing.T) *sip.Request {
	l := invite().with(`From: "Asha" <sip:+919876543210@caller.invalid>;tag=callertag`).
		and("Record-Route: <sip:192.0.2.9;lr>").and("Timestamp: 54")
	for i, name := range []string{"User-Agent", "Server", "Subject", "Organization", "Date", "Call-Info", "Alert-Info",
		"P-Asserted-Identity", "P-Preferred-Identity", "Remote-Party-ID", "Diversion", "History-Info", "Referred-By",
		"Privacy", "Identity", "Reason", "Warning", "Session-ID", "User-to-User", "P-Charging-Vector", "Geolocation",
		"P-Access-Network-Info", "Supported", "Allow", "Accept", "Session-Expires", "Min-SE", "Expires", "Route",
		"Authorization", "Proxy-Authorization", "Replaces", "In-Reply-To", "Reply-To", "Priority", "X-Trace"} {
		l = l.and(name + ": <sip:secret" + strconv.Itoa(i) + ">")
	}
	req := request(t, l, sdp)
	req.SetSource("192.0.2.9:5060")
	return req
}

// composed is every kind of message that we send.
func composed(t *testing.T) (requests map[string]asking, responses map[string]response) {
	l := newListener(UDP)
	d := outboundDialog(l)
	inv := l.composeInvite(&d, "z9hG4bKours", 0, []byte(sdp))
	up := established(t, l)
	timer := leg.SessionTimer{Every: sessionInterval, Ours: true}
	requests = map[string]asking{
		"INVITE":    inv,
		"CANCEL":    composeCancel(&inv, leg.CauseCancelled),
		"refused":   composeRefusalAck(&inv, "refuser"),
		"ACK":       l.composeAck(&up, 41, "z9hG4bKack"),
		"BYE":       l.composeBye(&up, "z9hG4bKbye", leg.CauseHangup),
		"PING":      l.composePing(d.trunk, Target{Gateway: d.trunk.Gateways[0], Network: UDP, Addr: d.home}),
		"PRACK":     l.composePrack(&up, rack{rseq: 7, cseq: 41}, "z9hG4bKprack"),
		"re-INVITE": l.composeChange(sip.INVITE, &up, "z9hG4bKchange", timer, []byte(sdp)),
		"UPDATE":    l.composeChange(sip.UPDATE, &up, "z9hG4bKupdate", timer, nil),
	}
	req := loaded(t)
	place := l.contact("+15550100001")
	contact := &place
	reliable := composeEarly(req, 183, contact, []byte(sdp))
	addReliable(&reliable, 7)
	responses = map[string]response{
		"180":              composeEarly(req, 180, contact, nil),
		"183":              reliable,
		"200":              composeChanged(req, contact, leg.SessionTimer{Every: sessionInterval}, []byte(sdp)),
		"200 to a refresh": composeChanged(req, contact, leg.SessionTimer{}, nil),
		"486":              composeFinal(req, leg.CauseBusy),
		"500":              l.composeRefusal(req, 500),
		"OPTIONS":          composeOptions(request(t, options(), "")),
	}
	for status := range phrases {
		responses["bare "+strconv.Itoa(status)] = composeResponse(req, status)
	}
	return requests, responses
}

func TestEveryHeaderWeSendIsOnTheList(t *testing.T) {
	requests, responses := composed(t)
	for name, req := range requests {
		checkMessage(t, name, onWire(req), requestHeaders)
	}
	for name, res := range responses {
		checkMessage(t, name, spelled(res), responseHeaders)
	}
}

// onWire is a request as it goes over UDP.
func onWire(req asking) string {
	var t text
	t.asking(&req)
	return string(t)
}

// There is one list of what a request has; a stream's is made of it by sipgo.
func TestARequestIsTheSameOnAStream(t *testing.T) {
	requests, _ := composed(t)
	for name, req := range requests {
		for _, network := range []Network{UDP, TCP, TLS} {
			req.from = newListener(network)
			if diff := cmp.Diff(onWire(req), req.message().String()); diff != "" {
				t.Errorf("%s on %s (-UDP +stream):\n%s", name, network, diff)
			}
		}
	}
}

// The most that is ever said of a request: signed, and challenged by a proxy and by whom
// it is for.
func TestThereIsRoomForAllThatAnInviteSays(t *testing.T) {
	l := newListener(UDP)
	d := outboundDialog(l)
	req := l.composeInvite(&d, "z9hG4bKours", 0, []byte(sdp))
	setIdentity(&req, "signed")
	for _, place := range []digest.Place{digest.Proxy, digest.Server} {
		req.say(place.Credentials(), "Digest")
	}
	again := l.again(&req, 42)
	for _, h := range req.all() {
		if strings.HasSuffix(h.name, "Authorization") == slices.Contains(again.all(), h) {
			t.Errorf("%s, when it is sent with others (22.2): %v", h.name, again.all())
		}
	}
	if again.branch == req.branch || again.cseq != 42 || len(req.all()) != len(again.all())+2 {
		t.Errorf("branch %s, CSeq %d, of %d headers %d", again.branch, again.cseq, len(req.all()), len(again.all()))
	}
}

// spelled is a response as it goes over UDP.
func spelled(res response) string { return string(*new(texts).ofResponse(&res)) }

// There is one list of what a response has; a stream's is made of it by sipgo.
func TestAResponseIsTheSameOnAStream(t *testing.T) {
	_, responses := composed(t)
	for name, res := range responses {
		if !res.tagged() {
			res.to.To().Params.Add("tag", "ours")
		}
		if diff := cmp.Diff(spelled(res), res.message().String()); diff != "" {
			t.Errorf("%s (-UDP +stream):\n%s", name, diff)
		}
	}
}

func checkMessage(t *testing.T, name, text string, allowed []string) {
	t.Helper()
	m := siptest.Parse([]byte(text))
	for _, h := range m.Headers {
		if !slices.Contains(allowed, h.Name) {
			t.Errorf("%s has %s: %s", name, h.Name, h.Value)
		}
		if strings.ContainsFunc(h.Value, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			t.Errorf("%s: a control character in %s: %q", name, h.Name, h.Value)
		}
		if len(m.All(h.Name)) > 1 && h.Name != "Route" {
			t.Errorf("%s: several %s", name, h.Name)
		}
	}
	if got := m.Get("Content-Length"); got != strconv.Itoa(len(m.Body)) {
		t.Errorf("%s: Content-Length %s, body of %d bytes", name, got, len(m.Body))
	}
	if (m.Body != "") != (m.Get("Content-Type") == "application/sdp") {
		t.Errorf("%s: Content-Type %q for a body of %d bytes", name, m.Get("Content-Type"), len(m.Body))
	}
	if strings.Contains(text, "secret") {
		t.Errorf("%s has what it must not:\n%s", name, text)
	}
}

func TestAnInviteIsMadeOfItsDialog(t *testing.T) {
	for _, row := range []struct {
		network      Network
		via, contact string
	}{
		{UDP, "SIP/2.0/UDP 192.0.2.50:5060;branch=z9hG4bKours;rport", "<sip:+15550100002@192.0.2.50:5060>"},
		{TCP, "SIP/2.0/TCP 192.0.2.50:5060;branch=z9hG4bKours", "<sip:+15550100002@192.0.2.50:5060;transport=tcp>"},
	} {
		l := newListener(row.network)
		d := outboundDialog(l)
		req := l.composeInvite(&d, "z9hG4bKours", 0, []byte(sdp))
		want := siptest.Message{Start: "INVITE sip:+447700900123@192.0.2.9:5062 SIP/2.0", Body: sdp, Headers: []siptest.Header{
			{Name: "Via", Value: row.via},
			{Name: "Max-Forwards", Value: "70"},
			{Name: "From", Value: "<sip:+15550100002@192.0.2.50>;tag=ourtag"},
			{Name: "To", Value: "<sip:+447700900123@192.0.2.9>"},
			{Name: "Call-ID", Value: "ours"},
			{Name: "CSeq", Value: "41 INVITE"},
			{Name: "Content-Length", Value: strconv.Itoa(len(sdp))},
			{Name: "Contact", Value: row.contact},
			{Name: "Allow", Value: allowed},
			{Name: "Supported", Value: "100rel, timer"},
			{Name: "Session-Expires", Value: "1800"},
			{Name: "Min-SE", Value: "90"},
			{Name: "Content-Type", Value: "application/sdp"},
		}}
		if diff := cmp.Diff(want, siptest.Parse([]byte(onWire(req)))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", row.network, diff)
		}
		if got := req.message().Destination(); got != "192.0.2.9:5062" || req.to.String() != got {
			t.Errorf("%s: goes to %s", row.network, got)
		}
	}
}

// A stream's local port must be open: sipgo takes a given one for the name of a
// connection, and sends the request to whoever connected last.
func TestARequestLeavesFromTheListener(t *testing.T) {
	for network, port := range map[Network]int{UDP: 5060, TCP: 0} {
		l := newListener(network)
		d := outboundDialog(l)
		composed := l.composeInvite(&d, "z9hG4bKours", 0, nil)
		req := composed.message()
		if req.Laddr.Port != port || req.Laddr.IP.String() != "192.0.2.50" {
			t.Errorf("%s: leaves from %v", network, req.Laddr)
		}
	}
}

// RFC 3261 section 9.1.
func TestACancelIsTheInvitesTwin(t *testing.T) {
	l := newListener(UDP)
	d := outboundDialog(l)
	req := l.composeInvite(&d, "z9hG4bKours", 0, []byte(sdp))
	for _, name := range []string{"before", "after"} {
		if name == "after" { // which does not matter
			d.confirm(facts{tag: "peertag", target: uriOf(t, "sip:device@192.0.2.9:6000"), routes: []sip.Uri{*uriOf(t, "sip:192.0.2.9:5063;lr")}})
		}
		cancel := composeCancel(&req, leg.CauseCancelled)
		inv, twin := siptest.Parse([]byte(onWire(req))), siptest.Parse([]byte(onWire(cancel)))
		for _, header := range []string{"Via", "From", "To", "Call-ID", "Route"} {
			if diff := cmp.Diff(inv.All(header), twin.All(header)); diff != "" {
				t.Errorf("%s an answer: %s (-INVITE +CANCEL):\n%s", name, header, diff)
			}
		}
		if twin.Start != "CANCEL "+strings.TrimPrefix(inv.Start, "INVITE ") || twin.Seq() != inv.Seq() || twin.Method() != "CANCEL" {
			t.Errorf("%s an answer: %s, CSeq %s", name, twin.Start, twin.Get("CSeq"))
		}
		if cancel.to != req.to || cancel.from != req.from {
			t.Errorf("%s an answer: goes to %s, the INVITE to %s", name, cancel.to, req.to)
		}
	}
}

func TestARequestInADialogFollowsItsRoute(t *testing.T) {
	l := newListener(UDP)
	d := established(t, l)
	req := l.composeBye(&d, "z9hG4bKbye", leg.CauseHangup)
	m := siptest.Parse([]byte(onWire(req)))
	if m.Start != "BYE sip:device@192.0.2.9:6000 SIP/2.0" || m.Get("To") != "<sip:+447700900123@192.0.2.9>;tag=peertag" {
		t.Errorf("%s\nTo: %s", m.Start, m.Get("To"))
	}
	if diff := cmp.Diff([]string{"<sip:192.0.2.9:5064;lr>", "<sip:192.0.2.9:5063;lr>"}, m.All("Route")); diff != "" {
		t.Errorf("Route (-want +got):\n%s", diff)
	}
	if req.to.String() != "192.0.2.9:5064" {
		t.Errorf("goes to %s", req.to)
	}
}

func TestAResponseSaysWhatWeSay(t *testing.T) {
	_, responses := composed(t)
	for name, res := range responses {
		m := siptest.Parse([]byte(spelled(res)))
		if want := "SIP/2.0 " + strconv.Itoa(m.Status()) + " " + phrases[m.Status()]; m.Start != want {
			t.Errorf("%s: %q, want %q", name, m.Start, want)
		}
	}
	odd := request(t, options().start("OPTIONS sip:192.0.2.50 SIP-of-the-asker"), "")
	if got := composeResponse(odd, 505).message().StartLine(); got != "SIP/2.0 505 Version Not Supported" {
		t.Errorf("the asker's version comes back: %s", got)
	}
}

func TestIPv6IsWrittenInBrackets(t *testing.T) {
	l := newListener(UDP)
	l.addr, l.host = netip.MustParseAddrPort("[2001:db8::50]:5060"), "2001:db8::50"
	d := outboundDialog(l)
	d.home = netip.MustParseAddrPort("[2001:db8::9]:5060")
	d.target.Host, d.remote.uri.Host = "2001:db8::9", "2001:db8::9"
	req := l.composeInvite(&d, "z9hG4bKours", 0, nil)
	text := onWire(req)
	for _, want := range []string{"INVITE sip:+447700900123@[2001:db8::9]:5062", "UDP [2001:db8::50]:5060",
		"Contact: <sip:+15550100002@[2001:db8::50]:5060>"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if got := req.message().String(); got != text {
		t.Errorf("a stream's is %s", got)
	}
	if req.to.String() != "[2001:db8::9]:5062" {
		t.Errorf("goes to %s", req.to)
	}
	via, err := sip.ParseMessage([]byte(text))
	if err != nil || !l.sent(via.Via()) {
		t.Errorf("our own Via is not known again: %v", err)
	}
}

func TestTokensAreRandomAndLegal(t *testing.T) {
	tokens := newListener(UDP).edge.tokens
	legal := regexp.MustCompile(`^[a-z2-7]{26}$`)
	seen := make(map[string]bool)
	for range 1000 {
		token := tokens.next()
		if !legal.MatchString(token) || seen[token] {
			t.Fatalf("token %q", token)
		}
		seen[token] = true
		if cseq := tokens.cseq(); cseq == 0 || cseq > 1<<30 {
			t.Fatalf("CSeq %d (8.1.1.5)", cseq)
		}
	}
	if !strings.HasPrefix(tokens.branch(), "z9hG4bK") {
		t.Error("a branch without the magic cookie (8.1.1.7)")
	}
}
