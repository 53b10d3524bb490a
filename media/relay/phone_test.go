package relay

import (
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/rtcp"
)

// patience bounds a wait for what must come; nothing is ever awaited to show that it does not.
const patience = 20 * time.Second

// phone is one peer with its two sockets.
type phone struct {
	t         *testing.T
	rtp, rtcp *net.UDPConn
	relay     netip.AddrPort // our RTP port on its leg
}

func newPhone(t *testing.T, addr string) *phone {
	p := &phone{t: t}
	p.rtp = openSocket(t, addr, 0)
	p.rtcp = openSocket(t, addr, 0)
	return p
}

func openSocket(t *testing.T, addr string, port uint16) *net.UDPConn {
	t.Helper()
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(addr), port)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func (p *phone) end(law Format, number, event uint8) End {
	e := end(local(p.rtp), law, number, event)
	e.RTCP = local(p.rtcp)
	return e
}

func (p *phone) send(packets ...[]byte) {
	p.t.Helper()
	for _, b := range packets {
		sendFrom(p.t, p.rtp, b, p.relay)
	}
}

func (p *phone) report(packets ...rtcp.Packet) {
	p.t.Helper()
	b, err := rtcp.Marshal(packets)
	if err != nil {
		p.t.Fatal(err)
	}
	sendFrom(p.t, p.rtcp, b, netip.AddrPortFrom(p.relay.Addr(), p.relay.Port()+1))
}

func (p *phone) hear() []byte       { p.t.Helper(); return receive(p.t, p.rtp) }
func (p *phone) hearReport() []byte { p.t.Helper(); return receive(p.t, p.rtcp) }

func local(conn *net.UDPConn) netip.AddrPort { return conn.LocalAddr().(*net.UDPAddr).AddrPort() }

func sendFrom(t *testing.T, conn *net.UDPConn, b []byte, to netip.AddrPort) {
	t.Helper()
	if _, err := conn.WriteToUDPAddrPort(b, to); err != nil {
		t.Fatal(err)
	}
}

func receive(t *testing.T, conn *net.UDPConn) []byte {
	t.Helper()
	b := make([]byte, 2*maxDatagram)
	if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	n, _, err := conn.ReadFromUDPAddrPort(b)
	if err != nil {
		t.Fatal(err)
	}
	return b[:n]
}

// conversation is a circuit with a flow between two phones.
type conversation struct {
	*Switchboard
	t    *testing.T
	host netip.Addr
	id   Circuit
	a, b *phone
}

// converse makes one on loopback addresses of its own, so that tests don't meet.
func converse(t *testing.T, open maker, host string, law Format) *conversation {
	t.Helper()
	s := startMover(t, open, Config{Listen: []netip.Addr{netip.MustParseAddr(host)}, Ports: PortRange{20000, 20999}, interval: 20 * time.Millisecond})
	c := &conversation{Switchboard: s, t: t, host: netip.MustParseAddr(host)}
	c.reserve()
	c.install(law)
	return c
}

// reserve makes two phones, and a circuit between them that nothing passes on yet.
func (c *conversation) reserve() {
	c.t.Helper()
	id, err := c.Reserve([2]Source{sourceA, sourceB}, [2]Family{})
	if err != nil {
		c.t.Fatal(err)
	}
	c.id, c.a, c.b = id, newPhone(c.t, c.host.String()), newPhone(c.t, c.host.String())
	c.a.relay = netip.AddrPortFrom(c.host, id.Ports[0])
	c.b.relay = netip.AddrPortFrom(c.host, id.Ports[1])
}

// beside is another conversation by the same mover.
func (c *conversation) beside() *conversation {
	c.t.Helper()
	other := &conversation{Switchboard: c.Switchboard, t: c.t, host: c.host}
	other.reserve()
	other.install(PCMA)
	return other
}

func (c *conversation) install(law Format) {
	c.Install(c.id, Flow{Ends: [2]End{c.a.end(PCMA, 8, 101), c.b.end(law, numberOf(law), 96)}})
}

func startMover(t *testing.T, open maker, cfg Config) *Switchboard {
	t.Helper()
	s, err := open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// await waits until the counters of an end show something.
func (c *conversation) await(end int, shown func(Counters) bool) {
	c.t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if shown(c.Stats(c.id)[end]) {
			return
		}
	}
	c.t.Fatalf("the counters never showed it: %+v", c.Stats(c.id)[end])
}

// description is what a source says of itself, as the library has it.
func (s Source) description() *rtcp.SourceDescription {
	return &rtcp.SourceDescription{Chunks: []rtcp.SourceDescriptionChunk{{
		Source: s.SSRC,
		Items:  []rtcp.SourceDescriptionItem{{Type: rtcp.SDESCNAME, Text: s.CNAME}},
	}}}
}
