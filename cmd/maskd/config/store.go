package config

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// credentials is where systemd puts the credentials of a service
// (systemd.exec(5)).
const credentials = "CREDENTIALS_DIRECTORY"

// KeysPath returns the path of the file of keys.
func (s Store) KeysPath() string {
	return cmp.Or(s.Keys, strings.TrimSuffix(s.Path, ".db")+".keys")
}

// CheckpointPath returns the path of the audit log's last checkpoint.
func (s Store) CheckpointPath() string { return s.Path + ".checkpoint" }

// CredentialPath returns the file of the root key's credential; empty if there
// is none.
func (s Store) CredentialPath() (string, error) {
	if s.Credential == "" {
		return "", nil
	}
	dir := os.Getenv(credentials)
	if dir == "" {
		return "", fmt.Errorf("find credential %s: systemd has given none: is there a LoadCredentialEncrypted= of that name in the unit?", s.Credential)
	}
	return filepath.Join(dir, s.Credential), nil
}

// validate wants a file for the keys alone, and a name for the credential.
func (s Store) validate() error {
	for _, other := range []struct{ path, value string }{{"store.path", s.Path}, {"store.root_key", s.RootKey}} {
		if s.Keys == other.value {
			return found("expected another file than "+other.path, "$.store.keys")
		}
	}
	if s.Credential != filepath.Base(s.Credential) && s.Credential != "" || s.Credential == "." || s.Credential == ".." {
		return found("expected the name of a credential, such as maskd.root-key", "$.store.root_key_credential")
	}
	return nil
}
