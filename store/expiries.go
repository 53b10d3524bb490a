package store

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"

	"maskd/mapping"
)

// expiries are the interactions that have expired and of which nobody was told yet.
// They connect nobody from the instant they expire; to be told of it is for a sweep.
// What expires while no daemon runs is found by the next start: the file has up to
// when it was told.
type expiries struct {
	mu      sync.Mutex
	pending []entry
	toldTo  int64 // milliseconds since 1970
}

// metaExpired is where the file has it.
const metaExpired = "expired_told_to"

// expiredAtOnce is how many are told in one commit. Each record is read in it: what
// was asked for in the meantime may be that the interaction is open again.
const expiredAtOnce = 256

// beginExpiries reads up to when it was told. A store that has never told begins now.
func (db *DB) beginExpiries(at time.Time) error {
	begun := false
	err := db.file.View(func(tx *bolt.Tx) error {
		if row := bucketMeta.in(tx).Get([]byte(metaExpired)); len(row) == 8 {
			db.expiries.toldTo, begun = int64(binary.BigEndian.Uint64(row)), true
		}
		return nil
	})
	if err != nil || begun {
		return err
	}
	db.expiries.toldTo = at.UnixMilli()
	return db.file.Update(func(tx *bolt.Tx) error {
		return bucketMeta.in(tx).Put([]byte(metaExpired), moments(db.expiries.toldTo))
	})
}

func moments(ms int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(ms)) }

// untold reports whether what expired is later than what was told.
func (l *expiries) untold(e entry) bool { return e.over().UnixMilli() > l.toldTo }

func (l *expiries) add(expired ...entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pending = append(l.pending, expired...)
}

// take returns the earliest that are pending, and all of those of one moment: up to
// the last of them it is told then.
func (l *expiries) take() []entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	slices.SortFunc(l.pending, func(a, b entry) int { return cmp.Compare(a.over().UnixMilli(), b.over().UnixMilli()) })
	n := min(len(l.pending), expiredAtOnce)
	for n > 0 && n < len(l.pending) && l.pending[n].over().Equal(l.pending[n-1].over()) {
		n++
	}
	taken := slices.Clone(l.pending[:n])
	l.pending = append(l.pending[:0], l.pending[n:]...)
	return taken
}

// TellExpired tells of what has expired by the given time, as far as [DB.Sweep] has
// found it, and returns when that is durable. What can't be told now is told later: a
// record that can't be read keeps no other back.
func (db *DB) TellExpired(ctx context.Context, at time.Time) error {
	var unread []entry
	defer func() { db.expiries.add(unread...) }()
	for {
		expired := db.expiries.take()
		if len(expired) == 0 {
			break
		}
		l := &expiring{db: db, expired: expired, at: at.Round(0).UTC(), done: newAnswer()}
		if _, err := db.submit(ctx, l, maxRecords, l.done); err != nil {
			db.expiries.add(expired...)
			return fmt.Errorf("tell of what expired: %w", err)
		}
		unread = append(unread, l.unread...)
	}
	if len(unread) > 0 {
		return fmt.Errorf("tell of what expired: %d interactions: %w", len(unread), ErrDamaged)
	}
	return nil
}

// expiring is the change that tells of what has expired.
type expiring struct {
	db      *DB
	expired []entry // earliest first
	at      time.Time
	done    answer

	// The writer's, and the caller's once done has answered.
	unread []entry // their records are damaged
}

func (l *expiring) apply(t *txn) error {
	l.unread = nil
	for _, e := range l.expired {
		switch err := l.tell(t, e.id); {
		case errors.Is(err, ErrDamaged):
			l.unread = append(l.unread, e)
		case err != nil:
			return err
		}
	}
	last := l.expired[len(l.expired)-1].over().UnixMilli()
	if told := bucketMeta.in(t.Tx).Get([]byte(metaExpired)); len(told) == 8 && int64(binary.BigEndian.Uint64(told)) >= last {
		return nil
	}
	return t.put(bucketMeta, []byte(metaExpired), moments(last))
}

// tell tells of one, unless it is there no more, or open again.
func (l *expiring) tell(t *txn, id mapping.ID) error {
	var i mapping.Interaction
	err := guard(func() (err error) { i, err = l.db.readInteraction(t.Tx, id); return err })
	if errors.Is(err, mapping.ErrNotFound) || errors.Is(err, errDestroyed) {
		return nil
	}
	if err == nil && i.State(l.at) == mapping.StateExpired {
		t.announce(i.Told(mapping.EventInteractionExpired, i.ExpiresAt))
	}
	return err
}

func (l *expiring) settle(err error) { l.done.give(err) }
