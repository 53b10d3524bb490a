package store

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"maskd/audit"
	"maskd/mapping"
)

// aged is a call of nobody that was refused so many days after noon.
func aged(t *testing.T, db *DB, days int) mapping.CDR {
	t.Helper()
	c := stray(t, byte(days+1))
	at := noon.Add(time.Duration(days) * requestLife)
	c.Call, c.AdmittedAt, c.EndedAt = mapping.NewID(at, [10]byte{byte(days), 7}), at, at
	db.Record(c)
	flushed(t, db)
	return c
}

// withKeysOfNow opens a copy of the store's file beside its file of keys.
func withKeysOfNow(t *testing.T, o Options, file string) *DB {
	t.Helper()
	o.Keys, o.Path = KeysBeside(o.Path), file
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func backedUp(t *testing.T, db *DB) string {
	t.Helper()
	to := db.file.Path() + ".backup"
	if err := db.file.View(func(tx *bolt.Tx) error { return tx.CopyFile(to, 0o600) }); err != nil {
		t.Fatal(err)
	}
	return to
}

// Calls of no interaction are kept for so many days after theirs, in no backup longer;
// one that lives is kept, and so is what is an interaction's.
func TestRetentionTakesCallsOfNobody(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 10)
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	var calls []mapping.CDR
	for days := range 5 {
		calls = append(calls, aged(t, db, days))
	}
	living := calls[1]
	living.Call, living.Outcome = mapping.NewID(living.AdmittedAt, [10]byte{99}), mapping.OutcomeLive
	db.Record(living)
	i := created(t, db, ride(t, 1, 1), noon)
	own := callOf(3, &i)
	own.EndedAt, own.Outcome = noon, mapping.OutcomeAnswered
	db.Record(own)
	flushed(t, db)
	backup := backedUp(t, db)

	gone, err := db.Retain(t.Context(), mapping.Retention{CDRs: 2 * requestLife}, noon.Add(5*requestLife))
	if err != nil {
		t.Fatal(err)
	}
	same(t, gone, mapping.Forgotten{Calls: 3})
	if got := lastEntry(t, db); got.Action != mapping.ActionRetention || got.Object != "calls:3" {
		t.Errorf("the audit log's last entry is %+v", got)
	}
	checkAndClose(t, db)
	if _, _, err := Compact(o.Path); err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string]string{"store": o.Path, "backup": backup} {
		db := withKeysOfNow(t, o, file)
		for days, c := range calls {
			if _, err := db.CDR(c.Call); (err == nil) != (days >= 3) {
				t.Errorf("%s: the call of day %d: %v", name, days, err)
			}
		}
		if err := errors.Join(second(db.CDR(living.Call)), second(db.CDR(own.Call))); err != nil {
			t.Errorf("%s: what is to be kept: %v", name, err)
		}
	}
}

// explained writes an audit entry with a reason.
func explained(t *testing.T, db *DB, object mapping.Object, reason string, at time.Time) {
	t.Helper()
	e := mapping.AuditEntry{At: at, Action: mapping.ActionInteractionReveal, Object: object, Outcome: mapping.AuditDone, Reason: reason}
	if err := db.Witness(t.Context(), e); err != nil {
		t.Fatal(err)
	}
}

// outward is the audit log as somebody else verifies it.
func outward(t *testing.T, db *DB) []byte {
	t.Helper()
	var text bytes.Buffer
	l := db.AuditLog()
	if err := audit.Export(t.Context(), l, l.Verifier(), 0, &text); err != nil {
		t.Fatal(err)
	}
	return text.Bytes()
}

func assayed(t *testing.T, db *DB, export []byte, older *audit.Checkpoint) *audit.Report {
	t.Helper()
	report, err := audit.Verify(bytes.NewReader(export), db.AuditLog().Verifier(), older)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// Of an entry that is kept for its time its hash is left: what it said, and why, nobody
// reads any more, and the log verifies, against a checkpoint of before too, with
// proofs of what is left. What is about an interaction under a legal hold is kept.
func TestTheAuditLogIsPruned(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 10)
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	i, held := created(t, db, ride(t, 1, 1), noon), created(t, db, ride(t, 2, 2), noon)
	if _, err := db.Hold(t.Context(), held.ID, mapping.HoldHouse, noon); err != nil {
		t.Fatal(err)
	}
	const many = 600
	for n := range many {
		object := mapping.ObjectID(mapping.KindInteraction, i.ID)
		if n%2 == 0 {
			object = mapping.ObjectRef("num_0123456789abcdef")
		}
		explained(t, db, object, fmt.Sprintf("complaint of the rider %d", n), noon.Add(time.Duration(n)*time.Second))
	}
	explained(t, db, mapping.ObjectID(mapping.KindInteraction, held.ID), "what is before the court", noon)
	young := noon.Add(3 * requestLife)
	explained(t, db, mapping.ObjectID(mapping.KindInteraction, i.ID), "complaint of today", young)
	signed, err := db.AuditLog().Latest()
	if err != nil {
		t.Fatal(err)
	}
	older, err := audit.Open(signed, db.AuditLog().Verifier())
	if err != nil {
		t.Fatal(err)
	}
	backup := backedUp(t, db)

	keep := mapping.Retention{Audit: 2 * requestLife}
	gone, err := db.Retain(t.Context(), keep, young)
	if err != nil {
		t.Fatal(err)
	}
	same(t, gone, mapping.Forgotten{Entries: many + 1}) // and that of the create
	if again, err := db.Retain(t.Context(), keep, young); again.Any() || err != nil {
		t.Errorf("and again %+v, %v", again, err)
	}
	text := outward(t, db)
	if bytes.Contains(text, []byte("complaint of the rider")) || !bytes.Contains(text, []byte("before the court")) || !bytes.Contains(text, []byte("complaint of today")) {
		t.Error("the export has what is gone, or not what is left")
	}
	report := assayed(t, db, text, &older)
	if !report.OK() || report.Pruned != many+1 || report.Entries != report.Checkpoint.Size {
		t.Errorf("verified: %+v", report)
	}
	proof, err := audit.Prove(db.AuditLog(), older.Size-1, older.Size)
	rows, err2 := db.AuditLog().Rows(older.Size-1, 1)
	if err := errors.Join(err, err2, audit.CheckProof(proof, older, older.Size-1, rows[0].Leaf)); err != nil {
		t.Error(err)
	}

	now := o
	now.Path = filepath.Join(t.TempDir(), "maskd.db")
	copyFile(t, KeysBeside(o.Path), KeysBeside(now.Path))
	copyFile(t, backup, now.Path)
	if text := outward(t, withKeysOfNow(t, now, now.Path)); bytes.Contains(text, []byte("complaint of the rider")) || !bytes.Contains(text, []byte("before the court")) {
		t.Error("the backup gives a reason back, or not one that is held")
	}

	// Released, it is pruned too.
	if _, err := db.Release(t.Context(), held.ID, mapping.HoldHouse, young); err != nil {
		t.Fatal(err)
	}
	if gone, err = db.Retain(t.Context(), keep, young); err != nil || gone.Entries != 3 {
		t.Errorf("after its release %+v, %v", gone, err)
	}
	if report := assayed(t, db, outward(t, db), &older); !report.OK() {
		t.Errorf("verified: %+v", report)
	}
	checkAndClose(t, db)
	old := withKeysOfNow(t, o, backup)
	text = outward(t, old)
	if bytes.Contains(text, []byte("complaint of the rider")) || bytes.Contains(text, []byte("before the court")) || !bytes.Contains(text, []byte("complaint of today")) {
		t.Error("the backup gives a reason back, or not what is left")
	}
}

// Who listened to a recording of what is held, or looked at its calls, is not pruned.
func TestWhatConcernsACallOfWhatIsHeldIsNotPruned(t *testing.T) {
	db := newStore(t, 10)
	held, free := created(t, db, ride(t, 1, 1), noon), created(t, db, ride(t, 2, 2), noon)
	if _, err := db.Hold(t.Context(), held.ID, mapping.HoldHouse, noon); err != nil {
		t.Fatal(err)
	}
	for n, i := range []mapping.Interaction{held, free} {
		c := callOf(byte(n), &i)
		db.Record(c)
		for _, kind := range []mapping.Kind{mapping.KindCall, mapping.KindRecording} {
			explained(t, db, mapping.ObjectID(kind, c.Call), fmt.Sprintf("complaint of ride %d", n), noon)
		}
	}
	explained(t, db, mapping.ObjectID(mapping.KindCall, mapping.NewID(noon, [10]byte{9})), "complaint of no ride", noon)
	young := noon.Add(3 * requestLife)
	gone, err := db.Retain(t.Context(), mapping.Retention{Audit: 2 * requestLife}, young)
	if err != nil || gone.Entries != 4 { // a create, and three of these
		t.Errorf("pruned %+v, %v", gone, err)
	}
	if text := outward(t, db); bytes.Count(text, []byte("complaint of ride 0")) != 2 || bytes.Count(text, []byte("complaint of ")) != 2 {
		t.Errorf("left is\n%s", text)
	}
}

// Who prunes an entry without the log's saying so is found.
func TestAPrunedEntryThatNobodyAllowedIsAnAlteration(t *testing.T) {
	db := newStore(t, 10)
	for n := range 300 {
		explained(t, db, mapping.ObjectRef("num_0123456789abcdef"), "complaint of the rider", noon.Add(time.Duration(n/150)*2*requestLife))
	}
	if _, err := db.Retain(t.Context(), mapping.Retention{Audit: requestLife}, noon.Add(2*requestLife)); err != nil {
		t.Fatal(err)
	}
	if report := assayed(t, db, outward(t, db), nil); !report.OK() || report.Pruned != 150 {
		t.Fatalf("verified: %+v", report)
	}
	err := db.file.Update(func(tx *bolt.Tx) error {
		for _, index := range []uint64{200, 201} {
			row := bucketAudit.in(tx).Get(auditKey(index))
			kept := audit.Prune(row[len(audit.Check{}):])
			if err := bucketAudit.in(tx).Put(auditKey(index), append(bytes.Clone(row[:len(audit.Check{})]), kept...)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	report := assayed(t, db, outward(t, db), nil)
	if len(report.Findings) != 1 || report.Findings[0].Index != 200 {
		t.Errorf("found %v", report.Findings)
	}
}

// A reason is not taken for an erased one because somebody has taken away what tells the
// key of its interaction: an erasure leaves a tombstone.
func TestAReasonWithoutItsInteractionIsAltered(t *testing.T) {
	db := newStore(t, 4)
	i := created(t, db, ride(t, 1, 1), noon)
	explained(t, db, mapping.ObjectID(mapping.KindInteraction, i.ID), "complaint of the rider", noon)
	row := func(change func(*bolt.Bucket) error) {
		t.Helper()
		if err := db.file.Update(func(tx *bolt.Tx) error { return change(bucketInteractions.in(tx)) }); err != nil {
			t.Fatal(err)
		}
	}
	var kept []byte
	row(func(b *bolt.Bucket) error { kept = bytes.Clone(b.Get(i.ID[:])); return b.Delete(i.ID[:]) })
	if report := assayed(t, db, outward(t, db), nil); report.OK() {
		t.Error("the log verifies without it")
	}
	row(func(b *bolt.Bucket) error { return b.Put(i.ID[:], kept) })
	if report := assayed(t, db, outward(t, db), nil); !report.OK() {
		t.Errorf("verified: %+v", report)
	}
}

// No bit of what stands before a sealed reason has it taken for one that was erased.
func TestAnAlteredReasonIsNotAnErasedOne(t *testing.T) {
	db := newStore(t, 4)
	i := created(t, db, ride(t, 1, 1), noon)
	explained(t, db, mapping.ObjectID(mapping.KindInteraction, i.ID), "complaint of the rider", noon.Add(requestLife))
	explained(t, db, mapping.ObjectRef("num_0123456789abcdef"), "complaint of the rider", noon.Add(requestLife))
	for index := uint64(1); index <= 2; index++ {
		for bit := range 8 * (2*leafSize + 1) {
			flip := func() {
				err := db.file.Update(func(tx *bolt.Tx) error {
					row := bytes.Clone(bucketReasons.in(tx).Get(auditKey(index)))
					row[bit/8] ^= 1 << (bit % 8)
					return bucketReasons.in(tx).Put(auditKey(index), row)
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			flip()
			rows, err := db.AuditLog().Rows(int64(index), 1)
			if err != nil {
				t.Fatal(err)
			}
			if got := rows[0].Entry.Reason; got != unreadable && got != "complaint of the rider" {
				t.Errorf("entry %d, bit %d: %q", index, bit, got)
			}
			flip()
		}
	}
}

// A record that can't be read keeps nothing else for longer than may be.
func TestADamagedRecordKeepsNothingElse(t *testing.T) {
	db, err := Open(optionsIn(t, t.TempDir(), 9), noon)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	damaged, old := created(t, db, ride(t, 1, 1), noon), created(t, db, ride(t, 2, 2), noon.Add(time.Second))
	call := aged(t, db, 0)
	completed(t, db, damaged.ID)
	completed(t, db, old.ID)
	s := &scrawl{damaged.ID, newAnswer()}
	if _, err := db.submit(t.Context(), s, noLimit, s.done); err != nil {
		t.Fatal(err)
	}
	day := 24 * time.Hour
	f, err := db.Retain(t.Context(), mapping.Retention{Interactions: 10 * day, CDRs: 10 * day}, noon.Add(30*day))
	if !errors.Is(err, ErrDamaged) {
		t.Errorf("it is not said: %v", err)
	}
	same(t, f, mapping.Forgotten{Interactions: 1, Calls: 1})
	if _, err := db.Interaction(old.ID); !errors.Is(err, mapping.ErrNotFound) {
		t.Errorf("an interaction is kept: %v", err)
	}
	if _, err := db.CDR(call.Call); err == nil {
		t.Error("a call is kept")
	}
}
