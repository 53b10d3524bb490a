package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

const (
	dirMode  = 0o700
	fileMode = 0o600

	// lockWait is how long another process may still hold the file: one that is
	// stopping takes less.
	lockWait = time.Second

	// mapped is how much of the file is mapped from the start, in bytes. bbolt
	// maps anew when the file outgrows its map, and then waits for every reader;
	// address space costs nothing, and half of it is 100 million interactions.
	mapped = 64 << 30
)

// openFile opens or makes the bbolt file and takes its lock.
func openFile(path string) (file volume, err error) {
	if err := os.MkdirAll(filepath.Dir(path), dirMode); err != nil {
		return file, err
	}
	before, _ := os.Stat(path) // nil if there is none
	err = guard(func() (err error) {
		// The free list is written with each commit: it is short, for records
		// are appended, and without it every start reads every page. Statistics
		// would cost every look-up a lock.
		file.DB, err = bolt.Open(path, fileMode, &bolt.Options{
			Timeout: lockWait, FreelistType: bolt.FreelistMapType, InitialMmapSize: mapped, NoStatistics: true,
		})
		return err
	})
	if err != nil {
		return file, fmt.Errorf("%s: %w", path, classify(err))
	}
	if err = verifySame(path, before); err == nil { // else what has the name now is not what was opened
		err = errors.Join(verifyWhole(file), syncDir(path))
	}
	if err != nil {
		_ = file.Close()
		return file, fmt.Errorf("%s: %w", path, err)
	}
	return file, nil
}

// classify gives bbolt's errors the names of this package.
func classify(err error) error {
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return ErrLocked
	case errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrChecksum),
		errors.Is(err, bolterrors.ErrVersionMismatch), errors.Is(err, bolterrors.ErrInvalidMapping):
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	default:
		return err
	}
}

// verifySame reports that the file was put aside while its lock was waited for: a
// restore has given its name to another, and what was opened is the store of before.
func verifySame(path string, before os.FileInfo) error {
	now, err := os.Stat(path)
	if err == nil && before != nil && !os.SameFile(before, now) {
		return fmt.Errorf("%w meanwhile", ErrLocked)
	}
	return err
}

// verifyWhole reports a file that was cut, or has pages that lead nowhere or in a
// circle: to read what is not there, or for ever, would end the process.
func verifyWhole(file volume) error {
	info, err := os.Stat(file.Path())
	if err != nil {
		return err
	}
	return file.View(func(tx *bolt.Tx) error {
		if info.Size() < tx.Size() {
			return fmt.Errorf("%w: it has %d bytes and should have %d", ErrDamaged, info.Size(), tx.Size())
		}
		return verifyPages(tx, toBranches)
	})
}

// KeysBeside returns the path of the keys of a store, where nothing else is said.
func KeysBeside(store string) string { return strings.TrimSuffix(store, ".db") + ".keys" }

// unlock reads the root key, and with it the keys, and proves them; or makes all
// that a new store needs.
func unlock(o Options, file volume, at time.Time) (keys *keyring, err error) {
	version, err := versionOf(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.Path, err)
	}
	root, err := rootKey(o, version == 0)
	if err != nil {
		return nil, err
	}
	defer clear(root)
	switch {
	case version == 0:
		keys, err = begin(o, root, file)
	case version < keyFileVersion:
		keys, err = migrate(o, root, file)
	default:
		keys, err = resume(o, root, file, version)
	}
	if err != nil {
		return nil, err
	}
	if err := verifySchema(file, schemaVersion, keys); err != nil {
		return nil, fmt.Errorf("%s: %w", o.Path, err)
	}
	return keys, keys.beginWarrants(at)
}

// resume opens the keys of a store, and makes it one of this version once it has
// proved to be theirs.
func resume(o Options, root []byte, file volume, version uint32) (*keyring, error) {
	keys, err := openKeys(o.Keys, root, o.Rand)
	if err != nil {
		return nil, err
	}
	if err = verifySchema(file, version, keys); err == nil {
		err = upgrade(file, version)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.Path, err)
	}
	return keys, nil
}

// begin makes the keys and buckets of a new store. Keys may be there from a
// first start that was cut short.
func begin(o Options, root []byte, file volume) (*keyring, error) {
	keys, err := openKeys(o.Keys, root, o.Rand)
	if errors.Is(err, ErrKeysMissing) {
		keys, err = makeKeys(o.Keys, root, o.Rand)
	}
	if err != nil {
		return nil, err
	}
	if err := initialise(file, keys); err != nil {
		return nil, fmt.Errorf("%s: %w", o.Path, err)
	}
	return keys, nil
}
