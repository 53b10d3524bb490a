package store

import (
	"errors"
	"fmt"
	"os"

	bolt "go.etcd.io/bbolt"
)

// compactTx is how much is copied in one transaction, in bytes.
const compactTx = 16 << 20

// Compact writes the file of a store anew, without the pages that nothing is in any
// more, and returns its sizes before and after. No daemon may have it open. A crash
// leaves the old file or the new one.
func Compact(path string) (before, after int64, err error) {
	old, err := openFile(path)
	if err != nil {
		return 0, 0, fmt.Errorf("compact store: %w", err)
	}
	defer func() { err = errors.Join(err, old.Close()) }()
	fresh := path + ".compact"
	if err := os.Remove(fresh); err != nil && !errors.Is(err, os.ErrNotExist) {
		return 0, 0, fmt.Errorf("compact store: %w", err)
	}
	if err := copyStore(fresh, old); err != nil {
		return 0, 0, fmt.Errorf("compact store: %w", err)
	}
	if before, err = sizeOf(path); err == nil {
		after, err = sizeOf(fresh)
	}
	if err == nil {
		err = os.Rename(fresh, path)
	}
	if err == nil {
		err = syncDir(path)
	}
	if err != nil {
		return 0, 0, fmt.Errorf("compact store: %w", err)
	}
	return before, after, nil
}

func copyStore(to string, old volume) error {
	fresh, err := bolt.Open(to, fileMode, nil)
	if err != nil {
		return err
	}
	err = guard(func() error { return bolt.Compact(fresh, old.DB, compactTx) })
	return errors.Join(err, fresh.Sync(), fresh.Close())
}

func sizeOf(path string) (int64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}
