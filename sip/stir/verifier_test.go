package stir

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

const (
	orig = "+15550100001"
	dest = "+447700900123"
)

var theCall = Call{Orig: orig, Dest: dest}

// forge signs any header and claims with the carrier's key.
func (c *carrier) forge(header, claims string) string {
	signed := encodeText(header) + "." + encodeText(claims)
	digest := sha256.Sum256([]byte(signed))
	x, y, _ := ecdsa.Sign(rand.Reader, c.leaf.key, digest[:])
	var signature [signatureSize]byte
	x.FillBytes(signature[:32])
	y.FillBytes(signature[32:])
	return signed + "." + encodeText(string(signature[:])) + ";info=<" + certificateURL + ">;alg=ES256;ppt=shaken"
}

func encodeText(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

const goodHeader = `{"alg":"ES256","ppt":"shaken","typ":"passport","x5u":"` + certificateURL + `"}`

// claimsOf returns the claims of the call, with a few words in place of others.
func claimsOf(replace ...string) string {
	text := fmt.Sprintf(`{"attest":"A","dest":{"tn":["447700900123"]},"iat":%d,"orig":{"tn":"15550100001"},`+
		`"origid":"123e4567-e89b-12d3-a456-426655440000"}`, noon.Unix())
	return strings.NewReplacer(replace...).Replace(text)
}

func TestAnIdentityProvesWhatItSays(t *testing.T) {
	c := newCarrier(t, nil)
	good := c.forge(goodHeader, claimsOf())
	for _, row := range []struct {
		name   string
		header string
		call   Call
		at     time.Time
		want   error
	}{
		{"as it is", good, theCall, noon, nil},
		{"a minute old", good, theCall, noon.Add(time.Minute), nil},
		{"of a clock that is a minute ahead", good, theCall, noon.Add(-time.Minute), nil},
		{"with a quoted extension", strings.Replace(good, "ppt=shaken", `ppt="shaken"`, 1), theCall, noon, nil},
		{"without alg (RFC 8224 section 4)", strings.Replace(good, ";alg=ES256", "", 1), theCall, noon, nil},
		{"with spaces and another parameter", strings.Replace(good, ";alg", " ; x=y ; alg", 1), theCall, noon, nil},
		{"numbers signed with a plus", c.forge(goodHeader, claimsOf(`"1555`, `"+1555`, `"4477`, `"+4477`)), theCall, noon, nil},
		{"two destinations", c.forge(goodHeader, claimsOf(`["4477`, `["33612345678","4477`)), theCall, noon, nil},
		{"an unknown claim", c.forge(goodHeader, claimsOf(`{"attest"`, `{"rcd":{"nam":"x"},"attest"`)), theCall, noon, nil},

		{"older", good, theCall, noon.Add(61 * time.Second), ErrStale},
		{"of the future", good, theCall, noon.Add(-61 * time.Second), ErrStale},
		{"of another caller", good, Call{"+15550100002", dest}, noon, ErrOrigin},
		{"of nobody", good, Call{"", dest}, noon, ErrOrigin},
		{"to another number", good, Call{orig, "+447700900124"}, noon, ErrDestination},
		{"to nobody", good, Call{orig, ""}, noon, ErrDestination},
		{"no attestation", c.forge(goodHeader, claimsOf(`"attest":"A",`, "")), theCall, noon, ErrAttestation},
		{"attestation D", c.forge(goodHeader, claimsOf(`:"A"`, `:"D"`)), theCall, noon, ErrAttestation},
		{"no iat", c.forge(goodHeader, claimsOf(`"iat"`, `"jat"`)), theCall, noon, ErrStale},
		{"iat as a text", c.forge(goodHeader, claimsOf(`"iat":`, `"iat":"1","jat":`)), theCall, noon, ErrMalformed},
		{"orig is a URI", c.forge(goodHeader, claimsOf(`"orig":{"tn"`, `"orig":{"uri"`)), theCall, noon, ErrOrigin},
		{"no claims", c.forge(goodHeader, "null"), theCall, noon, ErrStale},
		{"claims are a list", c.forge(goodHeader, "[]"), theCall, noon, ErrMalformed},

		{"alg none", c.forge(strings.Replace(goodHeader, "ES256", "none", 1), claimsOf()), theCall, noon, ErrExtension},
		{"alg none beside", strings.Replace(good, "alg=ES256", "alg=none", 1), theCall, noon, ErrExtension},
		{"alg HS256", c.forge(strings.Replace(goodHeader, "ES256", "HS256", 1), claimsOf()), theCall, noon, ErrExtension},
		{"ppt div", c.forge(strings.Replace(goodHeader, "shaken", "div", 1), claimsOf()), theCall, noon, ErrExtension},
		{"ppt div beside", strings.Replace(good, "ppt=shaken", "ppt=div", 1), theCall, noon, ErrExtension},
		{"no ppt", strings.Replace(good, ";ppt=shaken", "", 1), theCall, noon, ErrExtension},
		{"typ JWT", c.forge(strings.Replace(goodHeader, "passport", "JWT", 1), claimsOf()), theCall, noon, ErrExtension},
		{"a certificate that nobody gave us", strings.ReplaceAll(c.forge(strings.Replace(goodHeader, "carrier.pem", "other.pem", 1), claimsOf()),
			"carrier.pem", "other.pem"), theCall, noon, ErrUnknown},
		{"one URL signed, another beside", c.forge(strings.Replace(goodHeader, "carrier.pem", "other.pem", 1), claimsOf()), theCall, noon, ErrMalformed},

		{"signed by somebody else", func() string { o := newCarrier(t, nil); return o.forge(goodHeader, claimsOf()) }(), theCall, noon, ErrSignature},
		{"other claims", swap(good, 1, encodeText(claimsOf(`"A"`, `"B"`))), theCall, noon, ErrSignature},
		{"another header", swap(good, 0, encodeText(strings.Replace(goodHeader, "{", `{"x":1,`, 1))), theCall, noon, ErrSignature},
		{"no signature", swap(good, 2, ""), theCall, noon, ErrMalformed},
		{"a short signature", swap(good, 2, "AAAA"), theCall, noon, ErrSignature},
		{"a signature of zeros", swap(good, 2, encodeText(string(make([]byte, 64)))), theCall, noon, ErrSignature},
		{"a signature in ASN.1", swap(good, 2, encodeText(string(make([]byte, 70)))), theCall, noon, ErrSignature},

		{"nothing", "", theCall, noon, ErrMalformed},
		{"the compact form", ".." + good[strings.LastIndexByte(good[:strings.IndexByte(good, ';')], '.')+1:], theCall, noon, ErrMalformed},
		{"no URL", strings.Replace(good, ";info=<"+certificateURL+">", "", 1), theCall, noon, ErrMalformed},
		{"a URL without brackets", strings.NewReplacer("<", "", ">", "").Replace(good), theCall, noon, ErrMalformed},
		{"two URLs", good + ";info=<https://x.invalid>", theCall, noon, ErrMalformed},
		{"two algorithms", good + ";alg=ES256", theCall, noon, ErrMalformed},
		{"padding", swap(good, 1, encodeText(claimsOf())+"="), theCall, noon, ErrMalformed},
		{"four parts", strings.Replace(good, ";", ".x;", 1), theCall, noon, ErrMalformed},
		{"no JSON", swap(good, 0, encodeText("{")), theCall, noon, ErrMalformed},
		{"huge", strings.Repeat("A", maxIdentity) + good, theCall, noon, ErrMalformed},
	} {
		level, err := c.verifier.Verify(row.header, row.call, row.at)
		if !errors.Is(err, row.want) || (err == nil) != (level == Full) {
			t.Errorf("%s: attests %q, %v; want %v", row.name, level, err, row.want)
		}
	}
}

// swap replaces a part of the token of a header.
func swap(header string, part int, by string) string {
	token, params, _ := strings.Cut(header, ";")
	parts := strings.Split(token, ".")
	parts[part] = by
	return strings.Join(parts, ".") + ";" + params
}

func TestAnIdentityIsWorthItsCertificate(t *testing.T) {
	one := entry(entryOne, der(t, "15550100001", "ia5"))
	block := entry(entryRange, der(t, numberRange{"15550100000", 100}, ""))
	elsewhere := entry(entryRange, der(t, numberRange{"15550100100", 100}, ""))
	for _, row := range []struct {
		name string
		edit func(*x509.Certificate)
		want error
	}{
		{"a provider's", nil, nil},
		{"the number's own", speaking(t, one), nil},
		{"a block's", speaking(t, block), nil},
		{"one of several", speaking(t, elsewhere, one), nil},
		{"another block's", speaking(t, elsewhere), ErrAuthority},
		{"expired", func(c *x509.Certificate) { c.NotAfter = noon.Add(-time.Second) }, ErrExpired},
		{"not valid yet", func(c *x509.Certificate) { c.NotBefore = noon.Add(time.Second) }, ErrExpired},
		{"with a critical list", func(c *x509.Certificate) { c.ExtraExtensions[0].Critical = true }, nil},
	} {
		c := newCarrier(t, row.edit)
		header, err := c.signer.Sign(orig, dest, "id", noon)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.verifier.Verify(header, theCall, noon); !errors.Is(err, row.want) {
			t.Errorf("%s: %v, want %v", row.name, err, row.want)
		}
	}
}

func TestAttestationsAreOrdered(t *testing.T) {
	for i, letter := range []string{"", "C", "B", "A"} {
		if a := Attestation(i); a.String() != letter || ParseAttestation(letter) != a {
			t.Errorf("%d is %q", i, a)
		}
	}
	if ParseAttestation("a") != 0 || ParseAttestation("AA") != 0 || Attestation(4).String() != "" {
		t.Error("what is none is one")
	}
}

func TestAVerdictOfTheNetwork(t *testing.T) {
	for _, row := range []struct {
		verstat, indicator string
		want               Attestation
	}{
		{"TN-Validation-Passed", "A", Full},
		{"tn-validation-passed", "a", Full},
		{"TN-Validation-Passed", " B ", Partial},
		{"TN-Validation-Passed-A", "", Full},
		{"TN-Validation-Passed-C", "A", Gateway}, // what stands nearer to the number
		{"TN-Validation-Passed-D", "A", 0},
		{"TN-Validation-Passed", "", Gateway},
		{"TN-Validation-Passed", "none", Gateway},
		{"TN-Validation-Passedly", "A", 0},
		{"TN-Validation-Failed", "A", 0},
		{"No-TN-Validation", "A", 0},
		{"", "A", 0},
	} {
		if got := Verdict(row.verstat, row.indicator); got != row.want {
			t.Errorf("verstat %q, attestation %q: %q, want %q", row.verstat, row.indicator, got, row.want)
		}
	}
}

// Whatever is received, it is either signed by the carrier or worth nothing.
func FuzzVerify(f *testing.F) {
	c := newCarrier(f, nil)
	good := c.forge(goodHeader, claimsOf())
	for _, seed := range []string{good, swap(good, 0, ""), strings.Replace(good, "ES256", "none", 1), ";info=<", "..", ";;;", good + ";" + good} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		level, err := c.verifier.Verify(header, theCall, noon)
		if (err == nil) != (level != 0) {
			t.Fatalf("attests %q, %v", level, err)
		}
		if id, err := parseIdentity(header); err == nil && level == 0 {
			again, err := parseIdentity(id.text())
			if err == nil && again != id {
				t.Errorf("%+v is written %s", id, id.text())
			}
		}
	})
}
