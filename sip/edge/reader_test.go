package edge

import (
	"fmt"
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"
)

// everything is all that can be asked of a message.
func everything(msg sip.Message) string {
	var b strings.Builder
	headers := []sip.Header(nil)
	switch m := msg.(type) {
	case *sip.Request:
		fmt.Fprintf(&b, "%q %q %q %#v\n", m.Method, m.SipVersion, m.Recipient.String(), plainURI(m.Recipient))
		headers = m.Headers()
	case *sip.Response:
		fmt.Fprintf(&b, "%d %q %q\n", m.StatusCode, m.SipVersion, m.Reason)
		headers = m.Headers()
	}
	for _, h := range headers {
		fmt.Fprintf(&b, "%T %q: %q\n", h, h.Name(), h.Value())
		switch h := h.(type) {
		case *sip.ViaHeader:
			fmt.Fprintf(&b, "%q %q %q %q %d %q\n", h.ProtocolName, h.ProtocolVersion, h.Transport, h.Host, h.Port, h.Params)
		case *sip.FromHeader:
			fmt.Fprintf(&b, "%q %#v %q\n", h.DisplayName, plainURI(h.Address), h.Params)
		case *sip.ToHeader:
			fmt.Fprintf(&b, "%q %#v %q\n", h.DisplayName, plainURI(h.Address), h.Params)
		case *sip.ContactHeader:
			fmt.Fprintf(&b, "%q %#v %q\n", h.DisplayName, plainURI(h.Address), h.Params)
		case *sip.CSeqHeader:
			fmt.Fprintf(&b, "%d %q\n", h.SeqNo, h.MethodName)
		}
	}
	fmt.Fprintf(&b, "%v %v %v %v %v %v %v %v\n%q", msg.Via(), msg.From(), msg.To(), msg.CallID(), msg.CSeq(), msg.ContentLength(), headers[:0], msg.Transport(), msg.Body())
	return b.String()
}

// plainURI is a URI whose parameters are there or not, but not empty.
func plainURI(uri sip.Uri) sip.Uri {
	if len(uri.UriParams) == 0 {
		uri.UriParams = nil
	}
	return uri
}

// sameAsSipgo holds that what we read ourselves, sipgo reads as we do.
func sameAsSipgo(t *testing.T, data []byte) (ours bool) {
	t.Helper()
	if !clean(data) {
		return false
	}
	msg, ours := usedReader().glide(data)
	if !ours {
		return false
	}
	theirs, err := newParser().ParseSIP(data)
	if err != nil {
		t.Fatalf("we read what sipgo does not (%v): %q", err, data)
	}
	if got, want := everything(msg), everything(theirs); got != want {
		t.Fatalf("we read\n%s\nand sipgo\n%s\nof %q", got, want, data)
	}
	return true
}

// usedReader has read other messages before.
func usedReader() *reader {
	r := newReader()
	for _, text := range usualMessages() {
		_, _ = r.read([]byte(text), true)
	}
	return r
}

// Whatever comes, there are no two opinions of what it says.
func FuzzReader(f *testing.F) {
	seed(f)
	for _, text := range usualMessages() {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) { sameAsSipgo(t, data) })
}

// usualMessages are written as nearly everybody writes them.
func usualMessages() []string {
	to := `To: "DOE, JOHN" <sip:+15550100001@192.0.2.50:5060;user=phone>;tag=ours`
	return []string{
		invite().with("Content-Length: " + fmt.Sprint(len(sdp))).and("P-Asserted-Identity: <tel:+1>").text(sdp),
		options().with("Content-Length: 0").text(""),
		options().start("BYE sip:+1@192.0.2.50:5060;transport=udp SIP/2.0").with("CSeq: 8 BYE").with(to).text(""),
		options().start("SIP/2.0 200 OK").with(to).and("Contact: <sip:b@h>").text(""),
		options().start("SIP/2.0 183 Session Progress").with(to).text(""),
		options().start("SIP/2.0 180 It rings").with("Via: SIP/2.0/UDP h:5060;branch=z9hG4bKx==;rport=5060;received=192.0.2.1").text(""),
	}
}

// The quick way is for these, and not for nothing.
func TestUsualMessagesAreReadByUs(t *testing.T) {
	for _, text := range usualMessages() {
		if !sameAsSipgo(t, []byte(text)) {
			t.Errorf("left to sipgo: %q", text)
		}
	}
}

// What is written in another way than usual is read as sipgo reads it, line by
// line or as a whole.
func TestUnusualLinesAreReadAsSipgoReadsThem(t *testing.T) {
	for _, line := range []string{
		"Via: SIP / 2.0 / UDP h;branch=z9hG4bKa, SIP/2.0/UDP i;branch=z9hG4bKb", "v: SIP/2.0/UDP h", "Via: SIP/2.0/UDP [2001:db8::1]:5060;branch=z9hG4bKa",
		"Via: SIP/2.0/UDP h:x;branch=z9hG4bKa", "Via: SIP/2.0/UDP h;BRANCH = z9hG4bKa", "Via: SIP/2.0/UDP h;;", "Via: SIP/2.0/UDP h;=;a",
		"To: sip:b@h;tag=x", "To: <sip:b@h>;TAG=1;tag=2", "To: <sip:b@h>;tag=1;tag=2", "To: <sip:b@h> ;tag = 1", "To: \"a \\\" b\" <sip:b@h>", "To: a \"b\" <sip:b@h>;x=\"y;z\"", "To: <sip:b@h>x;tag=1",
		"To: <sip:b@h>;a=b=c", "t: <sip:c@h>", "Contact: <sip:a@h>, <sip:b@h>", "Contact: *", "Contact: <sip:a@h>;expires=0", "Contact: a;b",
		"CSeq: 8  INVITE", "CSeq: 4294967296 INVITE", "CSeq: 8 invite", "CSeq: 8", "Call-ID: ", "Max-Forwards: 0", "Max-Forwards: x", "Content-Length: 9999", "Content-Length: x",
		"Route: <sip:h;lr>, <sip:i>", "Subject: a\r\n b", "Subject: a\nb", "Subject: a\rb", "no colon", ": no name", "\v: x", "s: compact", "Supported : 100rel",
		"SIP/2.0 200 SIP", "SIP/2.0 2000 OK", "SIP/2.0 +20 OK", "SIP/1.0 200 OK", "sip/2.0 200 OK", "INVITE * SIP/2.0", "invite sip:b@h SIP/2.0", "INVITE  sip:b@h SIP/2.0",
		"INVITE sip:b@h SIP/7.0", "INVITE sip:b@h:x SIP/2.0", "INVITE sip:b@h", "INVITE sip:b@h SIP/2.0 ",
	} {
		for _, text := range []string{invite().and(line).text(sdp), invite().with(line).text(sdp), invite().start(line).text(sdp)} {
			sameAsSipgo(t, []byte(text))
			if _, err := newReader().read([]byte(text), clean([]byte(text))); err != nil {
				if _, theirs := newParser().ParseSIP([]byte(text)); theirs == nil {
					t.Errorf("we don't read %q", text)
				}
			}
		}
	}
}

func TestAUsualMessageIsReadInAFewPieces(t *testing.T) {
	r, data := newReader(), []byte(usualMessages()[0])
	const most = 6
	if n := testing.AllocsPerRun(100, func() { _, _ = r.read(data, true) }); n > most {
		t.Errorf("%v allocations for an INVITE, want %d at most", n, most)
	}
}

// What nobody keeps leaves its place to the next one: only the text is new.
func TestAMessageThatPassesLeavesItsPlace(t *testing.T) {
	r, data := newReader(), []byte(options().start("SIP/2.0 180 Ringing").and("Content-Length: 0").text(""))
	const most = 1
	if n := testing.AllocsPerRun(100, func() { _, _ = r.read(data, true) }); n > most {
		t.Errorf("%v allocations for a response, want %d at most", n, most)
	}
}

// A message that somebody may have kept stays as it was, whatever is read after it.
func TestAMessageThatIsKeptStaysAsItWas(t *testing.T) {
	for _, text := range usualMessages() {
		r := usedReader()
		kept, err := r.read([]byte(text), true)
		if err != nil {
			t.Fatal(err)
		}
		before := everything(kept)
		passes := strings.HasPrefix(text, "SIP/2.0 1")
		for _, later := range usualMessages() {
			_, _ = r.read([]byte(later), true)
		}
		if after := everything(kept); after != before && !passes {
			t.Errorf("read\n%s\nwhich has become\n%s", before, after)
		}
	}
}

func BenchmarkReader(b *testing.B) {
	for _, text := range usualMessages() {
		r, data := newReader(), []byte(text)
		name, _, _ := strings.Cut(strings.TrimPrefix(text, "SIP/2.0 "), " ")
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = r.read(data, true)
			}
		})
	}
}

func BenchmarkParser(b *testing.B) {
	p, data := newParser(), []byte(usualMessages()[0])
	b.ReportAllocs()
	for b.Loop() {
		_, _ = p.ParseSIP(data)
	}
}
