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
	cursor  *bolt.Cursor     // over the interactions
	place   [placeRoom]byte  // what is authenticated
	room    [recordRoom]byte // for most records
	plain   fields           // the record, in clear until the reading is closed
	outline outline          // of that
}

// read finds and unseals an interaction, or [mapping.ErrNotFound]. Who does closes the
// reading.
func (v *view) read(k *keyring, id mapping.ID) (*reading, error) {
	r := v.reading()
	if err := r.open(k, v, id); err != nil {
		v.close(r)
		return nil, err
	}
	return r, nil
}

func (v *view) reading() *reading {
	if v.readings != nil {
		if r, ok := v.readings.Get().(*reading); ok {
			return r
		}
	}
	return &reading{cursor: v.interactions.Cursor()}
}

func (v *view) close(r *reading) {
	clear(r.plain)
	r.plain = nil
	if v.readings != nil {
		v.readings.Put(r)
	}
}

// open finds the row of an interaction and its key, and unseals it.
func (r *reading) open(k *keyring, v *view, id mapping.ID) (err error) {
	if err = r.find(v, id); err != nil {
		return err
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
		r.plain, err = place{bucketInteractions, r.id[:]}.openWith(r.place[:0], r.room[:0], r.key, r.sealed)
	}
	return err
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

// interaction returns all that the record has.
func (r *reading) interaction() (mapping.Interaction, error) {
	i, err := decodeInteraction(r.id, r.plain)
	return i, damaged(err)
}

// outlined returns what most ask of the record, until the reading is closed. No number
// is made of it.
func (r *reading) outlined() (*outline, error) {
	return &r.outline, damaged(r.outline.read(r.id, r.plain))
}

func damaged(err error) error {
	if err != nil {
		err = fmt.Errorf("read interaction: %w: %w", ErrDamaged, err)
	}
	return err
}
