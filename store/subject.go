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
	named, held, others, holders := make(ids), make(ids), make(ids), make(ids)
	err = db.walk(ctx, bucketInteractions, func(tx *bolt.Tx, id mapping.ID) error {
		i, err := db.readInteraction(tx, id)
		if err != nil || of != "" && i.Tenant != of {
			return err
		}
		held[id] = i.Held.Any()
		switch {
		case i.Names(n):
			s.Interactions, named[id] = append(s.Interactions, i), true
		case i.LastCall.Caller == n && i.LastCall.Call.IsZero():
			others[id] = true
		}
		return nil
	})
	if err != nil {
		return s, fmt.Errorf("find interactions of a subject: %w", err)
	}
	err = db.walk(ctx, bucketCDRs, func(tx *bolt.Tx, call mapping.ID) error {
		c, err := db.readCDR(tx, call)
		if err != nil || of != "" && c.Tenant != of || c.Caller != n && c.Target != n {
			return err
		}
		s.Calls = append(s.Calls, c)
		switch _, own := db.keys.strayKey(tx, call); {
		case c.Interaction.IsZero() || named[c.Interaction]:
		case held[c.Interaction]:
			holders[c.Interaction] = true
		case !own:
			others[c.Interaction] = true
		}
		return nil
	})
	if err != nil {
		return s, fmt.Errorf("find calls of a subject: %w", err)
	}
	s.Others, s.Held = others.sorted(), holders.sorted()
	err = db.walk(ctx, bucketBlocks, func(tx *bolt.Tx, id mapping.ID) error {
		b, err := db.readBlock(tx, id)
		if err == nil && (of == "" || b.Tenant == of) && (b.Number == n || b.With == n) {
			s.Blocks = append(s.Blocks, id)
		}
		return err
	})
	if err != nil {
		return s, fmt.Errorf("find blocks of a subject: %w", err)
	}
	return s, nil
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
