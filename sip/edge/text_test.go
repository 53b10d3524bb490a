package edge

import (
	"testing"

	"maskd/sip/leg"
)

// What we write is what sipgo would.
func FuzzText(f *testing.F) {
	seed(f)
	for _, usual := range usualMessages() {
		f.Add([]byte(usual))
	}
	f.Add([]byte(invite().with("Via: SIP/2.0/UDP [2001:db8::1]:5060;branch=z9hG4bK1;x=\"a b\"").with("Contact: \"A\" <sips:[2001:db8::1];transport=tls>;q=1").text("")))
	f.Add([]byte(options().start("OPTIONS sip://a:b@h:1;x?y=z SIP/2.0").and("Record-Route: <sip:h;lr>").with("To: <tel:+1>").text("")))
	var p texts
	f.Fuzz(func(t *testing.T, data []byte) {
		msg, err := newParser().ParseSIP(data)
		if m, ok := msg.(headed); err != nil || ok && len(m.Headers()) == 0 {
			return // of no headers, sipgo writes an empty line
		}
		got := p.scratch()
		defer p.Put(got)
		got.message(msg)
		if want := msg.String(); string(*got) != want {
			t.Fatalf("we write %q\nand sipgo %q", *got, want)
		}
	})
}

func BenchmarkText(b *testing.B) {
	l := newListener(UDP)
	d := outboundDialog(l)
	var p texts
	invitation := l.composeInvite(&d, "z9hG4bKours", 0, []byte(sdp))
	b.Run("INVITE", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			p.length(&invitation)
		}
	})
	asked := request(b, invite().with("To: <sip:+15550100001@192.0.2.50>;tag=ours"), sdp)
	b.Run("200", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			res := composeChanged(asked, d.contact, leg.SessionTimer{}, []byte(sdp))
			p.Put(p.ofResponse(&res))
		}
	})
}
