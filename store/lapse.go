package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	bolt "go.etcd.io/bbolt"

	"maskd/mapping"
)

// lapsed is the record of a call of no interaction that is kept too long.
type lapsed struct {
	call   mapping.ID
	tenant mapping.Tenant
	key    buriedKey
}

// retainStrays erases the records of calls of no interaction that are of a day before
// the given one. It destroys their keys first, and then removes what nobody can read any
// more: a crash in between leaves that to be removed the next time.
func (db *DB) retainStrays(ctx context.Context, before day, at time.Time) (erased int, err error) {
	live := make(map[day]bool)
	for after, more := (mapping.ID{}), true; more; {
		var page []lapsed
		if page, after, more, err = db.lapsedAfter(after, before, live); err != nil {
			return erased, err
		}
		if err := db.eraseLapsed(ctx, page, at); err != nil {
			return erased, err
		}
		erased += len(page)
		if ctx.Err() != nil {
			return erased, ctx.Err()
		}
	}
	return erased, db.keys.destroyDays(forNobody, before, live)
}

// lapsedAfter returns those of a page that are of a day before the given one, and where
// the next page begins. One that lives is passed over, and its day noted.
func (db *DB) lapsedAfter(after mapping.ID, before day, live map[day]bool) (page []lapsed, next mapping.ID, more bool, err error) {
	next = after
	err = db.file.View(func(tx *bolt.Tx) error {
		return each(tx, bucketCDRs, after, retained, func(call mapping.ID) error {
			if more = dayOf(call) < before; !more {
				return nil
			}
			next = call
			key, stray := db.keys.strayKey(tx, call)
			if !stray {
				return nil
			}
			c, err := db.readCDR(tx, call)
			switch {
			case errors.Is(err, errDestroyed): // before it could be removed, or with its interaction
			case err != nil:
				return err
			case !c.Interaction.IsZero(): // a stranger's, which is kept with that
				return nil
			case c.Outcome == mapping.OutcomeLive:
				live[dayOf(call)] = true
				return nil
			}
			page = append(page, lapsed{call, c.Tenant, key})
			return nil
		})
	})
	return page, next, more && next != after, err
}

func (db *DB) eraseLapsed(ctx context.Context, page []lapsed, at time.Time) error {
	if len(page) == 0 {
		return nil
	}
	var keys tombstone
	for _, l := range page {
		keys.keys = append(keys.keys, l.key)
	}
	if err := db.destroyOf(keys); err != nil {
		return err
	}
	told, err := db.testify(ctx, mapping.ActionRetention, mapping.ObjectNamed("calls", strconv.Itoa(len(page))), at)
	if err != nil {
		return err
	}
	c := &clearance{page: page, told: told, done: newAnswer()}
	_, err = db.submit(ctx, c, maxRecords, c.done)
	return err
}

// clearance is the change that removes records whose keys are destroyed.
type clearance struct {
	page []lapsed
	told *testimony
	done answer
}

func (c *clearance) apply(t *txn) error {
	for _, l := range c.page {
		if err := t.removeCall(l.call, l.tenant); err != nil {
			return fmt.Errorf("remove call: %w", err)
		}
	}
	return t.hear(c.told)
}

func (c *clearance) settle(err error) {
	c.told.settled(err)
	c.done.give(err)
}

// removeCall removes the record of a call from wherever it is noted.
func (t *txn) removeCall(call mapping.ID, of mapping.Tenant) error {
	for _, b := range []bucket{bucketCDRs, bucketLive} {
		if err := t.remove(b, call[:]); err != nil {
			return err
		}
	}
	return disown(t, bucketOwnCDRs, of, call)
}
