package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"maskd/mapping"
)

// Erase forgets an interaction for good: its parties' numbers, the details of its
// calls, its recordings. What is left is a tombstone, and an entry of the audit
// log. It hides first, then commits the tombstone, then destroys the keys, then
// returns: from then on no file that there is, was or will be of this store gives
// any of it back, but for copies of the file of keys.
//
// Its calls must have ended. Erasing it again does no harm, and makes good an
// erasure that failed half-way.
//
// Errors: [mapping.ErrNotFound], [mapping.ErrHeld], [mapping.ErrUnavailable], or
// that of the context.
func (db *DB) Erase(ctx context.Context, id mapping.ID, at time.Time) (mapping.Tombstone, error) {
	return db.erase(ctx, id, mapping.ActionInteractionErase, at)
}

func (db *DB) erase(ctx context.Context, id mapping.ID, why mapping.Action, at time.Time) (mapping.Tombstone, error) {
	at = at.Round(0).UTC()
	i, err := db.Interaction(id)
	if errors.Is(err, mapping.ErrNotFound) {
		return db.eraseAgain(id)
	}
	if err != nil {
		return mapping.Tombstone{}, err
	}
	if i.Held.Any() {
		return mapping.Tombstone{}, mapping.ErrHeld
	}
	told, err := db.testify(ctx, why, mapping.ObjectID(mapping.KindInteraction, id), at)
	if err != nil {
		return mapping.Tombstone{}, err
	}
	slots := db.alloc.slotsOf(&i)
	db.index.hide(slots, id)
	e := &erasure{db: db, was: i, slots: slots, at: at, told: told, done: newAnswer()}
	switch _, err := db.submit(ctx, e, maxRecords, e.done); {
	case errors.Is(err, mapping.ErrNotFound): // somebody else erases it, in a commit that goes on
		if err := db.Flush(ctx); err != nil {
			return mapping.Tombstone{}, err
		}
		return db.eraseAgain(id)
	case err != nil:
		return mapping.Tombstone{}, err
	}
	return mapping.Tombstone{Interaction: id, ErasedAt: at}, db.destroyOf(e.stone)
}

// eraseAgain destroys what a tombstone says is to be destroyed.
func (db *DB) eraseAgain(id mapping.ID) (t mapping.Tombstone, err error) {
	var stone tombstone
	err = db.file.View(func(tx *bolt.Tx) error {
		stone, err = db.keys.readTombstone(tx, id)
		return err
	})
	if err != nil {
		return t, err
	}
	return mapping.Tombstone{Interaction: id, ErasedAt: stone.at}, db.destroyOf(stone)
}

// Tombstone returns that of an erased interaction, or [mapping.ErrNotFound].
func (db *DB) Tombstone(id mapping.ID) (t mapping.Tombstone, err error) {
	err = db.file.View(func(tx *bolt.Tx) error {
		stone, err := db.keys.readTombstone(tx, id)
		t = mapping.Tombstone{Interaction: id, ErasedAt: stone.at}
		return err
	})
	return t, err
}

// erasure is the change that leaves a tombstone in place of an interaction.
type erasure struct {
	db    *DB
	was   mapping.Interaction // before it
	slots []slot
	at    time.Time
	told  *testimony
	done  answer

	// The writer's, and the caller's once done has answered.
	stone tombstone
}

func (e *erasure) apply(t *txn) error {
	r, i, err := t.interaction(e.was.ID)
	if err != nil {
		return err
	}
	if i.Held.Any() { // since it was looked at
		return mapping.ErrHeld
	}
	e.stone = tombstone{at: e.at, keys: []buriedKey{r.title.of(e.was.ID)}}
	recorded, err := t.keys.recordingKeys(t.Tx, e.was.ID)
	if err != nil {
		return err
	}
	for _, k := range recorded {
		e.stone.keys = append(e.stone.keys, k.buriedKey)
	}
	if err := t.putTombstone(e.was.ID, &e.stone); err != nil {
		return err
	}
	if err := e.clear(t); err != nil {
		return fmt.Errorf("remove interaction: %w", err)
	}
	t.announce(i.Told(mapping.EventInteractionErased, e.at))
	return t.tell(&e.told.entry)
}

// clear removes what names the interaction. The records of its calls stay, which
// nobody can read without its key.
func (e *erasure) clear(t *txn) error {
	if e.was.ExternalID != "" {
		key := e.db.keys.names.of(e.was.Tenant).external.text(e.was.ExternalID)
		if string(bucketExternal.in(t.Tx).Get(key[:])) == string(e.was.ID[:]) {
			if err := t.remove(bucketExternal, key[:]); err != nil {
				return err
			}
		}
	}
	if err := disown(t, bucketOwnInteractions, e.was.Tenant, e.was.ID); err != nil {
		return err
	}
	for _, k := range recordingRows(t.Tx, e.was.ID) {
		if err := t.remove(bucketRecordings, k); err != nil {
			return err
		}
	}
	return t.remove(bucketInteractions, e.was.ID[:])
}

// settle frees the slots of what is erased, to rest; whoever asked for it may be gone.
func (e *erasure) settle(err error) {
	if err == nil {
		e.db.alloc.release(&e.was, e.slots, e.at)
	}
	e.told.settled(err)
	e.done.give(err)
}

// destroyOf destroys the keys of tombstones, durably.
func (db *DB) destroyOf(stones ...tombstone) error {
	leaves := make(map[day][]uint32)
	for _, s := range stones {
		for _, k := range s.keys {
			if _, err := db.keys.secret(k.day, k.leaf); err == nil {
				leaves[k.day] = append(leaves[k.day], k.leaf)
			}
		}
	}
	if len(leaves) == 0 {
		return nil
	}
	if err := db.keys.destroy(leaves); err != nil {
		return fmt.Errorf("destroy keys: %w", err)
	}
	return nil
}
