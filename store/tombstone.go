package store

import (
	"encoding/binary"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"maskd/mapping"
)

// tombstone is what is left of an interaction, or of a call: when it was erased, and which
// keys are to be destroyed, if a crash came between.
type tombstone struct {
	at   time.Time
	keys []buriedKey
}

// buriedKey is a leaf of a day's tree.
type buriedKey struct {
	day  day
	leaf uint32
}

const buriedSize = 8

func (b buriedKey) appendTo(to []byte) []byte {
	to = binary.BigEndian.AppendUint32(to, uint32(b.day))
	return binary.BigEndian.AppendUint32(to, b.leaf)
}

// place is where it belongs, with when it was erased.
func (s *tombstone) place(id mapping.ID) place {
	return place{bucketTombstones, binary.BigEndian.AppendUint64(id[:len(id):len(id)], uint64(s.at.UnixMilli()))}
}

// putTombstone writes one of an interaction, or of a call.
func (t *txn) putTombstone(id mapping.ID, s *tombstone) error {
	b := binary.BigEndian.AppendUint64(nil, uint64(s.at.UnixMilli()))
	b[0] |= warrantMarkByte
	for _, k := range s.keys {
		b = k.appendTo(b)
	}
	w := t.keys.warrant(s.place(id), s.keys...)
	if err := t.put(bucketTombstones, id[:], append(b, w[:]...)); err != nil {
		return fmt.Errorf("put tombstone: %w", err)
	}
	return nil
}

// tombstone reads one that is ours: what it says is destroyed.
func (k *keyring) tombstone(id mapping.ID, row []byte) (s tombstone, err error) {
	s, warrant, err := decodeTombstone(row)
	if err == nil {
		err = k.confirm(s.place(id), dayOf(id), warrant, s.keys...)
	}
	if err != nil {
		return s, fmt.Errorf("read tombstone: %w", err)
	}
	return s, nil
}

func decodeTombstone(b []byte) (s tombstone, warrant []byte, err error) {
	if len(b) < 8 || (len(b)-8)%buriedSize != 0 {
		return s, nil, ErrDamaged
	}
	at := binary.BigEndian.Uint64(b)
	if b = b[8:]; at&(warrantMarkByte<<56) != 0 {
		if len(b) < warrantSize {
			return s, nil, ErrDamaged
		}
		at &^= warrantMarkByte << 56
		b, warrant = b[:len(b)-warrantSize], b[len(b)-warrantSize:]
	}
	s.at = time.UnixMilli(int64(at)).UTC()
	for ; len(b) > 0; b = b[buriedSize:] {
		s.keys = append(s.keys, buriedKey{day(binary.BigEndian.Uint32(b)), binary.BigEndian.Uint32(b[4:])})
	}
	return s, warrant, nil
}

func (k *keyring) readTombstone(tx *bolt.Tx, id mapping.ID) (tombstone, error) {
	row := bucketTombstones.in(tx).Get(id[:])
	if row == nil {
		return tombstone{}, mapping.ErrNotFound
	}
	return k.tombstone(id, row)
}

// isErased reports whether an interaction or a call has a tombstone.
func (t *txn) isErased(id mapping.ID) bool {
	row := t.get(bucketTombstones, id[:])
	if row == nil {
		return false
	}
	_, err := t.keys.tombstone(id, row)
	return err == nil
}

// bury destroys, at a start, what a crash kept from being destroyed.
func (db *DB) bury() error {
	var stones []tombstone
	err := db.file.View(func(tx *bolt.Tx) error {
		return bucketTombstones.in(tx).ForEach(func(key, row []byte) error {
			if len(key) != len(mapping.ID{}) {
				return fmt.Errorf("read tombstone: %w", ErrDamaged)
			}
			s, err := db.keys.tombstone(mapping.ID(key), row)
			if err != nil {
				return fmt.Errorf("%s: %w", mapping.ID(key).Text(mapping.KindInteraction), err)
			}
			stones = append(stones, s)
			return nil
		})
	})
	if err != nil {
		return err
	}
	return db.destroyOf(stones...)
}
