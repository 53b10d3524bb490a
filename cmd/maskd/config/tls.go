package config

import (
	"errors"
	"net/netip"
	"slices"

	"github.com/goccy/go-yaml/ast"
)

var errDomain = errors.New("expected a SIP domain such as sip.example.net")

// Keypair is the files of our certificate, with its chain, and of its key, in
// PEM. They are read when the daemon starts, and again when it is told to reload.
type Keypair struct {
	Certificate string `yaml:"certificate"`
	Key         string `yaml:"key"`
}

// AdminTLS is the files by which the admin listener proves itself, and the
// authorities of those who may ask. They are read again at a reload.
type AdminTLS struct {
	Certificate string `yaml:"certificate"`
	Key         string `yaml:"key"`
	CA          string `yaml:"ca"`
}

// TrunkTLS is how a trunk's peers prove who they are.
type TrunkTLS struct {
	CA     string   `yaml:"ca"`     // file of certificate authorities in PEM; the system's if empty
	Names  []Domain `yaml:"names"`  // SIP domains, any of which a certificate must be for; the gateways' hosts if empty
	Mutual bool     `yaml:"mutual"` // only TLS is spoken, and who connects to us shows a certificate
}

// Domain is a SIP domain, as a certificate names it.
type Domain string

func parseDomain(s string) (Domain, error) {
	if !hostName.MatchString(s) {
		return "", errDomain
	}
	return Domain(s), nil
}

// UnmarshalYAML reads the written form.
func (d *Domain) UnmarshalYAML(node ast.Node) error { return scalar(node, d, parseDomain) }

// validateTLS wants a certificate where there is somebody to show it to.
func (s SIP) validateTLS() error {
	listens := slices.ContainsFunc(s.Listen, func(l Listen) bool { return l.Network == "tls" })
	switch {
	case listens && s.TLS.Certificate == "":
		return found("expected the file of our certificate, because sip.listen has a tls:// address", "$.sip.tls.certificate")
	case (s.TLS.Certificate == "") != (s.TLS.Key == ""):
		return found("expected the files of both, a certificate and its key", "$.sip.tls.key")
	default:
		return nil
	}
}

// validateTrunkTLS wants a name for every certificate that will be looked at.
func (c Config) validateTrunkTLS(i int) error {
	t := c.Trunks[i]
	if j := slices.Index(t.TLS.Names, ""); j >= 0 {
		return found(errDomain.Error(), "$.trunks[%d].tls.names[%d]", i, j)
	}
	secure := func(g Gateway) bool { return g.Network == "tls" }
	named := func(g Gateway) bool {
		_, err := netip.ParseAddr(g.Host)
		return secure(g) && err != nil
	}
	needed := t.TLS.Mutual || slices.ContainsFunc(t.Gateways, secure)
	if needed && len(t.TLS.Names) == 0 && !slices.ContainsFunc(t.Gateways, named) {
		return found("expected the SIP domain that the trunk's certificates are for: no gateway has a name", "$.trunks[%d].tls.names", i)
	}
	if j := slices.IndexFunc(t.Gateways, func(g Gateway) bool { return !secure(g) }); j >= 0 && t.TLS.Mutual {
		return found("expected transport=tls: by tls.mutual the trunk is spoken to over TLS alone", "$.trunks[%d].gateways[%d]", i, j)
	}
	return nil
}
