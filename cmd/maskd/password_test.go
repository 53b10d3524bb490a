package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"maskd/cmd/maskd/config"
	"maskd/sip/digest"
)

func TestAPasswordIsReadFromAFileOfOurs(t *testing.T) {
	for _, row := range []struct {
		name, text string
		mode       os.FileMode
		want       error
	}{
		{"a line", "zanzibar\n", 0o600, nil},
		{"without its end", "zanzibar", 0o400, nil},
		{"with spaces", " zan zibar \n", 0o600, nil},
		{"readable by the group", "zanzibar\n", 0o640, errPasswordExposed},
		{"readable by all", "zanzibar\n", 0o604, errPasswordExposed},
		{"empty", "", 0o600, errPasswordShape},
		{"an empty line", "\n", 0o600, errPasswordShape},
		{"two lines", "zanzibar\nother\n", 0o600, errPasswordShape},
		{"too long", strings.Repeat("z", maxPassword+1), 0o600, errPasswordShape},
	} {
		t.Run(row.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "password")
			if err := os.WriteFile(path, []byte(row.text), row.mode); err != nil {
				t.Fatal(err)
			}
			got, err := account(&config.Auth{Username: "bob", PasswordFile: path, Realm: "r"})
			if !errors.Is(err, row.want) {
				t.Fatalf("error = %v, want %v", err, row.want)
			}
			if err != nil && (!strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "zanzibar")) {
				t.Errorf("an operator reads %q", err)
			}
			if err == nil && (got.Username != "bob" || got.Realm != "r" || !accepts(strings.TrimSuffix(row.text, "\n"), got)) {
				t.Errorf("account = %v", got)
			}
		})
	}
}

// accepts reports whether the account answers as one with the password does.
func accepts(password string, got digest.Account) bool {
	c, _ := digest.ParseChallenge(`Digest realm="r", nonce="n"`)
	want := digest.Account{Username: got.Username, Password: digest.NewPassword(password)}
	answer, _ := digest.NewSession(got, c, "c").Authorize("BYE", "sip:x")
	expected, _ := digest.NewSession(want, c, "c").Authorize("BYE", "sip:x")
	return answer == expected
}

func TestAPasswordIsReadFromACredential(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "carrier"), []byte("zanzibar"), 0o440); err != nil {
		t.Fatal(err)
	}
	t.Setenv("CREDENTIALS_DIRECTORY", dir)
	got, err := account(&config.Auth{Username: "bob", PasswordCredential: "carrier"})
	if err != nil || !accepts("zanzibar", got) {
		t.Errorf("account = %v, %v", got, err)
	}
	if _, err := account(&config.Auth{PasswordCredential: "other"}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no such credential: %v", err)
	}
	t.Setenv("CREDENTIALS_DIRECTORY", "")
	if _, err := account(&config.Auth{PasswordCredential: "carrier"}); !errors.Is(err, errNoCredentials) {
		t.Errorf("not by systemd: %v", err)
	}
}

func TestAMissingPasswordStopsTheStart(t *testing.T) {
	cfg := config.Default()
	cfg.Trunks[0].Auth = &config.Auth{Username: "bob", PasswordFile: filepath.Join(t.TempDir(), "none")}
	_, err := sipConfig(cfg)
	if !errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(fmt.Sprint(err), `trunk "carrier": read password: open `) {
		t.Errorf("error = %v", err)
	}
	if got, err := account(nil); err != nil || got != (digest.Account{}) {
		t.Errorf("without an account: %v, %v", got, err)
	}
}
