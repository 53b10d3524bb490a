package store

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	bolt "go.etcd.io/bbolt"

	"maskd/mapping"
)

// migrationBatch is how many keys are moved in one commit.
const migrationBatch = 10_000

// migration moves the keys of a store of before schema 3 into their own file.
// There each day had a key, sealed under the root key in the store itself, which
// sealed the data keys. Now a leaf of the day's tree seals each of them. Backups
// made before still have the old keys: they end with the root key, when that is
// rotated.
type migration struct {
	file volume
	keys *keyring
	wrap cipher.AEAD // of the old day keys
	days map[day]cipher.AEAD
}

func migrate(o Options, root []byte, file volume) (*keyring, error) {
	m := &migration{file: file, days: make(map[day]cipher.AEAD)}
	old, err := oldKeys(root)
	if err != nil {
		return nil, err
	}
	if m.wrap, err = newAEAD(old[0]); err != nil {
		return nil, err
	}
	if err := m.prove(); err != nil {
		return nil, fmt.Errorf("%s: %w", o.Path, err)
	}
	if m.keys, err = openKeys(o.Keys, root, o.Rand); errors.Is(err, ErrKeysMissing) {
		m.keys, err = adoptKeys(o, root, old)
	}
	if err != nil {
		return nil, err
	}
	if err := m.run(); err != nil {
		return nil, fmt.Errorf("%s: move keys: %w", o.Path, err)
	}
	return m.keys, nil
}

// oldKeys derives what once was derived from the root key: what seals day keys,
// and what digests external ids, numbers and requests.
func oldKeys(root []byte) (old [7][]byte, err error) {
	for i, use := range []string{"maskd store wrap", "maskd store external", "maskd store reference", "maskd store request", "maskd store tenants",
		"maskd store block", "maskd store blocking"} {
		if old[i], err = hkdf.Key(sha256.New, root, nil, use, keySize); err != nil {
			return old, fmt.Errorf("derive key: %w", err)
		}
	}
	return old, nil
}

// adoptKeys makes a file of keys in which digests stay what they are.
func adoptKeys(o Options, root []byte, old [7][]byte) (*keyring, error) {
	s := &keySet{
		external: keySecret(old[1]), reference: keySecret(old[2]), request: keySecret(old[3]),
		tenants: keySecret(old[4]), block: keySecret(old[5]), blocking: keySecret(old[6]), days: make(map[day]*dayKeys),
	}
	if _, err := io.ReadFull(o.Rand, s.store[:]); err != nil {
		return nil, fmt.Errorf("draw key: %w", err)
	}
	return writeNewKeys(o.Keys, root, s, o.Rand)
}

// prove sees that the file is whole and the root key is its own.
func (m *migration) prove() error {
	return m.file.View(func(tx *bolt.Tx) error {
		if err := hasBuckets(tx, binary.BigEndian.Uint32(bucketMeta.in(tx).Get(metaSchema))); err != nil {
			return err
		}
		if _, err := (place{bucketMeta, metaCheck}).open(m.wrap, bucketMeta.in(tx).Get(metaCheck)); err != nil {
			return ErrKeyWrong
		}
		return nil
	})
}

func (m *migration) run() error {
	if err := m.moveAll(bucketKeys, m.moveKey); err != nil {
		return err
	}
	if err := m.moveAll(bucketCDRs, m.moveCDR); err != nil {
		return err
	}
	return m.finish()
}

// moveAll moves what is in a bucket, batch by batch. What has been moved is left
// as it is, so that it can begin anew.
func (m *migration) moveAll(b bucket, move func(*bolt.Tx, mapping.ID, []byte) ([]byte, error)) error {
	var after []byte
	for more := true; more; {
		err := m.file.Update(func(tx *bolt.Tx) (err error) {
			after, more, err = m.moveBatch(tx, b, after, move)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (m *migration) moveBatch(tx *bolt.Tx, b bucket, after []byte, move func(*bolt.Tx, mapping.ID, []byte) ([]byte, error)) (last []byte, more bool, err error) {
	type moved struct {
		id  mapping.ID
		row []byte
	}
	var all []moved
	cursor := b.in(tx).Cursor()
	key, row := cursor.Seek(after)
	if after != nil && string(key) == string(after) {
		key, row = cursor.Next()
	}
	for ; key != nil && len(all) < migrationBatch; key, row = cursor.Next() {
		if len(key) != len(mapping.ID{}) {
			return nil, false, fmt.Errorf("read id: %w", ErrDamaged)
		}
		next, err := move(tx, mapping.ID(key), row)
		if err != nil {
			return nil, false, err
		}
		all = append(all, moved{mapping.ID(key), next})
	}
	for _, r := range all {
		if err := b.in(tx).Put(r.id[:], r.row); err != nil {
			return nil, false, err
		}
		last = r.id[:]
	}
	return last, key != nil, nil
}

// oldKeyRow is the size of a data key that a day key seals: nonce, key and tag.
const oldKeyRow = 12 + keySize + 16

// moveKey seals a data key under a leaf.
func (m *migration) moveKey(tx *bolt.Tx, id mapping.ID, row []byte) ([]byte, error) {
	if len(row) != oldKeyRow {
		return row, nil
	}
	wrap, err := m.day(tx, dayOf(id))
	if err != nil {
		return nil, err
	}
	at := place{bucketKeys, id[:]}
	raw, err := at.open(wrap, row)
	if err != nil {
		return nil, err
	}
	defer clear(raw)
	leaf, err := m.keys.leaf(dayOf(id))
	if err != nil {
		return nil, err
	}
	key, err := m.keys.sealer(dayOf(id), leaf)
	if err != nil {
		return nil, err
	}
	return append(binary.BigEndian.AppendUint32(nil, leaf), at.seal(key, raw)...), nil
}

// moveCDR seals the record of a call without interaction under a leaf: the key
// of its day sealed it.
func (m *migration) moveCDR(tx *bolt.Tx, call mapping.ID, row []byte) ([]byte, error) {
	if len(row) < len(mapping.ID{}) {
		return nil, fmt.Errorf("read call detail record: %w", ErrDamaged)
	}
	if !mapping.ID(row[:len(mapping.ID{})]).IsZero() {
		return row, nil
	}
	wrap, err := m.day(tx, dayOf(call))
	if err != nil {
		return nil, err
	}
	plain, err := cdrPlace(call, mapping.ID{}).open(wrap, row[len(mapping.ID{}):])
	if err != nil {
		return nil, err
	}
	defer clear(plain)
	leaf, err := m.keys.leaf(dayOf(call))
	if err != nil {
		return nil, err
	}
	key, err := m.keys.sealer(dayOf(call), leaf)
	if err != nil {
		return nil, err
	}
	owner := strayOf(buriedKey{dayOf(call), leaf})
	return append(owner[:], cdrPlace(call, owner).seal(key, plain)...), nil
}

func (m *migration) day(tx *bolt.Tx, d day) (cipher.AEAD, error) {
	if key, ok := m.days[d]; ok {
		return key, nil
	}
	sealed := bucketDays.in(tx).Get(d.key())
	if sealed == nil {
		return nil, fmt.Errorf("find key of day %d: %w", d, ErrDamaged)
	}
	raw, err := place{bucketDays, d.key()}.open(m.wrap, sealed)
	if err != nil {
		return nil, err
	}
	defer clear(raw)
	key, err := newAEAD(raw)
	if err == nil {
		m.days[d] = key
	}
	return key, err
}

// finish makes the file one of this version, in one commit.
func (m *migration) finish() error {
	check, err := m.keys.proof()
	if err != nil {
		return err
	}
	return m.file.Update(func(tx *bolt.Tx) error {
		for _, b := range buckets(schemaVersion) {
			if _, err := tx.CreateBucketIfNotExists([]byte(b)); err != nil {
				return fmt.Errorf("make bucket %s: %w", b, err)
			}
		}
		meta := bucketMeta.in(tx)
		return errors.Join(
			tx.DeleteBucket([]byte(bucketDays)),
			meta.Put(metaSchema, binary.BigEndian.AppendUint32(nil, schemaVersion)), meta.Put(metaCheck, check),
		)
	})
}
