package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"maskd/audit"
	"maskd/mapping"
)

// pruning is the change that leaves of entries of the audit log their hashes, and says
// so in the log: who finds a pruned entry finds who allowed that.
type pruning struct {
	rows []prunedRow
	next uint64 // the first entry that is not pruned, or the first that is held
	told *testimony
	done answer
}

// prunedRow is an entry that is to be pruned.
type prunedRow struct {
	index uint64
	kept  []byte
}

// prune leaves of the entries of before a day their hashes, but for those about an
// interaction under a legal hold and its calls. The keys of their reasons are destroyed first; a crash
// in between leaves the rest for the next time.
func (db *DB) prune(ctx context.Context, before day, at time.Time) (pruned int, err error) {
	held := make(map[day]bool)
	p := &pruner{db: db, before: before, held: held}
	if p.from, err = db.prunedUntil(); err != nil {
		return 0, err
	}
	p.next = p.from
	for more := true; more; {
		if more, err = p.page(); err != nil {
			return pruned, err
		}
		if err := p.commit(ctx, at); err != nil {
			return pruned, err
		}
		pruned += len(p.rows)
		if ctx.Err() != nil {
			return pruned, ctx.Err()
		}
	}
	return pruned, db.keys.destroyDays(forReasons, before, held)
}

func (db *DB) prunedUntil() (from uint64, err error) {
	err = db.file.View(func(tx *bolt.Tx) error {
		if text := bucketMeta.in(tx).Get(metaPruned); len(text) == 8 {
			from = binary.BigEndian.Uint64(text)
		}
		return nil
	})
	return from, err
}

// pruner goes through the log, a page at a time.
type pruner struct {
	db     *DB
	before day
	held   map[day]bool // days of which an entry is held

	from, next uint64 // where the page begins, and the next one
	first      uint64 // the first that is held
	holds      bool   // there is such a one
	rows       []prunedRow
	keys       tombstone // of their reasons
}

// page gathers entries that are to be pruned; false if there are no more.
func (p *pruner) page() (more bool, err error) {
	p.from, p.rows, p.keys = p.next, nil, tombstone{}
	err = p.db.file.View(func(tx *bolt.Tx) error {
		cursor := bucketAudit.in(tx).Cursor()
		key, value := cursor.Seek(auditKey(p.from))
		for n := 0; n < retained; n++ {
			if key == nil || len(key) != 8 || len(value) <= len(audit.Check{}) {
				return nil
			}
			young, err := p.look(tx, binary.BigEndian.Uint64(key), value[len(audit.Check{}):])
			if young || err != nil {
				return err
			}
			key, value = cursor.Next()
		}
		more = true
		return nil
	})
	return more, err
}

// look decides on one entry; young if it and all behind it are to be kept.
func (p *pruner) look(tx *bolt.Tx, index uint64, kept []byte) (young bool, err error) {
	if audit.IsPruned(kept) {
		p.next = index + 1
		return false, nil
	}
	e, err := audit.Decode(kept)
	if err != nil {
		return false, fmt.Errorf("read audit entry %d: %w", index, ErrDamaged)
	}
	e.Index = index
	if dayAt(e.At) >= p.before {
		return true, nil
	}
	p.next = index + 1
	held, err := p.db.isHeld(tx, &e)
	if err != nil {
		return false, err
	}
	if held {
		p.held[dayAt(e.At)] = true
		if !p.holds {
			p.first, p.holds = index, true
		}
		return false, nil
	}
	if own, ok := p.db.keys.reasonKey(tx, &e); ok {
		p.keys.keys = append(p.keys.keys, own)
	}
	pruned := audit.Prune(kept)
	check := audit.CheckOf(audit.HashKept(kept))
	p.rows = append(p.rows, prunedRow{index, append(check[:], pruned...)})
	return false, nil
}

// isHeld reports whether an entry is about an interaction under a legal hold, or about a
// call of one, or its recording.
func (db *DB) isHeld(tx *bolt.Tx, e *mapping.AuditEntry) (bool, error) {
	id, ok := e.Object.Interaction()
	if !ok {
		c, err := db.readCDR(tx, callIn(e.Object))
		if id = c.Interaction; errors.Is(err, mapping.ErrNotFound) || err == nil && id.IsZero() {
			return false, nil
		}
		if err != nil {
			return false, err
		}
	}
	i, err := db.readInteraction(tx, id)
	if errors.Is(err, mapping.ErrNotFound) {
		return false, nil
	}
	return i.Held.Any(), err
}

// callIn is the call that an entry is about, or of whose recording; zero if of none.
func callIn(o mapping.Object) mapping.ID {
	for _, kind := range []mapping.Kind{mapping.KindCall, mapping.KindRecording} {
		if id, err := mapping.ParseID(kind, string(o)); err == nil {
			return id
		}
	}
	return mapping.ID{}
}

// commit prunes what the page has gathered.
func (p *pruner) commit(ctx context.Context, at time.Time) error {
	if len(p.rows) == 0 {
		return nil
	}
	if err := p.db.destroyOf(p.keys); err != nil {
		return err
	}
	told, err := p.db.testify(ctx, mapping.ActionRetention, audit.PrunedUntil(int64(p.next)), at)
	if err != nil {
		return err
	}
	next := p.next
	if p.holds {
		next = p.first
	}
	c := &pruning{rows: p.rows, next: next, told: told, done: newAnswer()}
	_, err = p.db.submit(ctx, c, maxRecords, c.done)
	return err
}

func (c *pruning) apply(t *txn) error {
	for _, r := range c.rows {
		if err := t.put(bucketAudit, auditKey(r.index), r.kept); err != nil {
			return fmt.Errorf("put pruned audit entry: %w", err)
		}
		if err := t.remove(bucketReasons, auditKey(r.index)); err != nil {
			return fmt.Errorf("remove reason of audit entry: %w", err)
		}
	}
	if err := t.put(bucketMeta, metaPruned, auditKey(c.next)); err != nil {
		return fmt.Errorf("put end of what is pruned: %w", err)
	}
	return t.hear(c.told)
}

func (c *pruning) settle(err error) {
	c.told.settled(err)
	c.done.give(err)
}
