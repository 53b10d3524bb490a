package store

import (
	"time"

	"maskd/mapping"
)

// tell lets a call detail record change its interaction: an answer may move
// its end, the end of so many calls may complete it, and a stranger may be called
// back. It is repeated if the group is: to keep slots for longer is no different the second time.
func (r *recording) tell(t *txn, ended bool) error {
	r.interaction = nil
	if r.cdr.Interaction.IsZero() || r.cdr.AnsweredAt.IsZero() && r.cdr.CallerSide != mapping.SideB {
		return nil
	}
	key, err := r.db.keys.data(t.Tx, r.cdr.Interaction)
	if err != nil {
		return err
	}
	i, err := openInteraction(key, r.cdr.Interaction, bucketInteractions.in(t.Tx).Get(r.cdr.Interaction[:]))
	if err != nil {
		return err
	}
	next, changed := r.after(i, ended)
	if !changed {
		return nil
	}
	r.interaction = &next
	return putInteraction(t, key, &next)
}

// after returns the interaction after what the record tells, and whether that
// has changed it.
func (r *recording) after(i mapping.Interaction, ended bool) (mapping.Interaction, bool) {
	i, called := r.called(i)
	if r.cdr.AnsweredAt.IsZero() {
		return i, called
	}
	alloc := r.db.alloc
	next, moved := i.Answered(r.cdr.AnsweredAt)
	if moved && !alloc.stretch(&next, alloc.slotsOf(&i), r.cdr.AnsweredAt) {
		next, moved = i, false
	}
	if !ended {
		return next, called || moved
	}
	next, counted := next.Ended(r.cdr.EndedAt)
	if counted && !next.CompletedAt.IsZero() && !alloc.opensWindow(&i, alloc.slotsOf(&i), r.cdr.EndedAt) {
		next.CallbackUntil = time.Time{}
	}
	return next, called || moved || counted
}

// publish makes memory what was committed.
func (r *recording) publish() {
	switch i := r.interaction; {
	case i == nil:
	case i.CompletedAt.IsZero():
		r.db.alloc.stretch(i, r.db.alloc.slotsOf(i), r.cdr.AnsweredAt)
	default:
		r.db.alloc.complete(i, r.db.alloc.slotsOf(i), i.CompletedAt)
	}
}
