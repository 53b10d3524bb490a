package store

import (
	"fmt"

	bolt "go.etcd.io/bbolt"

	"maskd/mapping"
)

// reading is what a record is found and unsealed with. The next one of the same
// view has it again: every so often, who takes memory waits for more of it to be
// found, and by that the slowest look-ups are slow.
type reading struct {
	record
	cursor *bolt.Cursor     // over the interactions
	place  [placeRoom]byte  // what is authenticated
	plain  [recordRoom]byte // the record, in clear for as long as it is decoded
}

func (v *view) reading() *reading {
	if r, ok := v.readings.Get().(*reading); ok {
		return r
	}
	return &reading{cursor: v.interactions.Cursor()}
}

// interaction finds an interaction and its key, or [mapping.ErrNotFound].
func (r *reading) interaction(k *keyring, v *view, id mapping.ID) (i mapping.Interaction, err error) {
	if err = r.find(v, id); err != nil {
		return i, err
	}
	var wrapped []byte
	if v.keys != nil {
		old := v.keys.Get(id[:])
		if r.alone = old != nil; r.alone {
			r.title.leaf, wrapped, err = splitKey(old)
		}
	}
	if !r.alone {
		r.title, r.sealed, err = splitTitle(r.sealed)
	}
	if err == nil {
		r.key, err = k.unwrap(id, r.title, wrapped)
	}
	if err == nil {
		err = r.open(&i)
	}
	return i, err
}

// find finds the row of an interaction.
func (r *reading) find(v *view, id mapping.ID) error {
	r.record = record{id: id}
	key, row := r.cursor.Seek(r.id[:])
	if string(key) != string(r.id[:]) {
		return mapping.ErrNotFound
	}
	r.sealed = row
	return nil
}

// open unseals the interaction.
func (r *reading) open(i *mapping.Interaction) error {
	plain, err := place{bucketInteractions, r.id[:]}.openWith(r.place[:0], r.plain[:0], r.key, r.sealed)
	if err != nil {
		return err
	}
	defer clear(plain)
	if *i, err = decodeInteraction(r.id, plain); err != nil {
		return fmt.Errorf("read interaction: %w: %w", ErrDamaged, err)
	}
	return nil
}
