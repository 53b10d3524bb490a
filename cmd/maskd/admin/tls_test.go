package admin_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"maskd/cmd/maskd/admin"
	"maskd/mapping"
)

// authority makes certificates.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  []byte
}

func newAuthority(t *testing.T, name string) *authority {
	a := &authority{t: t}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: noon.Add(-time.Hour), NotAfter: noon.Add(1000 * time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	a.key = newKey(t)
	der, err := x509.CreateCertificate(rand.Reader, template, template, &a.key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	a.pem = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return a
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// issue makes a certificate for a URI or a DNS name, for an hour.
func (a *authority) issue(name string, use x509.ExtKeyUsage) (tls.Certificate, []byte, []byte) {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "in no place that counts"},
		NotBefore: noon.Add(-time.Hour), NotAfter: noon.Add(time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{use},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	if uri, err := url.Parse(name); err == nil && uri.Scheme != "" {
		template.URIs = []*url.URL{uri}
	} else {
		template.DNSNames = []string{name}
	}
	key := newKey(a.t)
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		a.t.Fatal(err)
	}
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	private := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})
	pair, err := tls.X509KeyPair(cert, private)
	if err != nil {
		a.t.Fatal(err)
	}
	return pair, cert, private
}

// files writes what a listener reads, and reads it.
func (a *authority) files(believes *authority) *admin.TLS {
	a.t.Helper()
	dir := a.t.TempDir()
	_, cert, key := a.issue("maskd.example.net", x509.ExtKeyUsageServerAuth)
	for name, text := range map[string][]byte{"cert": cert, "key": key, "ca": believes.pem} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			a.t.Fatal(err)
		}
	}
	read, err := admin.ReadTLS(filepath.Join(dir, "cert"), filepath.Join(dir, "key"), filepath.Join(dir, "ca"))
	if err != nil {
		a.t.Fatal(err)
	}
	return read
}

// guarded is an estate with a listener over TLS.
type guarded struct {
	*estate
	at     netip.AddrPort
	access admin.Access
	server *authority
	now    *time.Time
}

const (
	alice = "spiffe://example.net/alice"
	bob   = "bob.example.net"
)

func openGuarded(t *testing.T, clients *authority) *guarded {
	t.Helper()
	now := noon
	g := &guarded{at: freeAddress(t), server: newAuthority(t, "ours"), now: &now}
	g.access = admin.Access{TLS: g.server.files(clients), Grants: []admin.Grant{
		{Certificate: alice, Role: mapping.RoleAuditor}, {Certificate: bob, Role: mapping.RoleAuditor, Tenant: "acme"},
		{Certificate: "spiffe://example.net/app", Role: mapping.RoleIntegrator, Tenant: "acme"},
	}}
	g.estate = openEstateWith(t, admin.Options{Listen: g.at, Access: g.access, Now: func() time.Time { return *g.now }})
	return g
}

func freeAddress(t *testing.T) netip.AddrPort {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return netip.MustParseAddrPort(l.Addr().String())
}

// client returns a client that shows the certificates, and keeps its connection.
func (g *guarded) client(shows ...tls.Certificate) *http.Client {
	roots := x509.NewCertPool()
	roots.AddCert(g.server.cert)
	transport := &http.Transport{TLSClientConfig: &tls.Config{Certificates: shows, RootCAs: roots, Time: func() time.Time { return noon }, MaxVersion: tls.VersionTLS13}}
	g.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// over asks over TLS.
func (g *guarded) over(c *http.Client, method, path, body string) (status int, answer string, err error) {
	request, err := http.NewRequest(method, "https://"+g.at.String()+path, strings.NewReader(body))
	if err != nil {
		g.Fatal(err)
	}
	r, err := c.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	return r.StatusCode, string(text), err
}

func TestACertificateGivesItsRole(t *testing.T) {
	clients := newAuthority(t, "clients")
	g := openGuarded(t, clients)
	for name, want := range map[string]struct{ cdrs, create int }{
		alice: {200, 403}, bob: {200, 403}, "spiffe://example.net/app": {403, 201},
		"spiffe://example.net/nobody": {403, 403}, "bob.example.net.evil": {403, 403}, "in no place that counts": {403, 403},
	} {
		pair, _, _ := clients.issue(name, x509.ExtKeyUsageClientAuth)
		c := g.client(pair)
		status, _, err := g.over(c, "GET", "/v1/cdrs", "")
		if err != nil || status != want.cdrs {
			t.Errorf("%s lists CDRs: %d, %v", name, status, err)
		}
		status, answer, err := g.over(c, "POST", "/v1/interactions", `{"parties":{"a":{"numbers":["+15550200001"]},"b":{"numbers":["+15550200002"]}}}`)
		if err != nil || status != want.create {
			t.Errorf("%s creates: %d %s, %v", name, status, answer, err)
		}
	}
	g.close()
	if !strings.Contains(g.log.String(), `"by":{"certificate":"spiffe://example.net/nobody"}`) {
		t.Error("the log does not say who was turned away")
	}
}

func TestWhoCanNotProveHimselfIsNotHeard(t *testing.T) {
	clients := newAuthority(t, "clients")
	g := openGuarded(t, clients)
	ofOthers, _, _ := newAuthority(t, "others").issue(alice, x509.ExtKeyUsageClientAuth)
	ofServer, _, _ := clients.issue(alice, x509.ExtKeyUsageServerAuth)
	good, _, _ := clients.issue(alice, x509.ExtKeyUsageClientAuth)
	old := g.client(good)
	old.Transport.(*http.Transport).TLSClientConfig.MaxVersion = tls.VersionTLS12
	for name, c := range map[string]*http.Client{
		"no certificate": g.client(), "another authority": g.client(ofOthers), "a server's certificate": g.client(ofServer), "TLS 1.2": old,
	} {
		if status, answer, err := g.over(c, "GET", "/livez", ""); err == nil {
			t.Errorf("%s: %d %s", name, status, answer)
		}
	}
	clear := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	if r, err := clear.Get("http://" + g.at.String() + "/livez"); err != nil || r.StatusCode != 400 || r.Body.Close() != nil {
		t.Errorf("in clear: %v, %v", r, err)
	}
	if status, _, err := g.over(g.client(good), "GET", "/v1/cdrs", ""); status != 200 || err != nil {
		t.Errorf("a good one: %d, %v", status, err)
	}
	*g.now = noon.Add(2 * time.Hour)
	if status, _, err := g.over(g.client(good), "GET", "/v1/cdrs", ""); err == nil {
		t.Errorf("expired: %d", status)
	}
}

// What a reload says holds for connections that are open.
func TestAReloadIsFeltOnAnOpenConnection(t *testing.T) {
	clients := newAuthority(t, "clients")
	pair, _, _ := clients.issue(alice, x509.ExtKeyUsageClientAuth)
	for name, test := range map[string]struct {
		change func(*guarded)
		want   string
	}{
		"nothing":             {func(*guarded) {}, `"data"`},
		"the grant is gone":   {func(g *guarded) { g.access.Grants = nil }, `"no_role"`},
		"another role":        {func(g *guarded) { g.access.Grants[0].Role = mapping.RoleOperator }, `"not_allowed"`},
		"another authority":   {func(g *guarded) { g.access.TLS = g.server.files(newAuthority(t, "new")) }, `"certificate_refused"`},
		"the same, read anew": {func(g *guarded) { g.access.TLS = g.server.files(clients) }, `"data"`},
		"its time is over":    {func(g *guarded) { *g.now = noon.Add(2 * time.Hour) }, `"certificate_refused"`},
	} {
		t.Run(name, func(t *testing.T) {
			g := openGuarded(t, clients)
			c := g.client(pair)
			if status, answer, err := g.over(c, "GET", "/v1/cdrs", ""); status != 200 || err != nil {
				t.Fatalf("%d %s %v", status, answer, err)
			}
			test.change(g)
			g.estate.server.SetAccess(g.access)
			if _, answer, err := g.over(c, "GET", "/v1/cdrs", ""); err != nil || !strings.Contains(answer, test.want) {
				t.Errorf("%s, %v; want %s", answer, err, test.want)
			}
		})
	}
}

func TestTheFilesOfTheListenerAreLookedAt(t *testing.T) {
	dir, a := t.TempDir(), newAuthority(t, "ours")
	_, cert, key := a.issue("maskd.example.net", x509.ExtKeyUsageServerAuth)
	file := func(name string, text []byte, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, text, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good, private, ca := file("cert", cert, 0o644), file("key", key, 0o640), file("ca", a.pem, 0o644)
	if _, err := admin.ReadTLS(good, private, ca); err != nil {
		t.Error(err)
	}
	for name, test := range map[string]struct {
		cert, key, ca string
		want          error
	}{
		"exposed key": {good, file("open", key, 0o644), ca, admin.ErrKeyExposed},
		"no CA":       {good, private, file("none", []byte("text"), 0o644), admin.ErrNoCA},
		"no key":      {good, filepath.Join(dir, "gone"), ca, os.ErrNotExist},
		"CA gone":     {good, private, filepath.Join(dir, "gone"), os.ErrNotExist},
	} {
		if _, err := admin.ReadTLS(test.cert, test.key, test.ca); !errors.Is(err, test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := admin.ReadTLS(good, file("other", bytes.Replace(key, []byte("M"), []byte("N"), 3), 0o600), ca); err == nil {
		t.Error("a key that is none was taken")
	}
	h := newHouse(t)
	if _, err := admin.Start(admin.Options{Socket: h.socket, Listen: freeAddress(t)}); err == nil {
		t.Error("a listener without a certificate was started")
	}
	if _, err := os.Lstat(h.socket); err == nil {
		t.Error("the socket was left behind")
	}
}

// Those who open connections and say nothing don't keep others out for good, and
// don't use up what the daemon has.
func TestTheListenerHasRoomForSoMany(t *testing.T) {
	clients := newAuthority(t, "clients")
	g := openGuarded(t, clients)
	pair, _, _ := clients.issue(alice, x509.ExtKeyUsageClientAuth)
	var silent []net.Conn
	for range 300 {
		c, err := net.Dial("tcp", g.at.String())
		if err != nil {
			break
		}
		silent = append(silent, c)
	}
	if _, _, err := g.over(g.client(pair), "GET", "/livez", ""); err == nil {
		t.Error("there was room for one more")
	}
	for _, c := range silent {
		c.Close()
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	for {
		status, _, err := g.over(g.client(pair), "GET", "/livez", "")
		if err == nil && status == 200 {
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("no room after they have left: %d, %v", status, err)
		}
	}
}
