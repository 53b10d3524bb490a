package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"testing"
	"time"
)

// secureLine is the pool of calls over TLS.
const secureLine = "secure"

// TestCallsOverTLSEndToEnd has the daemon talk TLS with both carriers, each of
// which proves itself. Debian's sipp has no TLS, so that it talks through a
// tunnel, which has the carrier's address and certificate.
func TestCallsOverTLSEndToEnd(t *testing.T) {
	t.Parallel()
	s := newSite(t, line{name: secureLine, transport: "tcp"})
	carriers := s.line(secureLine) // the tunnels have the carriers' addresses, and sipp others
	sipp := carriers
	sipp.caller, sipp.callee = s.addr(100), s.addr(101)
	ca := newCA(t)
	s.write(t, "ca.pem", ca.pem)
	s.writeKeypair(t, ca, "maskd.example")
	s.write(t, "maskd.yaml", s.secureConfiguration(carriers))
	s.writeSound(t)
	s.start(t)
	w := s.witness(t)
	i := s.connect(t, sipp, sipp.number('a', 0), sipp.number('b', 0))
	maskd := netip.AddrPortFrom(s.addr(1), 5061)
	roots := ca.pool()

	toMaskd := func() (net.Conn, error) {
		from := &net.Dialer{LocalAddr: &net.TCPAddr{IP: carriers.caller.AsSlice()}, Timeout: patience}
		return tls.DialWithDialer(from, "tcp", maskd.String(), &tls.Config{
			ServerName: "maskd.example", RootCAs: roots, Certificates: []tls.Certificate{ca.issue(t, "in.example")},
		})
	}
	toCallee := func() (net.Conn, error) {
		return net.DialTimeout("tcp", netip.AddrPortFrom(sipp.callee, 5060).String(), patience)
	}
	plain := tunnel(t, listenOn(t, carriers.caller, 5060), toMaskd)
	tunnel(t, tls.NewListener(listenOn(t, carriers.callee, 5061), &tls.Config{
		Certificates: []tls.Certificate{ca.issue(t, "out.example")}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: roots,
	}), toCallee)

	for round, ends := range []struct{ caller, callee, want string }{
		{"caller_hangs_up", "callee_is_hung_up", "answered by caller 200"},
		{"caller_is_hung_up", "callee_hangs_up", "answered by callee 200"},
	} {
		callee := s.callee(t, sipp, ends.callee, sipp.number('b', 0), 1, "-d", "1000")
		s.write(t, "secure.csv", "SEQUENTIAL\n"+sipp.number('a', 0)+";"+i.Parties.A.Dial+"\n")
		caller := s.agent(t, sipp, ends.caller, sipp.caller, "-d", "1000", "-inf", "secure.csv", "-m", "1", plain)
		caller.wait(t)
		callee.wait(t)
		s.expectCDRs(t, sipp, []string{ends.want, "answered by caller 200"}[:round+1]...)
		if round == 0 { // the certificate is renewed between the calls
			s.writeKeypair(t, ca, "maskd.example")
			if err := s.daemon.Process.Signal(syscall.SIGHUP); err != nil {
				t.Fatal(err)
			}
		}
	}
	s.stop(t)
	if !bytes.Contains(s.log.Bytes(), []byte("configuration reloaded")) {
		t.Error("SIGHUP was not heeded")
	}
	for _, p := range w.dismiss(t) {
		if p.has("sip") && (p.from.Addr() == s.addr(1) || p.to.Addr() == s.addr(1)) {
			t.Fatalf("SIP in clear between %s and %s", p.from, p.to)
		}
	}
}

func (s *site) secureConfiguration(l line) string {
	return fmt.Sprintf(`sip:
  listen: ["tls://%s:5061"]
  tls: {certificate: cert.pem, key: key.pem}
media: {listen: %[1]s}
store: {path: var/maskd.db, root_key: var/root.key}
admin: {socket: maskd.sock, metrics: ""}
trunks:
  - {name: in, options_seconds: 0, accept: [%[2]s/32], gateways: ["sip:%[2]s:5061;transport=tls"], tls: {ca: ca.pem, names: [in.example], mutual: true}}
  - {name: out, options_seconds: 0, accept: [%[3]s/32], gateways: ["sip:%[3]s:5061;transport=tls"], tls: {ca: ca.pem, names: [out.example], mutual: true}}
pools:
  - {name: secure, trunk: out, dids: [%[4]s..%[5]s99]}
`, s.addr(1), l.caller, l.callee, l.did, l.did[:len(l.did)-2])
}

// ca is a certificate authority.
type ca struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  string
}

func newCA(t *testing.T) *ca {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &ca{key: key, cert: &x509.Certificate{
		SerialNumber: big.NewInt(1), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}}
	der := c.sign(t, c.cert, key)
	c.pem = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	if c.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *ca) sign(t *testing.T, template *x509.Certificate, key *ecdsa.PrivateKey) []byte {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, template, c.cert, &key.PublicKey, c.key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func (c *ca) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(c.cert)
	return pool
}

// issue makes a certificate for a SIP domain.
func (c *ca) issue(t *testing.T, domain string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{PrivateKey: key, Certificate: [][]byte{c.sign(t, &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), DNSNames: []string{domain},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}, key)}}
}

// writeKeypair writes what the daemon shows.
func (s *site) writeKeypair(t *testing.T, c *ca, domain string) {
	t.Helper()
	pair := c.issue(t, domain)
	key, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	s.write(t, "cert.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]})))
	s.write(t, "key.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})))
}

func listenOn(t *testing.T, host netip.Addr, port uint16) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", netip.AddrPortFrom(host, port).String())
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// tunnel passes on what comes on each connection, until the test ends. It
// returns where it listens.
func tunnel(t *testing.T, from net.Listener, to func() (net.Conn, error)) string {
	t.Helper()
	var busy sync.WaitGroup
	t.Cleanup(busy.Wait)
	t.Cleanup(func() { _ = from.Close() })
	busy.Go(func() {
		for {
			near, err := from.Accept()
			if err != nil {
				return
			}
			busy.Go(func() {
				defer near.Close()
				defer context.AfterFunc(t.Context(), func() { _ = near.Close() })()
				far, err := to()
				if err != nil {
					t.Error(err)
					return
				}
				join(near, far)
			})
		}
	})
	return from.Addr().String()
}

// join copies both ways until one side ends.
func join(near, far net.Conn) {
	var ways sync.WaitGroup
	for _, way := range [][2]net.Conn{{near, far}, {far, near}} {
		ways.Go(func() {
			_, _ = io.Copy(way[0], way[1])
			_ = near.Close()
			_ = far.Close()
		})
	}
	ways.Wait()
}
