package store

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// maxKeyFile bounds what is read of a root key's file: 44 characters and a
// line end, and enough more to see that it is something else.
const maxKeyFile = 256

// readRootKey reads the root key from its file. A file that others may access
// is refused: what they read yesterday opens the store tomorrow.
func readRootKey(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKeyUnreadable, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKeyUnreadable, err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s: %w", path, ErrKeyExposed)
	}
	return parseRootKey(path, f)
}

// readCredential reads the root key that the system's manager has put where only
// this service can read it (systemd.exec(5), LoadCredential=): it grants access
// by an access control list, which looks like access for the group.
func readCredential(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKeyUnreadable, err)
	}
	defer f.Close()
	return parseRootKey(path, f)
}

func parseRootKey(path string, from io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(from, maxKeyFile))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKeyUnreadable, err)
	}
	key, err := base64.StdEncoding.Strict().DecodeString(string(bytes.TrimSuffix(text, []byte("\n"))))
	if err != nil || len(key) != keySize {
		return nil, fmt.Errorf("%s: %w", path, ErrKeySize)
	}
	return key, nil
}

// makeRootKey draws a root key and writes it durably: it must outlive every
// record that it seals. The caller holds the lock of the store, so nobody else
// makes one.
func makeRootKey(path string, rand io.Reader) ([]byte, error) {
	key := make([]byte, keySize)
	if _, err := io.ReadFull(rand, key); err != nil {
		return nil, fmt.Errorf("draw root key: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), dirMode); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKeyUnreadable, err)
	}
	if err := putRootKey(path, key); err != nil {
		return nil, err
	}
	return key, nil
}

// putRootKey writes a root key to its file, which has the one before or this
// one, whatever happens.
func putRootKey(path string, key []byte) error {
	text := append(base64.StdEncoding.AppendEncode(nil, key), '\n')
	defer clear(text)
	partial := path + ".new"
	if err := errors.Join(writeDurably(partial, text), os.Rename(partial, path), syncDir(path)); err != nil {
		return fmt.Errorf("%w: %w", ErrKeyUnreadable, err)
	}
	return nil
}

func writeDurably(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, fileMode)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Sync(), f.Close())
}

// syncDir makes the name of a new file durable.
func syncDir(path string) error {
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// rootKey reads the root key, or makes it for a store that is new. A missing
// key of a store that is not new is never replaced: a new one would open nothing.
func rootKey(o Options, newStore bool) ([]byte, error) {
	if o.Credential != "" {
		return readCredential(o.Credential)
	}
	key, err := readRootKey(o.RootKey)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if !newStore {
		return nil, fmt.Errorf("%s: %w", o.RootKey, ErrKeyMissing)
	}
	return makeRootKey(o.RootKey, o.Rand)
}
