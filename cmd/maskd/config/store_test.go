package config_test

import (
	"strings"
	"testing"

	"maskd/cmd/maskd/config"
)

func TestKeysLieBesideTheStore(t *testing.T) {
	for _, test := range []struct {
		store config.Store
		want  string
	}{
		{config.Store{Path: "var/maskd.db"}, "var/maskd.keys"},
		{config.Store{Path: "data/store"}, "data/store.keys"},
		{config.Store{Path: "var/maskd.db", Keys: "elsewhere"}, "elsewhere"},
	} {
		if got := test.store.KeysPath(); got != test.want {
			t.Errorf("%+v: %s, want %s", test.store, got, test.want)
		}
	}
}

func TestACredentialIsWhereSystemdPutsIt(t *testing.T) {
	t.Setenv("CREDENTIALS_DIRECTORY", "")
	s := config.Store{Credential: "root"}
	if _, err := s.CredentialPath(); err == nil || !strings.Contains(err.Error(), "LoadCredential") {
		t.Errorf("without systemd: %v", err)
	}
	t.Setenv("CREDENTIALS_DIRECTORY", "/run/credentials/maskd.service")
	if got, err := s.CredentialPath(); err != nil || got != "/run/credentials/maskd.service/root" {
		t.Errorf("%s, %v", got, err)
	}
	if got, err := (config.Store{}).CredentialPath(); err != nil || got != "" {
		t.Errorf("none: %q, %v", got, err)
	}
}
