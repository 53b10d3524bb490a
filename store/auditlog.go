package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	bolt "go.etcd.io/bbolt"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"maskd/audit"
	"maskd/mapping"
)

// keyCheckpoint is where the last checkpoint is, beside the tiles.
var keyCheckpoint = []byte("checkpoint")

func auditKey(index uint64) []byte { return binary.BigEndian.AppendUint64(nil, index) }

func tileKey(level int, n int64) []byte {
	return binary.BigEndian.AppendUint64([]byte{byte(level)}, uint64(n))
}

// AuditLog is the audit log of a store as it can be read. It is an [audit.Log],
// and shows what the file has, be it right or wrong.
type AuditLog struct {
	file volume
	keys *keyring
}

// AuditLog returns the store's audit log.
func (db *DB) AuditLog() *AuditLog { return &AuditLog{file: db.file, keys: db.keys} }

// OpenAudit opens a store's audit log, and nothing else of the store: it can be
// read where the rest of the store can't be. The closer gives the file back.
func OpenAudit(o Options) (*AuditLog, io.Closer, error) {
	if o.Keys == "" {
		o.Keys = KeysBeside(o.Path)
	}
	file, err := openFile(o.Path)
	if err != nil {
		return nil, nil, fmt.Errorf("open audit log: %w", err)
	}
	l, err := openAudit(o, file)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("open audit log: %w", err), file.Close())
	}
	return l, file, nil
}

func openAudit(o Options, file volume) (l *AuditLog, err error) {
	version, err := versionOf(file)
	if err == nil && version < keyFileVersion {
		err = fmt.Errorf("%w: it has no audit log yet", mapping.ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.Path, err)
	}
	root, err := rootKey(o, false)
	if err != nil {
		return nil, err
	}
	defer clear(root)
	keys, err := openKeys(o.Keys, root, nil)
	if err != nil {
		return nil, err
	}
	if err := verifySchema(file, version, keys); err != nil {
		return nil, fmt.Errorf("%s: %w", o.Path, err)
	}
	return &AuditLog{file: file, keys: keys}, nil
}

// Verifier checks the log's signatures.
func (l *AuditLog) Verifier() note.Verifier { return l.keys.verifier }

// PublicKey returns the verifier's written form.
func (l *AuditLog) PublicKey() string { return l.keys.set.Load().verifier }

// Latest returns the last checkpoint, signed; [mapping.ErrNotFound] if the log
// has no entry.
func (l *AuditLog) Latest() (signed []byte, err error) {
	err = l.file.View(func(tx *bolt.Tx) error {
		signed = append(signed, bucketTiles.in(tx).Get(keyCheckpoint)...)
		return nil
	})
	if err == nil && signed == nil {
		err = fmt.Errorf("%w: the audit log has no checkpoint", mapping.ErrNotFound)
	}
	return signed, err
}

// Rows returns entries in their order, from the index on, at most that many. One
// that is missing is passed over, and one that can't be read has a leaf only.
func (l *AuditLog) Rows(from int64, limit int) (rows []audit.Row, err error) {
	err = l.file.View(func(tx *bolt.Tx) error {
		cursor := bucketAudit.in(tx).Cursor()
		key, value := cursor.Seek(auditKey(uint64(max(from, 0))))
		for left := min(max(limit, 1), maxPage); key != nil && left > 0; left-- {
			if len(key) != 8 {
				return fmt.Errorf("read audit entry: %w", ErrDamaged)
			}
			rows = append(rows, l.row(tx, binary.BigEndian.Uint64(key), value))
			key, value = cursor.Next()
		}
		return nil
	})
	return rows, err
}

func (l *AuditLog) row(tx *bolt.Tx, index uint64, value []byte) (r audit.Row) {
	n := copy(r.Check[:], value)
	r.Leaf = append(r.Leaf, value[n:]...)
	if entry, err := audit.Decode(r.Leaf); err == nil {
		r.Entry = entry
	}
	r.Entry.Index = index
	if r.Entry.Commitment != (mapping.Commitment{}) {
		l.readReason(tx, &r.Entry)
	}
	return r
}

// Hashes returns hashes of entries at level 0, of tiles above.
func (l *AuditLog) Hashes(level int, first, count int64) (hashes []tlog.Hash, err error) {
	err = l.file.View(func(tx *bolt.Tx) error {
		hashes, err = readHashes(tx, level, first, count)
		return err
	})
	return hashes, err
}

func readHashes(tx *bolt.Tx, level int, first, count int64) ([]tlog.Hash, error) {
	b, prefix := bucketAudit, auditKey(uint64(first))
	if level > 0 {
		b, prefix = bucketTiles, tileKey(level, first)
	}
	hashes := make([]tlog.Hash, 0, count)
	cursor := b.in(tx).Cursor()
	for key, value := cursor.Seek(prefix); key != nil && int64(len(hashes)) < count; key, value = cursor.Next() {
		n := first + int64(len(hashes))
		switch {
		case level == 0 && string(key) == string(auditKey(uint64(n))) && len(value) > len(audit.Check{}):
			hashes = append(hashes, audit.HashKept(value[len(audit.Check{}):]))
		case level > 0 && string(key) == string(tileKey(level, n)) && len(value) == len(tlog.Hash{}):
			hashes = append(hashes, tlog.Hash(value))
		default:
			return nil, fmt.Errorf("%w: the audit log is not whole", ErrDamaged)
		}
	}
	if int64(len(hashes)) < count {
		return nil, fmt.Errorf("%w: the audit log is not whole", ErrDamaged)
	}
	return hashes, nil
}

// resume returns the crown of the log, which must be what its last checkpoint
// says: to go on from anything else would be to sign it.
func (l *AuditLog) resume() (*audit.Crown, error) {
	var size int64
	err := l.file.View(func(tx *bolt.Tx) error {
		if key, _ := bucketAudit.in(tx).Cursor().Last(); len(key) == 8 {
			size = int64(binary.BigEndian.Uint64(key)) + 1
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	crown, err := audit.Resume(size, audit.HashReader(l))
	if err != nil {
		return nil, err
	}
	signed, err := l.Latest()
	if errors.Is(err, mapping.ErrNotFound) && size == 0 {
		return crown, nil
	}
	if err != nil && !errors.Is(err, mapping.ErrNotFound) {
		return nil, err
	}
	last, err := audit.Open(signed, l.keys.verifier)
	if err != nil || last.Size != size || last.Root != crown.Root() {
		return nil, fmt.Errorf("%w: the audit log is not what its last checkpoint says: maskd audit verify names the entry", ErrDamaged)
	}
	return crown, nil
}
