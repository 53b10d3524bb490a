package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"testing"

	"go.uber.org/zap"

	"maskd/cmd/maskd/config"
	"maskd/mapping"
)

// keepKeypair writes a certificate and its key to the files.
func keepKeypair(t *testing.T, pair tls.Certificate, cert, key string) {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	keep(t, cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]}))
	keep(t, key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func keep(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// The daemon listens over TLS as its configuration says, and a reload reads the
// files again: of the authorities, too.
func TestTheAPIOverTLSAsConfigured(t *testing.T) {
	cfg := testConfig(t)
	ours, clients, later := newCA(t), newCA(t), newCA(t)
	keepKeypair(t, ours.issue(t, "maskd.example"), "cert.pem", "key.pem")
	keep(t, "ca.pem", []byte(clients.pem))
	cfg.Admin.Listen = config.TCPAddress{AddrPort: netip.AddrPortFrom(loopback, freePort(loopback))}
	cfg.Admin.TLS = config.AdminTLS{Certificate: "cert.pem", Key: "key.pem", CA: "ca.pem"}
	cfg.Admin.Roles = []config.Grant{{Certificate: "audit.example", Role: "auditor"}}
	text, err := cfg.YAML()
	if err != nil {
		t.Fatal(err)
	}
	keep(t, "maskd.yaml", text)
	d, err := start(cfg, "maskd.yaml", zap.NewNop(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := d.close(context.Background()); err != nil {
			t.Error(err)
		}
	}()
	get := func(by *ca) error {
		client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{
			ServerName: "maskd.example", RootCAs: ours.pool(), Certificates: []tls.Certificate{by.issue(t, "audit.example")}}}}
		r, err := client.Get("https://" + cfg.Admin.Listen.String() + "/v1/cdrs")
		if err != nil {
			return err
		}
		if r.StatusCode != http.StatusOK {
			t.Errorf("answered %s", r.Status)
		}
		return r.Body.Close()
	}
	if err := get(clients); err != nil {
		t.Error(err)
	}
	if err := get(later); err == nil {
		t.Error("somebody whom nobody vouches for was heard")
	}
	keep(t, "ca.pem", []byte(later.pem))
	if _, err := d.reload(); err != nil {
		t.Fatal(err)
	}
	if err := get(later); err != nil {
		t.Error(err)
	}
	if err := get(clients); err == nil {
		t.Error("an authority that is believed no more was")
	}
	keep(t, "ca.pem", []byte("nothing"))
	if _, err := d.reload(); err == nil || !strings.Contains(err.Error(), "no certificate in PEM") {
		t.Errorf("a file without authorities was taken: %v", err)
	}
	if err := get(later); err != nil {
		t.Errorf("after a reload that failed: %v", err)
	}
}

func TestUsersAndGroupsAreLookedUp(t *testing.T) {
	zero := uint32(0)
	for _, test := range []struct {
		grant    config.Grant
		uid, gid *uint32
		bad      bool
	}{
		{grant: config.Grant{User: "root", Role: "admin"}, uid: &zero},
		{grant: config.Grant{Group: "root", Role: "operator", Tenant: "acme"}, gid: &zero},
		{grant: config.Grant{User: "no-such-user", Role: "admin"}, bad: true},
		{grant: config.Grant{Group: "no-such-group", Role: "admin"}, bad: true},
	} {
		got, err := grant(test.grant)
		if test.bad != (err != nil) {
			t.Errorf("%+v: %v", test.grant, err)
			continue
		}
		same := func(a, b *uint32) bool { return (a == nil) == (b == nil) && (a == nil || *a == *b) }
		if err == nil && (!same(got.UID, test.uid) || !same(got.GID, test.gid) || got.Role != test.grant.Role.Domain() || got.Tenant != mapping.Tenant(test.grant.Tenant)) {
			t.Errorf("%+v is %+v", test.grant, got)
		}
	}
}
