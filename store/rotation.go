package store

import (
	"crypto/cipher"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"maskd/mapping"
)

// RotateRoot draws a new root key in place of the one that there is. No record is
// touched: the root key seals the file of keys, and nothing else. What the old one
// opens from then on is copies of that file that were made before. One that waits
// opens nothing any more.
//
// It is done in three steps, so that a crash between any two leaves a store that
// opens: keys under both, the new root key in place of the old, keys under the
// new one.
func (db *DB) RotateRoot() error {
	if db.credential {
		return mapping.ErrKeyGiven
	}
	return db.keys.rotate(db.rootKey)
}

// StageRoot draws a new root key into a file that is not there yet, and lets both
// the one that there is and the new one open the store. It is for a root key that
// somebody else keeps: who then makes the new one the credential has rotated it,
// and from the next start on the old one opens nothing. Until then it waits, however
// often the store is opened with the old one; another takes its place.
func (db *DB) StageRoot(path string) error {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("stage root key: %s: %w", path, fs.ErrExist)
	}
	root, err := makeRootKey(path, db.rand)
	if err != nil {
		return err
	}
	defer clear(root)
	next, err := nextOf(root)
	if err != nil {
		return err
	}
	k := db.keys
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.put(k.set.Load().waiting(next)); err != nil {
		return fmt.Errorf("stage root key: %w", err)
	}
	return nil
}

// RootWaits reports whether a root key that [DB.StageRoot] has drawn waits to be used.
func (db *DB) RootWaits() bool { return db.keys.set.Load().next != keySecret{} }

func (k *keyring) rotate(path string) error {
	root, err := k.draw()
	if err != nil {
		return err
	}
	defer clear(root)
	wrap, err := wrapOf(root)
	if err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	old := k.wraps
	k.wraps = []cipher.AEAD{old[0], wrap}
	if err := k.put(k.set.Load().waiting(keySecret{})); err != nil {
		k.wraps = old
		return fmt.Errorf("rotate root key: %w", err)
	}
	// From here on either of the two opens the store, whichever the file has.
	if err := putRootKey(path, root); err != nil {
		return fmt.Errorf("rotate root key: %w", err)
	}
	k.wraps = []cipher.AEAD{wrap}
	if err := k.put(k.set.Load()); err != nil {
		return fmt.Errorf("rotate root key: %w", err)
	}
	return nil
}
