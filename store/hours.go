package store

import (
	"context"
	"time"

	"maskd/mapping"
)

// SetHours changes when the parties of an interaction may be reached, and returns
// it, durable. A call that is up goes on.
//
// Errors: [mapping.ErrNotFound], [mapping.InvalidError],
// [mapping.ErrUnavailable], or that of the context.
func (db *DB) SetHours(ctx context.Context, id mapping.ID, change mapping.HoursChange, at time.Time) (mapping.Interaction, error) {
	if err := change.Check(db.clocks.almanac()); err != nil {
		return mapping.Interaction{}, err
	}
	if _, err := db.Interaction(id); err != nil {
		return mapping.Interaction{}, err
	}
	at = at.Round(0).UTC()
	return db.amend(ctx, &amendment{db: db, id: id, done: newAnswer(),
		to:    func(i mapping.Interaction) (mapping.Interaction, error) { return i.WithHours(change, at) },
		after: func(*mapping.Interaction) {},
	})
}
