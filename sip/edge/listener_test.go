package edge

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emiago/sipgo/sip"
	"go.uber.org/zap"

	"maskd/sip/leg"
	"maskd/sip/siptest"
)

// inNetwork runs a script in fake time with an edge of that configuration in a
// network in memory.
func inNetwork(t *testing.T, cfg Config, board *switchboard, script func(t *testing.T, n *siptest.Network, e *Edge)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		n := siptest.NewNetwork(nil)
		cfg.Sockets = n
		e := New(cfg, board, zap.NewNop())
		if err := e.Start(); err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		script(t, n, e)
	})
}

// plugged opens a socket in the network, until the test ends.
func plugged(t *testing.T, n *siptest.Network, addr string) net.PacketConn {
	t.Helper()
	conn, err := n.ListenPacket(context.Background(), "udp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// sentTo returns the message of that name that was last sent to an address, and
// from where.
func sentTo(t *testing.T, n *siptest.Network, addr, name string) (siptest.Message, string) {
	t.Helper()
	packets := n.Packets()
	for i := len(packets) - 1; i >= 0; i-- {
		if m := siptest.Parse(packets[i].Data); packets[i].To.String() == addr && m.Name() == name {
			return m, packets[i].From.String()
		}
	}
	t.Fatalf("no %s was sent to %s", name, addr)
	return siptest.Message{}, ""
}

// towards makes a trunk of one UDP gateway.
func towards(name, gateway string) Trunk {
	addr := netip.MustParseAddrPort(gateway)
	trunk := carrier(netip.PrefixFrom(addr.Addr(), addr.Addr().BitLen()).String())
	trunk.Name, trunk.Gateways = name, []Gateway{{Network: UDP, Host: addr.Addr().String(), Port: addr.Port()}}
	return trunk
}

func dialOut(t *testing.T, e *Edge, trunk string) {
	t.Helper()
	out, err := e.Outbound(Invitation{Trunk: trunk, Target: number(t, "+447700900123"), Show: "+15550100002"},
		func(Signal) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if err := out.Do(leg.Action{Do: leg.SendInvite}, []byte(sdp)); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Millisecond)
}

// Each address has a name outside, and a trunk may say which one it is reached by.
func TestATrunkIsReachedByItsAddress(t *testing.T) {
	const first, second, east, west = "192.0.2.50:5060", "192.0.2.51:5062", "198.51.100.1:5060", "198.51.100.2:5060"
	listen := func(addr, advertise string) Listen {
		return Listen{Network: UDP, Addr: netip.MustParseAddrPort(addr), Advertise: advertise}
	}
	bound := towards("west", west)
	bound.Listen = []Listen{listen(second, "")}
	cfg := Config{
		Listen: []Listen{listen(first, ""), listen(second, "203.0.113.7")}, Advertise: "sip.example.net",
		Trunks: []Trunk{towards("east", east), bound},
	}
	inNetwork(t, cfg, &switchboard{rings: true}, func(t *testing.T, n *siptest.Network, e *Edge) {
		for _, row := range []struct{ trunk, gateway, from, host string }{
			{"east", east, first, "sip.example.net:5060"},
			{"west", west, second, "203.0.113.7:5062"},
		} {
			gateway := plugged(t, n, row.gateway)
			dialOut(t, e, row.trunk)
			m, from := sentTo(t, n, row.gateway, "INVITE")
			if from != row.from || !strings.HasPrefix(m.Get("Via"), "SIP/2.0/UDP "+row.host+";") ||
				m.Get("Contact") != "<sip:+15550100002@"+row.host+">" {
				t.Errorf("%s: from %s, Via %s, Contact %s", row.trunk, from, m.Get("Via"), m.Get("Contact"))
			}
			// Who calls is answered from the address called, whichever it is.
			for _, at := range []string{first, second} {
				call := invite().with("Via: SIP/2.0/UDP " + row.gateway + ";rport;branch=z9hG4bK" + row.trunk + at).with("Call-ID: " + at + row.trunk)
				_, _ = gateway.WriteTo([]byte(call.text(sdp)), net.UDPAddrFromAddrPort(netip.MustParseAddrPort(at)))
				time.Sleep(time.Second)
				ringing, from := sentTo(t, n, row.gateway, "180")
				host := map[string]string{first: "sip.example.net:5060", second: "203.0.113.7:5062"}[at]
				if from != at || ringing.Get("Contact") != "<sip:+15550100001@"+host+">" {
					t.Errorf("%s at %s: %s from %s, Contact %s", row.trunk, at, ringing.Start, from, ringing.Get("Contact"))
				}
				bye := call.start("BYE sip:maskd SIP/2.0").with("CSeq: 8 BYE").with("To: " + ringing.Get("To"))
				_, _ = gateway.WriteTo([]byte(bye.text("")), net.UDPAddrFromAddrPort(netip.MustParseAddrPort(at)))
				time.Sleep(time.Second)
			}
		}
	})
}

func TestACallOverIPv6(t *testing.T) {
	const edge, gateway = "[2001:db8::50]:5060", "[2001:db8::9]:5062"
	cfg := Config{
		Listen: []Listen{{Network: UDP, Addr: netip.MustParseAddrPort("192.0.2.50:5060")}, {Network: UDP, Addr: netip.MustParseAddrPort(edge)}},
		Trunks: []Trunk{towards("six", gateway)},
	}
	inNetwork(t, cfg, &switchboard{}, func(t *testing.T, n *siptest.Network, e *Edge) {
		peer := plugged(t, n, gateway)
		dialOut(t, e, "six")
		m, from := sentTo(t, n, gateway, "INVITE")
		for what, row := range map[string][2]string{
			"start":   {m.Start, "INVITE sip:+447700900123@[2001:db8::9]:5062 SIP/2.0"},
			"From":    {siptest.URI(m.Get("From")), "sip:+15550100002@[2001:db8::50]"},
			"To":      {siptest.URI(m.Get("To")), "sip:+447700900123@[2001:db8::9]"},
			"Contact": {siptest.URI(m.Get("Contact")), "sip:+15550100002@[2001:db8::50]:5060"},
			"Via":     {strings.Split(m.Get("Via"), ";")[0], "SIP/2.0/UDP [2001:db8::50]:5060"},
			"source":  {from, edge},
		} {
			if row[0] != row[1] {
				t.Errorf("%s is %s, want %s", what, row[0], row[1])
			}
		}
		call := invite().start("INVITE sip:+15550100001@[2001:db8::50] SIP/2.0").
			with("Via: SIP/2.0/UDP [2001:db8::9]:5062;branch=z9hG4bKsix;rport").with("Contact: <sip:caller@[2001:db8::9]:5062>")
		_, _ = peer.WriteTo([]byte(call.text(sdp)), net.UDPAddrFromAddrPort(netip.MustParseAddrPort(edge)))
		time.Sleep(time.Second)
		refused, from := sentTo(t, n, gateway, "404")
		if from != edge || refused.Get("Via") != "SIP/2.0/UDP [2001:db8::9]:5062;branch=z9hG4bKsix;rport=5062;received=2001:db8::9" {
			t.Errorf("answered %s from %s, Via %s", refused.Start, from, refused.Get("Via"))
		}
	})
}

// A 2xx that no call wants is known by its Via, of IPv6 too.
func TestAViaOfOursIsKnownOverIPv6(t *testing.T) {
	l := newListener(UDP)
	l.addr, l.host = netip.MustParseAddrPort("[2001:db8::50]:5060"), "2001:db8::50"
	var via sip.ViaHeader
	l.sign(&via, "z9hG4bKx")
	echo := request(t, options().with("Via: "+via.Value()), "")
	if !l.sent(echo.Via()) {
		t.Errorf("%s is not ours", echo.Via().Value())
	}
}

// A trunk may have us register as soon as we are up.
func TestAnAddressCanBeSentFromBeforeItIsReadFrom(t *testing.T) {
	peer := udpFrom(t, westHost)
	e := New(Config{Trunks: []Trunk{towards("west", peer.LocalAddr().String())}}, &switchboard{}, zap.NewNop())
	opened, err := e.open(t.Context(), Listen{Network: UDP, Addr: netip.MustParseAddrPort("127.0.0.1:0")})
	if err != nil {
		t.Fatal(err)
	}
	l := opened[0]
	defer l.close()
	d := outboundDialog(l)
	d.home, d.target = peer.LocalAddr().(*net.UDPAddr).AddrPort(), uriOf(t, "sip:x@"+peer.LocalAddr().String())
	ack := l.composeAck(&d, 1, "z9hG4bKx")
	if err := l.send(&ack); err != nil {
		t.Fatal(err)
	}
	if m := datagram(t, peer); m.Name() != "ACK" {
		t.Errorf("sent %s", m.Start)
	}
}
