package edge

import (
	"bytes"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"

	"maskd/sip/siptest"
)

// overload lets the edge have more calls in set-up than it may.
func (x *exchange) overload() {
	x.edge.intake.mu.Lock()
	defer x.edge.intake.mu.Unlock()
	x.edge.intake.governor.inSetup += mostWindow
}

func (x *exchange) relieve() {
	x.edge.intake.mu.Lock()
	defer x.edge.intake.mu.Unlock()
	x.edge.intake.governor.inSetup -= mostWindow
}

// other is the INVITE of another call, from another branch.
func other(name string) lines {
	return invite().with("Call-ID: " + name).with("Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK" + name + ";rport")
}

func TestAnOverloadShedsNewCallsAndNothingElse(t *testing.T) {
	inExchange(t, func(x *exchange) {
		x.board.rings = true
		ringing := x.send(x.carrier, invite().text(sdp))
		to := "To: " + ringing[len(ringing)-1].Get("To")
		x.overload()
		for _, row := range []struct {
			name string
			msg  lines
			body string
			want string
		}{
			{"a new call", other("new"), sdp, "503"},
			{"a new call, folded", other("folded").and("Subject: a\r\n b"), sdp, "503"},
			{"the live call's INVITE again", invite(), sdp, ""}, // but for the 180 that it had
			{"a change of session", invite().with(to).with("CSeq: 8 INVITE").with("Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKre"), sdp, "100"},
			{"an OPTIONS", options(), "", "200 OPTIONS"},
			{"a BYE for nothing", options().start("BYE sip:x SIP/2.0").with("CSeq: 1 BYE").
				with("Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKbye"), "", "481 BYE"},
			{"a CANCEL", cancelOf(invite()), "", "200 CANCEL, 487"},
		} {
			if got := names(x.send(x.carrier, row.msg.text(row.body))); got != row.want {
				t.Errorf("%s is answered %q, want %q", row.name, got, row.want)
			}
		}
		x.relieve()
		if got := names(x.send(x.carrier, other("later").text(sdp))); got != "100, 180" {
			t.Errorf("after the overload a call is answered %q", got)
		}
		x.send(x.carrier, cancelOf(other("later")).text(""))
	})
}

// Whoever is refused is told when to come again, in a response of that leg's
// own words. Its ACK is not even parsed.
func TestWhatIsShedIsAnsweredOnceAndForAll(t *testing.T) {
	inExchange(t, func(x *exchange) {
		x.overload()
		first := x.send(x.carrier, other("shed").text(sdp))
		x.relieve()
		if names(first) != "503" {
			t.Fatalf("answered %q", names(first))
		}
		if m := first[0]; m.Get("Retry-After") == "" || m.Get("Call-ID") != "shed" || m.Get("CSeq") != "7 INVITE" {
			t.Errorf("refused with %+v", m)
		}
		again := x.send(x.carrier, other("shed").text(sdp))
		if len(again) > 0 && (names(again) != "503" || siptest.Tag(again[0].Get("To")) != siptest.Tag(first[0].Get("To"))) {
			t.Errorf("the same INVITE, when there is room again, is answered %q (RFC 3261 section 8.2.7)", names(again))
		}
		before := x.edge.counts.shed.Load()
		ack := other("shed").start("ACK sip:+15550100001@192.0.2.50 SIP/2.0").with("CSeq: 7 ACK").with("To: " + first[0].Get("To"))
		if got := names(x.send(x.carrier, ack.text(""))); got != "" || x.edge.counts.shed.Load() != before+1 {
			t.Errorf("the ACK is answered %q, and %d more are shed", got, x.edge.counts.shed.Load()-before)
		}
		if got := names(x.send(x.carrier, other("shed").with("CSeq: 8 INVITE").with("Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKretry").text(sdp))); got != "100, 404" {
			t.Errorf("the next attempt of the same call is answered %q", got)
		}
	})
}

func TestWhereARefusalGoes(t *testing.T) {
	source := netip.MustParseAddrPort("192.0.2.9:4000")
	for _, row := range []struct{ via, port, written string }{
		{"Via: SIP/2.0/UDP h", "5060", "Via: SIP/2.0/UDP h"},
		{"v: SIP/2.0/UDP h:5080;branch=x", "5080", "v: SIP/2.0/UDP h:5080;branch=x"},
		{"Via: SIP / 2.0 / UDP h:5080", "5080", "Via: SIP / 2.0 / UDP h:5080"},
		{"Via: SIP/2.0/UDP [2001:db8::1];branch=x", "5060", "Via: SIP/2.0/UDP [2001:db8::1];branch=x"},
		{"Via: SIP/2.0/UDP [2001:db8::1]:5090;branch=x", "5090", "Via: SIP/2.0/UDP [2001:db8::1]:5090;branch=x"},
		{"Via: SIP/2.0/UDP h:5080;maddr=203.0.113.1", "5080", "Via: SIP/2.0/UDP h:5080;maddr=203.0.113.1"},
		{"Via: SIP/2.0/UDP h:5080;rport;branch=x", "4000", "Via: SIP/2.0/UDP h:5080;rport=4000;received=192.0.2.9;branch=x"},
		{"Via: SIP/2.0/UDP h:5080;branch=x; RPORT ", "4000", "Via: SIP/2.0/UDP h:5080;branch=x; RPORT=4000;received=192.0.2.9 "},
		{"Via: SIP/2.0/UDP h:5080;rport=1;branch=x", "5080", "Via: SIP/2.0/UDP h:5080;rport=1;branch=x"},
		{"Via: SIP/2.0/UDP h:5080;branch=x, SIP/2.0/UDP i;rport", "5080", "Via: SIP/2.0/UDP h:5080;branch=x, SIP/2.0/UDP i;rport"},
		{"Via:", "5060", "Via:"},
	} {
		if got := replyTo([]byte(row.via), source).String(); got != "192.0.2.9:"+row.port {
			t.Errorf("%s: to %s", row.via, got)
		}
		if got := string(appendVia(nil, []byte(row.via), source)); got != row.written {
			t.Errorf("%s: written %s", row.via, got)
		}
	}
}

// Nobody can make us send to an address by what a message says, and a glance
// never sees a new call where the parser sees a dialog.
func FuzzGlance(f *testing.F) {
	for _, l := range []lines{invite(), other("x"), invite().with("To: <sip:a@b>;tag=x"), invite().with("t: a;Tag = x")} {
		f.Add([]byte(l.text(sdp)))
	}
	files, _ := filepath.Glob("../../testdata/torture/*.dat")
	for _, file := range files {
		if data, err := os.ReadFile(file); err == nil {
			f.Add(data)
		}
	}
	source := netip.MustParseAddrPort("192.0.2.9:4000")
	f.Fuzz(func(t *testing.T, data []byte) {
		g, ok := glance(data)
		if !ok {
			return
		}
		if to := replyTo(g.vias[0], source); to.Addr() != source.Addr() {
			t.Fatalf("a reply to %s", to)
		}
		refusal := appendRefusal(nil, &g, source, []byte("ourtag"), 2)
		if strings.Count(string(refusal), "\n") != g.hops+8 || bytes.ContainsAny(refusal, "\x00\x7f") {
			t.Fatalf("another number of lines than were written:\n%q", refusal)
		}
		msg, err := sip.ParseMessage(data)
		req, isRequest := msg.(*sip.Request)
		if err != nil || !isRequest || len(req.GetHeaders("To")) != 1 || req.To() == nil {
			return
		}
		if req.To().Params.Has("tag") && !g.inDialog() {
			t.Fatalf("shed, but within a dialog: %q", g.to)
		}
		number, ok := g.number()
		if cseq := req.CSeq(); ok && cseq != nil && (cseq.SeqNo != number || req.CallID().Value() != string(value(g.callID))) {
			t.Fatalf("%d and %q by a glance, %d and %q when parsed", number, value(g.callID), cseq.SeqNo, req.CallID().Value())
		}
	})
}

func TestSheddingAllocatesLittle(t *testing.T) {
	data, source := []byte(other("x").text(sdp)), netip.MustParseAddrPort(carrierAddr)
	var b []byte
	if n := testing.AllocsPerRun(1000, func() {
		g, _ := glance(data)
		_, _ = g.number()
		b = appendRefusal(b[:0], &g, source, []byte("ourtag"), 2)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
