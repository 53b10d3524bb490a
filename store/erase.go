package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"maskd/mapping"
)

// Erase forgets an interaction for good: its parties' numbers, the details of its
// calls, its recordings. What is left is a tombstone, and an entry of the audit
// log. It hides first, then commits the tombstone, then destroys the keys, then
// returns: from then on no file that there is, was or will be of this store gives
// any of it back, but for copies of the file of keys.
//
// Its calls must have ended. Erasing it again does no harm, and makes good an
// erasure that failed half-way.
//
// Errors: [mapping.ErrNotFound], [mapping.ErrHeld], [mapping.ErrUnavailable], or
// that of the context.
func (db *DB) Erase(ctx context.Context, id mapping.ID, at time.Time) (mapping.Tombstone, error) {
	return db.erase(ctx, id, mapping.ActionInteractionErase, at)
}

func (db *DB) erase(ctx context.Context, id mapping.ID, why mapping.Action, at time.Time) (mapping.Tombstone, error) {
	at = at.Round(0).UTC()
	i, err := db.Interaction(id)
	if errors.Is(err, mapping.ErrNotFound) {
		return db.eraseAgain(id)
	}
	if err != nil {
		return mapping.Tombstone{}, err
	}
	if i.Held.Any() {
		return mapping.Tombstone{}, mapping.ErrHeld
	}
	told, err := db.testify(ctx, why, mapping.ObjectID(mapping.KindInteraction, id), at)
	if err != nil {
		return mapping.Tombstone{}, err
	}
	slots := db.alloc.slotsOf(&i)
	db.index.hide(slots, id)
	e := &erasure{db: db, id: id, tenant: i.Tenant, external: i.ExternalID, at: at, told: told, done: newAnswer()}
	switch _, err := db.submit(ctx, e, maxRecords, e.done); {
	case errors.Is(err, mapping.ErrNotFound): // somebody else erases it, in a commit that goes on
		if err := db.Flush(ctx); err != nil {
			return mapping.Tombstone{}, err
		}
		return db.eraseAgain(id)
	case err != nil:
		return mapping.Tombstone{}, err
	}
	db.alloc.release(&i, slots, at)
	return mapping.Tombstone{Interaction: id, ErasedAt: at}, db.destroyOf(e.stone)
}

// eraseAgain destroys what a tombstone says is to be destroyed.
func (db *DB) eraseAgain(id mapping.ID) (t mapping.Tombstone, err error) {
	var stone tombstone
	err = db.file.View(func(tx *bolt.Tx) error {
		stone, err = readTombstone(tx, id)
		return err
	})
	if err != nil {
		return t, err
	}
	return mapping.Tombstone{Interaction: id, ErasedAt: stone.at}, db.destroyOf(stone)
}

// Tombstone returns that of an erased interaction, or [mapping.ErrNotFound].
func (db *DB) Tombstone(id mapping.ID) (t mapping.Tombstone, err error) {
	err = db.file.View(func(tx *bolt.Tx) error {
		stone, err := readTombstone(tx, id)
		t = mapping.Tombstone{Interaction: id, ErasedAt: stone.at}
		return err
	})
	return t, err
}

// erasure is the change that leaves a tombstone in place of an interaction.
type erasure struct {
	db       *DB
	id       mapping.ID
	tenant   mapping.Tenant
	external string
	at       time.Time
	told     *testimony
	done     answer

	// The writer's, and the caller's once done has answered.
	stone tombstone
}

func (e *erasure) apply(t *txn) error {
	r, i, err := t.interaction(e.id)
	if err != nil {
		return err
	}
	if i.Held.Any() { // since it was looked at
		return mapping.ErrHeld
	}
	e.stone = tombstone{at: e.at, keys: []buriedKey{{dayOf(e.id), r.leaf}}}
	for _, k := range recordingKeysOf(t.Tx, e.id) {
		e.stone.keys = append(e.stone.keys, k.buriedKey)
	}
	if err := t.put(bucketTombstones, e.id[:], e.stone.encode()); err != nil {
		return fmt.Errorf("put tombstone: %w", err)
	}
	if err := e.clear(t); err != nil {
		return fmt.Errorf("remove interaction: %w", err)
	}
	t.announce(i.Told(mapping.EventInteractionErased, e.at))
	return t.tell(&e.told.entry)
}

// clear removes what names the interaction. The records of its calls stay, which
// nobody can read without its key.
func (e *erasure) clear(t *txn) error {
	if e.external != "" {
		key := e.db.keys.names.of(e.tenant).external.text(e.external)
		if string(bucketExternal.in(t.Tx).Get(key[:])) == string(e.id[:]) {
			if err := t.remove(bucketExternal, key[:]); err != nil {
				return err
			}
		}
	}
	if err := disown(t, bucketOwnInteractions, e.tenant, e.id); err != nil {
		return err
	}
	for _, k := range recordingRows(t.Tx, e.id) {
		if err := t.remove(bucketRecordings, k); err != nil {
			return err
		}
	}
	return t.remove(bucketInteractions, e.id[:])
}

func (e *erasure) settle(err error) {
	e.told.settled(err)
	e.done <- err
}

// tombstone is what is left of an interaction: when it was erased, and which keys
// are to be destroyed, if a crash came between.
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

func (s tombstone) encode() []byte {
	b := binary.BigEndian.AppendUint64(nil, uint64(s.at.UnixMilli()))
	for _, k := range s.keys {
		b = binary.BigEndian.AppendUint32(append(b, k.day.key()...), k.leaf)
	}
	return b
}

func decodeTombstone(b []byte) (s tombstone, err error) {
	if len(b) < 8 || (len(b)-8)%buriedSize != 0 {
		return s, fmt.Errorf("read tombstone: %w", ErrDamaged)
	}
	s.at, b = time.UnixMilli(int64(binary.BigEndian.Uint64(b))).UTC(), b[8:]
	for ; len(b) > 0; b = b[buriedSize:] {
		s.keys = append(s.keys, buriedKey{day(binary.BigEndian.Uint32(b)), binary.BigEndian.Uint32(b[4:])})
	}
	return s, nil
}

func readTombstone(tx *bolt.Tx, id mapping.ID) (tombstone, error) {
	row := bucketTombstones.in(tx).Get(id[:])
	if row == nil {
		return tombstone{}, mapping.ErrNotFound
	}
	return decodeTombstone(row)
}

// destroyOf destroys the keys of tombstones, durably.
func (db *DB) destroyOf(stones ...tombstone) error {
	leaves := make(map[day][]uint32)
	for _, s := range stones {
		for _, k := range s.keys {
			if _, err := db.keys.secret(k.day, k.leaf); err == nil {
				leaves[k.day] = append(leaves[k.day], k.leaf)
			}
		}
	}
	if len(leaves) == 0 {
		return nil
	}
	if err := db.keys.destroy(leaves); err != nil {
		return fmt.Errorf("destroy keys: %w", err)
	}
	return nil
}

// bury destroys, at a start, what a crash kept from being destroyed.
func (db *DB) bury() error {
	var stones []tombstone
	err := db.file.View(func(tx *bolt.Tx) error {
		return bucketTombstones.in(tx).ForEach(func(_, row []byte) error {
			s, err := decodeTombstone(row)
			stones = append(stones, s)
			return err
		})
	})
	if err != nil {
		return err
	}
	return db.destroyOf(stones...)
}
