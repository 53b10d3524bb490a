package store

import (
	"context"
	"time"

	"maskd/mapping"
)

// Extend gives an interaction a later end and returns it, durable. An end that
// was given by ttl counts from now.
//
// Errors: [mapping.ErrNotFound], [mapping.ErrNotActive], [mapping.InvalidError],
// [mapping.ErrUnavailable], or that of the context.
func (db *DB) Extend(ctx context.Context, id mapping.ID, e mapping.Extension, at time.Time) (mapping.Interaction, error) {
	at = at.Round(0).UTC()
	i, err := db.Interaction(id)
	if err != nil {
		return mapping.Interaction{}, err
	}
	later, err := i.Extend(e, at)
	if err != nil {
		return mapping.Interaction{}, err
	}
	// Memory first: between the commit and the old end nobody else may be given
	// the DIDs. Calls go by the record, so that it does no harm to keep them.
	slots := db.alloc.slotsOf(&i)
	if !db.alloc.stretch(&later, slots, at) {
		return mapping.Interaction{}, mapping.ErrNotActive
	}
	told, err := db.testify(ctx, mapping.ActionInteractionExtend, mapping.ObjectID(mapping.KindInteraction, id), at)
	if err != nil {
		return mapping.Interaction{}, err
	}
	return db.amend(ctx, &amendment{db: db, id: id, told: told, done: newAnswer(), event: mapping.EventInteractionExtended, at: at,
		to:    func(i mapping.Interaction) (mapping.Interaction, error) { return i.Extend(e, at) },
		after: func(i *mapping.Interaction) { db.alloc.stretch(i, slots, at) },
	})
}

// Reopen makes a completed or expired interaction active again, with the DIDs
// that it had, for as long as these rest; it returns it, durable. One that is
// active is returned as it is.
//
// Errors: [mapping.ErrNotFound], [mapping.ErrTooLate], [mapping.ErrTaken],
// [mapping.QuotaError], [mapping.InvalidError], [mapping.ErrUnavailable], or that of the context.
func (db *DB) Reopen(ctx context.Context, id mapping.ID, e mapping.Extension, at time.Time) (mapping.Interaction, error) {
	at = at.Round(0).UTC()
	i, err := db.Interaction(id)
	if err != nil {
		return mapping.Interaction{}, err
	}
	pool, _ := db.roster.pools().Named(i.Pool)
	again, err := i.Reopen(e, pool.CoolDown, at)
	if err != nil {
		return mapping.Interaction{}, err
	}
	if i.CompletedAt.IsZero() && again.ExpiresAt.Equal(i.ExpiresAt) { // it is active
		return i, db.Flush(ctx)
	}
	told, err := db.testify(ctx, mapping.ActionInteractionReopen, mapping.ObjectID(mapping.KindInteraction, id), at)
	if err != nil {
		return mapping.Interaction{}, err
	}
	slots := db.alloc.slotsOf(&i)
	if err := db.alloc.reclaim(&again, slots, &pool, at); err != nil {
		return mapping.Interaction{}, err
	}
	return db.amend(ctx, &amendment{db: db, id: id, told: told, done: newAnswer(), event: mapping.EventInteractionReopened, at: at,
		to:    func(i mapping.Interaction) (mapping.Interaction, error) { return i.Reopen(e, pool.CoolDown, at) },
		after: func(i *mapping.Interaction) { db.index.publish(slots, newEntry(i)) },
		undo:  func() { db.alloc.yield(&i, slots) },
	})
}

// amendment is the change that replaces an interaction's record by what
// becomes of it.
type amendment struct {
	db    *DB
	id    mapping.ID
	to    func(mapping.Interaction) (mapping.Interaction, error)
	after func(*mapping.Interaction) // what memory makes of it, once it is committed
	undo  func()                     // gives back what was held for it; nil: nothing was
	told  *testimony
	event mapping.EventType // that tells of it; zero: none does
	at    time.Time
	done  answer

	// The writer's, and the caller's once done has answered.
	result mapping.Interaction
}

func (db *DB) amend(ctx context.Context, a *amendment) (mapping.Interaction, error) {
	queued, err := db.submit(ctx, a, maxCreates, a.done)
	if !queued {
		a.abandon()
	}
	if err != nil {
		return mapping.Interaction{}, err
	}
	return a.result, nil
}

func (a *amendment) apply(t *txn) error {
	r, i, err := t.interaction(a.id)
	if err != nil {
		return err
	}
	if a.result, err = a.to(i); err != nil {
		return err
	}
	if err := t.replace(&r, &a.result); err != nil {
		return err
	}
	if err := a.db.recall(t.Tx, &a.result); err != nil {
		return err
	}
	if a.event != 0 {
		t.announce(a.result.Told(a.event, a.at))
	}
	return t.hear(a.told)
}

// settle publishes what came of it. What is in doubt stays held.
func (a *amendment) settle(err error) {
	switch {
	case err == nil:
		a.after(&a.result)
	case !inDoubt(err):
		a.abandon()
	}
	a.told.settled(err)
	a.done.give(err)
}

func (a *amendment) abandon() {
	if a.undo != nil {
		a.undo()
	}
}
