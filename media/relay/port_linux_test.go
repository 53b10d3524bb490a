package relay

import (
	"encoding/binary"
	"net"
	"net/netip"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A packet's whole way, from our socket to the other one of ours, allocates nothing.
func TestPacketAllocatesNothing(t *testing.T) {
	host := netip.MustParseAddr("127.22.0.1")
	var ports [4]*port
	for i := range ports {
		ports[i] = mustOpen(t, host, 0)
	}
	phones := [2]*port{mustOpen(t, host, 0), mustOpen(t, host, 0)}
	pairs := [2]pair{{rtp: ports[0], rtcp: ports[1]}, {rtp: ports[2], rtcp: ports[3]}}
	c := newCircuit(pairs, newTimetable(reportInterval, 0, [2]uint64{1, 2}))
	c.install(Flow{Ends: [2]End{end(nameOfPort(t, phones[0]), PCMA, 8, 101), end(nameOfPort(t, phones[1]), PCMU, 0, 96)}}, start)

	in, out, to, now := make([]byte, maxDatagram+1), make([]byte, largestSent), nameOfPort(t, ports[0]), start
	b := packet(t, 8, 1, 1, 1, string(make([]byte, 160)))
	heard, sequence := 0, uint16(0)
	allocations := testing.AllocsPerRun(1000, func() {
		sequence++
		binary.BigEndian.PutUint16(b[2:], sequence)
		now = now.Add(20 * time.Millisecond)
		_ = phones[0].send(b, to)
		n, source, _ := ports[0].receive(in)
		c.hear(0, source, in[:n], out, now)
		if n, _, _ := phones[1].receive(in); n == len(b) {
			heard++
		}
	})
	if allocations != 0 || heard < 1000 {
		t.Errorf("%v allocations a packet, %d packets heard", allocations, heard)
	}
}

func mustOpen(t *testing.T, host netip.Addr, dscp uint8) *port {
	t.Helper()
	p, err := openPort(host, 0, dscp)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.close)
	return p
}

func nameOfPort(t *testing.T, p *port) netip.AddrPort {
	t.Helper()
	sa, err := unix.Getsockname(p.fd)
	if err != nil {
		t.Fatal(err)
	}
	if v4, ok := sa.(*unix.SockaddrInet4); ok {
		return netip.AddrPortFrom(netip.AddrFrom4(v4.Addr), uint16(v4.Port))
	}
	v6 := sa.(*unix.SockaddrInet6)
	return netip.AddrPortFrom(netip.AddrFrom16(v6.Addr).Unmap(), uint16(v6.Port))
}

func TestSystemRefusesStrangersOfAnAimedPort(t *testing.T) {
	host := netip.MustParseAddr("127.22.0.2")
	peer, other, next := mustOpen(t, host, 0), mustOpen(t, host, 0), mustOpen(t, host, 0)
	p, err := openPort(host, 4000, 0) // the system forgets a port that it chose when nobody is aimed at
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.close)
	in := make([]byte, 10)
	hears := func(from *port) bool {
		_ = from.send([]byte("x"), nameOfPort(t, p))
		_, source, err := p.receive(in)
		return err == nil && source == nameOfPort(t, from)
	}
	for name, c := range map[string]struct {
		at        netip.AddrPort
		speaks    *port
		strangers []*port
	}{
		"at the peer":        {nameOfPort(t, peer), peer, []*port{other, next}},
		"at the next peer":   {nameOfPort(t, next), next, []*port{other, peer}},
		"at nobody any more": {netip.AddrPort{}, other, nil},
	} {
		p.aim(c.at)
		_ = p.send([]byte("first"), nameOfPort(t, c.speaks)) // not before is it connected
		_, _, _ = c.speaks.receive(in)
		for _, s := range c.strangers {
			if hears(s) {
				t.Errorf("%s: a stranger was heard", name)
			}
		}
		if !hears(c.speaks) {
			t.Errorf("%s: the peer was not heard", name)
		}
	}
}

// A port is connected once something comes to it, be it a stranger's, or leaves by it.
func TestAPortIsAimedWhenItIsUsed(t *testing.T) {
	c := onTwoPairs(t, "127.22.0.7")
	line, _ := c.line(c.id)
	pairs := line.line.(*strand).circuit.pairs
	stranger := newPhone(t, c.host.String())
	aimed := func() (peers [4]netip.AddrPort) {
		c.Stats(c.id) // it has its flow, and has dealt with what came before
		for end, p := range pairs {
			peers[2*end], peers[2*end+1] = peerOf(p.rtp.(*port)), peerOf(p.rtcp.(*port))
		}
		return peers
	}
	if got := aimed(); got != ([4]netip.AddrPort{}) {
		t.Errorf("nothing came, and it is aimed at %v", got)
	}
	stranger.relay = c.b.relay
	stranger.send([]byte("not meant"))
	c.await(1, func(n Counters) bool { return n.Drops(DropStranger) == 1 })
	b := local(c.b.rtp)
	if got := aimed(); got != ([4]netip.AddrPort{2: b}) {
		t.Errorf("a stranger came to B's port, and it is aimed at %v", got)
	}
	stranger.send([]byte("not meant"))
	c.a.send(packet(t, 8, 1, 1, 1, "sound"))
	c.b.hear()
	a := local(c.a.rtp)
	if got := aimed(); got != ([4]netip.AddrPort{0: a, 2: b}) {
		t.Errorf("sound passed, and it is aimed at %v", got)
	}
	if n := c.Stats(c.id); n[1].Drops(DropStranger) != 1 {
		t.Errorf("a stranger was heard again: %+v", n[1])
	}
}

// peerOf is whom the system has a port connected to; zero: nobody.
func peerOf(p *port) netip.AddrPort {
	sa, err := unix.Getpeername(p.fd)
	if err != nil {
		return netip.AddrPort{}
	}
	v4 := sa.(*unix.SockaddrInet4)
	return netip.AddrPortFrom(netip.AddrFrom4(v4.Addr), uint16(v4.Port))
}

// A message of the system about an earlier packet does not cost the next one.
func TestRefusedPacketCostsNoOther(t *testing.T) {
	host := netip.MustParseAddr("127.22.0.3")
	p, peer := mustOpen(t, host, 0), mustOpen(t, host, 0)
	at := nameOfPort(t, peer)
	p.aim(at)
	unix.Close(peer.fd)
	if err := p.send([]byte("lost"), at); err != nil {
		t.Error(err)
	}
	again, err := openPort(host, at.Port(), 0)
	if err != nil {
		t.Fatal(err)
	}
	peer.fd = again.fd
	if err := p.send([]byte("sound"), at); err != nil {
		t.Error(err)
	}
	in := make([]byte, 10)
	if n, _, err := peer.receive(in); err != nil || string(in[:n]) != "sound" {
		t.Errorf("%q, %v", in[:n], err)
	}
}

func TestPortSpeaksIPv6(t *testing.T) {
	for _, host := range []string{"::1", "::"} {
		p, peer := mustOpen(t, netip.MustParseAddr(host), 46), mustOpen(t, netip.MustParseAddr("::1"), 0)
		at := nameOfPort(t, peer)
		p.aim(at)
		if err := p.send([]byte("sound"), at); err != nil {
			t.Fatalf("%s: %v", host, err)
		}
		in := make([]byte, 10)
		if n, source, err := peer.receive(in); err != nil || string(in[:n]) != "sound" || source.Addr().String() != "::1" {
			t.Errorf("%s: %q from %s, %v", host, in[:n], source, err)
		}
	}
}

func TestWildcardOfIPv6SpeaksIPv4(t *testing.T) {
	p, peer := mustOpen(t, netip.MustParseAddr("::"), 0), mustOpen(t, netip.MustParseAddr("127.0.0.1"), 0)
	at := nameOfPort(t, peer)
	p.aim(at)
	if err := p.send([]byte("to"), at); err != nil {
		t.Fatal(err)
	}
	in := make([]byte, 10)
	_, source, err := peer.receive(in)
	if err != nil {
		t.Fatal(err)
	}
	_ = peer.send([]byte("back"), source)
	if n, source, err := p.receive(in); err != nil || string(in[:n]) != "back" || source != at {
		t.Errorf("%q from %s, %v", in[:n], source, err)
	}
}

// Both movers mark what they send.
func TestSoundIsMarked(t *testing.T) {
	onEachMover(t, func(t *testing.T, open maker) {
		c := &conversation{t: t, host: netip.MustParseAddr("127.22.0.4")}
		c.Switchboard = startMover(t, open, Config{Listen: []netip.Addr{c.host}, Ports: PortRange{20000, 20999}, DSCP: 46})
		c.reserve()
		c.install(PCMA)
		raw, err := c.b.rtp.SyscallConn()
		if err != nil {
			t.Fatal(err)
		}
		if err := raw.Control(func(fd uintptr) { err = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_RECVTOS, 1) }); err != nil {
			t.Fatal(err)
		}
		c.a.send(packet(t, 8, 1, 1, 1, "sound"))
		if got := classOf(t, c.b.rtp); got != 46<<2 {
			t.Errorf("traffic class %#x, want %#x", got, 46<<2)
		}
	})
}

func classOf(t *testing.T, conn *net.UDPConn) byte {
	t.Helper()
	_ = conn.SetReadDeadline(time.Now().Add(patience))
	control := make([]byte, 64)
	_, n, _, _, err := conn.ReadMsgUDPAddrPort(make([]byte, maxDatagram), control)
	if err != nil {
		t.Fatal(err)
	}
	messages, err := unix.ParseSocketControlMessage(control[:n])
	if err != nil || len(messages) == 0 {
		t.Fatalf("no traffic class: %v", err)
	}
	return messages[0].Data[0]
}

// Calls that are over leave no descriptor behind, however they ended, but those that are kept for others; and
// those neither, once they turn out not to be needed.
func TestCallsLeaveNoDescriptor(t *testing.T) {
	onEachMover(t, func(t *testing.T, open maker) {
		s := startMover(t, open, Config{Listen: []netip.Addr{netip.MustParseAddr("127.22.0.5")}, Ports: PortRange{20000, 29999}, Rest: 1})
		before := descriptors(t)
		for i := range 200 {
			id, err := s.Reserve([2]Source{sourceA, sourceB}, [2]Family{})
			if err != nil {
				t.Fatal(err)
			}
			if i%2 == 0 {
				s.Install(id, Flow{Ends: [2]End{end(peerA, PCMA, 8, 101), end(peerB, PCMA, 8, 96)}})
				s.Remove(id)
			}
			s.Release(id)
			s.Release(id)
		}
		s.tidy()
		s.tidy()
		if after := descriptors(t); after != before {
			t.Errorf("%d descriptors, %d before", after, before)
		}
		s.Close()
		s.Close()
	})
}

func descriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

// What is asked of a mover that was closed does nothing, and does not wait for an answer.
func TestClosedMoverAnswersNothing(t *testing.T) {
	onEachMover(t, func(t *testing.T, open maker) {
		c := converse(t, open, "127.22.0.6", PCMA)
		line, _ := c.line(c.id)
		c.Close()
		line.do(func(c *circuit, now time.Time) { c.install(Flow{}, now) })
		c.Install(c.id, Flow{})
		c.Play(c.id, 0, nil, false)
		c.Tap(c.id, nil)
		if n := c.Stats(c.id); n != ([2]Counters{}) {
			t.Errorf("%+v", n)
		}
	})
}
