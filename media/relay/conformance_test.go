package relay

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

func TestSoundPassesBothWays(t *testing.T) {
	onEachMover(t, func(t *testing.T, open maker) {
		c := converse(t, open, "127.21.0.1", PCMA)
		for i := range uint16(50) {
			toB, toA := fmt.Sprintf("a speaks %d", i), fmt.Sprintf("b speaks %d", i)
			c.a.send(packet(t, 8, i, uint32(i)*160, 1, toB))
			c.b.send(packet(t, 8, i, uint32(i)*160, 2, toA))
			if got := payloadOf(t, c.b.hear()); got != toB {
				t.Errorf("B heard %q, want %q", got, toB)
			}
			if got := payloadOf(t, c.a.hear()); got != toA {
				t.Errorf("A heard %q, want %q", got, toA)
			}
		}
		counters := c.Release(c.id)
		for end := range counters {
			if in, out := counters[end].In, counters[1-end].Out; in.Packets != 50 || in != out {
				t.Errorf("end %d: %+v came in, %+v went out on the other", end, in, out)
			}
		}
	})
}

func TestPacketComesFromOurPort(t *testing.T) {
	onEachMover(t, func(t *testing.T, open maker) {
		c := converse(t, open, "127.21.0.2", PCMA)
		c.a.send(packet(t, 8, 1, 1, 1, "sound"))
		_, source, err := c.b.rtp.ReadFromUDPAddrPort(make([]byte, maxDatagram))
		if err != nil || source != c.b.relay {
			t.Errorf("from %s, %v, want %s", source, err, c.b.relay)
		}
	})
}

// Whatever one phone puts into its packets and reports beside the payload, the other phone
// receives no byte of it.
func TestNothingOfOneSideReachesTheOther(t *testing.T) {
	onEachMover(t, func(t *testing.T, open maker) {
		c := converse(t, open, "127.21.0.3", PCMA)
		secrets := map[*phone][]string{c.a: {"AAAA", "CSRA", "EXTENSA", "PADDINA", "alice@carrier-a"}, c.b: {"BBBB", "CSRB", "EXTENSB", "PADDINB", "bob@carrier-b"}}
		for i := range uint16(20) {
			for p, s := range secrets {
				p.send(loaded(s, 7000+i))
				p.report(&rtcp.SenderReport{SSRC: word(s[0])}, Source{SSRC: word(s[0]), CNAME: s[4]}.description(),
					&rtcp.Goodbye{Sources: []uint32{word(s[0])}, Reason: s[4]})
			}
		}
		heard, clocks := map[*phone][]byte{}, map[*phone]uint64{}
		for _, p := range []*phone{c.a, c.b} {
			for range 20 {
				heard[p] = append(heard[p], p.hear()...)
			}
			for range 3 {
				report := p.hearReport()
				packets, err := rtcp.Unmarshal(report)
				if err != nil {
					t.Fatalf("report: %v", err)
				}
				if sent, ok := packets[0].(*rtcp.SenderReport); ok {
					clocks[p] = sent.NTPTime
				}
				heard[p] = append(heard[p], report...)
			}
		}
		// In units of 2^-32 s; the two were sent within a moment.
		if apart := min(clocks[c.a]-clocks[c.b], clocks[c.b]-clocks[c.a]); apart < 60<<32 {
			t.Errorf("both legs are told the same time: %x and %x", clocks[c.a], clocks[c.b])
		}
		for speaker, listener := range map[*phone]*phone{c.a: c.b, c.b: c.a} {
			for _, secret := range secrets[speaker] {
				if bytes.Contains(heard[listener], []byte(secret)) {
					t.Errorf("%q reached the other side", secret)
				}
			}
		}
		if bytes.Contains(heard[c.a], []byte(sourceB.CNAME)) || bytes.Contains(heard[c.b], []byte(sourceA.CNAME)) {
			t.Error("our name on one leg is told on the other")
		}
	})
}

// loaded is a packet with all that RFC 3550 lets a peer put into one.
func loaded(s []string, sequence uint16) []byte {
	p := rtp.Packet{Header: rtp.Header{
		Version: 2, PayloadType: 8, SequenceNumber: sequence, SSRC: word(s[0]), CSRC: []uint32{word(s[1])},
	}, Payload: []byte("sound")}
	_ = p.SetExtension(3, []byte(s[2]))
	b, _ := p.Marshal()
	b[0] |= 1 << 5
	return append(append(b, s[3]...), byte(len(s[3])+1))
}

func word(s string) uint32 {
	return uint32(s[0])<<24 | uint32(s[1])<<16 | uint32(s[2])<<8 | uint32(s[3])
}

func TestStrangerIsNotHeard(t *testing.T) {
	onEachMover(t, func(t *testing.T, open maker) {
		c := converse(t, open, "127.21.0.4", PCMA)
		otherPort := openSocket(t, "127.21.0.4", 0)
		otherHost := openSocket(t, "127.21.0.5", local(c.a.rtp).Port())
		for range 10 {
			sendFrom(t, otherPort, packet(t, 8, 1, 1, 1, "injected"), c.a.relay)
			sendFrom(t, otherHost, packet(t, 8, 1, 1, 1, "injected"), c.a.relay)
			sendFrom(t, c.b.rtp, packet(t, 8, 1, 1, 1, "injected"), c.a.relay)
		}
		sendFrom(t, otherPort, marshal(t, &rtcp.ReceiverReport{}), netip.AddrPortFrom(c.a.relay.Addr(), c.a.relay.Port()+1))
		c.a.report(&rtcp.ReceiverReport{})
		c.await(0, func(n Counters) bool { return n.ReportsIn == 1 })
		c.a.send(packet(t, 8, 1, 1, 1, "sound"))
		if got := payloadOf(t, c.b.hear()); got != "sound" {
			t.Errorf("B heard %q", got)
		}
		// Those that the system itself refused are not counted.
		if n := c.Release(c.id)[0]; n.In.Packets != 1 || n.ReportsIn != 1 || n.Drops(DropStranger) > 30 || n.RTCPDropped > 1 {
			t.Errorf("%+v", n)
		}
	})
}

func TestUnknownPayloadTypeIsNotHeard(t *testing.T) {
	onEachMover(t, func(t *testing.T, open maker) {
		c := converse(t, open, "127.21.0.6", PCMA)
		c.a.send(packet(t, 0, 1, 1, 1, "mu-law"), packet(t, 13, 2, 2, 1, "noise"), packet(t, 8, 3, 3, 1, "sound"))
		if got := payloadOf(t, c.b.hear()); got != "sound" {
			t.Errorf("B heard %q", got)
		}
		if got := c.Release(c.id)[0].Drops(DropFormat); got != 2 {
			t.Errorf("%d dropped for their format, want 2", got)
		}
	})
}

func TestGarbageEndsNothing(t *testing.T) {
	onEachMover(t, func(t *testing.T, open maker) {
		c := converse(t, open, "127.21.0.7", PCMA)
		for _, b := range [][]byte{{}, {0}, bytes.Repeat([]byte{0xff}, 100), make([]byte, 1501), make([]byte, 9000)} {
			c.a.send(b)
			sendFrom(t, c.a.rtcp, b, netip.AddrPortFrom(c.a.relay.Addr(), c.a.relay.Port()+1))
		}
		c.await(0, func(n Counters) bool { return n.Drops(DropMalformed) == 5 && n.ReportsBad == 5 })
		c.a.send(packet(t, 8, 1, 1, 1, "sound"))
		if got := payloadOf(t, c.b.hear()); got != "sound" {
			t.Errorf("B heard %q", got)
		}
	})
}

func TestUnreachablePeerEndsNothing(t *testing.T) {
	onEachMover(t, func(t *testing.T, open maker) {
		c := converse(t, open, "127.21.0.8", PCMA)
		gone := local(c.b.rtp)
		c.b.rtp.Close()
		c.b.rtcp.Close()
		for i := range uint16(20) {
			c.a.send(packet(t, 8, i, 1, 1, "unheard"))
		}
		c.await(0, func(n Counters) bool { return n.In.Packets+n.Drops(DropUnsent) == 20 })
		c.b.rtp = openSocket(t, gone.Addr().String(), gone.Port())
		c.a.send(packet(t, 8, 20, 1, 1, "sound"))
		if got := payloadOf(t, c.b.hear()); got != "sound" {
			t.Errorf("B heard %q", got)
		}
	})
}

func TestNothingPassesBeforeTheFlow(t *testing.T) {
	onEachMover(t, func(t *testing.T, open maker) {
		c := converse(t, open, "127.21.0.9", PCMA)
		c.reserve()
		c.a.send(packet(t, 8, 1, 1, 1, "early"))
		c.await(0, func(n Counters) bool { return n.Drops(DropClosed) == 1 })
	})
}

// Removal is under load from both sides. A marker sent after it arrives behind everything that
// was sent before it, and nothing may arrive behind the marker.
func TestNothingIsSentAfterRemove(t *testing.T) {
	onEachMover(t, func(t *testing.T, open maker) {
		for round := range 10 {
			c := converse(t, open, "127.21.0.10", PCMA)
			stop, flooding := make(chan struct{}), make(chan struct{}, 2)
			for _, p := range []*phone{c.a, c.b} {
				go func() { flood(p, packet(t, 8, 1, 1, 1, "sound"), stop); flooding <- struct{}{} }()
			}
			marked, after := make(chan struct{}), new(atomic.Int64)
			listening := make(chan struct{})
			go func() { countAfterMarker(c.b, marked, after); close(listening) }()
			c.await(1, func(n Counters) bool { return n.Out.Packets > 50 })
			c.Remove(c.id)
			marker := openSocket(t, "127.21.0.10", 0)
			sendUntil(t, marker, "marker", local(c.b.rtp), marked)
			c.install(PCMA)
			others := c.beside()
			for i := range uint16(100) { // all of which the mover takes in turn with what still comes
				others.a.send(packet(t, 8, i, 1, 1, "of others"))
				others.b.hear()
			}
			close(stop)
			<-flooding
			<-flooding
			sendUntil(t, marker, "end", local(c.b.rtp), listening)
			if n := after.Load(); n != 0 {
				t.Fatalf("round %d: %d packets after the end", round, n)
			}
			c.Close()
		}
	})
}

func flood(p *phone, b []byte, stop chan struct{}) {
	for sequence := uint16(1); ; sequence++ {
		binary.BigEndian.PutUint16(b[2:], sequence)
		select {
		case <-stop:
			return
		default:
			_, _ = p.rtp.WriteToUDPAddrPort(b, p.relay)
		}
	}
}

func sendUntil(t *testing.T, from interface {
	WriteToUDPAddrPort([]byte, netip.AddrPort) (int, error)
}, text string, to netip.AddrPort, seen <-chan struct{}) {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		_, _ = from.WriteToUDPAddrPort([]byte(text), to)
		select {
		case <-seen:
			return
		case <-time.After(time.Millisecond):
		}
	}
	t.Fatalf("%q was never seen", text)
}

func countAfterMarker(p *phone, marked chan struct{}, after *atomic.Int64) {
	b := make([]byte, maxDatagram)
	done := false
	for {
		n, _, err := p.rtp.ReadFromUDPAddrPort(b)
		switch text := string(b[:n]); {
		case err != nil || text == "end":
			return
		case text == "marker" && !done:
			done = true
			close(marked)
		case text != "marker" && done:
			after.Add(1)
		}
	}
}

func TestPortsRestAndRunOut(t *testing.T) {
	onEachMover(t, func(t *testing.T, open maker) {
		now := new(atomic.Int64)
		s := small(t, open, "127.21.0.11", PortRange{20000, 20003}, func() time.Time { return start.Add(time.Duration(now.Load())) })
		id, err := s.Reserve([2]Source{}, [2]Family{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Reserve([2]Source{}, [2]Family{}); !errors.Is(err, ErrNoPorts) {
			t.Errorf("second call: %v, want ErrNoPorts", err)
		}
		s.Release(id)
		now.Store(int64(DefaultRest) - 1)
		if _, err := s.Reserve([2]Source{}, [2]Family{}); !errors.Is(err, ErrNoPorts) {
			t.Errorf("call on ports that rest: %v, want ErrNoPorts", err)
		}
		now.Store(int64(DefaultRest))
		if _, err := s.Reserve([2]Source{}, [2]Family{}); err != nil {
			t.Errorf("call on ports that have rested: %v", err)
		}
	})
}

func TestPortInUseIsPassedOver(t *testing.T) {
	onEachMover(t, func(t *testing.T, open maker) {
		for _, foreign := range []uint16{20000, 20003} { // once RTP, once RTCP
			s := small(t, open, "127.21.0.12", PortRange{20000, 20005}, time.Now)
			conn := openSocket(t, "127.21.0.12", foreign)
			id, err := s.Reserve([2]Source{}, [2]Family{})
			if err != nil {
				t.Fatal(err)
			}
			if id.Ports[0] == foreign&^1 || id.Ports[1] == foreign&^1 {
				t.Errorf("took %d, which is in use", foreign)
			}
			s.Close()
			conn.Close()
		}
	})
}

// Where all are somebody else's, and rest so briefly that there is always one to try, it comes to an end.
func TestWhereAllPortsAreInUseACallIsRefused(t *testing.T) {
	onEachMover(t, func(t *testing.T, open maker) {
		const host = "127.21.0.15"
		for _, foreign := range []uint16{20000, 20003} {
			defer openSocket(t, host, foreign).Close()
		}
		s := startMover(t, open, Config{Listen: []netip.Addr{netip.MustParseAddr(host)}, Ports: PortRange{20000, 20003}, Rest: 1})
		if _, err := s.Reserve([2]Source{}, [2]Family{}); !errors.Is(err, ErrNoPorts) || !errors.Is(err, syscall.EADDRINUSE) {
			t.Errorf("%v, want ErrNoPorts because they are in use", err)
		}
		if got := s.Usage(); got.Used != 0 {
			t.Errorf("%+v after a refused call", got)
		}
	})
}

func TestMoverSaysWhyItCannotStart(t *testing.T) {
	onEachMover(t, func(t *testing.T, open maker) {
		for name, cfg := range map[string]Config{
			"no address of this host": {Listen: []netip.Addr{netip.MustParseAddr("192.0.2.1")}, Ports: PortRange{20000, 20003}},
			"range too small":         {Listen: []netip.Addr{netip.MustParseAddr("127.0.0.1")}, Ports: PortRange{20000, 20001}},
			"no randomness":           {Listen: []netip.Addr{netip.MustParseAddr("127.0.0.1")}, Ports: PortRange{20000, 20003}, Random: new(bytes.Buffer)},
		} {
			if _, err := open(cfg); err == nil {
				t.Errorf("%s: started", name)
			}
		}
	})
}

func TestClosedMoverReservesNothing(t *testing.T) {
	onEachMover(t, func(t *testing.T, open maker) {
		s := small(t, open, "127.21.0.13", PortRange{20000, 20010}, time.Now)
		id, err := s.Reserve([2]Source{}, [2]Family{})
		if err != nil {
			t.Fatal(err)
		}
		s.Close()
		s.Install(id, Flow{})
		s.Remove(id)
		if _, err := s.Reserve([2]Source{}, [2]Family{}); !errors.Is(err, ErrClosed) {
			t.Errorf("%v, want ErrClosed", err)
		}
	})
}

func small(t *testing.T, open maker, host string, ports PortRange, now func() time.Time) *Switchboard {
	t.Helper()
	return startMover(t, open, Config{Listen: []netip.Addr{netip.MustParseAddr(host)}, Ports: ports, Now: now})
}

func payloadOf(t *testing.T, b []byte) string {
	t.Helper()
	var p rtp.Packet
	if err := p.Unmarshal(b); err != nil {
		t.Fatal(err)
	}
	return string(p.Payload)
}

func TestHalfACallTakesNoPort(t *testing.T) {
	onEachMover(t, func(t *testing.T, open maker) {
		s := small(t, open, "127.21.0.14", PortRange{20000, 20003}, time.Now)
		openSocket(t, "127.21.0.14", 20002)
		if _, err := s.Reserve([2]Source{}, [2]Family{}); !errors.Is(err, ErrNoPorts) {
			t.Errorf("%v, want ErrNoPorts", err)
		}
		if got, want := s.Usage(), (Usage{Free: 1, Resting: 1}); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	})
}
