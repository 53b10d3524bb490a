package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"

	"maskd/mapping"
)

// Subject returns all that there is of a person by a number: the interactions that
// name it, the calls that it made or was rung by, those that were refused included,
// the interactions of others that know it from its calls, and whether it is blocked.
// It reads every record, which takes some seconds for a million. A zero tenant is all
// of them; the block list is no tenant's.
func (db *DB) Subject(ctx context.Context, of mapping.Tenant, n mapping.Number) (s mapping.Subject, err error) {
	named, others := make(map[mapping.ID]bool), make(map[mapping.ID]bool)
	err = db.walk(ctx, bucketInteractions, func(tx *bolt.Tx, id mapping.ID) error {
		i, err := db.readInteraction(tx, id)
		switch {
		case err != nil || of != "" && i.Tenant != of:
		case i.Names(n):
			s.Interactions, named[id] = append(s.Interactions, i), true
		case i.LastCall.Caller == n:
			others[id] = true
		}
		return err
	})
	if err != nil {
		return s, fmt.Errorf("find interactions of a subject: %w", err)
	}
	err = db.walk(ctx, bucketCDRs, func(tx *bolt.Tx, call mapping.ID) error {
		c, err := db.readCDR(tx, call)
		if err == nil && (of == "" || c.Tenant == of) && (c.Caller == n || c.Target == n) {
			s.Calls = append(s.Calls, c)
			if !c.Interaction.IsZero() && !named[c.Interaction] {
				others[c.Interaction] = true
			}
		}
		return err
	})
	if err != nil {
		return s, fmt.Errorf("find calls of a subject: %w", err)
	}
	s.Others = slices.SortedFunc(maps.Keys(others), func(a, b mapping.ID) int { return bytes.Compare(a[:], b[:]) })
	if of != "" {
		return s, nil
	}
	err = db.walk(ctx, bucketBlocks, func(tx *bolt.Tx, id mapping.ID) error {
		b, err := db.readBlock(tx, id)
		if err == nil && (b.Number == n || b.With == n) {
			s.Blocks = append(s.Blocks, id)
		}
		return err
	})
	if err != nil {
		return s, fmt.Errorf("find blocks of a subject: %w", err)
	}
	return s, nil
}

// walk visits all ids of a bucket, a page in each transaction. What can't be read
// any more because its key is destroyed is passed over.
func (db *DB) walk(ctx context.Context, b bucket, visit func(*bolt.Tx, mapping.ID) error) error {
	for after, more := (mapping.ID{}), true; more; {
		if err := ctx.Err(); err != nil {
			return err
		}
		more = false
		err := db.file.View(func(tx *bolt.Tx) error {
			return each(tx, b, after, maxPage, func(id mapping.ID) error {
				after, more = id, true
				if err := visit(tx, id); !errors.Is(err, errDestroyed) {
					return err
				}
				return nil
			})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// EraseCall erases the record of a call of no interaction, which is sealed under a
// key of its own. Those of an interaction go with it. What is told of the call later
// is forgotten too.
func (db *DB) EraseCall(ctx context.Context, call mapping.ID, at time.Time) error {
	c, err := db.CDR(call)
	if err != nil {
		return err
	}
	told, err := db.testify(ctx, mapping.ActionSubjectErase, mapping.ObjectID(mapping.KindCall, call), at)
	if err != nil {
		return err
	}
	e := &callErasure{db: db, call: call, tenant: c.Tenant, at: at.Round(0).UTC(), told: told, done: newAnswer()}
	if _, err := db.submit(ctx, e, maxRecords, e.done); err != nil {
		return fmt.Errorf("erase call: %w", err)
	}
	return db.destroyOf(e.stone)
}

// callErasure is the change that leaves a tombstone in place of the record of a call.
type callErasure struct {
	db     *DB
	call   mapping.ID
	tenant mapping.Tenant
	at     time.Time
	told   *testimony
	done   answer

	// The writer's, and the caller's once done has answered.
	stone tombstone
}

func (e *callErasure) apply(t *txn) error {
	leaf, ok := strayLeaf(t, e.call)
	if !ok {
		return mapping.ErrNotFound
	}
	e.stone = tombstone{at: e.at, keys: []buriedKey{{dayOf(e.call), leaf}}}
	if err := t.put(bucketTombstones, e.call[:], e.stone.encode()); err != nil {
		return fmt.Errorf("put tombstone: %w", err)
	}
	for _, b := range []bucket{bucketCDRs, bucketLive} {
		if err := t.remove(b, e.call[:]); err != nil {
			return err
		}
	}
	if err := disown(t, bucketOwnCDRs, e.tenant, e.call); err != nil {
		return err
	}
	return t.tell(&e.told.entry)
}

func (e *callErasure) settle(err error) {
	e.told.settled(err)
	e.done <- err
}
