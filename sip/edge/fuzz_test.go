package edge

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"maskd/mapping"
	"maskd/sip/leg"
	"maskd/sip/siptest"
	"maskd/sip/stir"
)

// echoed are the headers that a response repeats from its request.
var echoed = []string{"Via", "From", "To", "Call-ID", "CSeq", "Record-Route", "Timestamp"}

// seed adds the torture messages and a few that are well formed.
func seed(f *testing.F) {
	for _, torture := range tortures(f) {
		f.Add([]byte(torture.Text))
	}
	f.Add([]byte(invite().and("P-Asserted-Identity: \"a, b\" <sip:+447700900123@h>, <tel:+44-7700-900123>").text(sdp)))
	f.Add([]byte(options().and("Require: 100rel").text("")))
}

// received returns the request in a datagram, as the reader leaves it.
func received(data []byte) (*sip.Request, bool) {
	msg, err := newParser().ParseSIP(data)
	if err != nil {
		return nil, false
	}
	req, ok := msg.(*sip.Request)
	if ok {
		req.SetTransport("UDP")
		req.SetSource(carrierAddr)
		newListener(UDP).preview(req)
	}
	return req, ok
}

// Whatever is received, an identity is made of numbers or is none.
func FuzzIdentity(f *testing.F) {
	seed(f)
	f.Add([]byte(invite().and("Privacy: id").and("Identity: a.b.c;info=<https://certificates.example.net/carrier.pem>;alg=ES256;ppt=shaken").text(sdp)))
	f.Add([]byte(invite().start("INVITE tel:5550100001;phone-context=+1;npdi SIP/2.0").text(sdp)))
	_, verifier := notary(f, stir.Full)
	e164 := regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
	f.Fuzz(func(t *testing.T, data []byte) {
		req, ok := received(data)
		if !ok || screen(req) != (verdict{}) || !req.IsInvite() {
			return
		}
		for _, source := range []CallerSource{CallerPAIOrFrom, CallerPAI, CallerFrom} {
			trunk := carrier()
			trunk.Caller = source
			id := identify(req, &trunk, time.Time{})
			if id.DID != "" && !e164.MatchString(string(id.DID)) {
				t.Errorf("DID %q", id.DID)
			}
			if caller := callerOf(req, &trunk).number; !id.Caller.IsZero() && !e164.MatchString(caller) {
				t.Errorf("caller %q", caller)
			}
			trunk.Assurance = Assurance{Minimum: stir.Gateway, Verifier: verifier}
			if id := identify(req, &trunk, noon); id.Refusal == 0 && !id.Caller.IsZero() {
				t.Error("a caller whom nobody has signed")
			}
			if asserted := len(req.GetHeaders("P-Asserted-Identity")); source == CallerPAI && asserted == 0 && id.Caller != (mapping.Number{}) {
				t.Error("a caller whom nobody asserts")
			}
		}
	})
}

// Nothing of a request comes back but what a response must repeat: its own
// routing. The rest of a response is ours.
func FuzzResponse(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		req, ok := received(data)
		if !ok {
			return
		}
		if controls(req.Headers()) {
			return // never answered
		}
		screen(req)
		place := newListener(UDP).contact("+15550100001")
		contact := &place
		for _, res := range []response{composeResponse(req, 100), composeResponse(req, 404),
			composeEarly(req, 180, contact, nil), composeChanged(req, contact, leg.SessionTimer{}, []byte(sdp)), composeOptions(req)} {
			checkResponse(t, req, res)
		}
	})
}

func checkResponse(t *testing.T, req *sip.Request, res response) {
	t.Helper()
	m := siptest.Parse([]byte(spelled(res)))
	if want := "SIP/2.0 " + m.Start[8:11] + " " + phrases[m.Status()]; m.Start != want {
		t.Errorf("start line %q, want %q", m.Start, want)
	}
	if m.Body != "" && m.Body != sdp {
		t.Errorf("body %q", m.Body)
	}
	for _, h := range m.Headers {
		switch {
		case slices.Contains(echoed, h.Name):
			checkEcho(t, req, h)
		case !ours(h):
			t.Errorf("%s: %q is not ours", h.Name, h.Value)
		}
	}
}

// checkEcho checks that every word of a repeated header is one of that header
// in the request, or one that we add.
func checkEcho(t *testing.T, req *sip.Request, h siptest.Header) {
	t.Helper()
	source := "received rport tag " + carrierAddr
	for _, of := range req.GetHeaders(h.Name) {
		source += " " + of.Value()
	}
	apart := func(r rune) bool { return strings.ContainsRune(" \t:;,=<>", r) }
	known := strings.FieldsFunc(source, apart)
	for _, word := range strings.FieldsFunc(h.Value, apart) {
		if !slices.Contains(known, word) && !generated.MatchString(word) {
			t.Errorf("%s has %q, which the request has not: %q", h.Name, word, h.Value)
		}
	}
}

// generated is a tag of ours, or one of the library's.
var generated = regexp.MustCompile(`^([a-z2-7]{26}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$`)

// ours reports whether a header is one that we write, with what we write in it.
func ours(h siptest.Header) bool {
	switch h.Name {
	case "Contact":
		return h.Value == "<sip:+15550100001@192.0.2.50:5060>"
	case "Allow":
		return h.Value == allowed
	case "Supported":
		return h.Value == supported
	case "Accept":
		return h.Value == acceptedTypes
	case "Content-Type":
		return h.Value == typeSDP
	case "Content-Length":
		return strings.Trim(h.Value, "0123456789") == ""
	default:
		return false
	}
}
