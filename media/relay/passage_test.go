package relay

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pion/rtcp"
)

func TestFormatsPassWhereBothHaveThem(t *testing.T) {
	numbers := map[Format]uint8{
		PCMA: 8, PCMU: 0, G722: 9, Opus: 111, G729: 18, AMR: 97, AMRWB: 98, ComfortNoise: 13,
		TelephoneEvent: 101, TelephoneEventWide: 102, TelephoneEventFull: 103,
	}
	for format := Format(1); format < formats; format++ {
		for other := Format(1); other < formats; other++ {
			x := talking(PCMA)
			x.flow.Ends[0].Takes.Set(numbers[format], format)
			b := &x.flow.Ends[1]
			b.Accepts, b.Types[other] = Formats(0).With(other), numbers[other]+1
			x.install(x.flow, start)
			out := make([]byte, maxDatagram+cryptOverhead)
			_, drop := x.pass(0, peerA, packet(t, numbers[format], 1, 1, 1, "\x01\x02\x03\x04"), out, start)
			passes := format == other || format.G711() && other.G711() || format.Event() && other.Event()
			switch {
			case passes && drop != 0, !passes && drop != DropUnmatched:
				t.Errorf("%s to %s: %s", inSDP{format}, inSDP{other}, drop)
			case passes && out[1]&lastType != numbers[other]+1:
				t.Errorf("%s to %s: sent as %d", inSDP{format}, inSDP{other}, out[1]&lastType)
			}
		}
	}
}

func TestGapIsClosedWhereAFormatStays(t *testing.T) {
	x := talking(PCMA)
	x.flow.Ends[0].Takes.Set(13, ComfortNoise)
	l := newScene(t, x)
	l.mustSay(8, 1, 160, speech(160))
	if _, drop := l.say(13, 2, 320, []byte{60}); drop != DropUnmatched {
		t.Fatalf("comfort noise: %s", drop)
	}
	if p := l.mustSay(8, 3, 4000, speech(160)); p.SequenceNumber != 101 || p.Timestamp != 7000+3840 {
		t.Errorf("%+v", p.Header)
	}
	if p := l.mustSay(8, 5, 4320, speech(160)); p.SequenceNumber != 103 {
		t.Errorf("a loss is hidden: %+v", p.Header)
	}
	if p := l.mustSay(8, 4, 4160, speech(160)); p.SequenceNumber != 102 {
		t.Errorf("not put back in order: %+v", p.Header)
	}
	if _, drop := l.say(13, 7, 4640, []byte{60}); drop != DropUnmatched {
		t.Fatalf("comfort noise: %s", drop)
	}
	if _, drop := l.say(8, 6, 4480, speech(160)); drop != DropLate {
		t.Errorf("its number is another's now: %s", drop)
	}
}

func TestHoldIsNoLoss(t *testing.T) {
	x := talking(PCMA)
	l := newScene(t, x)
	l.mustSay(8, 1, 160, speech(160))
	x.flow.Ends[1].Listens = false
	for i := range uint16(500) {
		l.wait(20 * time.Millisecond)
		if _, drop := l.say(8, 2+i, 320+160*uint32(i), speech(160)); drop != DropHeld {
			t.Fatal(drop)
		}
	}
	x.flow.Ends[1].Listens = true
	l.wait(20 * time.Millisecond)
	p := l.mustSay(8, 502, 160*502, speech(160))
	if p.SequenceNumber != 101 || p.Timestamp != 7000+501*160 || !p.Marker {
		t.Errorf("%+v", p.Header)
	}
	if _, drop := l.say(8, 460, 160*460, speech(160)); drop != DropLate {
		t.Errorf("from before: %s", drop)
	}
}

// Whatever comes and goes, no sequence number is sent twice but for a packet that was overtaken:
// under SRTP two packets with one number betray both.
func TestNumbersAreSentOnce(t *testing.T) {
	x := talking(PCMA)
	l := newScene(t, x)
	seen := map[uint16]bool{}
	send := func(number uint8, sequence uint16, timestamp uint32, payload []byte) {
		if p, drop := l.say(number, sequence, timestamp, payload); drop == 0 {
			if seen[p.SequenceNumber] {
				t.Errorf("far packet %d: %d is sent twice", sequence, p.SequenceNumber)
			}
			seen[p.SequenceNumber] = true
		}
		l.wait(10 * time.Millisecond)
		for _, p := range l.due(1) {
			if seen[p.SequenceNumber] {
				t.Errorf("ours: %d is sent twice", p.SequenceNumber)
			}
			seen[p.SequenceNumber] = true
		}
	}
	for i, sequence := range []uint16{1, 2, 2, 4, 3, 3, 5, 9000, 9001, 9000, 8999, 20, 21, 19, 20, 65000, 65001, 9, 10, 11} {
		switch i {
		case 5:
			l.x.play(1, rising(400), false, l.now)
		case 11:
			l.x.press(1, 4, 0, l.now)
		case 14:
			x.flow.Ends[0].Swallow = true
		}
		send(8, sequence, uint32(sequence)*160, speech(160))
		send(101, sequence+1, uint32(sequence)*160, event(1, i%3 == 0, 0, uint16(80*i)))
		send(8, sequence+1, uint32(sequence)*160, speech(160))
	}
	if len(seen) < 15 {
		t.Errorf("only %d packets were sent", len(seen))
	}
}

func TestSourceThatCountsAgain(t *testing.T) {
	l := newScene(t, talking(PCMA))
	for i, sequence := range []uint16{1, 2, 3, 9000, 1, 2, 3} {
		if p := l.mustSay(8, sequence, uint32(i)*160, speech(160)); p.SequenceNumber != uint16(100+i) {
			t.Errorf("packet %d: %+v", i, p.Header)
		}
	}
}

func TestWhatIsNotRTP(t *testing.T) {
	stun := binary.BigEndian.AppendUint32([]byte{0, 1, 0, 0}, stunCookie)
	zrtp := binary.BigEndian.AppendUint32([]byte{0x10, 0, 0, 1}, zrtpCookie)
	for name, c := range map[string]struct {
		in   []byte
		want Drop
	}{
		"STUN":           {append(stun, make([]byte, 12)...), DropSTUN},
		"STUN, cut":      {append(stun, make([]byte, 11)...), DropMalformed},
		"a TURN channel": {append([]byte{0x40, 0}, make([]byte, 20)...), DropMalformed},
		"ZRTP":           {append(zrtp, make([]byte, 12)...), DropZRTP},
		"DTLS":           {append([]byte{22, 254, 253}, make([]byte, 20)...), DropDTLS},
		"zeros":          {make([]byte, 200), DropMalformed},
		"nothing":        {nil, DropMalformed},
		"ones":           {[]byte("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), DropMalformed},
		"RTCP":           {marshal(t, &rtcp.SenderReport{SSRC: 1}), DropFormat},
	} {
		if _, drop := talking(PCMA).pass(0, peerA, c.in, make([]byte, maxDatagram), start); drop != c.want {
			t.Errorf("%s: %s, want %s", name, drop, c.want)
		}
	}
}

func TestReportsShareThePort(t *testing.T) {
	x := talking(PCMA)
	x.flow.Ends[0].Mux, x.flow.Ends[0].RTCP = true, peerA
	x.install(x.flow, start)
	out := make([]byte, maxDatagram)
	report := marshal(t, &rtcp.ReceiverReport{SSRC: 1})
	n, drop := x.pass(0, peerA, report, out, start)
	x.account(0, len(report), n, drop)
	if c := x.counters(0); n != 0 || drop != 0 || c.ReportsIn != 1 || c.In.Packets != 0 {
		t.Errorf("%d bytes, %s, %+v", n, drop, c)
	}
	if _, drop := x.pass(0, peerB, report, out, start); drop != DropStranger {
		t.Errorf("a stranger's: %s", drop)
	}
	if _, to, _ := x.report(0, make([]byte, largestSent), start); to != peerA {
		t.Errorf("ours goes to %s", to)
	}
	if _, drop := x.pass(0, peerA, packet(t, 8, 1, 1, 1, "sound"), out, start); drop != 0 {
		t.Errorf("RTP: %s", drop)
	}
}

func TestPeerBehindANATIsToldOf(t *testing.T) {
	x := talking(PCMA)
	x.flow.Ends[0].NAT = true
	x.install(x.flow, start)
	out := make([]byte, maxDatagram)
	mapped := netip.AddrPortFrom(peerA.Addr(), 61000)
	for i := range uint16(6) {
		_, drop := x.pass(0, mapped, packet(t, 8, i, 160*uint32(i), 1, "sound"), out, start)
		if passes := drop == 0; passes != (i >= 3) {
			t.Errorf("packet %d: %s", i, drop)
		}
	}
	if x.peer(0) != mapped {
		t.Errorf("sent to %s", x.peer(0))
	}
	e, _ := x.nextEvent()
	if diff := cmp.Diff(Event{Kind: Latched}, e); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if _, ok := x.nextEvent(); ok {
		t.Error("told twice")
	}
	if _, drop := x.pass(0, peerA, packet(t, 8, 9, 9, 1, "sound"), out, start); drop != DropStranger {
		t.Errorf("from where it was signalled: %s", drop)
	}
	x = talking(PCMA)
	x.flow.Ends[0].NAT = true
	x.install(x.flow, start)
	x.pass(0, peerA, packet(t, 8, 9, 9, 1, "sound"), out, start)
	if e, ok := x.nextEvent(); ok {
		t.Errorf("where the SDP said, yet told: %v", e)
	}
}

func TestForgedPacketsLatchNothing(t *testing.T) {
	x, peers := encrypted(t, AESGCM128, 0)
	x.flow.Ends[0].NAT = true
	x.install(x.flow, start)
	out := make([]byte, maxDatagram+cryptOverhead)
	mapped := netip.AddrPortFrom(peerA.Addr(), 61000)
	for i := range uint16(8) {
		if _, drop := x.pass(0, mapped, packet(t, 8, i, 160*uint32(i), 1, "a forged sound that is long"), out, start); drop != DropForged {
			t.Errorf("packet %d: %s", i, drop)
		}
	}
	if x.peer(0) != peerA {
		t.Errorf("sent to %s", x.peer(0))
	}
	in := peers[0].mustSeal(t, packet(t, 8, 1, 1, 1, "sound"))
	if _, drop := x.pass(0, peerA, in, out, start); drop != 0 {
		t.Errorf("the peer: %s", drop)
	}
}

func TestFloodIsDropped(t *testing.T) {
	x, out := talking(PCMA), make([]byte, maxDatagram)
	passed := 0
	for i := range uint16(1000) {
		if _, drop := x.pass(0, peerA, packet(t, 8, i, 160*uint32(i), 1, "sound"), out, start); drop == 0 {
			passed++
		}
	}
	if passed < 250 || passed > 350 {
		t.Errorf("%d of 1000 packets pass at once", passed)
	}
}
