package relay

import (
	"net"
	"net/netip"
	"testing"

	"github.com/pion/rtcp"
)

// reach lets both phones speak and checks that the other hears it.
func (c *conversation) reach(sequence uint16) {
	c.t.Helper()
	for speaker, listener := range map[*phone]*phone{c.a: c.b, c.b: c.a} {
		speaker.send(packet(c.t, 8, sequence, uint32(sequence)*160, 5, "sound"))
		if got := payloadOf(c.t, listener.hear()); got != "sound" {
			c.t.Errorf("heard %q", got)
		}
	}
}

// behind lets a phone send from another port of its address than the SDP says.
func (c *conversation) behind(nat bool) (signalled *net.UDPConn) {
	c.t.Helper()
	signalled = openSocket(c.t, c.host.String(), 0)
	a, b := c.a.end(PCMA, 8, 101), c.b.end(PCMA, 8, 96)
	a.RTP, a.NAT = local(signalled), nat
	a.RTCP = above(a.RTP)
	c.Install(c.id, Flow{Ends: [2]End{a, b}})
	return signalled
}

func TestPhoneBehindNATIsFoundAtItsPort(t *testing.T) {
	onEachMover(t, func(t *testing.T, open maker) {
		c := converse(t, open, "127.23.0.1", PCMA)
		signalled := c.behind(true)
		c.b.send(packet(t, 8, 1, 160, 2, "to the signalled port"))
		if got := payloadOf(t, receive(t, signalled)); got != "to the signalled port" {
			t.Errorf("the signalled port heard %q", got)
		}
		for i := range uint16(trialPackets) {
			c.a.send(packet(t, 8, 10+i, uint32(i)*160, 1, "trial"))
		}
		if got := payloadOf(t, c.b.hear()); got != "trial" {
			t.Errorf("B heard %q", got)
		}
		if e := <-c.Events(); e.Kind != Latched || e.Circuit != c.id.ID || e.End != 0 {
			t.Errorf("%+v", e)
		}
		c.reach(20)
		sendFrom(t, signalled, packet(t, 8, 21, 1, 1, "too late"), c.a.relay)
		c.reach(22)
		if n := c.Release(c.id)[0]; n.In.Packets != 3 {
			t.Errorf("%+v", n)
		}
	})
}

func TestPhoneAtAnotherPortIsNotHeardWithoutNAT(t *testing.T) {
	onEachMover(t, func(t *testing.T, open maker) {
		c := converse(t, open, "127.23.0.2", PCMA)
		signalled := c.behind(false)
		for i := range uint16(2 * trialPackets) {
			c.a.send(packet(t, 8, i, uint32(i)*160, 1, "unheard"))
		}
		sendFrom(t, signalled, packet(t, 8, 90, 1, 1, "sound"), c.a.relay)
		if got := payloadOf(t, c.b.hear()); got != "sound" {
			t.Errorf("B heard %q", got)
		}
	})
}

// A re-INVITE moves a phone. Nothing is sent to, or heard from, where it was.
func TestPhoneMoves(t *testing.T) {
	onEachMover(t, func(t *testing.T, open maker) {
		c := converse(t, open, "127.23.0.3", PCMA)
		c.reach(1)
		before := c.a.rtp
		c.a.rtp = openSocket(t, "127.23.0.4", 0)
		c.install(PCMA)
		sendFrom(t, before, packet(t, 8, 2, 1, 5, "from where it was"), c.a.relay)
		c.reach(2)
		c.reach(3)
		if n := c.Release(c.id)[0]; n.In.Packets != 3 || n.Out.Packets != 3 {
			t.Errorf("%+v", n)
		}
	})
}

func TestReportsComeAndGoByTheSharedPort(t *testing.T) {
	onEachMover(t, func(t *testing.T, open maker) {
		c := converse(t, open, "127.23.0.5", PCMA)
		a, b := c.a.end(PCMA, 8, 101), c.b.end(PCMA, 8, 96)
		a.RTCP, a.Mux = a.RTP, true
		c.Install(c.id, Flow{Ends: [2]End{a, b}})
		c.a.send(marshal(t, &rtcp.ReceiverReport{SSRC: 1}))
		c.await(0, func(n Counters) bool { return n.ReportsIn == 1 })
		if _, err := rtcp.Unmarshal(c.a.hear()); err != nil {
			t.Error(err)
		}
	})
}

// A clip and a key are played by the mover's own clock.
func TestClipIsPlayed(t *testing.T) {
	onEachMover(t, func(t *testing.T, open maker) {
		c := converse(t, open, "127.23.0.6", PCMA)
		c.Play(c.id, 1, NewClip(make([]int16, 480)), false)
		for range 3 {
			if got := len(payloadOf(t, c.b.hear())); got != 160 {
				t.Errorf("%d octets, want 160", got)
			}
		}
		if e := <-c.Events(); e.Kind != Played || e.End != 1 || e.Circuit != c.id.ID {
			t.Errorf("%+v", e)
		}
		c.Press(c.id, 0, 5, shortest)
		if got := payloadOf(t, c.a.hear()); got[0] != 5 {
			t.Errorf("key %d, want 5", got[0])
		}
		c.Play(c.id, 1, NewClip(make([]int16, 160)), true)
		c.b.hear()
		c.Remove(c.id)
		if n := c.Stats(c.id); n[1].Out.Packets < 4 {
			t.Errorf("%+v", n[1])
		}
	})
}

func TestMoverCarriesIPv6(t *testing.T) {
	onEachMover(t, func(t *testing.T, open maker) {
		c := &conversation{t: t, host: netip.IPv6Loopback()}
		c.Switchboard = startMover(t, open, Config{Listen: []netip.Addr{c.host}, Ports: PortRange{24000, 24999}, DSCP: 46})
		c.reserve()
		c.install(PCMA)
		c.reach(1)
	})
}

// A NAT gives each socket of a phone a port of its own: its reports are heard, but ours go where
// the SDP leads only.
func TestReportsOfAPhoneBehindNATAreFound(t *testing.T) {
	onEachMover(t, func(t *testing.T, open maker) {
		c := converse(t, open, "127.23.0.7", PCMA)
		c.behind(true)
		for i := range uint16(trialPackets) {
			c.a.send(packet(t, 8, 10+i, uint32(i)*160, 0xCAFE, "trial"))
		}
		c.b.hear()
		stranger := openSocket(t, c.host.String(), 0)
		sendFrom(t, stranger, marshal(t, &rtcp.ReceiverReport{SSRC: 1}), netip.AddrPortFrom(c.host, c.a.relay.Port()+1))
		c.await(0, func(n Counters) bool { return n.RTCPDropped == 1 })
		c.a.report(&rtcp.ReceiverReport{SSRC: 0xCAFE})
		c.await(0, func(n Counters) bool { return n.ReportsIn == 1 })
		c.a.report(&rtcp.ReceiverReport{SSRC: 0xCAFE})
		c.await(0, func(n Counters) bool { return n.ReportsIn == 2 })
	})
}
