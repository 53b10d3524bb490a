package admin

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"maskd/mapping"
)

// What can be wrong with the files of the listener.
var (
	// ErrKeyExposed: the key may be read by everybody.
	ErrKeyExposed = errors.New("the key may be read by others than its owner and group")
	// ErrNoCA: the file has no certificate.
	ErrNoCA = errors.New("no certificate in PEM")
)

// TLS is what the listener shows of itself, and whom it believes.
type TLS struct {
	own   tls.Certificate
	roots *x509.CertPool
}

// ReadTLS reads our certificate with its key, and the authorities of those who
// may ask, all in PEM.
func ReadTLS(certificate, key, ca string) (*TLS, error) {
	info, err := os.Stat(key)
	if err != nil {
		return nil, fmt.Errorf("read key of admin listener: %w", err)
	}
	if info.Mode().Perm()&0o007 != 0 {
		return nil, fmt.Errorf("read key of admin listener: %s: %w", key, ErrKeyExposed)
	}
	own, err := tls.LoadX509KeyPair(certificate, key)
	if err != nil {
		return nil, fmt.Errorf("read certificate of admin listener: %w", err)
	}
	text, err := os.ReadFile(ca)
	if err != nil {
		return nil, fmt.Errorf("read CAs of admin listener: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("read CAs of admin listener: %s: %w", ca, ErrNoCA)
	}
	return &TLS{own: own, roots: roots}, nil
}

// errNoTLS: the listener was given no certificate.
var errNoTLS = errors.New("admin listener has no certificate")

// maxGuests bounds the connections of the listener: whoever can reach it can
// open one without a certificate, for as long as a handshake may take.
const maxGuests = 256

// listenTLS binds the listener. Each connection is shown, and proven by, what the
// configuration says at its time. Nothing is resumed: who was believed once has to
// prove himself again.
func (s *Server) listenTLS(at netip.AddrPort) (net.Listener, error) {
	if s.access.Load().TLS == nil {
		return nil, errNoTLS
	}
	l, err := net.Listen("tcp", at.String())
	if err != nil {
		return nil, fmt.Errorf("listen for admin over TLS: %w", err)
	}
	return tls.NewListener(&fewer{Listener: l, room: make(chan struct{}, maxGuests)}, &tls.Config{
		MinVersion: tls.VersionTLS13,
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			t := s.access.Load().TLS
			if t == nil {
				return nil, errNoTLS
			}
			return &tls.Config{
				MinVersion: tls.VersionTLS13, Time: s.now, SessionTicketsDisabled: true,
				Certificates: []tls.Certificate{t.own}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: t.roots,
			}, nil
		},
	}), nil
}

// fewer is a listener with room for so many connections.
type fewer struct {
	net.Listener
	room chan struct{}
}

// Accept waits for who comes, and turns away those for whom there is no room.
func (f *fewer) Accept() (net.Conn, error) {
	for {
		c, err := f.Listener.Accept()
		if err != nil {
			return nil, err
		}
		select {
		case f.room <- struct{}{}:
			return &guest{Conn: c, leave: sync.OnceFunc(func() { <-f.room })}, nil
		default:
			_ = c.Close() // it has said nothing yet
		}
	}
}

// guest is a connection that has room.
type guest struct {
	net.Conn
	leave func()
}

// Close gives the room to the next.
func (g *guest) Close() error {
	g.leave()
	return g.Conn.Close()
}

// entrant is what is known of who came over TLS, for the requests of one
// connection: by which authorities he was believed last.
type entrant struct{ proven atomic.Pointer[x509.CertPool] }

type entrantKey struct{}

func withEntrant(ctx context.Context) context.Context {
	return context.WithValue(ctx, entrantKey{}, new(entrant))
}

// peer returns who is at the other end.
func (s *Server) peer(r *http.Request) (peer, error) {
	if p, ok := r.Context().Value(peerKey{}).(peer); ok {
		return p, nil
	}
	e, ok := r.Context().Value(entrantKey{}).(*entrant)
	if !ok || r.TLS == nil || len(r.TLS.PeerCertificates) == 0 {
		return peer{}, errNoRole
	}
	leaf := r.TLS.PeerCertificates[0]
	p := peer{way: mapping.WayCertificate}
	for _, uri := range leaf.URIs {
		p.names = append(p.names, uri.String())
	}
	p.names = append(p.names, leaf.DNSNames...)
	return p, s.believe(e, r.TLS, s.now())
}

// believe looks at a certificate again once other authorities are believed, and
// sees that its time is not over: a connection may be open for days.
func (s *Server) believe(e *entrant, state *tls.ConnectionState, at time.Time) error {
	t := s.access.Load().TLS
	leaf := state.PeerCertificates[0]
	if t == nil || at.After(leaf.NotAfter) {
		return errCertificate
	}
	if e.proven.Load() == t.roots {
		return nil
	}
	between := x509.NewCertPool()
	for _, c := range state.PeerCertificates[1:] {
		between.AddCert(c)
	}
	_, err := leaf.Verify(x509.VerifyOptions{
		Roots: t.roots, Intermediates: between, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	if err != nil {
		return errCertificate
	}
	e.proven.Store(t.roots)
	return nil
}
