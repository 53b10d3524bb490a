package store

import (
	"context"
	"errors"
	"time"

	"maskd/mapping"
)

// maxReason bounds the reason of a completion, in bytes.
const maxReason = 256

// Complete ends the interaction: hidden from look-ups at once, then committed,
// then returned. Completing a completed one returns it unchanged. After an
// error it stays hidden, and completing it may be tried again.
//
// One with a callback window is not hidden: it connects until the window ends,
// or until it is completed again.
//
// Errors: [mapping.ErrNotFound], [mapping.InvalidError] (a reason too long),
// [mapping.ErrUnavailable], or that of the context.
func (db *DB) Complete(ctx context.Context, id mapping.ID, reason string, at time.Time) (mapping.Interaction, error) {
	if len(reason) > maxReason {
		return mapping.Interaction{}, &mapping.InvalidError{Field: "reason", Code: "too_long", Reason: "at most 256 bytes"}
	}
	at = at.Round(0).UTC()
	i, err := db.Interaction(id)
	if err != nil {
		return mapping.Interaction{}, err
	}
	told, err := db.testify(ctx, mapping.ActionInteractionComplete, mapping.ObjectID(mapping.KindInteraction, id), at)
	if err != nil {
		return mapping.Interaction{}, err
	}
	c := &completion{db: db, id: id, reason: reason, at: at, told: told, slots: db.alloc.slotsOf(&i), done: newAnswer()}
	c.window = db.alloc.opensWindow(&i, c.slots, at)
	c.hide()
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
	told   *testimony
	slots  []slot
	window bool // the parties may call back: its slots were kept for that
	done   answer

	// The writer's, and the caller's once done has answered.
	result  mapping.Interaction
	changed bool
}

func (c *completion) hide() {
	if !c.window {
		c.db.index.hide(c.slots, c.id)
	}
}

func (c *completion) apply(t *txn) error {
	r, before, err := t.interaction(c.id)
	if err != nil {
		return err
	}
	if err := c.db.recall(t.Tx, &before); err != nil {
		return err
	}
	c.result, c.changed = before.Complete(c.reason, c.at), false
	if before.CompletedAt.IsZero() && !c.window {
		c.result.CallbackUntil = time.Time{}
	}
	if c.result.CompletedAt.Equal(before.CompletedAt) && c.result.CallbackUntil.Equal(before.CallbackUntil) {
		return nil
	}
	c.changed = true
	if err := t.replace(&r, &c.result); err != nil {
		return err
	}
	t.announce(c.result.Told(mapping.EventInteractionCompleted, c.at))
	return t.hear(c.told)
}

// settle frees the slots of a completed interaction, to rest. It hides them
// again if the commit failed: the create may have been published after the
// first time.
func (c *completion) settle(err error) {
	if err == nil {
		if c.changed {
			c.told.settled(nil)
		}
		c.db.alloc.complete(&c.result, c.slots, c.at)
	} else {
		c.hide()
	}
	c.done.give(err)
}

// opensWindow reports whether an interaction that is to be completed gets its
// callback window, and keeps its slots for it.
func (a *allocator) opensWindow(i *mapping.Interaction, slots []slot, at time.Time) bool {
	if i.Life.Callback == 0 || !i.CompletedAt.IsZero() || !i.Holds(at) {
		return false
	}
	completed := i.Complete("", at)
	return a.stretch(&completed, slots, at)
}

// complete releases the slots of a completed interaction, or leaves them to it
// until its callback window ends.
func (a *allocator) complete(i *mapping.Interaction, slots []slot, at time.Time) {
	if i.Holds(at) {
		a.shorten(i, slots)
		return
	}
	a.release(i, slots, i.ConnectsUntil())
}

// inDoubt reports whether nobody knows if the commit was made.
func inDoubt(err error) bool { return errors.Is(err, errInDoubt) }
