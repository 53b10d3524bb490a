package stir

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"testing"
	"time"
)

// noon is when the tests take place.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

const certificateURL = "https://certificates.example.net/carrier.pem"

// issuer is a certificate with its key.
type issuer struct {
	*x509.Certificate
	key *ecdsa.PrivateKey
}

func newKey(t testing.TB, curve elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// issue makes a certificate for a key; without an issuer it signs itself.
func issue(t testing.TB, by *issuer, key *ecdsa.PrivateKey, edit func(*x509.Certificate)) issuer {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "STI"},
		NotBefore: noon.AddDate(0, -1, 0), NotAfter: noon.AddDate(0, 1, 0),
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature,
	}
	if edit != nil {
		edit(template)
	}
	parent := issuer{template, key}
	if by != nil {
		parent = *by
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent.Certificate, key.Public(), parent.key)
	if err != nil {
		t.Fatal(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return issuer{made, key}
}

// authorityCertificate makes it one that may issue others.
func authorityCertificate(name string) func(*x509.Certificate) {
	return func(c *x509.Certificate) {
		c.IsCA, c.KeyUsage, c.Subject.CommonName = true, x509.KeyUsageCertSign, name
	}
}

// speaking gives it a TNAuthList.
func speaking(t testing.TB, entries ...asn1.RawValue) func(*x509.Certificate) {
	return func(c *x509.Certificate) {
		c.ExtraExtensions = []pkix.Extension{{Id: tnAuthList(), Value: der(t, entries, "")}}
	}
}

func der(t testing.TB, value any, params string) []byte {
	t.Helper()
	encoded, err := asn1.MarshalWithParams(value, params)
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

func entry(tag int, inner []byte) asn1.RawValue {
	return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: tag, IsCompound: true, Bytes: inner}
}

func provider(t testing.TB) asn1.RawValue { return entry(entryProvider, der(t, "709J", "ia5")) }

func inPEM(chain ...issuer) (text []byte) {
	for _, c := range chain {
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
	}
	return text
}

func keyPEM(t testing.TB, key *ecdsa.PrivateKey) []byte {
	t.Helper()
	encoded, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: encoded})
}

// carrier is who signs: a root, one that it trusts, and a certificate for a key.
type carrier struct {
	root, middle, leaf issuer
	signer             *Signer
	verifier           *Verifier
}

// newCarrier makes a carrier whose certificate speaks for a provider's numbers,
// unless the edit says otherwise.
func newCarrier(t testing.TB, edit func(*x509.Certificate)) carrier {
	t.Helper()
	c := carrier{root: issue(t, nil, newKey(t, elliptic.P256()), authorityCertificate("root"))}
	c.middle = issue(t, &c.root, newKey(t, elliptic.P256()), authorityCertificate("middle"))
	c.leaf = issue(t, &c.middle, newKey(t, elliptic.P256()), func(x *x509.Certificate) {
		speaking(t, provider(t))(x)
		if edit != nil {
			edit(x)
		}
	})
	var err error
	if c.signer, err = NewSigner(keyPEM(t, c.leaf.key), certificateURL, Full); err != nil {
		t.Fatal(err)
	}
	c.verifier, err = NewVerifier(inPEM(c.root), map[URLHash][]byte{HashURL(certificateURL): inPEM(c.leaf, c.middle)})
	if err != nil {
		t.Fatal(err)
	}
	return c
}
