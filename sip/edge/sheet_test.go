package edge

import (
	"net/netip"
	"reflect"
	"testing"

	"maskd/sip/leg"
)

// Only a message that nobody keeps makes place for the next.
func TestWhatIsKeptDoesNotPass(t *testing.T) {
	for _, tc := range []struct {
		start, cseq string
		passes      bool
	}{
		{"ACK sip:+1@192.0.2.50 SIP/2.0", "7 ACK", true},
		{"BYE sip:+1@192.0.2.50 SIP/2.0", "8 BYE", false},
		{"INVITE sip:+1@192.0.2.50 SIP/2.0", "7 INVITE", false},
		{"SIP/2.0 100 Trying", "7 INVITE", true},
		{"SIP/2.0 183 Session Progress", "7 INVITE", true},
		{"SIP/2.0 200 OK", "7 INVITE", false},
		{"SIP/2.0 486 Busy Here", "7 INVITE", false},
		{"SIP/2.0 401 Unauthorized", "7 UPDATE", false},
		{"SIP/2.0 200 OK", "7 BYE", true},
		{"SIP/2.0 200 OK", "7 BYE\r\nCSeq: 7 INVITE", false}, // it counts as the last one says
	} {
		r, text := newReader(), []byte(invite().start(tc.start).with("CSeq: "+tc.cseq).text(""))
		one, _ := r.read(text, true)
		if other, err := r.read(text, true); err != nil || one == other != tc.passes {
			t.Errorf("%s of %s: passes is %t, %v", tc.start, tc.cseq, !tc.passes, err)
		}
	}
}

// What a leg hears is its own, though the reader has read on before the leg looks at it.
func TestWhatALegHearsIsItsOwn(t *testing.T) {
	l := newListener(UDP)
	east := carrier("192.0.2.0/28")
	l.edge.peering.Store(&peering{trunks: trunks{&east}})
	l.edge.intake, l.edge.legs, l.edge.invites, l.reader, l.ledger = newIntake(), newIndex(), newIndex(), newReader(), newLedger()
	var heard []Signal
	l.edge.invites.put("z9hG4bKonce", entry{callID: "call-of-the-caller", trunk: &east, put: func(s Signal) bool {
		heard = append(heard, s)
		return true
	}})
	rings := func(callID, phone string) {
		text := invite().start("SIP/2.0 180 Ringing").with("Call-ID: " + callID).with("To: <sip:+1@h>;tag=" + phone).
			with("Contact: <sip:" + phone + "@192.0.2.9:5070>").and("Record-Route: <sip:" + phone + "@192.0.2.8;lr>").text("")
		l.hear([]byte(text), netip.MustParseAddrPort("192.0.2.9:5060"), newSpellings())
	}
	rings("call-of-the-caller", "first")
	rings("of-another", "second")
	if len(heard) != 1 || heard[0].In.Kind != leg.GotRinging {
		t.Fatalf("heard %d signals", len(heard))
	}
	f := heard[0].facts
	if f.tag != "first" || f.target.User != "first" || len(f.routes) != 1 || f.routes[0].User != "first" {
		t.Errorf("what was heard is now of another message: tag %q, %s, %v", f.tag, f.target, f.routes)
	}
	if !l.reader.responses.blank {
		t.Error("the response was kept")
	}
}

// A sheet that is written on again has nothing of what it had.
func TestATornSheetIsBlank(t *testing.T) {
	var p pad[responseSheet]
	s := p.tear()
	s.msg.Reason, s.head.callID, s.head.viaParams[2].K = "gone", "gone", "gone"
	p.blank = true
	if again := p.tear(); again != s || !reflect.ValueOf(*again).IsZero() {
		t.Errorf("a new sheet, or one with %+v on it", again)
	}
	if p.tear() == s {
		t.Error("a sheet that may have been kept is written on")
	}
}
