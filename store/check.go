package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	bolt "go.etcd.io/bbolt"

	"maskd/mapping"
)

// Check verifies the whole store at the given time: every page of the file,
// that every record unseals, that the index is what the records say, and that
// no two live interactions share a (DID, caller) key. Look-ups go on meanwhile;
// changes wait while the pages are read. Its errors name ids, never numbers.
func (db *DB) Check(ctx context.Context, at time.Time) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s := &snapshot{db: db, at: at, done: newAnswer()}
	// Not to be left: the transaction that the writer opens must be ended.
	if _, err := db.submit(context.WithoutCancel(ctx), s, noLimit, s.done); err != nil {
		return fmt.Errorf("check store: %w", err)
	}
	defer s.tx.Rollback()
	steps := []func(context.Context) error{s.checkInteractions, s.checkOwned, s.checkIndex, s.checkExternal, s.checkRequests, s.checkCDRs, s.checkLive, s.checkBlocks, s.checkOutbox, s.checkErased}
	for _, step := range steps {
		err := guard(func() error { return step(ctx) })
		if err != nil {
			return fmt.Errorf("check store: %w", err)
		}
	}
	return nil
}

// snapshot is the file and the index at one moment between two commits. As a
// change that changes nothing it is taken by the writer.
type snapshot struct {
	db   *DB
	at   time.Time
	done answer

	// The writer's, and the caller's once done has answered.
	tx   *bolt.Tx
	live map[slot]entry
	held map[slot]mapping.ID

	blocks map[digest]mapping.Bar // without those that the file has, once these are checked

	// The caller's.
	owners map[slot]mapping.ID        // of the records that are active
	users  map[mapping.DID]mapping.ID // the last that has each DID
	open   map[mapping.DID]bool       // anybody may call it
}

func (s *snapshot) apply(*txn) error { return nil }

// settle runs between two commits. bbolt can check its pages only there: it
// compares them with a free list that the next commit changes.
func (s *snapshot) settle(err error) {
	if s.tx != nil { // a second transaction would never end
		return
	}
	if err == nil {
		s.tx, err = s.db.file.Begin(false)
	}
	if err == nil {
		if err = s.checkPages(); err != nil {
			_ = s.tx.Rollback()
		}
	}
	if err == nil {
		s.live, s.held = s.db.index.copy()
		s.blocks = s.db.blocks.copy()
	}
	s.done.give(err)
}

// copy returns all that the index says.
func (x *index) copy() (live map[slot]entry, held map[slot]mapping.ID) {
	live, held = make(map[slot]entry), make(map[slot]mapping.ID)
	for i := range x.shards {
		sh := &x.shards[i]
		sh.mu.RLock()
		maps.Copy(live, sh.live)
		maps.Copy(held, sh.held)
		sh.mu.RUnlock()
	}
	return live, held
}

// checkPages lets bbolt check its tree, once it is seen that it can: in bbolt's own
// goroutine a fault would end the process. It reads to the end even after an error, for
// that goroutine ends only then.
func (s *snapshot) checkPages() error {
	if err := verifyPages(s.tx, toLeaves); err != nil {
		return err
	}
	var first error
	for err := range s.tx.Check() {
		if first == nil {
			first = fmt.Errorf("%w: %w", ErrDamaged, err)
		}
	}
	return first
}

// checkInteractions reads every record, and sees that each active one has its
// slots to itself.
func (s *snapshot) checkInteractions(ctx context.Context) error {
	s.owners, s.users, s.open = make(map[slot]mapping.ID), make(map[mapping.DID]mapping.ID), make(map[mapping.DID]bool)
	return s.each(ctx, bucketInteractions, func(id mapping.ID) error {
		i, err := s.db.readInteraction(s.tx, id)
		if err == nil && !s.owns(bucketOwnInteractions, i.Tenant, id) {
			err = fmt.Errorf("%w: its tenant's list does not have it", ErrDamaged)
		}
		if err != nil || !i.Holds(s.at) {
			return err
		}
		for _, sl := range s.db.alloc.slotsOf(&i) {
			if other, taken := s.owners[sl]; taken {
				return fmt.Errorf("%w: it shares a (DID, caller) key with %s", ErrDamaged, other.Text(mapping.KindInteraction))
			}
			s.owners[sl] = id
			if s.live[sl].id != id && s.held[sl] != id {
				return fmt.Errorf("%w: the index does not have it", ErrDamaged)
			}
		}
		return s.checkAlone(&i)
	})
}

// checkAlone sees that a DID that anybody may call is one interaction's only.
func (s *snapshot) checkAlone(i *mapping.Interaction) error {
	for _, did := range []mapping.DID{i.A.DID, i.B.DID} {
		other, used := s.users[did]
		if used && other != i.ID && (s.open[did] || i.Mode == mapping.ModeOpen) {
			return fmt.Errorf("%w: it shares a DID that anybody may call with %s", ErrDamaged, other.Text(mapping.KindInteraction))
		}
		s.users[did], s.open[did] = i.ID, s.open[did] || i.Mode == mapping.ModeOpen
	}
	return nil
}

// checkIndex sees that the index knows no interaction but the active ones.
func (s *snapshot) checkIndex(context.Context) error {
	for sl, e := range s.live {
		if !e.expired(s.at.Add(time.Second)) && s.owners[sl] != e.id && !s.over(e.id) {
			return fmt.Errorf("%s: %w: the index has it, the records don't", e.id.Text(mapping.KindInteraction), ErrDamaged)
		}
	}
	return nil
}

// over reports whether the record has expired, or its key is destroyed. The
// index may keep its slots longer, after an extension that was not committed: it
// errs on the safe side.
func (s *snapshot) over(id mapping.ID) bool {
	i, err := s.db.readInteraction(s.tx, id)
	return err == nil && i.State(s.at) == mapping.StateExpired || errors.Is(err, errDestroyed)
}

// checkExternal sees that every external id leads to the interaction of that name.
func (s *snapshot) checkExternal(ctx context.Context) error {
	return bucketExternal.in(s.tx).ForEach(func(key, id []byte) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if len(id) != len(mapping.ID{}) {
			return fmt.Errorf("%w: an external id leads to no id", ErrDamaged)
		}
		i, err := s.db.readInteraction(s.tx, mapping.ID(id))
		if errors.Is(err, errDestroyed) {
			return nil
		}
		if err != nil {
			return err
		}
		if want := s.db.keys.names.of(i.Tenant).external.text(i.ExternalID); string(want[:]) != string(key) {
			return fmt.Errorf("%s: %w: another external id leads to it", i.ID.Text(mapping.KindInteraction), ErrDamaged)
		}
		return nil
	})
}

// checkCDRs reads every call detail record.
func (s *snapshot) checkCDRs(ctx context.Context) error {
	return s.each(ctx, bucketCDRs, func(call mapping.ID) error {
		c, err := s.db.readCDR(s.tx, call)
		if err != nil {
			return err
		}
		if !s.owns(bucketOwnCDRs, c.Tenant, call) {
			return fmt.Errorf("%w: its tenant's list does not have it", ErrDamaged)
		}
		if live := bucketLive.in(s.tx).Get(call[:]) != nil; live != (c.Outcome == mapping.OutcomeLive) {
			return fmt.Errorf("%w: its record and the list of live calls disagree", ErrDamaged)
		}
		return nil
	})
}

// checkErased sees that every tombstone, and every key that is to go with an interaction,
// is one of ours: they are destroyed at their word.
func (s *snapshot) checkErased(ctx context.Context) error {
	err := s.each(ctx, bucketTombstones, func(id mapping.ID) error {
		_, err := s.db.keys.readTombstone(s.tx, id)
		return err
	})
	if err != nil {
		return err
	}
	return bucketRecordings.in(s.tx).ForEach(func(row, value []byte) error {
		if _, err := s.db.keys.recordingKey(row, value); err != nil {
			return fmt.Errorf("bucket %s: %w", bucketRecordings, err)
		}
		return ctx.Err()
	})
}

// checkLive sees that every live call has a record.
func (s *snapshot) checkLive(ctx context.Context) error {
	return s.each(ctx, bucketLive, func(call mapping.ID) error {
		if bucketCDRs.in(s.tx).Get(call[:]) == nil {
			return fmt.Errorf("%w: a live call has no record", ErrDamaged)
		}
		return nil
	})
}

// each visits every id of a bucket, and names the one that an error is about.
func (s *snapshot) each(ctx context.Context, b bucket, visit func(mapping.ID) error) error {
	kind := mapping.KindCall
	switch b {
	case bucketInteractions, bucketTombstones:
		kind = mapping.KindInteraction
	case bucketBlocks:
		kind = mapping.KindBlock
	}
	return b.in(s.tx).ForEach(func(key, _ []byte) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if len(key) != len(mapping.ID{}) {
			return fmt.Errorf("%w: bucket %s has a key that is no id", ErrDamaged, b)
		}
		err := visit(mapping.ID(key))
		if err != nil && !errors.Is(err, errDestroyed) {
			if errors.Is(err, mapping.ErrNotFound) {
				err = ErrDamaged
			}
			return fmt.Errorf("%s: %w", mapping.ID(key).Text(kind), err)
		}
		return nil
	})
}
