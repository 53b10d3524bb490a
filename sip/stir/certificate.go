package stir

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"slices"
	"time"
)

// certificate is one that a root has been found to vouch for.
type certificate struct {
	key       *ecdsa.PublicKey
	authority authority
	from      time.Time // the whole chain is valid from here
	until     time.Time // to here
}

// parseCertificate reads a chain in PEM, the signer's own certificate first.
// The signatures within the chain are checked here and once; whether the time is
// right is checked at each call.
func parseCertificate(text []byte, roots *x509.CertPool) (c certificate, err error) {
	chain := parseChain(text)
	if len(chain) == 0 {
		return c, ErrCertificate
	}
	key, ok := chain[0].PublicKey.(*ecdsa.PublicKey)
	if !ok || key.Curve != elliptic.P256() {
		return c, ErrCertificate
	}
	if c.authority, err = authorityOf(chain[0]); err != nil {
		return c, err
	}
	c.key = key
	return c, c.climb(chain, roots)
}

// parseChain reads certificates in PEM; none if one can't be read.
func parseChain(text []byte) (chain []*x509.Certificate) {
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		parsed, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil
		}
		chain = append(chain, parsed)
	}
	return chain
}

// climb looks for the way from the certificate to a root, at the first instant
// at which all of the chain is valid, and notes for how long it is.
func (c *certificate) climb(chain []*x509.Certificate, roots *x509.CertPool) error {
	leaf := chain[0]
	leaf.UnhandledCriticalExtensions = slices.DeleteFunc(leaf.UnhandledCriticalExtensions,
		func(id asn1.ObjectIdentifier) bool { return id.Equal(tnAuthList()) })
	options := x509.VerifyOptions{Roots: roots, Intermediates: x509.NewCertPool(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}
	for _, link := range chain {
		options.Intermediates.AddCert(link)
		options.CurrentTime = latest(options.CurrentTime, link.NotBefore)
	}
	ways, err := leaf.Verify(options)
	if err != nil {
		return fmt.Errorf("find the way to a root: %w", err)
	}
	c.from, c.until = leaf.NotBefore, leaf.NotAfter
	for _, link := range ways[0] {
		c.from = latest(c.from, link.NotBefore)
		if link.NotAfter.Before(c.until) {
			c.until = link.NotAfter
		}
	}
	return nil
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// vouches reports whether the certificate may speak for the number now.
func (c *certificate) vouches(e164 string, now time.Time) error {
	if now.Before(c.from) || now.After(c.until) {
		return ErrExpired
	}
	if !c.authority.covers(canonical(e164)) {
		return ErrAuthority
	}
	return nil
}
