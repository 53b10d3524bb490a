package store

import (
	"context"
	"crypto/cipher"
	"encoding/binary"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"maskd/mapping"
)

// The record of a call of no interaction is sealed under a key of its own, whose
// number stands before it where others have their interaction.

// The record of a stranger's call to an interaction is sealed so too, and names the
// interaction itself: it goes with either of the two.

// ownerOf returns whose key seals the record: the interaction, or what stands in
// its place and tells the number of the call's own key.
func ownerOf(t *txn, c *mapping.CDR, of *attached) (mapping.ID, error) {
	own, has := t.keys.strayKeyOf(of.before, c.Call)
	nobody := has && own.day != own.day.date()
	switch {
	case c.Interaction.IsZero() && has, !c.Interaction.IsZero() && has && !nobody:
		return strayOf(own), nil
	case c.Interaction.IsZero():
		return newStray(t, dayOf(c.Call)|forNobody)
	case has: // the key of what was written before is erased with the interaction's
		if err := t.noteKey(c, own); err != nil {
			return mapping.ID{}, err
		}
	}
	if !of.strange {
		return c.Interaction, nil
	}
	owner, err := newStray(t, dayOf(c.Call))
	if err != nil {
		return owner, err
	}
	return owner, t.noteKey(c, keyOfStray(owner, c.Call))
}

// newStray draws the key of a call's own.
func newStray(t *txn, d day) (mapping.ID, error) {
	leaf, err := t.keys.leaf(d)
	return strayOf(buriedKey{d, leaf}), err
}

// noteKey has a key of a call's own be erased with its interaction.
func (t *txn) noteKey(c *mapping.CDR, own buriedKey) error {
	if err := t.putRecordingRow(c.Interaction, c.Call, own, own.day.key()); err != nil {
		return fmt.Errorf("note key of call: %w", err)
	}
	return nil
}

// strayKey returns the key of a call's own that seals its record now, if one does.
func (k *keyring) strayKey(tx *bolt.Tx, call mapping.ID) (own buriedKey, ok bool) {
	return k.strayKeyOf(bucketCDRs.in(tx).Get(call[:]), call)
}

// strayKeyOf returns the same of the row that the file has.
func (k *keyring) strayKeyOf(row []byte, call mapping.ID) (own buriedKey, ok bool) {
	owner, warrant, _, err := splitOwner(row)
	if err != nil || !isStray(owner) || k.confirm(cdrPlace(call, owner), dayOf(call), warrant) != nil {
		return own, false
	}
	return keyOfStray(owner, call), true
}

// The parts of what stands in the place of an interaction: nothing, day, leaf.
const (
	strayDay  = len(mapping.ID{}) - leafSize - 4
	strayLeaf = len(mapping.ID{}) - leafSize
)

// strayOf is the owner of a call that has this key.
func strayOf(own buriedKey) (owner mapping.ID) {
	binary.BigEndian.PutUint32(owner[strayDay:], uint32(own.day))
	binary.BigEndian.PutUint32(owner[strayLeaf:], own.leaf)
	return owner
}

// isStray tells such an owner from an interaction, whose id begins with a time.
func isStray(owner mapping.ID) bool { return [strayDay]byte(owner[:]) == [strayDay]byte{} }

// keyOfStray returns the key that such an owner tells of. Before schema 4 it did not
// tell the day.
func keyOfStray(owner, call mapping.ID) buriedKey {
	d := day(binary.BigEndian.Uint32(owner[strayDay:]))
	if d == 0 {
		d = dayOf(call)
	}
	return buriedKey{d, binary.BigEndian.Uint32(owner[strayLeaf:])}
}

// cdr returns the key of a call's record.
func (k *keyring) cdr(tx *bolt.Tx, call, owner mapping.ID) (cipher.AEAD, error) {
	if isStray(owner) {
		own := keyOfStray(owner, call)
		return k.sealer(own.day, own.leaf)
	}
	return k.data(tx, owner)
}

// EraseCall erases the record of a call that is sealed under a key of its own: one of
// no interaction, or a stranger's. Those of an interaction's parties go with it. What
// is told of the call later is forgotten too, and who was the last caller by it is so
// no more.
//
// Errors: [mapping.ErrNotFound], [mapping.ErrHeld] if its interaction is under a legal
// hold, [mapping.ErrUnavailable], or that of the context.
func (db *DB) EraseCall(ctx context.Context, call mapping.ID, at time.Time) error {
	c, err := db.CDR(call)
	if err != nil {
		return err
	}
	told, err := db.testify(ctx, mapping.ActionSubjectErase, mapping.ObjectID(mapping.KindCall, call), at)
	if err != nil {
		return err
	}
	e := &callErasure{db: db, call: call, interaction: c.Interaction, tenant: c.Tenant, at: at.Round(0).UTC(), told: told, done: newAnswer()}
	if _, err := db.submit(ctx, e, maxRecords, e.done); err != nil {
		return fmt.Errorf("erase call: %w", err)
	}
	return db.destroyOf(e.stone)
}

// callErasure is the change that leaves a tombstone in place of the record of a call.
type callErasure struct {
	db          *DB
	call        mapping.ID
	interaction mapping.ID // zero: it has none
	tenant      mapping.Tenant
	at          time.Time
	told        *testimony
	done        answer

	// The writer's, and the caller's once done has answered.
	stone tombstone
}

func (e *callErasure) apply(t *txn) error {
	own, ok := t.keys.strayKey(t.Tx, e.call)
	if !ok {
		return mapping.ErrNotFound
	}
	if err := e.release(t, own); err != nil {
		return err
	}
	e.stone = tombstone{at: e.at, keys: []buriedKey{own}}
	if err := t.putTombstone(e.call, &e.stone); err != nil {
		return err
	}
	if err := t.removeCall(e.call, e.tenant); err != nil {
		return err
	}
	return t.tell(&e.told.entry)
}

// release takes the key from the interaction, which must not be held.
func (e *callErasure) release(t *txn, own buriedKey) error {
	if e.interaction.IsZero() {
		return nil
	}
	_, i, err := t.interaction(e.interaction)
	if err == nil && i.Held.Any() {
		err = mapping.ErrHeld
	}
	if err != nil {
		return err
	}
	return t.remove(bucketRecordings, recordingRow(e.interaction, e.call, own.leaf))
}

func (e *callErasure) settle(err error) {
	e.told.settled(err)
	e.done.give(err)
}
