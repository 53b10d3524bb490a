package edge

import (
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"maskd/sip/leg"
)

func TestAKeepAliveIsAnswered(t *testing.T) {
	for name, open := range map[string]func(*testing.T) *stream{
		"TCP": func(t *testing.T) *stream { return tcpFrom(t, westHost, onLoopback(t, TCP)) },
		"TLS": func(t *testing.T) *stream {
			h := newHouse(t)
			s, err := h.connect(t, eastHost, h.asWest())
			if err != nil {
				t.Fatal(err)
			}
			return s
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, pong := open(t), make([]byte, 2)
			s.send("\r\n\r\n")
			if _, err := io.ReadFull(s.reader, pong); err != nil || string(pong) != "\r\n" {
				t.Errorf("answered %q, %v (RFC 5626 section 3.5.1)", pong, err)
			}
		})
	}
}

func TestNobodyHasTooManyConnections(t *testing.T) {
	g := newGuests()
	one := visitor{netip.MustParseAddr("192.0.2.1"), "one"}
	for range maxGuestsOfOne {
		if !g.enter(one, 1) {
			t.Fatal("refused too early")
		}
	}
	if g.enter(one, 1) {
		t.Error("one source has more than it may")
	}
	for other := one; g.all < maxGuests; {
		other.source = other.source.Next()
		if !g.enter(other, 1) {
			t.Fatal("another source is refused too early")
		}
	}
	if g.enter(visitor{netip.MustParseAddr("198.51.100.1"), "two"}, 1) {
		t.Error("there are more in all than may be")
	}
	g.leave(one)
	if !g.enter(one, 1) {
		t.Error("who leaves makes no room")
	}
}

func TestATrunkLeavesOthersTheirConnections(t *testing.T) {
	g, hosts := newGuests(), visitor{netip.MustParseAddr("192.0.2.1"), "many hosts"}
	for g.enter(hosts, 2) {
		hosts.source = hosts.source.Next()
	}
	if g.all != maxGuests/2 {
		t.Errorf("one of two trunks has %d connections", g.all)
	}
	other := visitor{netip.MustParseAddr("198.51.100.1"), "other"}
	for n := range maxGuests / 2 {
		if !g.enter(other, 2) {
			t.Fatalf("the other has %d", n)
		}
		other.source = other.source.Next()
	}
	for g.all > 0 {
		for _, v := range []*visitor{&hosts, &other} {
			v.source = v.source.Prev()
			g.leave(*v)
		}
	}
	if len(g.by)+len(g.of) != 0 {
		t.Errorf("left are %v, %v", g.by, g.of)
	}
}

func TestAConnectionThatIsOneTooManyIsClosed(t *testing.T) {
	e := onLoopback(t, TCP)
	last := tcpFrom(t, westHost, e)
	if err := last.ask(); err != nil {
		t.Fatal(err)
	}
	west := visitor{netip.MustParseAddr(westHost), e.peers().trunks[0].Name}
	for e.guests.enter(west, 1) {
	}
	if conn, err := dial(westHost, e); err == nil {
		if err := newStream(t, conn).ask(); err == nil {
			t.Error("one too many is answered")
		}
	}
	if err := tcpFrom(t, eastHost, e).ask(); err != nil {
		t.Errorf("another source: %v", err)
	}
	_ = last.Close()
	await(t, "a connection that is gone not to be counted", func() bool { return e.guests.enter(west, 1) })
}

// gatewayAt listens for streams, and tells an edge of it.
func gatewayAt(t *testing.T) (*net.TCPListener, *Edge) {
	t.Helper()
	socket, err := net.Listen("tcp", westHost+":0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = socket.Close() })
	tcp := socket.(*net.TCPListener)
	_ = tcp.SetDeadline(time.Now().Add(patience))
	return tcp, onLoopback(t, TCP, Gateway{Network: TCP, Host: westHost, Port: uint16(socket.Addr().(*net.TCPAddr).Port)})
}

func TestAConnectionThatIsGoneIsMadeAgain(t *testing.T) {
	gateway, e := gatewayAt(t)
	for range 3 {
		ring(t, e, sdp)
		conn, err := gateway.Accept()
		if err != nil {
			t.Fatal(err)
		}
		peer := conn.RemoteAddr().(*net.TCPAddr).AddrPort()
		if m := newStream(t, conn).read(); m.Name() != "INVITE" {
			t.Errorf("the gateway got %s", m.Start)
		}
		_ = conn.Close()
		at := gateway.Addr().(*net.TCPAddr).AddrPort()
		await(t, "the connection to be forgotten", func() bool { return !e.peers().listeners[0].connected(at) && !e.peers().listeners[0].connected(peer) })
	}
}

func TestAConnectionIsUsedForTheNextCallToo(t *testing.T) {
	gateway, e := gatewayAt(t)
	ring(t, e, sdp)
	conn, err := gateway.Accept()
	if err != nil {
		t.Fatal(err)
	}
	ring(t, e, sdp)
	s := newStream(t, conn)
	if first, second := s.read(), s.read(); first.Name() != "INVITE" || second.Name() != "INVITE" || first.Get("Call-ID") == second.Get("Call-ID") {
		t.Errorf("%s, then %s", first.Start, second.Start)
	}
}

// A caller behind NAT has no address that we could connect to. If it says so
// (RFC 5923), our BYE comes on its own connection.
func TestACallersConnectionIsTheWayBackIfItSaysSo(t *testing.T) {
	t.Run("it does", func(t *testing.T) {
		caller := hungUpOn(t, ";alias")
		if m := caller.read(); !strings.HasPrefix(m.Start, "BYE sip:caller@"+westHost) {
			t.Errorf("the caller got %s", m.Start)
		}
	})
	t.Run("it does not", func(t *testing.T) {
		caller := hungUpOn(t, "")
		_ = caller.SetReadDeadline(time.Now().Add(shortPatience))
		if _, err := caller.reader.Peek(1); err == nil {
			t.Error("a connection was used that its peer has not offered")
		}
	})
}

// hungUpOn is a caller's connection after an answer and our BYE.
func hungUpOn(t *testing.T, alias string) *stream {
	t.Helper()
	e := onLoopback(t, TCP)
	admitted := make(chan *Inbound, 1)
	board := e.calls.(*switchboard)
	board.rings, board.admit = true, func(in *Inbound) { admitted <- in }
	caller := tcpFrom(t, westHost, e)
	caller.send(overTCP(invite().with("Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKonce"+alias).
		with("Contact: <sip:caller@"+westHost+":9;transport=tcp>"), sdp))
	in := <-admitted
	for range 2 {
		_ = caller.read() // 100 and 180: the call is attached
	}
	if err := in.Do(leg.Action{Do: leg.SendOK}, []byte(sdp)); err != nil {
		t.Fatal(err)
	}
	_ = caller.read()
	_ = in.listener.sendBye(&in.dialog, leg.CauseOperator, func(Signal) bool { return false })
	in.Close()
	return caller
}
