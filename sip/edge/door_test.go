package edge

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"go.uber.org/zap"

	"maskd/sip/leg"
	"maskd/sip/siptest"
)

// house is an edge with a TLS listener on the loopback, whose trunk west asks
// for a certificate, and whose trunk east does not.
type house struct {
	*Edge
	ca      *authority // of all
	keypair Keypair
}

func newHouse(t *testing.T, gateways ...Gateway) *house {
	t.Helper()
	goleak.VerifyNone(t)
	ca := newAuthority(t)
	west, east := carrier(westHost+"/32"), carrier(eastHost+"/32")
	west.Name, west.Gateways, west.TLS = "west", gateways, TrunkTLS{CA: ca.file(), Names: []string{"west.example"}, Mutual: true}
	east.Name = "east"
	h := &house{ca: ca, keypair: keypair(t, ca.issue(dns("maskd.example"), keyUsage(x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth)))}
	loopback := netip.MustParseAddrPort("127.0.0.1:0")
	h.Edge = New(Config{
		Listen:  []Listen{{Network: TLS, Addr: loopback}, {Network: TCP, Addr: loopback}, {Network: UDP, Addr: loopback}},
		Keypair: h.keypair, Trunks: []Trunk{west, east},
	}, &switchboard{}, zap.NewNop())
	if err := h.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		h.Close()
		goleak.VerifyNone(t)
	})
	return h
}

// reload reads the files again.
func (h *house) reload() error {
	var same []Trunk
	for _, t := range h.peers().trunks {
		same = append(same, *t)
	}
	_, err := h.Reload(same, h.keypair, func() {})
	return err
}

// asWest is how the trunk that must prove itself connects.
func (h *house) asWest(shown ...tls.Certificate) *tls.Config {
	return &tls.Config{RootCAs: h.ca.roots(), ServerName: "maskd.example", Certificates: shown}
}

// connect connects a host over TLS, and asks whether we are there.
func (h *house) connect(t *testing.T, host string, as *tls.Config) (*stream, error) {
	t.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(host)}, Timeout: patience}
	conn, err := tls.DialWithDialer(&dialer, "tcp", h.Addrs()[0].String(), as)
	if err != nil {
		return nil, err
	}
	s := newStream(t, conn)
	return s, s.ask()
}

// ask sends an OPTIONS; an error is no answer.
func (s *stream) ask() error {
	via := "Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK" + rand.Text()
	if _, err := io.WriteString(s.Conn, overTLS(options().with(via), "")); err != nil {
		return err
	}
	if _, err := s.reader.Peek(1); err != nil {
		return err
	}
	if m := s.read(); m.Name() != "200 OPTIONS" {
		return errors.New(m.Start)
	}
	return nil
}

func overTLS(l lines, body string) string {
	return strings.Replace(overTCP(l, body), "SIP/2.0/TCP", "SIP/2.0/TLS", 1)
}

func TestWhoComesThroughTheDoor(t *testing.T) {
	h := newHouse(t)
	good := h.ca.issue(dns("west.example"))
	old := h.asWest(good)
	old.MinVersion, old.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	last := h.asWest(good)
	last.MaxVersion = tls.VersionTLS12
	for _, row := range []struct {
		name, host string
		as         *tls.Config
		in         bool
	}{
		{"its certificate", westHost, h.asWest(good), true},
		{"its certificate, TLS 1.2", westHost, last, true},
		{"its certificate, by SIP URI", westHost, h.asWest(h.ca.issue(uris("sip:west.example"))), true},
		{"a trunk that needs none", eastHost, h.asWest(), true},
		{"no certificate", westHost, h.asWest(), false},
		{"the wrong name", westHost, h.asWest(h.ca.issue(dns("east.example"))), false},
		{"the wrong authority", westHost, h.asWest(newAuthority(t).issue(dns("west.example"))), false},
		{"an expired certificate", westHost, h.asWest(h.ca.issue(dns("west.example"), expired)), false},
		{"TLS 1.1", westHost, old, false},
		{"a stranger with a trunk's certificate", loopStranger, h.asWest(good), false},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := h.connect(t, row.host, row.as)
			if (err == nil) != row.in {
				t.Errorf("let in: %v (%v)", err == nil, err)
			}
			if errors.Is(err, os.ErrDeadlineExceeded) {
				t.Error("the connection was not closed")
			}
		})
	}
	if n := h.counts.unproven.Load(); n != 4 {
		t.Errorf("%d certificates refused, want 4", n)
	}
}

// Where a certificate is asked for, an address proves nothing on UDP or TCP.
func TestATrunkThatProvesItselfIsHeardOverTLSAlone(t *testing.T) {
	h := newHouse(t)
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(westHost)}, Timeout: patience}
	conn, err := dialer.Dial("tcp", h.Addrs()[1].String())
	if err == nil {
		_, err = newStream(t, conn).Read(make([]byte, 1))
	}
	if err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("over TCP: %v", err)
	}
	buf := make([]byte, 1<<16)
	west, east := udpFrom(t, westHost), udpFrom(t, eastHost)
	for _, from := range []net.PacketConn{west, east} {
		_, _ = from.WriteTo([]byte(options().text("")), net.UDPAddrFromAddrPort(h.Addrs()[2]))
	}
	_ = east.SetReadDeadline(time.Now().Add(patience))
	if _, _, err := east.ReadFrom(buf); err != nil {
		t.Fatalf("a trunk that proves nothing: %v", err)
	}
	_ = west.SetReadDeadline(time.Now().Add(shortPatience))
	if n, _, err := west.ReadFrom(buf); err == nil {
		t.Errorf("over UDP: answered %q", buf[:n])
	}
}

func TestACertificateIsReplacedWithoutARestart(t *testing.T) {
	h := newHouse(t)
	good := h.ca.issue(dns("west.example"))
	open, err := h.connect(t, westHost, h.asWest(good))
	if err != nil {
		t.Fatal(err)
	}
	shown := func() string {
		t.Helper()
		s, err := h.connect(t, westHost, h.asWest(good))
		if err != nil {
			t.Fatal(err)
		}
		return s.Conn.(*tls.Conn).ConnectionState().PeerCertificates[0].SerialNumber.String()
	}
	before := shown()
	if err := os.Chmod(h.keypair.Key, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := h.reload(); !errors.Is(err, ErrKeyExposed) {
		t.Errorf("a key that all may read: %v", err)
	}
	if got := shown(); got != before {
		t.Error("after a reload that failed another certificate is shown")
	}
	if err := os.Chmod(h.keypair.Key, 0o640); err != nil {
		t.Fatal(err)
	}
	fresh := h.ca.issue(dns("maskd.example"))
	h.keypair.write(t, fresh)
	if err := h.reload(); err != nil {
		t.Fatal(err)
	}
	if got := shown(); got != fresh.Leaf.SerialNumber.String() {
		t.Error("after the reload the old certificate is shown")
	}
	if err := open.ask(); err != nil {
		t.Errorf("a connection did not outlive the reload: %v", err)
	}
}

// Who was let in without a certificate is not heard as a trunk that asks for one,
// and goes with the last call of the trunk that asked for none.
func TestATrunkThatAsksForCertificatesTrustsNoOlderConnection(t *testing.T) {
	h := newHouse(t)
	open, err := h.connect(t, eastHost, h.asWest())
	if err != nil {
		t.Fatal(err)
	}
	west, before := *h.peers().trunks[0], h.peers().trunks[1]
	strict := *before
	strict.TLS = TrunkTLS{CA: h.ca.file(), Names: []string{"east.example"}, Mutual: true}
	if _, err := h.Reload([]Trunk{west, strict}, h.keypair, func() {}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.connect(t, eastHost, h.asWest()); err == nil {
		t.Error("another without a certificate is let in")
	}
	proven, err := h.connect(t, eastHost, h.asWest(h.ca.issue(dns("east.example"))))
	if err != nil {
		t.Fatal(err)
	}
	_ = open.SetReadDeadline(time.Now().Add(shortPatience))
	if err := open.ask(); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the older connection is answered: %v", err)
	}
	listeners := len(h.peers().listeners)
	h.forget(before)
	if n := len(h.peers().listeners); n != listeners-1 {
		t.Errorf("of %d listeners %d are left", listeners, n)
	}
	if err := proven.ask(); err != nil {
		t.Errorf("the proven connection: %v", err)
	}
}

func TestWhoProvesHimselfAnewIsHeardInHisCalls(t *testing.T) {
	lax := carrier(westHost + "/32")
	strict, other := lax, lax
	strict.TLS.Mutual, other.Name = true, "other"
	e := New(Config{}, &switchboard{}, zap.NewNop())
	e.peering.Store(&peering{trunks: trunks{&strict}, leaving: trunks{&lax}})
	req := request(t, options(), "")
	req.SetSource(westHost + ":5061")
	for _, row := range []struct {
		name     string
		by, call *Trunk
		want     bool
	}{
		{"as before, in a call of before", &lax, &lax, true},
		{"as now, in a call of before", &strict, &lax, true},
		{"as now, in a call of now", &strict, &strict, true},
		{"as before, in a call of now", &lax, &strict, false},
		{"as another trunk", &other, &lax, false},
	} {
		l := &listener{edge: e, network: TLS, trunk: row.by}
		if got := l.hears(row.call, req); got != row.want {
			t.Errorf("%s: heard %t", row.name, got)
		}
	}
}

// A gateway proves who it is before it gets a number.
func TestAGatewayIsInvitedOverTLSIfItProvesItself(t *testing.T) {
	for _, row := range []struct {
		name  string
		about []subject
		alien bool
		ok    bool
	}{
		{"its certificate", []subject{dns("west.example")}, false, true},
		{"the wrong name", []subject{dns("rival.example")}, false, false},
		{"a wildcard", []subject{dns("*.example")}, false, false},
		{"the wrong authority", []subject{dns("west.example")}, true, false},
		{"an expired certificate", []subject{dns("west.example"), expired}, false, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			socket, err := net.Listen("tcp", westHost+":0")
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = socket.Close() }()
			h := newHouse(t, Gateway{Network: TLS, Host: westHost, Port: uint16(socket.Addr().(*net.TCPAddr).Port)})
			issuer := h.ca
			if row.alien {
				issuer = newAuthority(t)
			}
			got := make(chan siptest.Message, 1)
			go func() {
				defer close(got)
				serveOnce(t, socket, &tls.Config{
					Certificates: []tls.Certificate{issuer.issue(row.about...)},
					ClientAuth:   tls.RequireAndVerifyClientCert, ClientCAs: h.ca.roots(),
				}, got)
			}()
			failed := make(chan Signal, 1)
			out, err := h.Outbound(Invitation{Trunk: "west", Target: number(t, "+447700900123"), Show: "+15550100002"},
				func(s Signal) bool { failed <- s; return true })
			if err != nil {
				t.Fatal(err)
			}
			defer out.Close()
			if err := out.Do(leg.Action{Do: leg.SendInvite}, []byte(sdp)); err != nil {
				t.Errorf("not sent: %v", err)
			}
			m, came := <-got
			if !row.ok && (<-failed).In.Kind != leg.GotFailure {
				t.Error("the call does not hear of it")
			}
			if came != row.ok {
				t.Fatalf("the gateway got %q", m.Start)
			}
			if came && (!strings.Contains(m.Get("Via"), "SIP/2.0/TLS") || !strings.Contains(m.Get("Contact"), "transport=tls")) {
				t.Errorf("Via %s, Contact %s", m.Get("Via"), m.Get("Contact"))
			}
		})
	}
}

// serveOnce accepts a connection and passes on the message that comes first.
func serveOnce(t *testing.T, socket net.Listener, as *tls.Config, got chan<- siptest.Message) {
	conn, err := socket.Accept()
	if err != nil {
		return
	}
	s := newStream(t, tls.Server(conn, as))
	if _, err := s.reader.Peek(1); err != nil {
		_ = conn.Close()
		return
	}
	got <- s.read()
}
