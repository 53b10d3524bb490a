package store

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"maskd/mapping"
)

// treasure is something that the store has, and how it is forgotten.
type treasure struct {
	name   string
	has    func(db *DB, unsealed []byte) bool
	forget func(t *testing.T, db *DB)
}

// unsealed is all that the keys of now open of a store's file.
func unsealed(t *testing.T, db *DB) (plain []byte) {
	t.Helper()
	add := func(b []byte, err error) error {
		if plain = append(plain, b...); errors.Is(err, mapping.ErrNotFound) {
			return nil
		}
		return err
	}
	err := errors.Join(
		db.walk(t.Context(), bucketInteractions, func(tx *bolt.Tx, id mapping.ID) error {
			i, err := db.keys.interaction(viewOf(tx), id)
			return add(encodeInteraction(&i), err)
		}),
		db.walk(t.Context(), bucketCDRs, func(tx *bolt.Tx, call mapping.ID) error {
			c, err := db.readCDR(tx, call)
			return add(appendCDR(nil, &c), err)
		}))
	for from := int64(0); err == nil; from += maxPage - 1 {
		rows, failed := db.AuditLog().Rows(from, maxPage-1)
		if err = failed; len(rows) == 0 {
			break
		}
		for i := range rows {
			plain = append(append(plain, rows[i].Entry.Reason...), rows[i].Entry.Object...)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

// sealedRows are all rows that are sealed, as they are.
func sealedRows(t *testing.T, db *DB) map[string]bool {
	t.Helper()
	rows := make(map[string]bool)
	done(t, db.file.View(func(tx *bolt.Tx) error {
		var errs []error
		for _, b := range []bucket{bucketInteractions, bucketCDRs, bucketReasons} {
			errs = append(errs, b.in(tx).ForEach(func(_, row []byte) error { rows[string(row)] = true; return nil }))
		}
		return errors.Join(errs...)
	}))
	return rows
}

// writes has a text, or a number, among what is unsealed.
func writes(text []byte) func(*DB, []byte) bool {
	return func(_ *DB, unsealed []byte) bool { return bytes.Contains(unsealed, text) }
}

func says(n mapping.Number) func(*DB, []byte) bool { return writes(appendNumber(nil, n)) }

func done(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// lateRetention is when retention looks.
var lateRetention = noon.Add(30 * requestLife)

// treasures fills a store with one of each thing that can be forgotten.
func treasures(t *testing.T, db *DB) []treasure {
	t.Helper()
	erased, kept, overdue := created(t, db, ride(t, 1, 1), noon), created(t, db, keyedRide(t, "k", 2), lateRetention), created(t, db, ride(t, 3, 3), noon)
	open := ride(t, 4, 4)
	open.Mode, open.B, open.Numbering, open.TTL = mapping.ModeOpen, nil, mapping.NumberingShared, 60*requestLife
	shop := created(t, db, open, noon)
	call, stranger, recorded := callOf(1, &erased), rings(t, db, &shop, rider(t, 60), noon.Add(time.Second)), callOf(2, &kept)
	for _, c := range []*mapping.CDR{&call, &recorded} {
		c.EndedAt, c.Outcome = noon, mapping.OutcomeAnswered
		db.Record(*c)
	}
	nobody, old := stray(t, 61), aged(t, db, 62) // the other is too young for retention
	db.Record(nobody)
	flushed(t, db)
	covered, err := db.CoverRecording(t.Context(), kept.ID, recorded.Call, []byte("what opens it"))
	done(t, err)
	explained(t, db, mapping.ObjectRef("num_0123456789abcdef"), "a complaint of 4711", noon)
	explained(t, db, mapping.ObjectRef("num_0123456789abcdef"), "a complaint of 4712", lateRetention)
	retain := func(r mapping.Retention) func(*testing.T, *DB) {
		return func(t *testing.T, db *DB) { done(t, second(db.Retain(t.Context(), r, lateRetention))) }
	}
	return []treasure{
		{"an interaction", says(erased.A.Numbers[0]), func(t *testing.T, db *DB) { done(t, second(db.Erase(t.Context(), erased.ID, noon))) }},
		{"an interaction that is kept too long", says(overdue.B.Numbers[0]), func(t *testing.T, db *DB) {
			for _, i := range []mapping.ID{erased.ID, shop.ID} { // these two not
				done(t, second(db.Hold(t.Context(), i, mapping.HoldHouse, noon)))
			}
			retain(mapping.Retention{Interactions: requestLife})(t, db)
		}},
		{"a subject", says(kept.B.Numbers[0]), func(t *testing.T, db *DB) {
			s, err := db.Subject(t.Context(), "", kept.B.Numbers[0])
			done(t, err)
			for _, i := range s.Interactions {
				done(t, second(db.Erase(t.Context(), i.ID, noon)))
			}
		}},
		{"a recording", func(db *DB, _ []byte) bool { return second(db.UncoverRecording(recorded.Call, covered)) == nil },
			func(t *testing.T, db *DB) { done(t, db.EraseRecording(kept.ID, recorded.Call)) }},
		{"a stranger", says(stranger.Caller), func(t *testing.T, db *DB) { done(t, db.EraseCall(t.Context(), stranger.Call, noon)) }},
		{"a call of nobody", says(old.Caller), func(t *testing.T, db *DB) { done(t, db.EraseCall(t.Context(), old.Call, noon)) }},
		{"a call of nobody that is kept too long", says(nobody.Caller), retain(mapping.Retention{CDRs: requestLife})},
		{"a reason that is kept too long", writes([]byte("complaint of 4711")), retain(mapping.Retention{Audit: requestLife})},
	}
}

// What is forgotten, in whatever way, is in nothing that the keys of now open: not in the
// store, not when it is compacted, not in a backup of before, nor when that is put back.
// And all else is.
func TestNothingForgottenComesBack(t *testing.T) {
	for n := range treasures(t, newStore(t, 20)) {
		o := optionsIn(t, t.TempDir(), 20)
		db, err := Open(o, noon)
		done(t, err)
		all := treasures(t, db)
		backup := backedUp(t, db)
		gone := all[n]
		look := func(where string, db *DB) {
			t.Helper()
			plain := unsealed(t, db)
			for _, one := range all {
				with := one.name == gone.name || gone.name == "a subject" && one.name == "a recording" // goes with it
				if one.has(db, plain) == with {
					t.Errorf("%s is forgotten: %s in %s: %t", gone.name, one.name, where, with)
				}
			}
		}
		before := sealedRows(t, db)
		gone.forget(t, db)
		look("the store", db)
		now := o // as it is at once: a start makes good what a crash left undone
		now.Path = filepath.Join(t.TempDir(), "maskd.db")
		copyFile(t, KeysBeside(o.Path), KeysBeside(now.Path))
		copyFile(t, backup, now.Path)
		look("a backup at once", withKeysOfNow(t, now, now.Path))
		after := sealedRows(t, db)
		done(t, db.Close())
		_, _, err = Compact(o.Path)
		done(t, err)
		for row := range before {
			if text := readFile(t, o.Path); !after[row] && bytes.Contains(text, []byte(row)) {
				t.Errorf("%s is forgotten: what sealed it is in the compacted store", gone.name)
			}
		}
		db, err = Open(o, noon)
		done(t, err)
		look("the compacted store", db)
		done(t, db.Close())
		look("a backup", withKeysOfNow(t, o, backup))
		done(t, second(Restore(t.Context(), o, backup, restore, lateRetention)))
		db, err = Open(o, noon)
		done(t, err)
		look("what was put back", db)
		done(t, db.Close())
	}
}

// The DIDs of what is erased are free once that is committed, though nobody waits for it any more.
func TestAnErasureThatNobodyWaitsForGivesItsDIDsBack(t *testing.T) {
	disk := newDisk()
	db := openedOn(t, optionsIn(t, t.TempDir(), 1), disk)
	i := created(t, db, lastRide(t), noon)
	resume := disk.stall(t)
	ctx, leave := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := db.Erase(ctx, i.ID, noon)
		ended <- err
	}()
	disk.awaitCommit(t)
	leave()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("who left: %v", err)
	}
	resume()
	if err := db.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	created(t, db, lastRide(t), noon)
}
