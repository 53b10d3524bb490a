package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"maskd/cmd/maskd/config"
	"maskd/sip/digest"
)

// What can be wrong with a password. None quotes it.
var (
	errPasswordExposed = errors.New("accessible to other users: chmod it to 0600")
	errPasswordShape   = errors.New("expected one line of 1 to 256 characters")
	errNoCredentials   = errors.New("systemd handed over no credentials: expected LoadCredential= in the unit")
)

// maxPassword bounds what is read of a password's file.
const maxPassword = 256

// account returns who we are to a carrier that asks.
func account(a *config.Auth) (digest.Account, error) {
	if a == nil {
		return digest.Account{}, nil
	}
	password, err := password(a)
	if err != nil {
		return digest.Account{}, err
	}
	return digest.Account{Username: string(a.Username), Password: password, Realm: string(a.Realm)}, nil
}

// password reads the password of an account. A file is refused if others may
// access it; a credential is guarded by systemd, by other means than its mode.
func password(a *config.Auth) (digest.Password, error) {
	path, mayShow := a.PasswordFile, os.FileMode(0)
	if a.PasswordCredential != "" {
		dir := os.Getenv("CREDENTIALS_DIRECTORY")
		if dir == "" {
			return digest.Password{}, fmt.Errorf("read credential %q: %w", a.PasswordCredential, errNoCredentials)
		}
		path, mayShow = filepath.Join(dir, string(a.PasswordCredential)), 0o077
	}
	text, err := readSecret(path, mayShow)
	if err != nil {
		return digest.Password{}, fmt.Errorf("read password: %w", err)
	}
	return digest.NewPassword(text), nil
}

// readSecret reads the one line of a file, which may have of the permissions
// for others only those of mayShow.
func readSecret(path string, mayShow os.FileMode) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	if info.Mode().Perm()&0o077&^mayShow != 0 {
		return "", fmt.Errorf("%s: %w", path, errPasswordExposed)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxPassword+2))
	if err != nil {
		return "", err
	}
	text = bytes.TrimSuffix(text, []byte("\n"))
	if len(text) == 0 || len(text) > maxPassword || bytes.ContainsFunc(text, func(r rune) bool { return r < ' ' }) {
		return "", fmt.Errorf("%s: %w", path, errPasswordShape)
	}
	return string(text), nil
}
