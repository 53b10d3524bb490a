package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"maskd/mapping"
)

// EventRange returns the number of a tenant's oldest event that is kept, and that of
// the first to come.
func (db *DB) EventRange(of mapping.Tenant) (oldest, next uint64, err error) {
	next = db.outbox.nextOf(of)
	err = db.file.View(func(tx *bolt.Tx) error {
		oldest = next
		if key, _ := bucketOutbox.in(tx).Cursor().Seek(ownedPrefix(of)); bytes.HasPrefix(key, ownedPrefix(of)) {
			_, oldest, err = splitOutboxKey(key)
		}
		return err
	})
	return oldest, next, err
}

// EventsPosted returns a channel that is closed when more events of the tenant are
// committed than there are now.
func (db *DB) EventsPosted(of mapping.Tenant) <-chan struct{} { return db.outbox.stir(of) }

// Events returns a tenant's events after the one of that number, in their order, all
// of them durable. The limit is at least 1 and at most 1001.
//
// Errors: [mapping.ErrForgotten] if the next one is not kept any more, or an
// [mapping.InvalidError] if that number was not given out yet.
func (db *DB) Events(of mapping.Tenant, after uint64, limit int) (page []mapping.Event, err error) {
	next := db.outbox.nextOf(of) // before the file is looked at: it has all of these
	if after >= next {
		return nil, &mapping.InvalidError{Field: "after", Code: "out_of_range", Reason: "there is no event of that number yet"}
	}
	if after+1 == next {
		return nil, nil
	}
	limit = min(max(limit, 1), maxPage)
	err = db.file.View(func(tx *bolt.Tx) error {
		cursor, prefix := bucketOutbox.in(tx).Cursor(), ownedPrefix(of)
		key, row := seekEvent(cursor, of, after+1)
		for ; bytes.HasPrefix(key, prefix) && len(page) < limit; key, row = cursor.Next() {
			events, err := db.outbox.open(key, row)
			if errors.Is(err, errDestroyed) {
				return nil // an older copy of the store was put back
			}
			if err != nil {
				return err
			}
			for _, e := range events {
				if e.Seq > after && e.Seq < next && len(page) < limit {
					page = append(page, e)
				}
			}
		}
		return nil
	})
	if err == nil && (len(page) == 0 || page[0].Seq != after+1) {
		err = mapping.ErrForgotten
	}
	if err != nil {
		return nil, fmt.Errorf("list events: %w", err)
	}
	return page, nil
}

// seekEvent finds the row that an event is in, or else the first behind it.
func seekEvent(cursor *bolt.Cursor, of mapping.Tenant, seq uint64) (key, row []byte) {
	from := outboxKey(of, seq)
	key, row = cursor.Seek(from)
	if bytes.Equal(key, from) {
		return key, row
	}
	before, held := cursor.Prev()
	if key == nil {
		before, held = cursor.Last()
	}
	if bytes.HasPrefix(before, ownedPrefix(of)) {
		return before, held
	}
	return cursor.Seek(from)
}

// agedAtOnce is how many rows of events are looked at in one commit.
const agedAtOnce = 200

// RetainEvents removes events that are older than they are kept, until there are none
// or the context is done; zero keeps them for ever. It returns how many it removed.
func (db *DB) RetainEvents(ctx context.Context, keep time.Duration, at time.Time) (removed int, err error) {
	if keep == 0 {
		return 0, nil
	}
	for {
		a := &ageing{db: db, before: at.Add(-keep), done: newAnswer()}
		if _, err := db.submit(ctx, a, maxRecords, a.done); err != nil {
			return removed, fmt.Errorf("remove old events: %w", err)
		}
		removed += a.removed
		if a.rows < agedAtOnce {
			break
		}
	}
	if err := db.outbox.destroy(dayAt(at.Add(-keep))); err != nil {
		return removed, fmt.Errorf("remove old events: %w", err)
	}
	return removed, nil
}

// ageing is the change that removes old events.
type ageing struct {
	db     *DB
	before time.Time
	done   answer

	// The writer's, and the caller's once done has answered.
	rows, removed int
}

func (a *ageing) apply(t *txn) error {
	a.rows, a.removed = 0, 0
	var gone [][]byte
	last := make(map[mapping.Tenant]uint64) // that is gone
	cursor := bucketOutbox.in(t.Tx).Cursor()
	for key, row := cursor.First(); key != nil && a.rows < agedAtOnce; {
		tenant, first, err := splitOutboxKey(key)
		if err != nil {
			return err
		}
		r, err := readOutboxRow(row)
		if err != nil {
			return err
		}
		old, err := a.isOld(key, row)
		if err != nil {
			return err
		}
		if r.count == 0 || !old { // nor is what comes after
			key, row = cursor.Seek(append([]byte(tenant), 1))
			continue
		}
		a.rows++
		a.removed += int(r.count)
		gone, last[tenant] = append(gone, bytes.Clone(key)), first+uint64(r.count)
		key, row = cursor.Next()
	}
	return a.remove(t, gone, last)
}

// isOld reports whether all events of a row are too old, or nobody can read them.
func (a *ageing) isOld(key, row []byte) (bool, error) {
	events, err := a.db.outbox.open(key, row)
	if errors.Is(err, errDestroyed) {
		return true, nil
	}
	for n := range events {
		if !events[n].At.Before(a.before) {
			return false, err
		}
	}
	return true, err
}

// remove takes rows out. Where that is all of a tenant's, an empty row stays: its
// sequence goes on.
func (a *ageing) remove(t *txn, gone [][]byte, last map[mapping.Tenant]uint64) error {
	for _, key := range gone {
		if err := t.remove(bucketOutbox, key); err != nil {
			return err
		}
	}
	for tenant, next := range last {
		if next != t.outbox.nextOf(tenant) {
			continue
		}
		if err := t.put(bucketOutbox, outboxKey(tenant, next), new(outboxRow).encode()); err != nil {
			return err
		}
	}
	return nil
}

func (a *ageing) settle(err error) { a.done.give(err) }

// checkOutbox sees that every event can be read, and that no tenant's sequence has a
// gap.
func (s *snapshot) checkOutbox(ctx context.Context) error {
	next := make(map[mapping.Tenant]uint64)
	err := bucketOutbox.in(s.tx).ForEach(func(key, row []byte) error {
		tenant, first, err := splitOutboxKey(key)
		if err != nil {
			return err
		}
		if _, err := s.db.outbox.open(key, row); err != nil && !errors.Is(err, errDestroyed) {
			return err
		}
		if want, begun := next[tenant]; begun && first != want {
			return fmt.Errorf("%w: events from %d on are missing", ErrDamaged, want)
		}
		if next[tenant], err = s.db.outbox.behind(key, row); err != nil {
			return err
		}
		return ctx.Err()
	})
	for tenant, n := range next {
		if err == nil && n > s.db.outbox.nextOf(tenant) {
			err = fmt.Errorf("%w: event %d will be given out again", ErrDamaged, n-1)
		}
	}
	return err
}
