package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	bolt "go.etcd.io/bbolt"

	"maskd/mapping"
)

// Subject returns all that there is of a person by a number: the interactions that
// name it, the calls that it made or was rung by, those that were refused and those to
// interactions of others included, and whether it is blocked.
// It reads every record, which takes some seconds for a million. A zero tenant is all
// of them; the block list is no tenant's.
func (db *DB) Subject(ctx context.Context, of mapping.Tenant, n mapping.Number) (s mapping.Subject, err error) {
	if err := db.Flush(ctx); err != nil { // calls that have just been made come into the file
		return s, fmt.Errorf("find a subject: %w", err)
	}
	q := &inquiry{db: db, of: of, number: n, named: make(ids), held: make(ids), others: make(ids), holders: make(ids)}
	if err := db.walk(ctx, bucketInteractions, q.lookAtInteraction); err != nil {
		return s, fmt.Errorf("find interactions of a subject: %w", err)
	}
	if err := db.walk(ctx, bucketCDRs, q.lookAtCall); err != nil {
		return s, fmt.Errorf("find calls of a subject: %w", err)
	}
	if err := db.walk(ctx, bucketBlocks, q.lookAtBlock); err != nil {
		return s, fmt.Errorf("find blocks of a subject: %w", err)
	}
	q.found.Others, q.found.Held = q.others.sorted(), q.holders.sorted()
	return q.found, nil
}

// inquiry gathers what there is of a person. It looks at interactions before calls.
type inquiry struct {
	db     *DB
	of     mapping.Tenant
	number mapping.Number
	found  mapping.Subject

	// Interactions.
	named, held     ids // that name the number; under a legal hold
	others, holders ids // that have some of it and don't: to be erased by their ids; held
}

func (q *inquiry) lookAtInteraction(tx *bolt.Tx, id mapping.ID) error {
	i, err := q.db.readInteraction(tx, id)
	if err != nil || q.of != "" && i.Tenant != q.of {
		return err
	}
	q.held[id] = i.Held.Any()
	switch {
	case i.Names(q.number):
		q.found.Interactions, q.named[id] = append(q.found.Interactions, i), true
	case i.LastCall.Caller == q.number && i.LastCall.Call.IsZero():
		q.others[id] = true
	}
	return nil
}

func (q *inquiry) lookAtCall(tx *bolt.Tx, call mapping.ID) error {
	c, err := q.db.readCDR(tx, call)
	if err != nil || q.of != "" && c.Tenant != q.of || c.Caller != q.number && c.Target != q.number {
		return err
	}
	q.found.Calls = append(q.found.Calls, c)
	switch _, own := q.db.keys.strayKey(tx, call); {
	case c.Interaction.IsZero() || q.named[c.Interaction]:
	case q.held[c.Interaction]:
		q.holders[c.Interaction] = true
	case !own:
		q.others[c.Interaction] = true
	}
	return nil
}

func (q *inquiry) lookAtBlock(tx *bolt.Tx, id mapping.ID) error {
	b, err := q.db.readBlock(tx, id)
	if err == nil && (q.of == "" || b.Tenant == q.of) && (b.Number == q.number || b.With == q.number) {
		q.found.Blocks = append(q.found.Blocks, id)
	}
	return err
}

// ids is a set of them.
type ids map[mapping.ID]bool

func (all ids) sorted() []mapping.ID {
	return slices.SortedFunc(maps.Keys(all), func(a, b mapping.ID) int { return bytes.Compare(a[:], b[:]) })
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
