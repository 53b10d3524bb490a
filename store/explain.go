package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"maskd/mapping"
)

// maxSearch is how many of the latest interactions are read in search of one
// that is over: about half a second, for an operator who asks why.
const maxSearch = 100_000

// Explain is [DB.Resolve] for people: the same decision, and what is known
// that bears on it. It changes nothing. A refused key is looked for among the
// latest interactions, which takes time: it is no part of a call.
func (db *DB) Explain(ctx context.Context, did mapping.DID, caller mapping.Number, at time.Time) (mapping.Evidence, error) {
	e := mapping.Evidence{DID: did, At: at}
	if pool, ok := db.roster.pools().Holding(did); ok {
		e.Pool = pool.Name
	}
	e.Route, e.Refusal = db.Resolve(did, caller, at)
	if e.Refusal.OfStranger() {
		e.Unknown = db.Unknown(did, caller) != nil
	}
	_, e.Asks = db.AsksExtension(did)
	if e.Refusal.OfStranger() && !e.Asks {
		elsewhere, _ := db.Redirects(did, caller)
		e.Redirect = elsewhere.Target
	}
	found, ok := db.find(did, caller)
	switch {
	case e.Refusal == 0:
		return e, db.cite(&e, e.Route.Interaction)
	case e.Refusal != mapping.RefusalUnknown && ok:
		err := db.cite(&e, found.id)
		db.foresee(&e, caller)
		return e, err
	case e.Refusal == mapping.RefusalUnknown && e.Pool != "":
		return e, db.search(ctx, &e, caller)
	default:
		return e, nil
	}
}

// cite puts an interaction into the evidence. One that can't be read is none:
// the decision says so.
func (db *DB) cite(e *mapping.Evidence, id mapping.ID) error {
	i, err := db.Interaction(id)
	if errors.Is(err, mapping.ErrNotFound) || errors.Is(err, ErrDamaged) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("explain: %w", err)
	}
	e.Interaction = &i
	return nil
}

// foresee tells when a party that may not be reached may be next.
func (db *DB) foresee(e *mapping.Evidence, caller mapping.Number) {
	i := e.Interaction
	if e.Refusal != mapping.RefusalOutsideHours || i == nil {
		return
	}
	target := i.Party(i.SideOf(e.DID, caller).Other())
	e.OpensAt, _ = target.Opens(e.At, i.ConnectsUntil(), db.clocks.almanac())
}

// search looks for the last interaction that had the key, backwards from the
// latest, a page in each read transaction.
func (db *DB) search(ctx context.Context, e *mapping.Evidence, caller mapping.Number) error {
	var before mapping.ID
	for i := range before {
		before[i] = 0xff
	}
	for range maxSearch / maxPage {
		if err := ctx.Err(); err != nil {
			return err
		}
		var more bool
		err := db.file.View(func(tx *bolt.Tx) (err error) {
			before, more, err = db.searchPage(tx, e, caller, before)
			return err
		})
		if err != nil {
			return fmt.Errorf("explain: %w", err)
		}
		if e.Interaction != nil || !more {
			return nil
		}
	}
	e.Partial = true
	return nil
}

// searchPage reads the page before the given id, and returns the id that the
// next is before.
func (db *DB) searchPage(tx *bolt.Tx, e *mapping.Evidence, caller mapping.Number, before mapping.ID) (last mapping.ID, more bool, err error) {
	cursor := bucketInteractions.in(tx).Cursor()
	key, _ := cursor.Seek(before[:])
	if key == nil {
		key, _ = cursor.Last()
	} else {
		key, _ = cursor.Prev()
	}
	for left := maxPage; key != nil && left > 0; left-- {
		last = mapping.ID(key)
		i, err := db.readInteraction(tx, last)
		if err != nil {
			return last, false, err
		}
		if i.SideOf(e.DID, caller) != 0 {
			e.Interaction = &i
			return last, false, nil
		}
		key, _ = cursor.Prev()
	}
	return last, key != nil, nil
}
