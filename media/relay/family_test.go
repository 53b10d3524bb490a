package relay

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"sync"
	"testing"
)

var six = netip.IPv6Loopback()

// own is a range of so many ports, up to 64, that no test of another process is likely to use: there is
// but one loopback address of IPv6. It is below those that the system chooses.
func own(ports uint16) PortRange {
	const lowest, size, ranges = 10000, 64, 300
	first := lowest + uint16(os.Getpid()%ranges)*size
	return PortRange{first, first + ports - 1}
}

// towns makes a circuit whose ends are of families of their own, and a phone for each.
func towns(t *testing.T, open maker, four string, ports PortRange, families [2]Family) *conversation {
	t.Helper()
	host := netip.MustParseAddr(four)
	c := &conversation{t: t, host: host, Switchboard: startMover(t, open, Config{Listen: []netip.Addr{host, six}, Ports: ports})}
	id, err := c.Reserve([2]Source{sourceA, sourceB}, families)
	if err != nil {
		t.Fatal(err)
	}
	c.id = id
	c.a, c.b = c.phoneAt(0, families[0]), c.phoneAt(1, families[1])
	return c
}

// phoneAt is a phone that talks to an end.
func (c *conversation) phoneAt(end int, family Family) *phone {
	c.t.Helper()
	at := c.host
	if family == IPv6 {
		at = six
	}
	p := newPhone(c.t, at.String())
	p.relay = netip.AddrPortFrom(at, c.id.Ports[end])
	return p
}

// talk has each say something that the other must hear, from our port.
func (c *conversation) talk(sequence uint16) {
	c.t.Helper()
	for _, way := range [][2]*phone{{c.a, c.b}, {c.b, c.a}} {
		said := fmt.Sprintf("%s %d", local(way[0].rtp), sequence)
		way[0].send(packet(c.t, 8, sequence, uint32(sequence)*160, 1, said))
		b := make([]byte, maxDatagram)
		n, source, err := way[1].rtp.ReadFromUDPAddrPort(b)
		if err != nil || source != way[1].relay || payloadOf(c.t, b[:n]) != said {
			c.t.Errorf("heard %q from %s, want %q from %s: %v", b[:n], source, said, way[1].relay, err)
		}
	}
}

var everyFamilies = [][2]Family{{IPv4, IPv4}, {IPv4, IPv6}, {IPv6, IPv4}, {IPv6, IPv6}, {0, IPv6}}

func TestSoundPassesBetweenFamilies(t *testing.T) {
	onEachMover(t, func(t *testing.T, open maker) {
		for _, families := range everyFamilies {
			c := towns(t, open, "127.24.0.1", own(64), families)
			c.install(PCMA)
			for i := range uint16(20) {
				c.talk(i)
			}
			if n := c.Release(c.id); n[0].Out.Packets != 20 || n[1].Out.Packets != 20 {
				t.Errorf("%v: %+v", families, n)
			}
			c.Close()
		}
	})
}

// A gateway of one family has not answered, and one of the other is tried: what the first still sends
// meets a closed port, and the other leg notices nothing.
func TestAnEndMovesToAnotherFamily(t *testing.T) {
	onEachMover(t, func(t *testing.T, open maker) {
		for _, family := range []Family{IPv4, IPv6} {
			c := towns(t, open, "127.24.0.2", own(12), [2]Family{IPv4, IPv4 + IPv6 - family})
			before, left := c.id.Ports, c.b.relay
			var err error
			if c.id, err = c.Rebind(c.id, 1, family); err != nil {
				t.Fatal(err)
			}
			if c.id.Ports[0] != before[0] || c.id.Ports[1] == before[1] {
				t.Errorf("ports %v, then %v", before, c.id.Ports)
			}
			if got, want := c.Usage(), (Usage{Free: 3, Resting: 1, Used: 2}); got != want {
				t.Errorf("%+v, want %+v", got, want)
			}
			for port := left.Port(); port <= left.Port()+1; port++ {
				free, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(left.Addr(), port)))
				if err != nil {
					t.Errorf("port %d is still open: %v", port, err)
					continue
				}
				free.Close()
			}
			c.b = c.phoneAt(1, family)
			c.install(PCMA)
			for i := range uint16(5) {
				c.talk(i)
			}
			c.Release(c.id)
			if got, want := c.Usage(), (Usage{Free: 3, Resting: 3}); got != want {
				t.Errorf("released: %+v, want %+v", got, want)
			}
			c.Close()
		}
	})
}

// An end may move while its peer is played to or listened to.
func TestAnEndMovesThatAlreadyTalked(t *testing.T) {
	onEachMover(t, func(t *testing.T, open maker) {
		c := towns(t, open, "127.24.0.3", own(64), [2]Family{IPv4, IPv4})
		c.install(PCMA)
		c.talk(1)
		var err error
		if c.id, err = c.Rebind(c.id, 1, IPv6); err != nil {
			t.Fatal(err)
		}
		c.b = c.phoneAt(1, IPv6)
		c.install(PCMA)
		c.talk(2)
	})
}

func TestAnEndThatCanNotMoveStays(t *testing.T) {
	onEachMover(t, func(t *testing.T, open maker) {
		c := towns(t, open, "127.24.0.4", own(4), [2]Family{IPv4, IPv4})
		if id, err := c.Rebind(c.id, 1, IPv6); !errors.Is(err, ErrNoPorts) || id != c.id {
			t.Errorf("no ports: %v, %v", id, err)
		}
		c.install(PCMA)
		c.talk(1)
	})
}

// What is cut has no ports any more that anybody could be told.
func TestACutCircuitDoesNotMove(t *testing.T) {
	onEachMover(t, func(t *testing.T, open maker) {
		c := towns(t, open, "127.24.0.5", own(64), [2]Family{IPv4, IPv4})
		free := c.Usage().Free
		c.Remove(c.id)
		for range 2 {
			if _, err := c.Rebind(c.id, 1, IPv6); !errors.Is(err, ErrClosed) {
				t.Errorf("%v, want ErrClosed", err)
			}
			if got := c.Usage().Free; got != free && got != free+2 {
				t.Errorf("%d pairs free, %d before", got, free)
			}
			c.Release(c.id)
			free = c.Usage().Free
		}
	})
}

// Moves and the end of a circuit may come at once; no port is lost, and none is left open.
func TestAMoveAndTheEndAtOnce(t *testing.T) {
	onEachMover(t, func(t *testing.T, open maker) {
		s := startMover(t, open, Config{Listen: []netip.Addr{netip.MustParseAddr("127.24.0.6"), six}, Ports: own(64), Rest: 1})
		for range 30 {
			id, err := s.Reserve([2]Source{sourceA, sourceB}, [2]Family{IPv4, IPv6})
			if err != nil {
				t.Fatal(err)
			}
			var all sync.WaitGroup
			all.Go(func() { _, _ = s.Rebind(id, 0, IPv6) })
			all.Go(func() { _, _ = s.Rebind(id, 1, IPv4) })
			all.Go(func() { s.Remove(id) })
			all.Go(func() { s.Release(id) })
			all.Wait()
		}
		if got := s.Usage(); got.Used != 0 || got.Free+got.Resting != 32 {
			t.Errorf("%+v", got)
		}
	})
}

func TestListenIsAnAddressOfEachFamily(t *testing.T) {
	four, other := netip.MustParseAddr("127.24.0.7"), netip.MustParseAddr("127.24.0.8")
	onEachMover(t, func(t *testing.T, open maker) {
		for name, listen := range map[string][]netip.Addr{
			"none":                   nil,
			"no address":             {{}},
			"two of a family":        {four, six, other},
			"the second is not ours": {four, netip.MustParseAddr("2001:db8::1")},
		} {
			if s, err := open(Config{Listen: listen, Ports: PortRange{20000, 20003}}); err == nil {
				t.Errorf("%s: taken", name)
				s.Close()
			}
		}
	})
}

func TestMuteMovesToTheNextPort(t *testing.T) {
	m := NewMute(PortRange{First: 30000, Last: 30007})
	id, _ := m.Reserve([2]Source{}, [2]Family{})
	id, err := m.Rebind(id, 1, IPv6)
	if err != nil || id.Ports != [2]uint16{30000, 30004} {
		t.Errorf("%v, %v", id.Ports, err)
	}
	if got, want := m.Usage(), (Usage{Free: 2, Used: 2}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	m.Remove(id)
	if _, err := m.Rebind(id, 1, IPv4); !errors.Is(err, ErrClosed) {
		t.Errorf("%v, want ErrClosed", err)
	}
}
