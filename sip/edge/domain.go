package edge

import (
	"crypto/x509"
	"encoding/asn1"
	"net/url"
	"slices"
	"strings"
)

// sipDomainUsage is the extended key usage of a SIP domain's certificate
// (RFC 5924 section 4).
const sipDomainUsage = "1.3.6.1.5.5.7.3.20"

// domainsOf returns the SIP domains that a certificate is for (RFC 5922
// section 7.1): those of its sip URIs, or where it has none, its DNS names. The
// common name counts for nothing, nor does an IP address.
func domainsOf(cert *x509.Certificate) []string {
	var domains []string
	for _, uri := range cert.URIs {
		if domain, ok := sipDomain(uri); ok {
			domains = append(domains, domain)
		}
	}
	if len(domains) > 0 {
		return domains
	}
	return cert.DNSNames
}

// sipDomain returns the domain of a URI such as sip:example.net. One with a
// user names a person; one of scheme sips is not accepted either.
func sipDomain(uri *url.URL) (string, bool) {
	if uri.Scheme != "sip" || uri.Opaque == "" || strings.Contains(uri.Opaque, "@") {
		return "", false
	}
	domain, _, _ := strings.Cut(uri.Opaque, ";")
	return domain, true
}

// isFor reports whether a certificate is for one of the domains. Names are
// compared whole, without regard to case: no wildcard, no suffix (RFC 5922
// section 7.2).
func isFor(cert *x509.Certificate, domains []string) bool {
	return slices.ContainsFunc(domainsOf(cert), func(shown string) bool {
		return slices.ContainsFunc(domains, func(expected string) bool { return strings.EqualFold(shown, expected) })
	})
}

// usagesOf returns the key usages that the chain of a certificate must allow.
// Most carriers' come from a public authority and are for servers alone, also
// where the carrier is the client; one for SIP domains alone is as good.
func usagesOf(cert *x509.Certificate) []x509.ExtKeyUsage {
	forSIP := func(usage asn1.ObjectIdentifier) bool { return usage.String() == sipDomainUsage }
	if slices.ContainsFunc(cert.UnknownExtKeyUsage, forSIP) {
		return []x509.ExtKeyUsage{x509.ExtKeyUsageAny}
	}
	return []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
}
