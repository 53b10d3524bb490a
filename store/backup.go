package store

import (
	"fmt"
	"io"

	bolt "go.etcd.io/bbolt"
)

// Backup writes the file as it is at one moment, while it is used; begin is told its size
// and returns where to. The file of keys is not in it, and must not be kept beside it:
// what is erased later is then gone from the backup too.
//
// As long as it is read no page of that moment is used again, and a file that outgrows
// what is mapped of it waits: a slow writer is to be given up.
func (db *DB) Backup(begin func(size int64) (io.Writer, error)) (written int64, err error) {
	err = db.file.View(func(tx *bolt.Tx) error {
		to, err := begin(tx.Size())
		if err != nil {
			return err
		}
		written, err = tx.WriteTo(to)
		return err
	})
	if err != nil {
		return written, fmt.Errorf("back up store: %w", err)
	}
	return written, nil
}
