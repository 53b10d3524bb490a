package stir

import (
	"crypto/elliptic"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"
)

// The key of RFC 8225 appendix A. Its example signs iat as a text, and the
// signature is over that.
const (
	exampleKey = `-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIFeZ1R208QCvcu5GuYyMfG4W7sH4m99/7eHSDLpdYllFoAoGCCqGSM49
AwEHoUQDQgAE8HNbQd/TmvCKwPKHkMF9fScavGeH78YTU8qLS8I5HLHSSmlATLcs
lQMhNC/OhlWBYC626nIlo7XeebYS7Sb37g==
-----END EC PRIVATE KEY-----
`
	exampleToken = "eyJhbGciOiJFUzI1NiIsInR5cCI6InBhc3Nwb3J0IiwieDV1IjoiaHR0cHM6Ly9j" +
		"ZXJ0LmV4YW1wbGUub3JnL3Bhc3Nwb3J0LmNlciJ9." +
		"eyJkZXN0Ijp7InVyaSI6WyJzaXA6YWxpY2VAZXhhbXBsZS5jb20iXX0sImlhdCI" +
		"6IjE0NDMyMDgzNDUiLCJvcmlnIjp7InRuIjoiMTIxNTU1NTEyMTIifX0." +
		"rq3pjT1hoRwakEGjHCnWSwUnshd0-zJ6F1VOgFWSjHBr8Qjpjlk-cpFYpFYsojN" +
		"CpTzO3QfPOlckGaS6hEck7w"
)

func TestTheExampleOfTheRFCIsSigned(t *testing.T) {
	key, err := parseKey([]byte(exampleKey))
	if err != nil {
		t.Fatal(err)
	}
	id, err := parseIdentity(exampleToken + ";info=<https://cert.example.org/passport.cer>")
	if err != nil {
		t.Fatal(err)
	}
	if !signed(&id, &key.PublicKey) {
		t.Error("the signature of RFC 8225 appendix A is wrong")
	}
	id.signed += "A"
	if signed(&id, &key.PublicKey) {
		t.Error("and so is any other")
	}
}

// RFC 8588 section 6: the same header and claims, byte for byte.
func TestAPassportIsCanonical(t *testing.T) {
	s, err := NewSigner([]byte(exampleKey), "https://cert.example.org/passport.cer?a&b", Full)
	if err != nil {
		t.Fatal(err)
	}
	value, err := s.Sign("+12155551212", "+12155551213", "123e4567-e89b-12d3-a456-426655440000", time.Unix(1443208345, 0))
	if err != nil {
		t.Fatal(err)
	}
	want := encodeText(`{"alg":"ES256","ppt":"shaken","typ":"passport","x5u":"https://cert.example.org/passport.cer?a&b"}`) + "." +
		encodeText(`{"attest":"A","dest":{"tn":["12155551213"]},"iat":1443208345,"orig":{"tn":"12155551212"},`+
			`"origid":"123e4567-e89b-12d3-a456-426655440000"}`) + "."
	if !strings.HasPrefix(value, want) {
		t.Errorf("signed: %s", value)
	}
	if !strings.HasSuffix(value, ";info=<https://cert.example.org/passport.cer?a&b>;alg=ES256;ppt=shaken") {
		t.Errorf("beside it: %s", value)
	}
	if strings.ContainsAny(value, "\r\n ,") {
		t.Errorf("no header of one line: %q", value)
	}
}

func TestWhatIsSignedIsVerified(t *testing.T) {
	for _, level := range []Attestation{Gateway, Partial, Full} {
		c := newCarrier(t, nil)
		c.signer.attest = level.String()
		value, err := c.signer.Sign(orig, dest, OriginID([16]byte{}), noon.Add(500*time.Millisecond))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := c.verifier.Verify(value, theCall, noon); err != nil || got != level {
			t.Errorf("%s is verified as %q, %v", level, got, err)
		}
	}
}

func TestAnOriginIDIsAUUID(t *testing.T) {
	form := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	for _, b := range []byte{0, 0x5a, 0xff} {
		var random [16]byte
		for i := range random {
			random[i] = b
		}
		if id := OriginID(random); !form.MatchString(id) {
			t.Error(id)
		}
	}
}

func TestASignerThatCanNotBe(t *testing.T) {
	good := []byte(exampleKey)
	big, err := x509.MarshalPKCS8PrivateKey(newKey(t, elliptic.P384()))
	if err != nil {
		t.Fatal(err)
	}
	wrapped, err := x509.MarshalPKCS8PrivateKey(newKey(t, elliptic.P256()))
	if err != nil {
		t.Fatal(err)
	}
	inPKCS8 := func(der []byte) []byte { return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}) }
	for _, row := range []struct {
		name   string
		key    []byte
		url    string
		attest Attestation
		want   error
	}{
		{"as it should be", good, certificateURL, Full, nil},
		{"a key within PKCS #8", inPKCS8(wrapped), certificateURL, Full, nil},
		{"a key behind its parameters", append([]byte("-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"), good...), certificateURL, Full, nil},
		{"no key", nil, certificateURL, Full, ErrKey},
		{"a key of another curve", inPKCS8(big), certificateURL, Full, ErrKey},
		{"a key that is none", inPKCS8([]byte("x")), certificateURL, Full, ErrKey},
		{"http", good, "http://example.net/c.pem", Full, ErrURL},
		{"no host", good, "https:///c.pem", Full, ErrURL},
		{"a bracket", good, "https://example.net/c>.pem", Full, ErrURL},
		{"no URL", good, "", Full, ErrURL},
		{"a long one", good, "https://example.net/" + strings.Repeat("a", maxURL), Full, ErrURL},
		{"no attestation", good, certificateURL, 0, ErrAttestation},
	} {
		if _, err := NewSigner(row.key, row.url, row.attest); !errors.Is(err, row.want) {
			t.Errorf("%s: %v, want %v", row.name, err, row.want)
		}
	}
}

func TestACertificateThatCanNotBeUsed(t *testing.T) {
	c, stranger := newCarrier(t, nil), newCarrier(t, nil)
	bare := issue(t, &c.middle, newKey(t, elliptic.P256()), nil)
	wide := issue(t, &c.middle, newKey(t, elliptic.P384()), speaking(t, provider(t)))
	odd := issue(t, &c.middle, newKey(t, elliptic.P256()), speaking(t, entry(7, nil)))
	empty := issue(t, &c.middle, newKey(t, elliptic.P256()), speaking(t, []asn1.RawValue{}...))
	for _, row := range []struct {
		name  string
		roots []byte
		chain []byte
		want  error
	}{
		{"no root", nil, inPEM(c.leaf, c.middle), ErrRoots},
		{"nothing", inPEM(c.root), nil, ErrCertificate},
		{"no certificate", inPEM(c.root), []byte(exampleKey), ErrCertificate},
		{"a key of another curve", inPEM(c.root), inPEM(wide, c.middle), ErrCertificate},
		{"no list of numbers", inPEM(c.root), inPEM(bare, c.middle), ErrTNAuthList},
		{"a list that can't be read", inPEM(c.root), inPEM(odd, c.middle), ErrTNAuthList},
		{"an empty list", inPEM(c.root), inPEM(empty, c.middle), ErrTNAuthList},
	} {
		_, err := NewVerifier(row.roots, map[URLHash][]byte{{}: row.chain})
		if !errors.Is(err, row.want) {
			t.Errorf("%s: %v, want %v", row.name, err, row.want)
		}
	}
	var unknown x509.UnknownAuthorityError
	for name, chain := range map[string][]byte{"a link is missing": inPEM(c.leaf), "another root's": inPEM(stranger.leaf, stranger.middle)} {
		if _, err := NewVerifier(inPEM(c.root), map[URLHash][]byte{{}: chain}); !errors.As(err, &unknown) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	c := newCarrier(b, nil)
	value, err := c.signer.Sign(orig, dest, "id", noon)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := c.verifier.Verify(value, theCall, noon); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSign(b *testing.B) {
	c := newCarrier(b, nil)
	for b.Loop() {
		if _, err := c.signer.Sign(orig, dest, "id", noon); err != nil {
			b.Fatal(err)
		}
	}
}
