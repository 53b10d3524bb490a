package edge

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
)

// What can be wrong with a certificate of ours, or with the CAs of a trunk.
var (
	// ErrKeyExposed: the private key's file may be read by everybody.
	ErrKeyExposed = errors.New("the key may be read by others than its owner and group")
	// ErrNoCA: the file of certificate authorities has no certificate.
	ErrNoCA = errors.New("no certificate in PEM")
	// ErrNoIdentity: there is a TLS listener, but no certificate to show, or no
	// trunk to show it to.
	ErrNoIdentity = errors.New("no certificate, or no trunk")
)

// Keypair is the files of our certificate, with its chain, and its key, both
// in PEM. The zero value is none.
type Keypair struct {
	Certificate, Key string
}

// trust is what was read of the files: what we show, and whom we believe. It
// is never changed, but replaced whole.
type trust struct {
	own   *tls.Certificate          // nil: none
	roots map[string]*x509.CertPool // by the file that they are from; none for the system's
}

// readTrust reads our certificate and the trunks' CAs. Those of a trunk that
// leaves stay as they are: its files may be gone.
func readTrust(keypair Keypair, present, leaving trunks, before *trust) (*trust, error) {
	t := &trust{roots: make(map[string]*x509.CertPool)}
	for _, trunk := range leaving {
		if trunk.TLS.CA != "" && before != nil {
			t.roots[trunk.TLS.CA] = before.roots[trunk.TLS.CA]
		}
	}
	if keypair != (Keypair{}) {
		own, err := keypair.read()
		if err != nil {
			return nil, fmt.Errorf("read TLS certificate: %w", err)
		}
		t.own = own
	}
	for _, trunk := range present {
		if trunk.TLS.CA == "" {
			continue
		}
		roots, err := readCA(trunk.TLS.CA)
		if err != nil {
			return nil, fmt.Errorf("read CAs of trunk %s: %w", trunk.Name, err)
		}
		t.roots[trunk.TLS.CA] = roots
	}
	return t, nil
}

// read refuses a key that everybody may read. The group may: a certificate is
// often renewed by another user than ours.
func (k Keypair) read() (*tls.Certificate, error) {
	info, err := os.Stat(k.Key)
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o007 != 0 {
		return nil, fmt.Errorf("%s: %w", k.Key, ErrKeyExposed)
	}
	pair, err := tls.LoadX509KeyPair(k.Certificate, k.Key)
	if err != nil {
		return nil, err
	}
	return &pair, nil
}

func readCA(path string) (*x509.CertPool, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s: %w", path, ErrNoCA)
	}
	return roots, nil
}
