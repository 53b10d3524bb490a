package store

import (
	"crypto/cipher"
	"encoding/binary"
	"fmt"

	"maskd/mapping"
)

// record is what the file has of an interaction: the title of its key, and it, sealed
// under that. In one row they are found in one search, which costs
// most where there are millions. Up to schema 3 the number had a row of its own,
// and where there is one it tells; such a record keeps its form for as long as it
// lives.
type record struct {
	id     mapping.ID
	key    cipher.AEAD
	title  title
	alone  bool   // its leaf has a row of its own
	sealed []byte // in the map of the file
}

// leafSize is that of a leaf's number in the store.
const leafSize = 4

// errKeyMissing is a record or a call whose key the store does not know.
var errKeyMissing = fmt.Errorf("find key of interaction: %w", ErrDamaged)

// splitKey cuts the number of a leaf off what it seals. In a row of its own that is
// nothing, or a data key of before schema 3, which the leaf's key seals.
func splitKey(row []byte) (leaf uint32, sealed []byte, err error) {
	if len(row) < leafSize {
		return 0, nil, errKeyMissing
	}
	if len(row) > leafSize {
		sealed = row[leafSize:]
	}
	return binary.BigEndian.Uint32(row), sealed, nil
}

// title returns the title of an interaction's key, and the key itself, wrapped, where
// the leaf is not it. It is [errKeyMissing] of one that was erased.
func (v *view) title(id mapping.ID) (t title, wrapped []byte, err error) {
	if v.keys != nil {
		if row := v.keys.Get(id[:]); row != nil {
			t.leaf, wrapped, err = splitKey(row)
			return t, wrapped, err
		}
	}
	if row := v.interactions.Get(id[:]); row != nil {
		t, _, err = splitTitle(row)
		return t, nil, err
	}
	return t, nil, errKeyMissing
}

// interaction finds an interaction, as its record has it.
func (k *keyring) interaction(v *view, id mapping.ID) (i mapping.Interaction, err error) {
	r, err := v.read(k, id)
	if err != nil {
		return i, err
	}
	defer v.close(r)
	return r.interaction()
}

// interaction finds an interaction that is to be changed.
func (t *txn) interaction(id mapping.ID) (record, mapping.Interaction, error) {
	v := t.view()
	r, err := v.read(t.keys, id)
	if err != nil {
		return record{}, mapping.Interaction{}, err
	}
	defer v.close(r)
	i, err := r.interaction()
	return r.record, i, err
}

// replace puts an interaction in place of what its record was.
func (t *txn) replace(r *record, i *mapping.Interaction) error {
	row := t.keys.sealInteraction(i, r.key, r.title.leaf)
	if r.alone {
		row = row[titleSize:]
	}
	if err := t.put(bucketInteractions, r.id[:], row); err != nil {
		return fmt.Errorf("put interaction: %w", err)
	}
	return nil
}

// sealInteraction returns the row of an interaction.
func (k *keyring) sealInteraction(i *mapping.Interaction, key cipher.AEAD, leaf uint32) []byte {
	var room [recordRoom]byte
	plain := appendInteraction(room[:0], i)
	defer clear(plain)
	at := place{bucketInteractions, i.ID[:]}
	row := k.appendTitle(make([]byte, 0, titleSize+len(plain)+sealOverhead), at, buriedKey{dayOf(i.ID), leaf})
	return at.appendSeal(row, key, plain)
}
