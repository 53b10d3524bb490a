package store

import (
	"encoding/binary"
	"errors"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"maskd/mapping"
)

// A reason is sealed under a key of its own, which ends with its entry; and if it is
// about an interaction, under the key of that too: it goes with either of the two.

// reasonMark begins the row of such a reason. No leaf has this number: a day's tree is
// never given out to its end. Rows of before schema 4 begin with the number of a leaf,
// and are sealed under that or, where it is zero, under the interaction's key alone.
const reasonMark = 1<<32 - 1

// reasonRow is a reason as it is kept.
type reasonRow struct {
	key    buriedKey // day zero: it has none of its own
	about  bool      // it is also sealed under the interaction's
	sealed []byte

	warrant []byte // of the key of its own; nil: it has none
}

func (r *reasonRow) encode() []byte {
	b := binary.BigEndian.AppendUint32(nil, reasonMark)
	b = binary.BigEndian.AppendUint32(b, r.key.leaf|warrantMark)
	about := byte(0)
	if r.about {
		about = 1
	}
	b = append(append(b, about), r.warrant...)
	return append(b, r.sealed...)
}

// readReasonRow reads the row of an entry's reason.
func readReasonRow(tx *bolt.Tx, e *mapping.AuditEntry) (r reasonRow, err error) {
	leaf, rest, err := splitKey(bucketReasons.in(tx).Get(auditKey(e.Index)))
	if err != nil {
		return r, err
	}
	r.sealed = rest
	switch _, is := e.Object.Interaction(); {
	case leaf == reasonMark && len(rest) > leafSize:
		leaf = binary.BigEndian.Uint32(rest)
		r.key = buriedKey{dayAt(e.At) | forReasons, leaf &^ warrantMark}
		r.about, r.sealed = rest[leafSize] == 1, rest[leafSize+1:]
		if leaf&warrantMark != 0 && len(r.sealed) >= warrantSize {
			r.warrant, r.sealed = r.sealed[:warrantSize], r.sealed[warrantSize:]
		}
		if r.about && !is {
			err = ErrDamaged
		}
	case leaf >= 1<<30: // so many were never given out: it is a mark that was altered
		err = ErrDamaged
	case leaf == 0 && is:
		r.about = true
	default:
		r.key = buriedKey{dayAt(e.At), leaf}
	}
	return r, err
}

func reasonPlace(index uint64, leaf uint32) place {
	return place{bucketReasons, binary.BigEndian.AppendUint32(auditKey(index), leaf)}
}

// keepReason seals a reason and puts it beside its entry.
func (t *txn) keepReason(e *mapping.AuditEntry) error {
	d := dayAt(e.At) | forReasons
	leaf, err := t.keys.leaf(d)
	if err != nil {
		return fmt.Errorf("find key of audit entry: %w", err)
	}
	own, err := t.keys.sealer(d, leaf)
	if err != nil {
		return fmt.Errorf("find key of audit entry: %w", err)
	}
	at, key := reasonPlace(e.Index, leaf), buriedKey{d, leaf}
	warrant := t.keys.warrant(at, key)
	row := reasonRow{key: key, warrant: warrant[:], sealed: at.seal(own, append(e.Salt[:], e.Reason...))}
	if id, ok := e.Object.Interaction(); ok {
		if key, err := t.keys.data(t.Tx, id); err == nil {
			row.about, row.sealed = true, at.seal(key, row.sealed)
		}
	}
	if err := t.put(bucketReasons, auditKey(e.Index), row.encode()); err != nil {
		return fmt.Errorf("put reason of audit entry: %w", err)
	}
	return nil
}

// unreadable stands for a reason that is neither there nor erased. It is none
// that anybody gave, so that a verification finds it.
const unreadable = "(can't be read)"

// readReason reads the reason of an entry, unless it is erased: a key of it is
// destroyed then, and what it sealed is still there.
func (l *AuditLog) readReason(tx *bolt.Tx, e *mapping.AuditEntry) {
	plain, err := l.keys.openReason(tx, e)
	switch {
	case errors.Is(err, errDestroyed):
	case err != nil || len(plain) < len(e.Salt):
		e.Reason = unreadable
	default:
		e.Reason = string(plain[copy(e.Salt[:], plain):])
	}
}

func (k *keyring) openReason(tx *bolt.Tx, e *mapping.AuditEntry) ([]byte, error) {
	row, err := readReasonRow(tx, e)
	if err != nil {
		return nil, err
	}
	plain, at := row.sealed, reasonPlace(e.Index, row.key.leaf)
	if err := k.confirm(at, dayAt(e.At), row.warrant, row.key); err != nil {
		return nil, err
	}
	if row.about {
		id, _ := e.Object.Interaction()
		key, err := k.data(tx, id)
		if err != nil {
			return nil, err
		}
		if plain, err = at.open(key, plain); err != nil {
			return nil, err
		}
	}
	if row.key.day == 0 {
		return plain, nil
	}
	own, err := k.sealer(row.key.day, row.key.leaf)
	if err != nil {
		return nil, err
	}
	return at.open(own, plain)
}

// reasonKey returns the key of its own that an entry's reason has, if it has one.
func (k *keyring) reasonKey(tx *bolt.Tx, e *mapping.AuditEntry) (own buriedKey, ok bool) {
	if e.Commitment == (mapping.Commitment{}) {
		return own, false
	}
	row, err := readReasonRow(tx, e)
	if err == nil {
		err = k.confirm(reasonPlace(e.Index, row.key.leaf), dayAt(e.At), row.warrant, row.key)
	}
	return row.key, err == nil && row.key.day != 0
}
