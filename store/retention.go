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
// looked at or the context is done. It returns how much that was. What can't be read
// or erased keeps nothing else: that is erased all the same, and then it is said.
func (db *DB) Retain(ctx context.Context, r mapping.Retention, at time.Time) (f mapping.Forgotten, err error) {
	at = at.Round(0).UTC()
	err = failedTo("forget requests", db.forgetRequests(ctx, at))
	if r.Interactions > 0 {
		old := &outworn{db: db, keep: r, at: at}
		err = errors.Join(err, failedTo("erase interactions that are kept too long", old.erase(ctx)))
		f.Interactions = old.erased
	}
	if r.CDRs > 0 {
		var failed error
		f.Calls, failed = db.retainStrays(ctx, dayAt(at.Add(-r.CDRs)), at)
		err = errors.Join(err, failedTo("erase calls that are kept too long", failed))
	}
	if r.Audit > 0 {
		var failed error
		f.Entries, failed = db.prune(ctx, dayAt(at.Add(-r.Audit)), at)
		err = errors.Join(err, failedTo("prune audit log", failed))
	}
	return f, err
}

func failedTo(step string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", step, err)
}

// outworn goes through the interactions and erases those that are kept too long.
type outworn struct {
	db   *DB
	keep mapping.Retention
	at   time.Time

	after   mapping.ID // where the next page begins
	erased  int
	damaged error // the first that can't be read
}

func (a *outworn) erase(ctx context.Context) error {
	for more := true; more; {
		var overdue []mapping.ID
		var err error
		if overdue, more, err = a.page(); err != nil {
			return err
		}
		for _, id := range overdue {
			switch _, err := a.db.erase(ctx, id, mapping.ActionRetention, a.at); {
			case errors.Is(err, mapping.ErrHeld): // since it was looked at
			case err != nil && !a.passes(err):
				return err
			case err == nil:
				a.erased++
			}
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return a.damaged
}

// passes reports whether an error is one record's alone, and keeps it.
func (a *outworn) passes(err error) bool {
	if !errors.Is(err, ErrDamaged) || errors.Is(err, mapping.ErrUnavailable) {
		return false
	}
	if a.damaged == nil {
		a.damaged = err
	}
	return true
}

// page returns those of a page that are kept too long. What is younger than the
// retention can't be, nor can what comes after.
func (a *outworn) page() (ids []mapping.ID, more bool, err error) {
	from := a.after
	err = a.db.file.View(func(tx *bolt.Tx) error {
		return each(tx, bucketInteractions, from, retained, func(id mapping.ID) error {
			if more = a.at.Sub(id.Time()) > a.keep.Interactions; !more {
				return nil
			}
			a.after = id
			overdue, err := a.overdue(tx, id)
			if overdue {
				ids = append(ids, id)
			}
			if errors.Is(err, errDestroyed) || err != nil && a.passes(err) {
				return nil
			}
			return err
		})
	})
	return ids, more && a.after != from, err
}

func (a *outworn) overdue(tx *bolt.Tx, id mapping.ID) (overdue bool, err error) {
	err = guard(func() error {
		i, err := a.db.readInteraction(tx, id)
		overdue = err == nil && a.keep.Overdue(&i, a.db.rest(&i), a.at)
		return err
	})
	return overdue, err
}

// rest is for how long an interaction's DIDs rest after its end.
func (db *DB) rest(i *mapping.Interaction) time.Duration {
	pool, _ := db.roster.pools().Named(i.Pool)
	return pool.CoolDown
}
