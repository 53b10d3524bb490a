package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"maskd/mapping"
)

// Whose an interaction or a call is stands sealed in its record. So that a
// tenant's list need not read all, there is a list of each tenant's ids beside
// them. The default tenant has none: where there is no other, all is its own.

// ownedKey is the key of an id in the list of its tenant, whose name has no zero
// byte.
func ownedKey(t mapping.Tenant, id mapping.ID) []byte {
	return append(ownedPrefix(t), id[:]...)
}

func ownedPrefix(t mapping.Tenant) []byte { return append([]byte(t), 0) }

// own puts an id into the list of its tenant.
func own(t *txn, list bucket, of mapping.Tenant, id mapping.ID) error {
	if of == mapping.DefaultTenant || of == "" {
		return nil
	}
	if err := t.put(list, ownedKey(of, id), []byte{}); err != nil {
		return fmt.Errorf("put into list of tenant: %w", err)
	}
	return nil
}

// disown takes something from what a tenant has.
func disown(t *txn, list bucket, of mapping.Tenant, id mapping.ID) error {
	if of == mapping.DefaultTenant || of == "" {
		return nil
	}
	return t.remove(list, ownedKey(of, id))
}

// InteractionsOf returns what [DB.Interactions] does, of one tenant; the zero
// Tenant is all of them.
func (db *DB) InteractionsOf(of mapping.Tenant, after mapping.ID, limit int) ([]mapping.Interaction, error) {
	if of == "" {
		return db.Interactions(after, limit)
	}
	s := shelf[mapping.Interaction]{records: bucketInteractions, list: bucketOwnInteractions, read: db.readInteraction,
		lists: func(i *mapping.Interaction) bool { return i.Tenant == of }}
	page, err := s.page(db.file, of, after, limit)
	if err != nil {
		return nil, fmt.Errorf("list interactions of tenant: %w", err)
	}
	return page, nil
}

// CDRsOf returns what [DB.CDRs] does, of one tenant; the zero Tenant is all of
// them.
func (db *DB) CDRsOf(of mapping.Tenant, after mapping.ID, limit int) ([]mapping.CDR, error) {
	s := shelf[mapping.CDR]{records: bucketCDRs, list: bucketOwnCDRs, read: db.readCDR,
		lists: func(c *mapping.CDR) bool { return of.Sees(c.Tenant) }}
	page, err := s.page(db.file, of, after, limit)
	if err != nil {
		return nil, fmt.Errorf("list call detail records: %w", err)
	}
	return page, nil
}

// shelf is the records of one kind, and the list of whose they are.
type shelf[T any] struct {
	records, list bucket
	read          func(*bolt.Tx, mapping.ID) (T, error)
	lists         func(*T) bool // whether it is in the tenant's sight
}

// page returns a tenant's records after the given id. The default tenant's, and what is no
// tenant's, are looked for among all: a read transaction sees a page of them at a time. What
// can't be read any more counts for nothing, so that a short page is the last one.
func (s shelf[T]) page(file volume, of mapping.Tenant, after mapping.ID, limit int) (page []T, err error) {
	limit = min(max(limit, 1), maxPage)
	for more := true; more && len(page) < limit; {
		err := file.View(func(tx *bolt.Tx) error {
			ids, err := s.ids(tx, of, after)
			if err != nil {
				return err
			}
			if more = len(ids) == maxPage; more {
				after = ids[len(ids)-1]
			}
			page, err = s.pick(tx, page, ids, limit)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return page, nil
}

// ids returns ids after the given one, among which the tenant's are.
func (s shelf[T]) ids(tx *bolt.Tx, of mapping.Tenant, after mapping.ID) (ids []mapping.ID, err error) {
	if of == mapping.DefaultTenant || of == "" {
		err = each(tx, s.records, after, maxPage, func(id mapping.ID) error { ids = append(ids, id); return nil })
		return ids, err
	}
	prefix, from := ownedPrefix(of), ownedKey(of, after)
	cursor := s.list.in(tx).Cursor()
	key, _ := cursor.Seek(from)
	if bytes.Equal(key, from) {
		key, _ = cursor.Next()
	}
	for ; bytes.HasPrefix(key, prefix) && len(ids) < maxPage; key, _ = cursor.Next() {
		if len(key) != len(from) {
			return nil, fmt.Errorf("read list of tenant: %w", ErrDamaged)
		}
		ids = append(ids, mapping.ID(key[len(prefix):]))
	}
	return ids, nil
}

// pick reads those of the ids that are in the tenant's sight and still there.
func (s shelf[T]) pick(tx *bolt.Tx, page []T, ids []mapping.ID, limit int) ([]T, error) {
	for _, id := range ids {
		if len(page) == limit {
			break
		}
		record, err := s.read(tx, id)
		if errors.Is(err, mapping.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if s.lists(&record) {
			page = append(page, record)
		}
	}
	return page, nil
}

// owns reports whether a record is in the list of its tenant.
func (s *snapshot) owns(list bucket, of mapping.Tenant, id mapping.ID) bool {
	return of == mapping.DefaultTenant || list.in(s.tx).Get(ownedKey(of, id)) != nil
}

// checkOwned sees that no list of interactions has one of another tenant.
func (s *snapshot) checkOwned(ctx context.Context) error {
	return bucketOwnInteractions.in(s.tx).ForEach(func(key, _ []byte) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		tenant, id, ok := bytes.Cut(key, []byte{0})
		if !ok || len(id) != len(mapping.ID{}) {
			return fmt.Errorf("%w: the list of a tenant has a key that is no id", ErrDamaged)
		}
		i, err := s.db.readInteraction(s.tx, mapping.ID(id))
		if errors.Is(err, mapping.ErrNotFound) {
			return nil // it was removed
		}
		if err == nil && i.Tenant != mapping.Tenant(tenant) {
			err = fmt.Errorf("%s: %w: it is in the list of another tenant", mapping.ID(id).Text(mapping.KindInteraction), ErrDamaged)
		}
		return err
	})
}
