package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"maskd/mapping"
)

// retained is how many records retention looks at in one transaction.
const retained = 500

// Retain erases what is kept too long, a page of records at a time, until all were
// looked at or the context is done. It returns how much that was.
func (db *DB) Retain(ctx context.Context, r mapping.Retention, at time.Time) (f mapping.Forgotten, err error) {
	at = at.Round(0).UTC()
	if err := db.forgetRequests(ctx, at); err != nil {
		return f, fmt.Errorf("forget requests: %w", err)
	}
	if r.Interactions > 0 {
		if f.Interactions, err = db.retainInteractions(ctx, r, at); err != nil {
			return f, fmt.Errorf("erase interactions that are kept too long: %w", err)
		}
	}
	if r.CDRs > 0 {
		if f.Calls, err = db.retainStrays(ctx, dayAt(at.Add(-r.CDRs)), at); err != nil {
			return f, fmt.Errorf("erase calls that are kept too long: %w", err)
		}
	}
	if r.Audit > 0 {
		if f.Entries, err = db.prune(ctx, dayAt(at.Add(-r.Audit)), at); err != nil {
			return f, fmt.Errorf("prune audit log: %w", err)
		}
	}
	return f, nil
}

func (db *DB) retainInteractions(ctx context.Context, r mapping.Retention, at time.Time) (erased int, err error) {
	for after, more := (mapping.ID{}), true; more; {
		var overdue []mapping.ID
		if overdue, after, more, err = db.overdue(r, after, at); err != nil {
			return erased, err
		}
		for _, id := range overdue {
			switch _, err := db.erase(ctx, id, mapping.ActionRetention, at); {
			case errors.Is(err, mapping.ErrHeld): // since it was looked at
			case err != nil:
				return erased, err
			default:
				erased++
			}
		}
		if ctx.Err() != nil {
			return erased, ctx.Err()
		}
	}
	return erased, nil
}

// overdue returns those of a page that are kept too long, and where the next page
// begins. What is younger than the retention can't be, nor can what comes after.
func (db *DB) overdue(r mapping.Retention, after mapping.ID, at time.Time) (ids []mapping.ID, next mapping.ID, more bool, err error) {
	next = after
	err = db.file.View(func(tx *bolt.Tx) error {
		return each(tx, bucketInteractions, after, retained, func(id mapping.ID) error {
			if more = at.Sub(id.Time()) > r.Interactions; !more {
				return nil
			}
			next = id
			i, err := db.readInteraction(tx, id)
			if errors.Is(err, errDestroyed) {
				return nil
			}
			if err == nil && r.Overdue(&i, db.rest(&i), at) {
				ids = append(ids, id)
			}
			return err
		})
	})
	return ids, next, more && next != after, err
}

// rest is for how long an interaction's DIDs rest after its end.
func (db *DB) rest(i *mapping.Interaction) time.Duration {
	pool, _ := db.roster.pools().Named(i.Pool)
	return pool.CoolDown
}
