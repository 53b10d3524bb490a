package edge

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/netip"
	"slices"

	"go.uber.org/zap"
)

// Why a peer's certificate is refused. The texts are constant: what x509 says
// quotes the certificate, which the peer has written.
var (
	errNotShown  = errors.New("no certificate was shown")
	errUntrusted = errors.New("not signed by a certificate authority of the trunk")
	errOutOfDate = errors.New("out of date")
	errDomain    = errors.New("of none of the trunk's names")
)

// TrunkTLS is how a trunk's peers prove who they are.
type TrunkTLS struct {
	CA     string   // file of certificate authorities in PEM; the system's if empty
	Names  []string // SIP domains, any of which a certificate must be for; the gateways' hosts if empty
	Mutual bool     // the trunk is spoken to over TLS alone, and who connects to us shows a certificate
}

// domains returns the names that a certificate of the trunk must be for.
func (t *Trunk) domains() []string {
	if len(t.TLS.Names) > 0 {
		return t.TLS.Names
	}
	var hosts []string
	for _, g := range t.Gateways {
		if _, err := netip.ParseAddr(g.Host); err != nil && (g.Network == TLS || g.Network == AnyNetwork) { // DNS may choose TLS
			hosts = append(hosts, g.Host)
		}
	}
	return hosts
}

// provesAs reports whether the two are one trunk, perhaps before and after a
// reload, whose peers prove in the same way who they are.
func (t *Trunk) provesAs(other *Trunk) bool {
	return t == other || t.Name == other.Name && t.TLS.CA == other.TLS.CA && t.TLS.Mutual == other.TLS.Mutual &&
		slices.Equal(t.domains(), other.domains())
}

// speaks reports whether the trunk may be spoken to on the network. Where a
// certificate is asked for, a source address alone proves nothing: anybody can
// write one on a datagram.
func (t *Trunk) speaks(n Network) bool { return n == TLS || !t.TLS.Mutual }

// ciphers are those of TLS 1.2 that authenticate what they encrypt and keep it
// secret if a key is lost later. TLS 1.3 has no others.
func ciphers() []uint16 {
	return []uint16{
		tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
		tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
		tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
	}
}

// asServer is how we meet a trunk's peer that connects to us.
func (e *Edge) asServer(t *Trunk) *tls.Config {
	cfg := &tls.Config{
		MinVersion: tls.VersionTLS12, CipherSuites: ciphers(),
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return e.trust.Load().own, nil },
		ClientAuth:     tls.RequestClientCert, // and judged by us, if there is one
	}
	if t.TLS.Mutual {
		cfg.VerifyConnection = e.judge(t)
	}
	return cfg
}

// asClient is how we meet a trunk's gateway. What crypto/tls would verify is
// the name that we connect to, with wildcards and without SIP URIs; RFC 5922
// wants another name and no wildcards, so all the verifying is ours.
func (e *Edge) asClient(t *Trunk) *tls.Config {
	cfg := &tls.Config{
		MinVersion: tls.VersionTLS12, CipherSuites: ciphers(),
		InsecureSkipVerify: true, VerifyConnection: e.judge(t),
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return e.trust.Load().own, nil },
	}
	if domains := t.domains(); len(domains) > 0 {
		cfg.ServerName = domains[0] // whom we expect, for a host that has many certificates
	}
	return cfg
}

// judge returns the check of a peer's certificate. It says why it refuses one:
// nobody else can, because sipgo's errors stay unread.
func (e *Edge) judge(t *Trunk) func(tls.ConnectionState) error {
	return func(state tls.ConnectionState) error {
		err := e.proof(t, state)
		if err != nil {
			e.counts.unproven.Add(1)
			e.log.Warn("certificate of a trunk's peer refused", zap.String("trunk", t.Name), zap.Error(err))
		}
		return err
	}
}

// proof is nil if the certificate of a peer proves that it is of the trunk.
func (e *Edge) proof(t *Trunk, state tls.ConnectionState) error {
	return verify(state.PeerCertificates, e.trust.Load().roots[t.TLS.CA], t.domains())
}

// verify checks a peer's chain of certificates, its own first, against the
// roots (nil: the system's) and the domains of its trunk.
func verify(chain []*x509.Certificate, roots *x509.CertPool, domains []string) error {
	if len(chain) == 0 {
		return errNotShown
	}
	between := x509.NewCertPool()
	for _, cert := range chain[1:] {
		between.AddCert(cert)
	}
	_, err := chain[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, KeyUsages: usagesOf(chain[0])})
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return errOutOfDate
	case err != nil:
		return errUntrusted
	case !isFor(chain[0], domains):
		return errDomain
	default:
		return nil
	}
}
