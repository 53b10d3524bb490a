package store

import (
	"errors"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"maskd/mapping"
)

// maxPage bounds one page of a list: a read transaction keeps pages from being
// reused for as long as it lasts. It is a page of 1,000 and the one more that
// tells that there is another.
const maxPage = 1_001

// Interaction returns the interaction of that id, or [mapping.ErrNotFound].
func (db *DB) Interaction(id mapping.ID) (i mapping.Interaction, err error) {
	err = db.views.read(func(v *view) error {
		i, err = db.see(v, id)
		return err
	})
	return i, err
}

// see reads an interaction, with its last caller.
func (db *DB) see(v *view, id mapping.ID) (i mapping.Interaction, err error) {
	if i, err = db.keys.interaction(v, id); err == nil {
		err = db.recall(v.tx, &i)
	}
	return i, err
}

// ByExternalID returns the interaction that the tenant calls so, or
// [mapping.ErrNotFound].
func (db *DB) ByExternalID(of mapping.Tenant, external string) (i mapping.Interaction, err error) {
	key := db.keys.names.of(of).external.text(external)
	err = db.file.View(func(tx *bolt.Tx) error {
		id := bucketExternal.in(tx).Get(key[:])
		if len(id) != len(mapping.ID{}) {
			return mapping.ErrNotFound
		}
		i, err = db.readInteraction(tx, mapping.ID(id))
		return err
	})
	return i, err
}

// Interactions returns interactions in the order of their ids, those after the
// given id; the zero id is before the first. The limit is at least 1 and at
// most 1001, whatever is asked for.
func (db *DB) Interactions(after mapping.ID, limit int) (page []mapping.Interaction, err error) {
	err = db.file.View(func(tx *bolt.Tx) error {
		v := viewOfMany(tx)
		return each(tx, bucketInteractions, after, limit, func(id mapping.ID) error {
			i, err := db.see(v, id)
			if errors.Is(err, errDestroyed) {
				return nil
			}
			page = append(page, i)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("list interactions: %w", err)
	}
	return page, nil
}

// each calls visit with the ids in a bucket after the given one, a page of them.
func each(tx *bolt.Tx, b bucket, after mapping.ID, limit int, visit func(mapping.ID) error) error {
	cursor := b.in(tx).Cursor()
	key, _ := cursor.Seek(after[:])
	if string(key) == string(after[:]) {
		key, _ = cursor.Next()
	}
	for left := min(max(limit, 1), maxPage); key != nil && left > 0; left-- {
		if len(key) != len(mapping.ID{}) {
			return fmt.Errorf("read id: %w", ErrDamaged)
		}
		if err := visit(mapping.ID(key)); err != nil {
			return err
		}
		key, _ = cursor.Next()
	}
	return nil
}

// bare returns an interaction as a look-up needs it: without its last caller.
func (db *DB) bare(id mapping.ID) (i mapping.Interaction, err error) {
	err = db.views.read(func(v *view) error {
		i, err = db.keys.interaction(v, id)
		return err
	})
	return i, err
}

func (db *DB) readInteraction(tx *bolt.Tx, id mapping.ID) (mapping.Interaction, error) {
	return db.see(viewOf(tx), id)
}
