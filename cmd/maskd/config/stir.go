package config

import (
	"errors"

	"github.com/goccy/go-yaml/ast"

	"maskd/sip/stir"
)

var (
	errAttestation    = errors.New("expected A, B or C")
	errOnUnverified   = errors.New("expected refuse or pin")
	errCertificateURL = errors.New("expected an https URL of at most 512 characters")
)

// The ways with a caller who is not verified.
const (
	onUnverifiedRefuse OnUnverified = "refuse"
	onUnverifiedPIN    OnUnverified = "pin"
)

// STIR is what a trunk shows of a caller's number, and what we show of ours
// (RFC 8224, RFC 8588). Left out, nothing is asked for and nothing is signed.
type STIR struct {
	Sign         Signature    `yaml:"sign,omitempty"`
	Minimum      Attestation  `yaml:"minimum,omitempty"`       // callers with less are refused; empty: all are believed
	OnUnverified OnUnverified `yaml:"on_unverified,omitempty"` // refuse, or pin: he may prove himself; empty: refuse
	TrustVerstat bool         `yaml:"trust_verstat,omitempty"` // the trunk checks Identity itself, and tells in verstat
	Roots        string       `yaml:"roots,omitempty"`         // file of root certificates in PEM
	Certificates string       `yaml:"certificates,omitempty"`  // directory of chains in PEM, each <SHA-256 of its URL>.pem
}

// Signature is how our INVITEs are signed.
type Signature struct {
	Key            string         `yaml:"key,omitempty"`             // file of a private key in PEM, P-256
	CertificateURL CertificateURL `yaml:"certificate_url,omitempty"` // where others fetch its certificate
	Attest         Attestation    `yaml:"attest,omitempty"`
}

// Attestation is A, B or C (RFC 8588 section 4).
type Attestation string

func parseAttestation(s string) (Attestation, error) {
	if stir.ParseAttestation(s) == 0 {
		return "", errAttestation
	}
	return Attestation(s), nil
}

// Level returns the attestation; 0 for none.
func (a Attestation) Level() stir.Attestation { return stir.ParseAttestation(string(a)) }

// UnmarshalYAML reads the written form.
func (a *Attestation) UnmarshalYAML(node ast.Node) error { return scalar(node, a, parseAttestation) }

// OnUnverified is what happens to a caller whose number is not attested.
type OnUnverified string

func parseOnUnverified(s string) (OnUnverified, error) {
	switch o := OnUnverified(s); o {
	case onUnverifiedRefuse, onUnverifiedPIN:
		return o, nil
	default:
		return "", errOnUnverified
	}
}

// AsksPIN reports whether who is not verified is asked for his PIN.
func (o OnUnverified) AsksPIN() bool { return o == onUnverifiedPIN }

// UnmarshalYAML reads the written form.
func (o *OnUnverified) UnmarshalYAML(node ast.Node) error { return scalar(node, o, parseOnUnverified) }

// CertificateURL is where others fetch a certificate.
type CertificateURL string

func parseCertificateURL(s string) (CertificateURL, error) {
	if stir.CheckURL(s) != nil {
		return "", errCertificateURL
	}
	return CertificateURL(s), nil
}

// UnmarshalYAML reads the written form.
func (u *CertificateURL) UnmarshalYAML(node ast.Node) error {
	return scalar(node, u, parseCertificateURL)
}

// validateSTIR wants all that a signature needs, and a way to reach a minimum
// that is asked for.
func (c Config) validateSTIR(i int) error {
	s := c.Trunks[i].STIR
	switch {
	case s.Sign != (Signature{}) && (s.Sign.Key == "" || s.Sign.CertificateURL == "" || s.Sign.Attest == ""):
		return found("expected key, certificate_url and attest", "$.trunks[%d].stir.sign", i)
	case (s.Roots == "") != (s.Certificates == ""):
		return found("expected roots and certificates, or neither", "$.trunks[%d].stir", i)
	case s.Minimum == "" && (s.TrustVerstat || s.Roots != "" || s.OnUnverified != ""):
		return found("expected a minimum: without one, every caller is believed", "$.trunks[%d].stir", i)
	case s.Minimum != "" && !s.TrustVerstat && s.Roots == "":
		return found("expected trust_verstat, or roots and certificates: without them, no caller is believed",
			"$.trunks[%d].stir.minimum", i)
	default:
		return nil
	}
}
