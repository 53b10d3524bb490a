package edge

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
	"go.uber.org/zap"

	"maskd/sip/leg"
	"maskd/sip/siptest"
)

// Hosts on the loopback. The edge is at 127.0.0.1, and knows two carriers.
const (
	westHost      = "127.0.0.2"
	eastHost      = "127.0.0.4"
	loopStranger  = "127.0.0.3"
	patience      = 10 * time.Second // for what must come
	shortPatience = 50 * time.Millisecond
)

// onLoopback starts an edge on real sockets, closes it after the test, and
// checks that nothing of it is left running.
func onLoopback(t *testing.T, n Network, gateways ...Gateway) *Edge {
	t.Helper()
	goleak.VerifyNone(t)
	west, east := carrier(westHost+"/32"), carrier(eastHost+"/32")
	west.Name, west.Gateways, east.Name = "west", gateways, "east"
	e := New(Config{Listen: []Listen{{Network: n, Addr: netip.MustParseAddrPort("127.0.0.1:0")}},
		Trunks: []Trunk{west, east}}, &switchboard{}, zap.NewNop())
	if err := e.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		e.Close()
		goleak.VerifyNone(t)
	})
	return e
}

// udpFrom opens a UDP socket of a host.
func udpFrom(t *testing.T, host string) *net.UDPConn {
	t.Helper()
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.ParseIP(host)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// tcpFrom connects a host to the edge.
func tcpFrom(t *testing.T, host string, e *Edge) *stream {
	t.Helper()
	conn, err := dial(host, e)
	if err != nil {
		t.Fatal(err)
	}
	return newStream(t, conn)
}

func dial(host string, e *Edge) (net.Conn, error) {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(host)}, Timeout: patience}
	return dialer.Dial("tcp", e.Addrs()[0].String())
}

// stream is a connection that SIP messages are read from.
type stream struct {
	net.Conn
	t      *testing.T
	reader *bufio.Reader
}

func newStream(t *testing.T, conn net.Conn) *stream {
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(patience))
	return &stream{Conn: conn, t: t, reader: bufio.NewReader(conn)}
}

func (s *stream) send(text string) {
	s.t.Helper()
	if _, err := io.WriteString(s.Conn, text); err != nil {
		s.t.Fatal(err)
	}
}

// read returns the next message.
func (s *stream) read() siptest.Message {
	s.t.Helper()
	var text strings.Builder
	for !strings.HasSuffix(text.String(), "\r\n\r\n") {
		line, err := s.reader.ReadString('\n')
		if err != nil {
			s.t.Fatal(err)
		}
		text.WriteString(line)
	}
	m := siptest.Parse([]byte(text.String()))
	length, _ := strconv.Atoi(m.Get("Content-Length"))
	body := make([]byte, length)
	if _, err := io.ReadFull(s.reader, body); err != nil {
		s.t.Fatal(err)
	}
	m.Body = string(body)
	return m
}

// overTCP writes a message as it is written on a stream.
func overTCP(l lines, body string) string {
	framed := l.and("Content-Length: " + strconv.Itoa(len(body))).text(body)
	return strings.Replace(framed, "SIP/2.0/UDP", "SIP/2.0/TCP", 1)
}

func TestAStrangersDatagramGetsNoAnswer(t *testing.T) {
	e := onLoopback(t, UDP)
	to := net.UDPAddrFromAddrPort(e.Addrs()[0])
	stranger, friend := udpFrom(t, loopStranger), udpFrom(t, westHost)
	for _, conn := range []*net.UDPConn{stranger, friend} {
		if _, err := conn.WriteTo([]byte(options().text("")), to); err != nil {
			t.Fatal(err)
		}
	}
	buf := make([]byte, 1<<16)
	_ = friend.SetReadDeadline(time.Now().Add(patience))
	n, _, err := friend.ReadFrom(buf)
	if err != nil || siptest.Parse(buf[:n]).Name() != "200 OPTIONS" {
		t.Fatalf("a carrier is answered %q (%v)", buf[:n], err)
	}
	// The stranger's was read before the carrier's; an answer would be here.
	_ = stranger.SetReadDeadline(time.Now().Add(shortPatience))
	if n, _, err := stranger.ReadFrom(buf); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a stranger is answered %q (%v)", buf[:n], err)
	}
	if n := e.counts.strangers.Load(); n != 1 {
		t.Errorf("%d strangers counted", n)
	}
}

func TestAStrangersConnectionIsClosedAtOnce(t *testing.T) {
	e := onLoopback(t, TCP)
	stranger, err := dial(loopStranger, e)
	if err == nil { // else it was reset before it could be seen to be open
		_, err = newStream(t, stranger).Read(make([]byte, 1))
	}
	if !errors.Is(err, io.EOF) && !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("a stranger's connection: %v", err)
	}
	friend := tcpFrom(t, westHost, e)
	friend.send(overTCP(options(), ""))
	if m := friend.read(); m.Name() != "200 OPTIONS" {
		t.Errorf("after a stranger a carrier is answered %s", m.Start)
	}
	if n := e.counts.strangers.Load(); n != 1 {
		t.Errorf("%d strangers counted", n)
	}
}

func TestAnInviteOverTCPIsAnsweredOnItsConnection(t *testing.T) {
	e := onLoopback(t, TCP)
	other, caller := tcpFrom(t, eastHost, e), tcpFrom(t, westHost, e)
	other.send(overTCP(options(), ""))
	if m := other.read(); m.Name() != "200 OPTIONS" {
		t.Fatalf("answered %s", m.Start)
	}
	caller.send(overTCP(invite(), sdp))
	for _, want := range []string{"100", "404"} {
		if m := caller.read(); m.Name() != want {
			t.Errorf("answered %s, want %s", m.Start, want)
		}
	}
}

// Accepted connections stand in sipgo's pool under the listener's own address.
// An INVITE that was to leave from that address would go to whoever connected
// last.
func TestAnInviteOverTCPReachesItsGateway(t *testing.T) {
	gateway, err := net.Listen("tcp", westHost+":0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = gateway.Close() }()
	port := uint16(gateway.Addr().(*net.TCPAddr).Port)
	e := onLoopback(t, TCP, Gateway{Network: TCP, Host: westHost, Port: port})
	bystander := tcpFrom(t, eastHost, e)
	bystander.send(overTCP(options(), ""))
	if m := bystander.read(); m.Name() != "200 OPTIONS" {
		t.Fatalf("answered %s", m.Start)
	}

	out, err := e.Outbound(Invitation{Trunk: "west", Target: number(t, "+447700900123"), Show: "+15550100002"}, func(Signal) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if err := out.Do(leg.Action{Do: leg.SendInvite}, []byte(sdp)); err != nil {
		t.Fatal(err)
	}
	_ = gateway.(*net.TCPListener).SetDeadline(time.Now().Add(patience))
	conn, err := gateway.Accept()
	if err != nil {
		t.Fatalf("the INVITE went elsewhere: %v", err)
	}
	if m := newStream(t, conn).read(); m.Name() != "INVITE" || m.Body != sdp || siptest.URI(m.Get("To")) != "sip:+447700900123@"+westHost {
		t.Errorf("the gateway got %s", m.Start)
	}
	again := options().with("Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKagain").with("Call-ID: again")
	bystander.send(overTCP(again, ""))
	if m := bystander.read(); m.Name() != "200 OPTIONS" {
		t.Errorf("the bystander got %s", m.Start)
	}
}

// A trunk may accept the address that we listen on, as the example's does. A
// Contact that names it must not bring our BYE to whoever connected last.
func TestAContactThatNamesUsDoesNotReachABystander(t *testing.T) {
	e := onLoopback(t, TCP)
	everybody := carrier("127.0.0.0/8")
	for _, host := range []string{"127.0.0.1", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"} {
		d := dialog{trunk: &everybody, home: netip.MustParseAddrPort("127.0.0.2:5070")}
		d.target = uriOf(t, "sip:b@"+host+":"+strconv.Itoa(int(e.Addrs()[0].Port())))
		if got := d.hop(e.own); got != d.home {
			t.Errorf("Contact at %s leads to %v", host, got)
		}
	}
}

// sipgo answers a request whose connection is gone by connecting to the host in
// its Via. Here many requests come at once, and the connection goes.
func TestAViaDoesNotChooseWhomWeConnectTo(t *testing.T) {
	trap, err := net.Listen("tcp", "127.0.0.66:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = trap.Close() }()
	e := onLoopback(t, TCP)
	var burst strings.Builder
	for i := range 200 {
		via := "Via: SIP/2.0/UDP " + trap.Addr().String() + ";branch=z9hG4bK" + strconv.Itoa(i)
		burst.WriteString(overTCP(options().with(via), ""))
	}
	for range 20 {
		gone := tcpFrom(t, westHost, e)
		gone.send(burst.String())
		_ = gone.Close()
	}
	_ = trap.(*net.TCPListener).SetDeadline(time.Now().Add(shortPatience))
	if conn, err := trap.Accept(); err == nil {
		_ = conn.Close()
		t.Error("a host that only a Via names was connected to")
	}
}

// The same, of the two that see to it.
func TestOnlyTrunksAreDialled(t *testing.T) {
	e := onLoopback(t, TCP, Gateway{Network: TCP, Host: "127.0.0.5", Port: 5060})
	for host, want := range map[string]bool{westHost: true, "127.0.0.5": true, "::ffff:127.0.0.5": true, loopStranger: false} {
		if got := e.mayDial(netip.MustParseAddr(host)); got != want {
			t.Errorf("may dial %s: %v", host, got)
		}
	}
	dialer := e.dialer(nil)
	conn, err := dialer.DialContext(t.Context(), "tcp", e.Addrs()[0].String())
	if err == nil {
		_ = conn.Close()
	}
	if !errors.Is(err, ErrTrunk) {
		t.Errorf("a host of no trunk is dialled: %v", err)
	}
	if _, err := deafResolver().LookupIPAddr(t.Context(), "gw.example.invalid"); err == nil {
		t.Error("a name was resolved")
	}
}

func TestAnAddressInUseIsNamed(t *testing.T) {
	for _, n := range []Network{UDP, TCP} {
		first := onLoopback(t, n)
		taken := Listen{Network: n, Addr: first.Addrs()[0]}
		free := Listen{Network: UDP, Addr: netip.MustParseAddrPort("127.0.0.1:0")}
		second := New(Config{Listen: []Listen{free, taken}}, &switchboard{}, zap.NewNop())
		err := second.Start()
		if !errors.Is(err, syscall.EADDRINUSE) || !strings.Contains(err.Error(), string(n)+" "+taken.Addr.String()) {
			t.Errorf("%s: %v", n, err)
		}
		bound := second.peers().listeners[0].addr // and given back, since not all could be had
		if conn, err := net.ListenPacket("udp", bound.String()); err != nil {
			t.Errorf("%s: %v", n, err)
		} else {
			_ = conn.Close()
		}
		second.Close()
		first.Close()
	}
}

func TestCloseEndsConnectionsAndTransactions(t *testing.T) {
	for _, n := range []Network{UDP, TCP} {
		t.Run(string(n), func(t *testing.T) {
			e := onLoopback(t, n)
			if n == TCP {
				peer := tcpFrom(t, westHost, e)
				peer.send(overTCP(invite(), sdp))
				_ = peer.read()
			} else {
				peer := udpFrom(t, westHost)
				_, _ = peer.WriteTo([]byte(invite().text(sdp)), net.UDPAddrFromAddrPort(e.Addrs()[0]))
				_ = peer.SetReadDeadline(time.Now().Add(patience))
				_, _, _ = peer.ReadFrom(make([]byte, 1<<16))
			}
			e.Close()
			e.Close() // once more does nothing
			select {
			case err := <-e.Failed():
				t.Errorf("closing is a failure: %v", err)
			default:
			}
		})
	}
}

func TestAListenerThatStopsIsToldOf(t *testing.T) {
	e := onLoopback(t, UDP)
	_ = e.peers().listeners[0].packets.Close()
	select {
	case err := <-e.Failed():
		if !errors.Is(err, ErrListener) {
			t.Error(err)
		}
	case <-time.After(patience):
		t.Error("the daemon is deaf and does not know")
	}
}
