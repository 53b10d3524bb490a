package store

import (
	"context"
	"fmt"
	"time"

	"maskd/mapping"
)

// maxReason bounds the reason of a completion, in bytes.
const maxReason = 256

// Complete ends the interaction: hidden from look-ups at once, then committed,
// then returned. Completing a completed one returns it unchanged. After an
// error it stays hidden, and completing it may be tried again.
//
// Errors: [mapping.ErrNotFound], [mapping.InvalidError] (a reason too long),
// [mapping.ErrUnavailable], or that of the context.
func (db *DB) Complete(ctx context.Context, id mapping.ID, reason string, at time.Time) (mapping.Interaction, error) {
	if len(reason) > maxReason {
		return mapping.Interaction{}, &mapping.InvalidError{Field: "reason", Code: "too_long", Reason: "at most 256 bytes"}
	}
	i, err := db.Interaction(id)
	if err != nil {
		return mapping.Interaction{}, err
	}
	c := &completion{db: db, id: id, reason: reason, at: at.Round(0).UTC(), slots: db.alloc.slotsOf(&i), done: newAnswer()}
	db.index.hide(c.slots, id)
	if _, err := db.submit(ctx, c, maxRecords, c.done); err != nil {
		return mapping.Interaction{}, err
	}
	return c.result, nil
}

// completion is the change that completes an interaction.
type completion struct {
	db     *DB
	id     mapping.ID
	reason string
	at     time.Time
	slots  []slot
	done   answer

	// The writer's, and the caller's once done has answered.
	result mapping.Interaction
}

func (c *completion) apply(t *txn) error {
	key, err := c.db.keys.data(t.Tx, c.id)
	if err != nil {
		return err
	}
	c.result, err = openInteraction(key, c.id, bucketInteractions.in(t.Tx).Get(c.id[:]))
	if err != nil || !c.result.CompletedAt.IsZero() {
		return err
	}
	c.result.CompletedAt, c.result.Reason = c.at, c.reason
	sealed := place{bucketInteractions, c.id[:]}.seal(key, encodeInteraction(&c.result))
	if err := t.put(bucketInteractions, c.id[:], sealed); err != nil {
		return fmt.Errorf("put interaction: %w", err)
	}
	return nil
}

// settle frees the slots of a completed interaction, to rest. It hides them again if the
// commit failed: the create may have been published after the first time.
func (c *completion) settle(err error) {
	if err == nil {
		c.db.alloc.release(&c.result, c.slots, c.result.CompletedAt)
	} else {
		c.db.index.hide(c.slots, c.id)
	}
	c.done <- err
}
