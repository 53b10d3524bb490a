package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"maskd/cmd/maskd/admin"
	"maskd/cmd/maskd/config"
	"maskd/sip/edge"
	"maskd/sip/siptest"
	"maskd/sip/stir"
)

// Two carriers who write numbers in their own ways. Both sign, with the key of
// one certificate.
const (
	britishHost     = "127.0.0.2" // 0NSN, and 00 abroad
	indianHost      = "127.0.0.3" // 00 everywhere
	britishNumber   = "+442079460123"
	indianNumber    = "+919876543210"
	certificateURL  = "https://certificates.example.net/carrier.pem"
	twoCarriersYAML = `
sip: {listen: ["udp://%[1]s"]}
admin: {socket: maskd.sock, metrics: ""}
trunks:
  - name: british
    accept: [127.0.0.2/32]
    options_seconds: 0
    gateways: ["sip:%[2]s"]
    format: {write: national, bare: refuse, country: 44, trunk_prefix: 0, international_prefix: 00}
    stir: {minimum: A, roots: roots.pem, certificates: chains}
  - name: indian
    accept: [127.0.0.3/32]
    options_seconds: 0
    gateways: ["sip:%[3]s"]
    format: international
    stir: {sign: {key: key.pem, certificate_url: "https://certificates.example.net/carrier.pem", attest: A}}
pools:
  - {name: default, trunk: indian, dids: [+442079460000..+442079460009]}
`
)

// attestor writes the files of a carrier's key and certificate, and returns who
// signs with them and who checks.
func attestor(t *testing.T) (*stir.Signer, *stir.Verifier) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	numbers := pkix.Extension{Id: []int{1, 3, 6, 1, 5, 5, 7, 1, 26}, Value: []byte("\x30\x08\xa0\x06\x16\x04709J")} // RFC 8226 section 9
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign, ExtraExtensions: []pkix.Extension{numbers}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	private := pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: secret})
	put(t, ".", "key.pem", string(private))
	put(t, ".", "roots.pem", string(certificate))
	if err := os.Mkdir("chains", 0o700); err != nil {
		t.Fatal(err)
	}
	put(t, "chains", fmt.Sprintf("%x.pem", stir.HashURL(certificateURL)), string(certificate))
	signer, err := stir.NewSigner(private, certificateURL, stir.Full)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := stir.NewVerifier(certificate, map[stir.URLHash][]byte{stir.HashURL(certificateURL): certificate})
	if err != nil {
		t.Fatal(err)
	}
	return signer, verifier
}

// plugIn returns a phone on a free port of the host.
func plugIn(t *testing.T, host string, id siptest.Identity, proxy netip.AddrPort) (*siptest.Phone, netip.AddrPort) {
	t.Helper()
	conn, err := net.ListenPacket("udp", host+":0")
	if err != nil {
		t.Fatal(err)
	}
	phone := siptest.PlugIn(conn, id, proxy)
	t.Cleanup(phone.Close)
	return phone, netip.MustParseAddrPort(conn.LocalAddr().String())
}

// TestEachCarrierWritesNumbersInItsOwnWay is a call between two trunks with
// nothing in common, through the whole daemon and its configuration.
func TestEachCarrierWritesNumbersInItsOwnWay(t *testing.T) {
	t.Chdir(t.TempDir())
	edge.Prepare(zap.NewNop())
	signer, verifier := attestor(t)
	proxy := netip.AddrPortFrom(loopback, freePort(loopback))
	caller, british := plugIn(t, britishHost, siptest.Identity{Number: "02079460123", Name: "Beth", Host: "b.invalid", Session: "b", Port: 40000, Codecs: "8 101"}, proxy)
	callee, indian := plugIn(t, indianHost, siptest.Identity{Number: "00919876543210", Name: "Asha", Host: "a.invalid", Session: "a", Port: 40000, Codecs: "8 101"}, proxy)
	cfg, err := config.Parse("f", []byte(fmt.Sprintf(twoCarriersYAML, proxy, british, indian)))
	if err != nil {
		t.Fatal(err)
	}
	d, err := start(cfg, "", zap.NewNop(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.close(context.Background()) }()
	made, err := admin.NewClient(cfg.Admin.Socket).Create(t.Context(), admin.Draft{Parties: admin.DraftParties{
		A: admin.DraftParty{Numbers: []admin.PlainNumber{britishNumber}}, B: admin.DraftParty{Numbers: []admin.PlainNumber{indianNumber}}}})
	if err != nil {
		t.Fatal(err)
	}
	dial := strings.Replace(made.Parties.A.Dial, "+44", "0", 1)

	caller.Invite(dial)
	if _, err := caller.Await("404"); err != nil {
		t.Errorf("a call that nobody signed: %v", err)
	}
	identity, err := signer.Sign(britishNumber, made.Parties.A.Dial, stir.OriginID([16]byte{}), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	caller.Invite(dial, siptest.With("Identity", identity))
	invite, err := callee.Await("INVITE")
	if err != nil {
		t.Fatal(err)
	}
	shown := made.Parties.B.Dial
	if from := "<sip:00" + shown[1:] + "@127.0.0.1>"; !strings.HasPrefix(invite.Start, "INVITE sip:00919876543210@") || !strings.HasPrefix(invite.Get("From"), from) {
		t.Errorf("%s\nFrom: %s", invite.Start, invite.Get("From"))
	}
	if level, err := verifier.Verify(invite.Get("Identity"), stir.Call{Orig: shown, Dest: indianNumber}, time.Now()); level != stir.Full || err != nil {
		t.Errorf("our INVITE attests %q, %v", level, err)
	}
	callee.Respond(486, "Busy Here")
	if _, err := caller.Await("486"); err != nil {
		t.Error(err)
	}
}
