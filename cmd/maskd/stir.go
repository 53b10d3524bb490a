package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"maskd/cmd/maskd/config"
	"maskd/sip/edge"
	"maskd/sip/stir"
)

// errKeyMode is a key with which others could sign in our name.
var errKeyMode = errors.New("expected a file that nobody but its owner may read (chmod 600)")

// errCertificateName is a certificate that no call would ever find.
var errCertificateName = errors.New("expected a file named after the SHA-256 of the certificate's URL, in hexadecimal")

// signer reads the key with which a trunk's INVITEs are signed; nil for none.
func signer(c config.Signature) (*stir.Signer, error) {
	if c == (config.Signature{}) {
		return nil, nil
	}
	info, err := os.Stat(c.Key)
	if err != nil {
		return nil, fmt.Errorf("read STIR key: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("read STIR key %s: %w", c.Key, errKeyMode)
	}
	key, err := os.ReadFile(c.Key)
	if err != nil {
		return nil, fmt.Errorf("read STIR key: %w", err)
	}
	s, err := stir.NewSigner(key, string(c.CertificateURL), c.Attest.Level())
	if err != nil {
		return nil, fmt.Errorf("read STIR key %s: %w", c.Key, err)
	}
	return s, nil
}

// assurance reads what a trunk must show, and the certificates that prove it.
func assurance(c config.STIR) (edge.Assurance, error) {
	a := edge.Assurance{Minimum: c.Minimum.Level(), Verstat: c.TrustVerstat, PIN: c.OnUnverified.AsksPIN()}
	if c.Roots == "" {
		return a, nil
	}
	roots, err := os.ReadFile(c.Roots)
	if err != nil {
		return a, fmt.Errorf("read STIR roots: %w", err)
	}
	chains, err := chains(c.Certificates)
	if err != nil {
		return a, fmt.Errorf("read STIR certificates: %w", err)
	}
	if a.Verifier, err = stir.NewVerifier(roots, chains); err != nil {
		return a, fmt.Errorf("read STIR certificates in %s: %w", c.Certificates, err)
	}
	return a, nil
}

// chains reads a directory of certificates, each under the hash of its URL, so
// that what a caller writes never names a file.
func chains(dir string) (map[stir.URLHash][]byte, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	found := make(map[stir.URLHash][]byte)
	for _, entry := range entries {
		name, isPEM := strings.CutSuffix(entry.Name(), ".pem")
		if !isPEM {
			continue
		}
		var hash stir.URLHash
		if n, err := hex.Decode(hash[:], []byte(name[:min(len(name), hex.EncodedLen(len(hash)))])); err != nil ||
			n != len(hash) || len(name) != hex.EncodedLen(n) {
			return nil, fmt.Errorf("%s: %w", entry.Name(), errCertificateName)
		}
		if found[hash], err = os.ReadFile(filepath.Join(dir, entry.Name())); err != nil {
			return nil, err
		}
	}
	return found, nil
}
