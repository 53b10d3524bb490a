package store

import (
	"context"
	"time"

	"maskd/mapping"
)

// Revise changes what the calls of an interaction may do, and returns it,
// durable. It holds for calls to come.
//
// Errors: [mapping.ErrNotFound], [mapping.ErrNotActive], [mapping.InvalidError],
// [mapping.ErrUnavailable], or that of the context.
func (db *DB) Revise(ctx context.Context, id mapping.ID, r mapping.Revision, at time.Time) (mapping.Interaction, error) {
	at = at.Round(0).UTC()
	i, err := db.Interaction(id)
	if err != nil {
		return mapping.Interaction{}, err
	}
	if _, err := i.Revise(r, db.roster.pools().Own, at); err != nil {
		return mapping.Interaction{}, err
	}
	told, err := db.testify(ctx, mapping.ActionInteractionChange, mapping.ObjectID(mapping.KindInteraction, id), at)
	if err != nil {
		return mapping.Interaction{}, err
	}
	return db.amend(ctx, &amendment{db: db, id: id, told: told, done: newAnswer(),
		to: func(i mapping.Interaction) (mapping.Interaction, error) {
			return i.Revise(r, db.roster.pools().Own, at)
		},
		after: func(*mapping.Interaction) {},
	})
}
