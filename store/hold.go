package store

import (
	"context"
	"time"

	"maskd/mapping"
)

// Hold puts an interaction under a legal hold, and returns it, durable. Errors:
// [mapping.ErrNotFound], [mapping.ErrUnavailable], or that of the context.
func (db *DB) Hold(ctx context.Context, id mapping.ID, by mapping.LegalHold, at time.Time) (mapping.Interaction, error) {
	return db.holdLegally(ctx, id, at, func(i mapping.Interaction) (mapping.Interaction, error) { return i.Hold(by), nil })
}

// Release ends a legal hold of one who holds. Errors: those of [DB.Hold], and
// [mapping.ErrHeldByHouse].
func (db *DB) Release(ctx context.Context, id mapping.ID, by mapping.LegalHold, at time.Time) (mapping.Interaction, error) {
	return db.holdLegally(ctx, id, at, func(i mapping.Interaction) (mapping.Interaction, error) { return i.Release(by) })
}

func (db *DB) holdLegally(ctx context.Context, id mapping.ID, at time.Time, to func(mapping.Interaction) (mapping.Interaction, error)) (mapping.Interaction, error) {
	if _, err := db.Interaction(id); err != nil {
		return mapping.Interaction{}, err
	}
	told, err := db.testify(ctx, mapping.ActionLegalHold, mapping.ObjectID(mapping.KindInteraction, id), at)
	if err != nil {
		return mapping.Interaction{}, err
	}
	return db.amend(ctx, &amendment{db: db, id: id, told: told, done: newAnswer(), to: to, after: func(*mapping.Interaction) {}})
}
