package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"maskd/cmd/maskd/config"
	"maskd/sip/stir"
)

// signingKey is that of RFC 8225 appendix A: everybody has it.
const signingKey = `-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIFeZ1R208QCvcu5GuYyMfG4W7sH4m99/7eHSDLpdYllFoAoGCCqGSM49
AwEHoUQDQgAE8HNbQd/TmvCKwPKHkMF9fScavGeH78YTU8qLS8I5HLHSSmlATLcs
lQMhNC/OhlWBYC626nIlo7XeebYS7Sb37g==
-----END EC PRIVATE KEY-----
`

func put(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestASigningKeyIsReadFromItsFile(t *testing.T) {
	dir := t.TempDir()
	c := config.Signature{Key: put(t, dir, "key.pem", signingKey), CertificateURL: "https://example.net/c.pem", Attest: "B"}
	if s, err := signer(c); err != nil || s == nil {
		t.Errorf("signer: %v", err)
	}
	if s, err := signer(config.Signature{}); err != nil || s != nil {
		t.Errorf("none is asked for: %v, %v", s, err)
	}
	c.Key = put(t, dir, "none.pem", "no key")
	if _, err := signer(c); !errors.Is(err, stir.ErrKey) || !strings.Contains(err.Error(), "none.pem") {
		t.Errorf("no key: %v", err)
	}
	c.Key = put(t, dir, "open.pem", signingKey)
	if err := os.Chmod(c.Key, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := signer(c); !errors.Is(err, errKeyMode) {
		t.Errorf("a key that others may read: %v", err)
	}
	c.Key = filepath.Join(dir, "absent.pem")
	if _, err := signer(c); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

func TestCertificatesAreFilesNamedByTheirURL(t *testing.T) {
	// printf %s https://example.net/c.pem | sha256sum
	const name = "45f840a6b05eaaa2cda94a005933fdc0f603548fffa8577a12a2505ec984419f.pem"
	dir := t.TempDir()
	put(t, dir, name, "one")
	put(t, dir, "README", "not a certificate")
	found, err := chains(dir)
	if err != nil || len(found) != 1 || string(found[stir.HashURL("https://example.net/c.pem")]) != "one" {
		t.Fatalf("%d chains, %v", len(found), err)
	}
	for _, wrong := range []string{"carrier.pem", name[2:], "00" + name} {
		path := put(t, dir, wrong, "two")
		if _, err := chains(dir); !errors.Is(err, errCertificateName) || !strings.Contains(err.Error(), wrong) {
			t.Errorf("%s: %v", wrong, err)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := assurance(config.STIR{Minimum: "A", Roots: put(t, dir, "roots", "x"), Certificates: dir}); !errors.Is(err, stir.ErrRoots) {
		t.Errorf("no roots: %v", err)
	}
	a, err := assurance(config.STIR{Minimum: "A", TrustVerstat: true})
	if err != nil || a.Minimum != stir.Full || !a.Verstat || a.Verifier != nil {
		t.Errorf("assurance %+v, %v", a, err)
	}
}
