package config_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"maskd/cmd/maskd/config"
	"maskd/sip/dialplan"
)

// trunkWith is a trunk with one more line.
func trunkWith(line string) string {
	return "trunks:\n  - name: carrier\n    accept: [127.0.0.0/8]\n    gateways: [\"sip:127.0.0.1:5070\"]\n    " + line + "\n"
}

func TestFormatOfATrunk(t *testing.T) {
	for _, row := range []struct {
		written string
		want    dialplan.Plan
	}{
		{"format: e164", dialplan.E164()},
		{"nat: false", dialplan.E164()},
		{"format: plus", dialplan.Plan{Form: dialplan.Plus, Bare: dialplan.BareRefused}},
		{"format: digits", dialplan.Plan{Form: dialplan.Digits, Bare: dialplan.BareE164}},
		{"format: international", dialplan.Plan{Form: dialplan.International, Bare: dialplan.BareE164, InternationalPrefix: "00"}},
		{"format: {write: plus}", dialplan.E164()},
		{"format: {write: national, country: 44, trunk_prefix: 0, international_prefix: 00}",
			dialplan.Plan{Form: dialplan.National, Bare: dialplan.BareE164, Country: "44", TrunkPrefix: "0", InternationalPrefix: "00"}},
		{`format: {write: national, bare: national, country: "1", trunk_prefix: '1', international_prefix: 011}`,
			dialplan.Plan{Form: dialplan.National, Bare: dialplan.BareNational, Country: "1", TrunkPrefix: "1", InternationalPrefix: "011"}},
		{"format: {write: digits, tech_prefix: 7788*}", dialplan.Plan{Form: dialplan.Digits, Bare: dialplan.BareE164, TechPrefix: "7788*"}},
	} {
		c, err := config.Parse("f", []byte(trunkWith(row.written)))
		if err != nil {
			t.Errorf("%s: %v", row.written, err)
			continue
		}
		if got := c.Trunks[0].Format.Plan; got != row.want {
			t.Errorf("%s: %+v, want %+v", row.written, got, row.want)
		}
		readsBack(t, c)
	}
}

// readsBack checks that a configuration is printed as one that is the same.
func readsBack(t *testing.T, c config.Config) {
	t.Helper()
	text, err := c.YAML()
	if err != nil {
		t.Fatal(err)
	}
	got, err := config.Parse("printed", text)
	if err != nil {
		t.Fatalf("%v in:\n%s", err, text)
	}
	if diff := cmp.Diff(c, got, byValue); diff != "" {
		t.Errorf("differs after printing:\n%s\n%s", diff, text)
	}
}

func TestSTIROfATrunk(t *testing.T) {
	c, err := config.Parse("f", []byte(trunkWith(`stir:
      sign: {key: stir.key, certificate_url: "https://example.net/c.pem?a=b", attest: A}
      minimum: B
      on_unverified: pin
      trust_verstat: true
      roots: roots.pem
      certificates: chains`)))
	if err != nil {
		t.Fatal(err)
	}
	want := config.STIR{
		Sign:    config.Signature{Key: "stir.key", CertificateURL: "https://example.net/c.pem?a=b", Attest: "A"},
		Minimum: "B", OnUnverified: "pin", TrustVerstat: true, Roots: "roots.pem", Certificates: "chains",
	}
	if diff := cmp.Diff(want, c.Trunks[0].STIR); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	readsBack(t, c)
	text, err := config.Default().YAML()
	if err != nil || strings.Contains(string(text), "stir") {
		t.Errorf("what is not used is printed: %v\n%s", err, text)
	}
}

func TestABadTrunkIsOneLineThatSaysWhere(t *testing.T) {
	for _, row := range []struct{ name, text, want string }{
		{"unknown word", "format: national", "f:5:13: expected e164, plus, digits or international, or a mapping"},
		{"list", "format: [e164]", "f:5:13: expected"},
		{"unknown key", "format: {write: plus, prefix: 0}", `f:5:27: expected a known key, found an unknown field "prefix"`},
		{"unknown form", "format: {write: e164}", "f:5:21: expected plus, digits, international or national"},
		{"unknown meaning", "format: {bare: plus}", "f:5:20: expected e164, national or refuse"},
		{"prefix of letters", "format: {trunk_prefix: x}", "f:5:28: expected digits"},
		{"no country", "format: {write: national}", "f:5:14: expected numbers that can be read back: a national number needs a country code"},
		{"ambiguous", "format: {write: digits, bare: refuse}", "f:5:14: expected numbers that can be read back: numbers are written without a prefix"},

		{"a PIN of everybody", "stir: {on_unverified: pin}", "trunks[0].stir: expected a minimum"},
		{"another way out", "stir: {on_unverified: connect}", "f:5:27: expected refuse or pin"},
		{"attestation", "stir: {minimum: D}", "f:5:21: expected A, B or C"},
		{"nothing to reach the minimum", "stir: {minimum: A}", "f:5:21: trunks[0].stir.minimum: expected trust_verstat, or roots and certificates"},
		{"nothing asked for", "stir: {trust_verstat: true}", "trunks[0].stir: expected a minimum"},
		{"roots alone", "stir: {minimum: A, roots: r.pem}", "trunks[0].stir: expected roots and certificates, or neither"},
		{"half a signature", "stir: {sign: {key: k}}", "trunks[0].stir.sign: expected key, certificate_url and attest"},
		{"URL", "stir: {sign: {certificate_url: \"http://example.net\"}}", "f:5:36: expected an https URL"},
		{"unknown key of STIR", "stir: {signs: 1}", `f:5:12: expected a known key, found an unknown field "signs"`},
	} {
		_, err := config.Parse("f", []byte(trunkWith(row.text)))
		if err == nil {
			t.Errorf("%s: accepted", row.name)
			continue
		}
		if got := err.Error(); !strings.Contains(got, row.want) || strings.Contains(got, "\n") {
			t.Errorf("%s: error %q\n want %q", row.name, got, row.want)
		}
	}
}
