package edge

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/netip"
	"testing"

	"go.uber.org/goleak"
	"go.uber.org/zap"

	"maskd/sip/leg"
)

// unasked is an edge whose trunk west is spoken to over TLS and needs no
// certificate to connect to us.
func unasked(t *testing.T, port int) *house {
	t.Helper()
	ca := newAuthority(t)
	west := carrier(westHost + "/32")
	west.Name, west.TLS = "west", TrunkTLS{CA: ca.file(), Names: []string{"west.example"}}
	west.Gateways = []Gateway{{Network: TLS, Host: westHost, Port: uint16(port)}}
	e := New(Config{Listen: []Listen{{Network: TLS, Addr: netip.MustParseAddrPort("127.0.0.1:0")}},
		Keypair: keypair(t, ca.issue(dns("maskd.example"), keyUsage(x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth))),
		Trunks:  []Trunk{west}}, &switchboard{}, zap.NewNop())
	if err := e.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		e.Close()
		goleak.VerifyNone(t)
	})
	return &house{Edge: e, ca: ca}
}

// fromGateway connects from the address that the gateway is invited at, while
// the gateway itself is kept away.
func (h *house) fromGateway(t *testing.T, port int, shown ...tls.Certificate) *stream {
	t.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(westHost), Port: port}, Timeout: patience}
	conn, err := tls.DialWithDialer(&dialer, "tcp", h.Addrs()[0].String(), h.asWest(shown...))
	if err != nil {
		t.Fatal(err)
	}
	s := newStream(t, conn)
	if err := s.ask(); err != nil {
		t.Fatalf("it is not answered: %v", err)
	}
	return s
}

// The address of a gateway is no proof: only who shows its certificate is sent
// the number.
func TestAConnectionGetsTheInviteIfItsPeerHasProvenItself(t *testing.T) {
	for name, row := range map[string]struct {
		shown func(*authority) []tls.Certificate
		gets  bool
	}{
		"its certificate":     {func(ca *authority) []tls.Certificate { return []tls.Certificate{ca.issue(dns("west.example"))} }, true},
		"no certificate":      {func(*authority) []tls.Certificate { return nil }, false},
		"another certificate": {func(ca *authority) []tls.Certificate { return []tls.Certificate{ca.issue(dns("east.example"))} }, false},
	} {
		t.Run(name, func(t *testing.T) {
			free := hole(t)
			port := int(portOf(free))
			_ = free.Close()
			h := unasked(t, port)
			peer := h.fromGateway(t, port, row.shown(h.ca)...)
			heard := make(chan Signal, 4)
			out, err := h.Outbound(Invitation{Trunk: "west", Target: number(t, "+447700900123"), Show: "+15550100002"},
				func(s Signal) bool { heard <- s; return true })
			if err != nil {
				t.Fatal(err)
			}
			defer out.Close()
			if err := out.Do(leg.Action{Do: leg.SendInvite}, []byte(sdp)); err != nil {
				t.Fatal(err)
			}
			if row.gets {
				if m := peer.read(); m.Name() != "INVITE" {
					t.Errorf("the gateway got %s", m.Start)
				}
				return
			}
			if s := <-heard; s.In.Kind != leg.GotFailure {
				t.Errorf("the call heard %v", s.In.Kind)
			}
			if err := peer.ask(); err != nil { // the first thing that it reads since is the answer to this
				t.Errorf("the peer got what is not its own: %v", err)
			}
		})
	}
}
