package store

import (
	"context"
	"fmt"
	"io"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"maskd/audit"
	"maskd/mapping"
)

// testimony is what a change tells the audit log, in its own commit, and the
// request that is told of.
type testimony struct {
	deed  *mapping.Deed
	entry mapping.AuditEntry
	line  inscription
}

// inscription is an entry as the audit log has it: check and leaf, and the leaf's hash.
// Who asks for a change makes it, so that the writer need not.
type inscription struct {
	row  []byte
	hash tlog.Hash
}

func inscribe(e *mapping.AuditEntry) inscription {
	row := audit.AppendLeaf(make([]byte, len(audit.Check{}), inscriptionRoom), e)
	hash := audit.Hash(row[len(audit.Check{}):])
	check := audit.CheckOf(hash)
	copy(row, check[:])
	return inscription{row, hash}
}

// inscriptionRoom is room for an entry with a name or two.
const inscriptionRoom = 128

// testify prepares the testimony of an action on an object for which the context
// has a request, or which the daemon carries out by itself.
func (db *DB) testify(ctx context.Context, action mapping.Action, object mapping.Object, at time.Time) (*testimony, error) {
	deed := mapping.DeedOf(ctx)
	t := &testimony{deed: deed, entry: mapping.AuditEntry{
		At: at, Actor: deed.Actor, Action: action, Object: object, Outcome: mapping.AuditDone, Reason: deed.Reason,
	}}
	if err := db.complement(&t.entry); err != nil {
		return nil, err
	}
	t.line = inscribe(&t.entry)
	return t, nil
}

// complement gives an entry what only the store has.
func (db *DB) complement(e *mapping.AuditEntry) error {
	e.At = e.At.Round(0).UTC()
	if e.Actor.Way == 0 {
		e.Actor = db.self
	}
	if err := e.Validate(); err != nil {
		return err
	}
	if e.Reason == "" {
		return nil
	}
	if _, err := io.ReadFull(db.rand, e.Salt[:]); err != nil {
		return fmt.Errorf("draw salt: %w", err)
	}
	e.Commitment = audit.Commit(e.Reason, e.Salt)
	return nil
}

// settled notes that the request was told of, if it is durable.
func (t *testimony) settled(err error) {
	if t != nil && err == nil {
		t.deed.Told()
	}
}

// hear writes what a change has to tell. One that has no testimony is told of by
// who asked for it: see [DB.Tell].
func (t *txn) hear(of *testimony) error {
	if of == nil {
		return nil
	}
	return t.inscribe(&of.entry, of.line)
}

// tell writes an entry into the audit log, in this commit.
func (t *txn) tell(e *mapping.AuditEntry) error { return t.inscribe(e, inscribe(e)) }

func (t *txn) inscribe(e *mapping.AuditEntry, line inscription) error {
	e.Index = uint64(t.crown.Size())
	if err := t.put(bucketAudit, auditKey(e.Index), line.row); err != nil {
		return fmt.Errorf("put audit entry: %w", err)
	}
	t.said = e.At
	t.crown.Grow(line.hash, func(tile audit.Tile) { t.tiles = append(t.tiles, tile) })
	for _, tile := range t.tiles {
		if err := t.put(bucketTiles, tileKey(tile.Level, tile.N), tile.Hash[:]); err != nil {
			return fmt.Errorf("put tile of audit log: %w", err)
		}
	}
	t.tiles = t.tiles[:0]
	if e.Reason == "" {
		return nil
	}
	return t.keepReason(e)
}

// conclude writes the events of this commit, and signs what the audit log is now,
// if it adds to that.
func (t *txn) conclude() error {
	if err := t.post(); err != nil {
		return err
	}
	if t.crown.Size() == t.began {
		return nil
	}
	signed, err := audit.Sign(audit.Checkpoint{Size: t.crown.Size(), Root: t.crown.Root(), At: t.said}, t.keys.signer)
	if err != nil {
		return err
	}
	if err := t.put(bucketTiles, keyCheckpoint, signed); err != nil {
		return fmt.Errorf("put checkpoint: %w", err)
	}
	return nil
}

// Witness writes an entry about what no change of the store tells of. It returns
// when the entry is durable if the action is urgent, and otherwise when it is
// queued for a later commit.
//
// Errors: [mapping.InvalidError], [mapping.ErrUnavailable], or that of the context.
func (db *DB) Witness(ctx context.Context, e mapping.AuditEntry) error {
	if err := db.complement(&e); err != nil {
		return err
	}
	s := &statement{db: db, entry: e, done: newAnswer()}
	if e.Action.Urgent() {
		_, err := db.submit(ctx, s, maxRecords, s.done)
		return err
	}
	if !db.writer.queue.push(s, maxRecords) {
		return fmt.Errorf("queue audit entry: %w", mapping.ErrUnavailable)
	}
	return nil
}

// Tell writes what came of a request into the audit log, as [DB.Witness] does,
// if no change of the store has told of it.
func (db *DB) Tell(ctx context.Context, d *mapping.Deed, outcome mapping.AuditOutcome, at time.Time) error {
	if d.IsTold() {
		return nil
	}
	err := db.Witness(ctx, mapping.AuditEntry{
		At: at, Actor: d.Actor, Action: d.Action, Object: d.Object, Outcome: outcome, Reason: d.Reason,
	})
	if err == nil {
		d.Told()
	}
	return err
}

// statement is the change that writes an audit entry and nothing else.
type statement struct {
	db    *DB
	entry mapping.AuditEntry
	told  bool // it could not be written, and that was said
	done  answer
}

func (s *statement) apply(t *txn) error { return t.tell(&s.entry) }

func (s *statement) settle(err error) {
	if s.entry.Action.Urgent() {
		s.done.give(err)
		return
	}
	if err != nil && !s.told {
		s.told = true
		s.db.fault(fmt.Errorf("write audit entry: %w", err))
	}
}

// patient reports whether nobody waits for the entry.
func (s *statement) patient() bool { return !s.entry.Action.Urgent() }
