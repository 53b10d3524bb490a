package store

import (
	"crypto/cipher"
	"time"

	"maskd/mapping"
)

// attached is what the file has of a call, and its interaction, if anybody has to look at that.
type attached struct {
	before []byte             // its record; nil: none
	lives  bool               // that is not its last
	told   mapping.Milestones // of it, if it lives

	is      bool // somebody has to look
	record  record
	strange bool // it is a call of somebody who is no party

	heeds       bool // what becomes of the call may change the interaction
	interaction mapping.Interaction
}

// attach finds what the file has of a call. It is there until the next one's is.
func (t *txn) attach(call *mapping.ID) *attached {
	of := &t.desk().of
	*of = attached{before: t.get(bucketCDRs, call[:])}
	row := t.get(bucketLive, call[:])
	if of.lives = row != nil; len(row) > 0 {
		of.told = mapping.Milestones(row[0])
	}
	return of
}

// open reads the interaction if the record may change it, or is the first of its call:
// whether that is a stranger's is not known yet.
func (r *recording) open(t *txn, of *attached) error {
	own, stray := r.db.keys.strayKeyOf(of.before, r.cdr.Call)
	first := of.before == nil || stray && own.day != own.day.date()
	if r.cdr.Interaction.IsZero() || !first && r.cdr.AnsweredAt.IsZero() && r.cdr.CallerSide != mapping.SideB {
		return nil
	}
	return of.look(t, &r.cdr)
}

// look reads as much of the interaction as there is need: of most the outline.
func (o *attached) look(t *txn, c *mapping.CDR) error {
	v := t.view()
	r, err := v.read(t.keys, c.Interaction)
	if err != nil {
		return err
	}
	defer v.close(r)
	outline, err := r.outlined()
	if err == nil {
		err = damaged(outline.identify())
	}
	if err != nil {
		return err
	}
	o.is, o.record, o.strange, o.heeds = true, r.record, outline.interaction.Strange(c), outline.interaction.HeedsCalls()
	if o.heeds {
		o.interaction, err = r.interaction()
	}
	return err
}

// key returns the key of a call's record: that of its interaction, which is at hand if
// that was looked at, or of what stands in its place.
func (o *attached) key(t *txn, call, owner mapping.ID) (cipher.AEAD, error) {
	if o.is && owner == o.record.id {
		return o.record.key, nil
	}
	return t.keys.cdr(t.Tx, call, owner)
}

// tell lets a call detail record change its interaction: an answer may move
// its end, the end of so many calls may complete it, and a stranger may be called
// back. It is repeated if the group is: to keep slots for longer is no different the second time.
func (r *recording) tell(t *txn, of *attached, ended bool) error {
	r.interaction = nil
	if !of.heeds || r.cdr.AnsweredAt.IsZero() && r.cdr.CallerSide != mapping.SideB {
		return nil
	}
	next, changed := r.after(of.interaction, ended)
	if !changed {
		return nil
	}
	made := next // on the heap only if there is need
	r.interaction = &made
	r.announce(t, &of.interaction, &made)
	return t.replace(&of.record, &made)
}

// announce tells what a call has made of its interaction.
func (r *recording) announce(t *txn, before, next *mapping.Interaction) {
	if next.ExpiresAt.After(before.ExpiresAt) {
		t.announce(next.Told(mapping.EventInteractionExtended, r.cdr.AnsweredAt))
	}
	if before.CompletedAt.IsZero() && !next.CompletedAt.IsZero() {
		t.announce(next.Told(mapping.EventInteractionCompleted, next.CompletedAt))
	}
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
	next, counted := next.Ended(r.cdr.CallerSide, r.cdr.EndedAt)
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
