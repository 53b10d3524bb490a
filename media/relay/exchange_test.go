package relay

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

var (
	peerA = netip.MustParseAddrPort("127.0.0.2:4000")
	peerB = netip.MustParseAddrPort("127.0.0.3:5000")
	start = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)

	sourceA = Source{SSRC: 0xA0A0A0A0, Sequence: 65534, Timestamp: 1 << 31, CNAME: "ours-to-a", wallclock: 0x1234567887654321}
	sourceB = Source{SSRC: 0xB0B0B0B0, Sequence: 100, Timestamp: 7000, CNAME: "ours-to-b", wallclock: 0x0FEDCBA998765432}
)

// newExchange is one between two peers, at a desk of its own.
func newExchange() *exchange {
	x := &exchange{desk: new(desk)}
	x.begin([2]Source{sourceA, sourceB})
	return x
}

// talking is a call in which A speaks A-law with events as 101, and B the law given, with
// events as 96.
func talking(law Format) *exchange {
	x := newExchange()
	x.install(Flow{Ends: [2]End{end(peerA, PCMA, 8, 101), end(peerB, law, numberOf(law), 96)}}, start)
	return x
}

func numberOf(law Format) uint8 {
	if law == PCMA {
		return 8
	}
	return 0
}

func end(peer netip.AddrPort, audio Format, number, event uint8) End {
	e := End{
		RTP: peer, RTCP: netip.AddrPortFrom(peer.Addr(), peer.Port()+1),
		Speaks: true, Listens: true, Audio: audio, Accepts: Formats(0).With(audio).With(TelephoneEvent),
	}
	e.Takes.Set(number, audio)
	e.Takes.Set(event, TelephoneEvent)
	e.Types[audio], e.Types[TelephoneEvent] = number, event
	return e
}

func wire(t testing.TB, p rtp.Packet) []byte {
	t.Helper()
	p.Version = 2
	b, err := p.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func packet(t testing.TB, number uint8, sequence uint16, timestamp, ssrc uint32, payload string) []byte {
	return wire(t, rtp.Packet{
		Header:  rtp.Header{PayloadType: number, SequenceNumber: sequence, Timestamp: timestamp, SSRC: ssrc},
		Payload: []byte(payload),
	})
}

func mustPass(t *testing.T, x *exchange, end int, source netip.AddrPort, in []byte, now time.Time) rtp.Packet {
	t.Helper()
	out := make([]byte, maxDatagram+cryptOverhead)
	n, drop := x.pass(end, source, in, out, now)
	if drop != 0 {
		t.Fatalf("dropped: %s", drop)
	}
	var p rtp.Packet
	if err := p.Unmarshal(out[:n]); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestOnlyThePayloadPasses(t *testing.T) {
	in := packet(t, 8, 500, 160000, 0x11223344, "sound")
	in[0] |= 1<<5 | 1<<4 | 2 // padding, extension, two CSRCs
	in[1] |= 0x80            // marker
	extra := append([]byte("CSR1CSR2\xbe\xde\x00\x02\x36EXTENSN"), "sound"...)
	in = append(append(in[:12:12], extra...), "PADDIN\x07"...)

	p := mustPass(t, talking(PCMA), 0, peerA, in, start)
	want := rtp.Header{Version: 2, Marker: true, PayloadType: 8, SequenceNumber: 100, Timestamp: 7000, SSRC: sourceB.SSRC}
	if p.Version != want.Version || p.Padding || p.Extension || len(p.CSRC) != 0 || p.Marker != want.Marker ||
		p.PayloadType != want.PayloadType || p.SequenceNumber != want.SequenceNumber ||
		p.Timestamp != want.Timestamp || p.SSRC != want.SSRC {
		t.Errorf("header %+v, want %+v", p.Header, want)
	}
	if string(p.Payload) != "sound" {
		t.Errorf("payload %q", p.Payload)
	}
}

func TestPacketIsDropped(t *testing.T) {
	good := func(t *testing.T) []byte { return packet(t, 8, 1, 1, 1, "sound") }
	version1 := func(t *testing.T) []byte { b := good(t); b[0] = 1 << 6; return b }
	cut := func(n int) func(*testing.T) []byte { return func(t *testing.T) []byte { return good(t)[:n] } }
	padded := func(t *testing.T) []byte { b := good(t); b[0] |= 1 << 5; b[len(b)-1] = 200; return b }
	typed := func(n uint8) func(*testing.T) []byte {
		return func(t *testing.T) []byte { return packet(t, n, 1, 1, 1, "\x05\x0a\x00\xa0") }
	}
	asIs := func(*exchange) {}
	for _, c := range []struct {
		name   string
		change func(*exchange)
		source string
		in     func(*testing.T) []byte
		want   Drop
	}{
		{"from the peer", asIs, "127.0.0.2:4000", good, 0},
		{"before the bridge", func(x *exchange) { x.open = false }, "127.0.0.2:4000", good, DropClosed},
		{"another port of the peer", asIs, "127.0.0.2:4001", good, DropStranger},
		{"the same port of another", asIs, "127.0.0.9:4000", good, DropStranger},
		{"the other leg's peer", asIs, "127.0.0.3:5000", good, DropStranger},
		{"no address in the SDP", func(x *exchange) { x.flow.Ends[0].RTP = netip.AddrPort{} }, "127.0.0.2:4000", good, DropStranger},
		{"version 1", asIs, "127.0.0.2:4000", version1, DropMalformed},
		{"empty", asIs, "127.0.0.2:4000", cut(0), DropMalformed},
		{"half a header", asIs, "127.0.0.2:4000", cut(11), DropMalformed},
		{"more padding than packet", asIs, "127.0.0.2:4000", padded, DropMalformed},
		{"a law not negotiated", asIs, "127.0.0.2:4000", typed(0), DropFormat},
		{"the other leg's event number", asIs, "127.0.0.2:4000", typed(96), DropFormat},
		{"comfort noise", asIs, "127.0.0.2:4000", typed(13), DropFormat},
		{"an event", asIs, "127.0.0.2:4000", typed(101), 0},
		{"an event the other can't take", func(x *exchange) { x.flow.Ends[1].Accepts = Formats(0).With(PCMA) }, "127.0.0.2:4000", typed(101), DropUnmatched},
		{"the speaker on hold", func(x *exchange) { x.flow.Ends[0].Speaks = false }, "127.0.0.2:4000", good, DropHeld},
		{"the listener on hold", func(x *exchange) { x.flow.Ends[1].Listens = false }, "127.0.0.2:4000", good, DropHeld},
		{"the listener at no address", func(x *exchange) { x.flow.Ends[1].RTP = netip.AddrPort{} }, "127.0.0.2:4000", good, DropHeld},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := talking(PCMA)
			c.change(x)
			if x.open {
				x.install(x.flow, start)
			}
			_, drop := x.pass(0, netip.MustParseAddrPort(c.source), c.in(t), make([]byte, maxDatagram+cryptOverhead), start)
			if drop != c.want {
				t.Errorf("%s, want %s", drop, c.want)
			}
		})
	}
}

func TestPayloadTypesAreMappedPerLeg(t *testing.T) {
	x := talking(PCMU)
	for i, c := range []struct {
		name     string
		end      int
		source   netip.AddrPort
		number   uint8
		payload  string
		want     uint8
		received string
	}{
		{"audio to B", 0, peerA, 8, "\xd5\xaa", 0, "\xfe\x80"},
		{"audio to A", 1, peerB, 0, "\xff\x00", 8, "\x55\x2a"},
		{"event to B", 0, peerA, 101, "\x05\x0a\x00\xa0", 96, "\x05\x0a\x00\xa0"},
		{"event to A", 1, peerB, 96, "\x05\x0a\x00\xa0", 101, "\x05\x0a\x00\xa0"},
	} {
		p := mustPass(t, x, c.end, c.source, packet(t, c.number, uint16(i), uint32(i), uint32(c.end), c.payload), start)
		if p.PayloadType != c.want || string(p.Payload) != c.received {
			t.Errorf("%s: type %d payload %x, want %d %x", c.name, p.PayloadType, p.Payload, c.want, c.received)
		}
	}
}

func TestNewSourceContinuesOurs(t *testing.T) {
	x := talking(PCMA)
	type step struct {
		after         time.Duration
		ssrc          uint32
		sequence      uint16
		timestamp     uint32
		wantSequence  uint16
		wantTimestamp uint32
	}
	for i, s := range []step{
		{0, 1, 65535, 4294967295, 65534, 1 << 31},
		{20 * time.Millisecond, 1, 0, 159, 65535, 1<<31 + 160},
		{60 * time.Millisecond, 1, 2, 479, 1, 1<<31 + 480},          // one is late
		{61 * time.Millisecond, 1, 1, 319, 0, 1<<31 + 320},          // here it is
		{160 * time.Millisecond, 2, 9000, 77, 2, 1<<31 + 480 + 800}, // 100 ms after the newest
		{180 * time.Millisecond, 2, 9001, 237, 3, 1<<31 + 480 + 960},
		{180 * time.Millisecond, 3, 5, 5, 4, 1<<31 + 480 + 1120}, // at once: still a frame later
	} {
		p := mustPass(t, x, 1, peerB, packet(t, 8, s.sequence, s.timestamp, s.ssrc, "s"), start.Add(s.after))
		if p.SSRC != sourceA.SSRC || p.SequenceNumber != s.wantSequence || p.Timestamp != s.wantTimestamp {
			t.Errorf("packet %d: %x %d %d, want %x %d %d", i, p.SSRC, p.SequenceNumber, p.Timestamp,
				sourceA.SSRC, s.wantSequence, s.wantTimestamp)
		}
	}
	if got := x.ends[1].counters.Sources; got != 3 {
		t.Errorf("%d sources, want 3", got)
	}
}

func TestPassAllocatesNothing(t *testing.T) {
	for _, law := range []Format{PCMA, PCMU} {
		x, out := talking(law), make([]byte, maxDatagram+cryptOverhead)
		x.tap = NewTap()
		in, i := packet(t, 8, 1, 1, 1, string(make([]byte, 160))), 0
		allocs := testing.AllocsPerRun(1000, func() {
			i++
			binary.BigEndian.PutUint16(in[2:], uint16(i))
			n, drop := x.pass(0, peerA, in, out, start.Add(time.Duration(i)*20*time.Millisecond))
			x.account(0, len(in), n, drop)
		})
		if c := x.counters(1); c.Out.Packets < 1000 {
			t.Fatalf("%d packets passed", c.Out.Packets)
		}
		if allocs != 0 {
			t.Errorf("%s: %v allocations for a packet", law, allocs)
		}
	}
}

func TestPassOfAnOrnatePacketAllocatesNothing(t *testing.T) {
	x, out := talking(PCMA), make([]byte, maxDatagram+cryptOverhead)
	in, i := callers[1].rtp(t, 8, false, 0, 0, speech(160)), 0
	allocs := testing.AllocsPerRun(1000, func() {
		i++
		binary.BigEndian.PutUint16(in[2:], uint16(i))
		if _, drop := x.pass(0, peerA, in, out, start.Add(time.Duration(i)*20*time.Millisecond)); drop != 0 {
			t.Fatal(drop)
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations for a packet", allocs)
	}
}

func BenchmarkPass(b *testing.B) {
	for _, law := range []Format{PCMA, PCMU} {
		b.Run("A-law to "+law.String(), func(b *testing.B) {
			x, out := talking(law), make([]byte, maxDatagram+cryptOverhead)
			in := packet(b, 8, 1, 1, 1, string(make([]byte, 160)))
			b.ReportAllocs()
			for i := range b.N {
				binary.BigEndian.PutUint16(in[2:], uint16(i))
				n, drop := x.pass(0, peerA, in, out, start.Add(time.Duration(i)*20*time.Millisecond))
				x.account(0, len(in), n, drop)
			}
		})
	}
}

func TestReportIsOurs(t *testing.T) {
	x := talking(PCMA)
	out := make([]byte, maxDatagram+cryptOverhead)
	for i := range uint16(10) {
		if i == 4 {
			continue // lost
		}
		at := start.Add(time.Duration(i) * 20 * time.Millisecond)
		in := packet(t, 8, 1000+i, uint32(i)*160, 0xCAFE, string(make([]byte, 160)))
		n, drop := x.pass(0, peerA, in, out, at)
		x.account(0, len(in), n, drop)
	}
	x.hearReport(0, x.flow.Ends[0].RTCP, marshal(t, &rtcp.SenderReport{SSRC: 0xCAFE, NTPTime: 0x1122334455667788}), start)

	now := start.Add(2 * time.Second)
	want := map[int][]rtcp.Packet{
		0: {&rtcp.ReceiverReport{SSRC: sourceA.SSRC, Reports: []rtcp.ReceptionReport{{
			SSRC: 0xCAFE, FractionLost: 25, TotalLost: 1, LastSequenceNumber: 1009,
			LastSenderReport: 0x33445566, Delay: 2 << 16,
		}}, ProfileExtensions: []byte{}}, sourceA.description()},
		1: {&rtcp.SenderReport{
			SSRC: sourceB.SSRC, NTPTime: sourceB.wallclock.at(now),
			RTPTime: 7000 + 2*8000, PacketCount: 9, OctetCount: 9 * 160,
		}, sourceB.description()},
	}
	for end, packets := range want {
		datagram, to, err := x.report(end, make([]byte, largestSent), now)
		if err != nil || to != x.flow.Ends[end].RTCP {
			t.Fatalf("end %d: report to %s, %v", end, to, err)
		}
		got, err := rtcp.Unmarshal(datagram)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(packets, got); diff != "" {
			t.Errorf("end %d: (-want +got)\n%s", end, diff)
		}
	}
}

func TestReportOfThePeerIsReadOnly(t *testing.T) {
	x := talking(PCMA)
	ours := x.flow.Ends[0].RTCP
	for _, c := range []struct {
		name   string
		source netip.AddrPort
		in     []byte
		want   Tally
	}{
		{"sound", ours, marshal(t, &rtcp.ReceiverReport{SSRC: 1}), Tally{ReportsIn: 1}},
		{"goodbye", ours, marshal(t, &rtcp.Goodbye{Sources: []uint32{1}, Reason: "+15550001111"}), Tally{ReportsIn: 2}},
		{"empty", ours, nil, Tally{ReportsIn: 2, ReportsBad: 1}},
		{"truncated", ours, marshal(t, &rtcp.SenderReport{SSRC: 1})[:20], Tally{ReportsIn: 2, ReportsBad: 2}},
		{"from the RTP port", peerA, marshal(t, &rtcp.ReceiverReport{SSRC: 1}), Tally{ReportsIn: 2, ReportsBad: 2, RTCPDropped: 1}},
	} {
		x.hearReport(0, c.source, c.in, start)
		if got := x.ends[0].counters; got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

func TestNoReportWithoutAFlow(t *testing.T) {
	for name, change := range map[string]func(*exchange){
		"closed":     func(x *exchange) { x.open = false },
		"no address": func(x *exchange) { x.flow.Ends[0].RTP, x.flow.Ends[0].RTCP = netip.AddrPort{}, netip.AddrPort{} },
	} {
		x := talking(PCMA)
		change(x)
		if x.open {
			x.install(x.flow, start)
		}
		if datagram, _, err := x.report(0, make([]byte, largestSent), start); datagram != nil || err != nil {
			t.Errorf("%s: report %x, %v", name, datagram, err)
		}
	}
}

func marshal(t testing.TB, p rtcp.Packet) []byte {
	t.Helper()
	b, err := p.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Whatever a peer sends: what comes out is 12 bytes of our header, and the payload or one event.
func FuzzRTP(f *testing.F) {
	sound := packet(f, 8, 1, 1, 1, "sound")
	f.Add(sound, packet(f, 101, 2, 1, 1, "\x01\x8a\x00\xa0"))
	f.Add(packet(f, 101, 1, 1, 1, "\x01\x8a\x00\xa0"), packet(f, 101, 2, 1, 1, "\x01\xff\xff\xffmore"))
	f.Add(sound, []byte("\xb2\x88\x01\xf4\x00\x02\x71\x00\x11\x22\x33\x44CSR1CSR2\xbe\xde\x00\x02\x36EXTENSNsoundPADDIN\x07"))
	f.Add(sound, []byte{0x90, 8, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0x10, 0, 0xff, 0xff})
	f.Add(sound, []byte("\x80\xc8"))
	f.Fuzz(func(t *testing.T, first, second []byte) {
		x := talking(PCMA)
		for i, in := range [][]byte{first, second} {
			if len(in) > maxDatagram {
				return
			}
			out := make([]byte, maxDatagram+cryptOverhead)
			before := bytes.Clone(in)
			n, drop := x.pass(0, peerA, in, out, start.Add(time.Duration(i)*time.Millisecond))
			if drop != 0 {
				continue
			}
			if out[0] != 2<<6 || binary.BigEndian.Uint32(out[8:]) != sourceB.SSRC || n > len(in) {
				t.Errorf("header %x of %d bytes for %x", out[:12], n, in)
			}
			isEvent := out[1]&lastType == 96 && n == headerSize+eventSize && out[headerSize+1]&0x7f == volume
			if !isEvent && !bytes.Contains(before[headerSize:], out[headerSize:n]) {
				t.Errorf("payload %x is not in %x", out[headerSize:n], before)
			}
		}
	})
}

// Whatever a peer reports: it is counted once, and our own report stays well-formed and its own.
func FuzzRTCP(f *testing.F) {
	f.Add(marshal(f, &rtcp.SenderReport{SSRC: 1, NTPTime: 1 << 40}))
	f.Add(marshal(f, &rtcp.Goodbye{Sources: []uint32{1}, Reason: "+15550001111"}))
	f.Add(marshal(f, (Source{SSRC: 1, CNAME: "user@host"}).description()))
	f.Add([]byte{0x80, 201, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, in []byte) {
		x, out := talking(PCMA), make([]byte, maxDatagram+cryptOverhead)
		x.pass(0, peerA, packet(t, 8, 1, 1, 1, "sound"), out, start)
		x.hearReport(0, x.flow.Ends[0].RTCP, in, start)
		if c := x.ends[0].counters; c.ReportsIn+c.ReportsBad != 1 {
			t.Errorf("counted %+v", c)
		}
		quiet := talking(PCMA)
		quiet.pass(0, peerA, packet(t, 8, 1, 1, 1, "sound"), out, start)
		heard, _, _ := x.report(1, make([]byte, largestSent), start)
		unheard, _, _ := quiet.report(1, make([]byte, largestSent), start)
		if !bytes.Equal(heard, unheard) {
			t.Errorf("report to B is a function of A's: %x, %x", heard, unheard)
		}
	})
}
