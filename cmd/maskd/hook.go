package main

import (
	"crypto/x509"
	"errors"
	"fmt"
	"os"

	"maskd/cmd/maskd/config"
	"maskd/cmd/maskd/hook"
	"maskd/cmd/maskd/post"
)

var errNoAuthority = errors.New("expected certificates in PEM")

// decisionHook makes the client of the hook; nil if there is none.
func decisionHook(h config.Hook, meter hook.Meter) (*hook.Client, error) {
	if h.URL == "" {
		return nil, nil
	}
	key, err := readKey(h.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("read key of hook: %w", err)
	}
	roots, err := authorities(h.CA)
	if err != nil {
		return nil, fmt.Errorf("read authorities of hook: %w", err)
	}
	return hook.New(hook.Options{URL: string(h.URL), Key: key, Timeout: h.Timeout.Time(), Roots: roots, Meter: meter}), nil
}

// readKey reads the file of a key that messages are signed with.
func readKey(file string) (post.Key, error) {
	secret, err := readSecret(file, 0)
	if err != nil {
		return post.Key{}, err
	}
	key, err := post.ParseKey(secret)
	if err != nil {
		return key, fmt.Errorf("%s: %w", file, err)
	}
	return key, nil
}

// authorities reads a file of certificates; nil for none, which is the system's.
func authorities(path string) (*x509.CertPool, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s: %w", path, errNoAuthority)
	}
	return pool, nil
}
