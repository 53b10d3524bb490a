package relay

import (
	"errors"
	"net"
	"net/netip"
	"testing"
)

// One of two peers is who talks. What both have said before is heard by nobody, and what the other goes on
// to say neither.
func TestASpareIsHeardOnceItIsAdopted(t *testing.T) {
	onEachMover(t, func(t *testing.T, open maker) {
		c := towns(t, open, "127.24.0.7", own(16), [2]Family{IPv4, IPv4})
		var spares [2]Spare
		for i := range spares {
			var err error
			if spares[i], err = c.Spare(IPv4); err != nil {
				t.Fatal(err)
			}
		}
		winner, loser := c.phoneAt(1, IPv4), c.phoneAt(1, IPv4)
		winner.relay = netip.AddrPortFrom(c.host, spares[1].Port)
		loser.relay = netip.AddrPortFrom(c.host, spares[0].Port)
		for i := range uint16(5) {
			winner.send(packet(t, 8, i, 0, 1, "too early"))
			loser.send(packet(t, 8, i, 0, 1, "not meant"))
		}
		before := c.id.Ports
		var err error
		if c.id, err = c.Adopt(c.id, 1, spares[1]); err != nil {
			t.Fatal(err)
		}
		c.Discard(spares[0])
		if c.id.Ports != [2]uint16{before[0], spares[1].Port} {
			t.Errorf("ports %v, want the spare's in place of the second of %v", c.id.Ports, before)
		}
		c.b = winner
		c.install(PCMA)
		for i := range uint16(5) {
			loser.send(packet(t, 8, i, 0, 1, "not meant"))
			c.talk(100 + i)
		}
		if n := c.Release(c.id); n[1].In.Packets != 5 || n[0].Out.Packets != 5 {
			t.Errorf("%+v", n)
		}
		if got, want := c.Usage(), (Usage{Free: 4, Resting: 4}); got != want {
			t.Errorf("released: %+v, want %+v", got, want)
		}
		free, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(loser.relay))
		if err != nil {
			t.Fatalf("a discarded port is still open: %v", err)
		}
		free.Close()
	})
}

func TestASpareOfACircuitThatIsGoneStays(t *testing.T) {
	onEachMover(t, func(t *testing.T, open maker) {
		c := towns(t, open, "127.24.0.8", own(16), [2]Family{IPv4, IPv4})
		spare, err := c.Spare(IPv4)
		if err != nil {
			t.Fatal(err)
		}
		c.Remove(c.id)
		for range 2 {
			if _, err := c.Adopt(c.id, 1, spare); !errors.Is(err, ErrClosed) {
				t.Errorf("%v, want ErrClosed", err)
			}
			c.Release(c.id)
		}
		c.Discard(spare)
		if got, want := c.Usage(), (Usage{Free: 5, Resting: 3}); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	})
}
