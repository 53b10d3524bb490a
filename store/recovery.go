package store

import (
	"crypto/cipher"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"maskd/mapping"
)

// interrupt closes the call detail records of the calls that a crash cut, in
// one commit. When such a call ended is unknown and stays so.
func (db *DB) interrupt() error {
	return db.file.Update(func(tx *bolt.Tx) error {
		t := &txn{Tx: tx, keys: db.keys, days: make(map[day]cipher.AEAD)}
		var calls []mapping.ID
		err := bucketLive.in(tx).ForEach(func(call, _ []byte) error {
			calls = append(calls, mapping.ID(call))
			return nil
		})
		if err != nil {
			return err
		}
		for _, call := range calls {
			if err := db.interruptCall(t, call); err != nil {
				return fmt.Errorf("close call detail record: %w", err)
			}
		}
		return nil
	})
}

func (db *DB) interruptCall(t *txn, call mapping.ID) error {
	c, err := db.readCDR(t.Tx, call)
	if err != nil {
		return err
	}
	c.Outcome, c.EndedBy = mapping.OutcomeInterrupted, mapping.EndedByCrash
	return putCDR(t, &c)
}

// rebuild fills the index and the parties' cursors from the records, oldest
// first. Two active interactions with one slot can only come of a clock that
// was turned back; the later one has it.
func (db *DB) rebuild(at time.Time) error {
	positions := make(positions)
	return db.file.View(func(tx *bolt.Tx) error {
		return bucketInteractions.in(tx).ForEach(func(id, _ []byte) error {
			if len(id) != len(mapping.ID{}) {
				return fmt.Errorf("read id: %w", ErrDamaged)
			}
			i, err := db.readInteraction(tx, mapping.ID(id))
			if err != nil {
				return err
			}
			db.alloc.resume(&i, positions.in(db.pools, i.Pool))
			if i.State(at) == mapping.StateActive {
				db.index.publish(db.alloc.slotsOf(&i), newEntry(&i))
			}
			return nil
		})
	})
}

// resume sets the cursors of an interaction's parties behind the DIDs that it
// was given, if its pool still has them.
func (a *allocator) resume(i *mapping.Interaction, position map[mapping.DID]int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, party := range []mapping.Party{i.A, i.B} {
		if p, ok := position[party.DID]; ok && len(party.Numbers) > 0 {
			a.cursors[a.parties.number(i.Pool, party.Numbers[0])] = uint32(p) + 1
		}
	}
}

// positions finds the place of a DID in its pool, for each pool met.
type positions map[string]map[mapping.DID]int

func (p positions) in(pools *mapping.Pools, name string) map[mapping.DID]int {
	if known, ok := p[name]; ok {
		return known
	}
	pool, _ := pools.Named(name)
	found := make(map[mapping.DID]int, len(pool.DIDs))
	for n, did := range pool.DIDs {
		found[did] = n
	}
	p[name] = found
	return found
}
