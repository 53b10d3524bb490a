package store

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"maskd/audit"
	"maskd/mapping"
)

// clerk is who asks in these tests.
func clerk() mapping.Actor {
	return mapping.Actor{Way: mapping.WaySocket, UID: 1000, GID: 1001, PID: 42, Role: mapping.RoleIntegrator, Tenant: "north"}
}

// requested is a context of a request, and the request.
func requested(t *testing.T) (context.Context, *mapping.Deed) {
	t.Helper()
	deed := &mapping.Deed{Actor: clerk()}
	return mapping.WithDeed(t.Context(), deed), deed
}

// entries returns the audit log.
func entries(t *testing.T, db *DB) (all []mapping.AuditEntry) {
	t.Helper()
	rows, err := db.AuditLog().Rows(0, maxPage)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range rows {
		if r.Entry.Index != uint64(i) {
			t.Errorf("entry %d is the %dth", r.Entry.Index, i)
		}
		all = append(all, r.Entry)
	}
	return all
}

// exported returns the export of a log, and what came of its verification.
func exported(t *testing.T, l *AuditLog) ([]byte, *audit.Report) {
	t.Helper()
	var out bytes.Buffer
	if err := audit.Export(t.Context(), l, l.Verifier(), 0, &out); err != nil {
		t.Fatal(err)
	}
	report, err := audit.Verify(bytes.NewReader(out.Bytes()), l.Verifier(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), report
}

func verified(t *testing.T, db *DB) {
	t.Helper()
	if _, report := exported(t, db.AuditLog()); !report.OK() {
		t.Errorf("the audit log does not verify: %v", report.Findings)
	}
}

func TestEveryChangeIsInTheAuditLog(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 4)
	o.Pools = policedPool(t, 4, mapping.Policy{CoolDown: time.Hour})
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	i := created(t, db, ride(t, 9, 9), noon) // the daemon itself
	object := mapping.ObjectID(mapping.KindInteraction, i.ID)
	ctx, deed := requested(t)
	steps := []struct {
		action mapping.Action
		object mapping.Object
		do     func() error
	}{
		{mapping.ActionInteractionExtend, object, func() error {
			return second(db.Extend(ctx, i.ID, mapping.Extension{ExpiresAt: i.ExpiresAt.Add(1e9)}, noon))
		}},
		{mapping.ActionInteractionComplete, object, func() error { return second(db.Complete(ctx, i.ID, "", noon)) }},
		{mapping.ActionInteractionReopen, object, func() error {
			return second(db.Reopen(ctx, i.ID, mapping.Extension{TTL: 3600e9}, noon))
		}},
		{mapping.ActionNumberInstruct, mapping.ObjectDID(i.A.DID), func() error {
			return second(db.Instruct(ctx, i.A.DID, mapping.Order{Standing: mapping.StandingDraining}, noon))
		}},
	}
	for n, s := range steps {
		if err := s.do(); err != nil {
			t.Fatalf("%s: %v", s.action, err)
		}
		got := entries(t, db)
		if len(got) != n+2 {
			t.Fatalf("%s: %d entries", s.action, len(got))
		}
		want := mapping.AuditEntry{Index: uint64(n + 1), At: noon, Actor: clerk(), Action: s.action, Object: s.object, Outcome: mapping.AuditDone}
		same(t, got[n+1], want)
		if !deed.IsTold() {
			t.Errorf("%s: the request is not told of", s.action)
		}
		ctx, deed = requested(t)
	}
	first := entries(t, db)[0]
	if first.Action != mapping.ActionInteractionCreate || first.Object != object || first.Actor.Way != mapping.WayDaemon || first.Actor.PID != int32(os.Getpid()) {
		t.Errorf("the first entry is %+v", first)
	}
	// What changes nothing is for who asked to tell of.
	if _, err := db.Reopen(ctx, i.ID, mapping.Extension{TTL: 3600e9}, noon); err != nil || deed.IsTold() {
		t.Errorf("a reopen of what is open is told of: %v", err)
	}
	verified(t, db)
	db = reopened(t, o, db)
	same(t, len(entries(t, db)), len(steps)+1)
	created(t, db, ride(t, 1, 1), noon)
	verified(t, db)
	checkAndClose(t, db)
}

func TestAWitnessIsDurableIfItIsUrgent(t *testing.T) {
	db := newStore(t, 4)
	reveal := mapping.AuditEntry{At: noon, Actor: clerk(), Action: mapping.ActionInteractionReveal, Outcome: mapping.AuditDone, Reason: "dispute 4711"}
	if err := db.Witness(t.Context(), reveal); err != nil {
		t.Fatal(err)
	}
	if got := entries(t, db); len(got) != 1 || got[0].Reason != "dispute 4711" {
		t.Fatalf("entries after the first: %v", got)
	}
	look := mapping.AuditEntry{At: noon, Actor: clerk(), Action: mapping.ActionCDRList, Outcome: mapping.AuditDone}
	if err := db.Witness(t.Context(), look); err != nil {
		t.Fatal(err)
	}
	flushed(t, db)
	same(t, len(entries(t, db)), 2)
	var invalid *mapping.InvalidError
	reveal.Reason = "two\nlines"
	if err := db.Witness(t.Context(), reveal); !errors.As(err, &invalid) {
		t.Errorf("a reason of two lines: %v", err)
	}
	verified(t, db)
}

// An entry of a commit that failed is nowhere, but for those that nobody waits
// for, which come with the next.
func TestAFailedCommitTellsNothing(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 4)
	o.OnFault = func(error) {}
	disk := newDisk()
	db := openedOn(t, o, disk)
	created(t, db, ride(t, 1, 1), noon)
	disk.full.Store(true)
	look := mapping.AuditEntry{At: noon, Actor: clerk(), Action: mapping.ActionCDRList, Outcome: mapping.AuditDone}
	if err := db.Witness(t.Context(), look); err != nil {
		t.Fatal(err)
	}
	ctx, deed := requested(t)
	if _, _, err := db.Create(ctx, ride(t, 2, 2), noon); !errors.Is(err, mapping.ErrUnavailable) || deed.IsTold() {
		t.Errorf("create: %v, told %t", err, deed.IsTold())
	}
	disk.full.Store(false)
	created(t, db, ride(t, 3, 3), noon)
	got := entries(t, db)
	if len(got) != 3 || got[1].Action != mapping.ActionCDRList || got[2].Action != mapping.ActionInteractionCreate {
		t.Errorf("entries %+v", got)
	}
	verified(t, db)
}

// The reason may be personal data of a party: it goes with the interaction, and
// what was done stays provable.
func TestAReasonGoesWithItsInteraction(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 4)
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	i := created(t, db, ride(t, 1, 1), noon)
	reveal := mapping.AuditEntry{
		At: noon, Actor: clerk(), Action: mapping.ActionInteractionReveal, Outcome: mapping.AuditDone,
		Object: mapping.ObjectID(mapping.KindInteraction, i.ID), Reason: "Ms Okafor says that he shouted",
	}
	list := reveal
	list.Action, list.Object, list.Reason = mapping.ActionAuditExport, "", "yearly audit"
	for _, e := range []mapping.AuditEntry{reveal, list} {
		if err := db.Witness(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	if bytes.Contains(contents(t, o.Path), []byte("Okafor")) {
		t.Error("the reason is in the file in clear")
	}
	same(t, entries(t, db)[1].Reason, reveal.Reason)
	if err := db.DestroyKeys(i.ID); err != nil {
		t.Fatal(err)
	}
	got := entries(t, db)
	if got[1].Reason != "" || got[1].Commitment == (mapping.Commitment{}) || got[2].Reason != "yearly audit" {
		t.Errorf("entries %+v", got)
	}
	text, report := exported(t, db.AuditLog())
	if !report.OK() || !bytes.Contains(text, []byte(`"reason_erased":true`)) {
		t.Errorf("it does not verify: %v", report.Findings)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// logged is a store with a log of more than a tile, closed.
func logged(t *testing.T) Options {
	t.Helper()
	o := optionsIn(t, t.TempDir(), 4)
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 300 {
		e := mapping.AuditEntry{At: noon, Actor: clerk(), Action: mapping.ActionAuditExport, Outcome: mapping.AuditDone}
		if n%3 == 0 {
			e.Reason = "yearly audit"
		}
		s := &statement{db: db, entry: e, done: newAnswer()}
		if err := db.complement(&s.entry); err != nil {
			t.Fatal(err)
		}
		if !db.writer.queue.push(s, noLimit) {
			t.Fatal("not queued")
		}
	}
	flushed(t, db)
	checkAndClose(t, db)
	return o
}

func openedLog(t *testing.T, o Options) *AuditLog {
	t.Helper()
	l, closer, err := OpenAudit(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = closer.Close() })
	return l
}

// Whoever can write the file and has no key changes any value of the log: it is
// named, and the store does not open where its end is concerned.
func TestAnEntryThatIsAlteredInTheStoreIsNamed(t *testing.T) {
	for name, c := range map[string]struct {
		spoil       func(tx *bolt.Tx) error
		first, last int64
		opens       bool
	}{
		"a bit of an entry": {func(tx *bolt.Tx) error {
			value := bytes.Clone(bucketAudit.in(tx).Get(auditKey(7)))
			value[len(value)/2] ^= 4
			return bucketAudit.in(tx).Put(auditKey(7), value)
		}, 7, 7, true},
		"an entry and its check": {func(tx *bolt.Tx) error {
			value := bytes.Clone(bucketAudit.in(tx).Get(auditKey(7)))
			value[8+12] ^= 4 // of its time
			check := audit.CheckOf(audit.Hash(value[8:]))
			copy(value, check[:])
			return bucketAudit.in(tx).Put(auditKey(7), value)
		}, 0, 255, true},
		"the same near the end": {func(tx *bolt.Tx) error {
			value := bytes.Clone(bucketAudit.in(tx).Get(auditKey(299)))
			value[8+12] ^= 4 // of its time
			check := audit.CheckOf(audit.Hash(value[8:]))
			copy(value, check[:])
			return bucketAudit.in(tx).Put(auditKey(299), value)
		}, -1, -1, false},
		"an entry gone": {func(tx *bolt.Tx) error { return bucketAudit.in(tx).Delete(auditKey(8)) }, 8, 8, true},
		"the last gone": {func(tx *bolt.Tx) error { return bucketAudit.in(tx).Delete(auditKey(299)) }, 299, 299, false},
		"all gone": {func(tx *bolt.Tx) error {
			return errors.Join(tx.DeleteBucket([]byte(bucketAudit)), second(tx.CreateBucket([]byte(bucketAudit))))
		}, 0, 0, false},
		"two swapped": {func(tx *bolt.Tx) error {
			in := bucketAudit.in(tx)
			a, b := bytes.Clone(in.Get(auditKey(9))), bytes.Clone(in.Get(auditKey(10)))
			return errors.Join(in.Put(auditKey(9), b), in.Put(auditKey(10), a))
		}, 0, 255, true},
		"a tile": {func(tx *bolt.Tx) error {
			return bucketTiles.in(tx).Put(tileKey(1, 0), make([]byte, 32))
		}, 0, 255, false},
		"a reason": {func(tx *bolt.Tx) error {
			value := bytes.Clone(bucketReasons.in(tx).Get(auditKey(6)))
			value[len(value)-1] ^= 1
			return bucketReasons.in(tx).Put(auditKey(6), value)
		}, 6, 6, true},
		"a reason gone": {func(tx *bolt.Tx) error { return bucketReasons.in(tx).Delete(auditKey(6)) }, 6, 6, true},
		"a reason moved": {func(tx *bolt.Tx) error {
			return bucketReasons.in(tx).Put(auditKey(9), bytes.Clone(bucketReasons.in(tx).Get(auditKey(6))))
		}, 9, 9, true},
		"the checkpoint": {func(tx *bolt.Tx) error {
			signed := bytes.Replace(bucketTiles.in(tx).Get(keyCheckpoint), []byte("\n300\n"), []byte("\n299\n"), 1)
			return bucketTiles.in(tx).Put(keyCheckpoint, signed)
		}, -1, -1, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := logged(t)
			file, err := bolt.Open(o.Path, 0o600, nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(file.Update(c.spoil), file.Close()); err != nil {
				t.Fatal(err)
			}
			l, closer, err := OpenAudit(o)
			if err != nil {
				t.Fatal(err)
			}
			named(t, l, c.first, c.last)
			if err := closer.Close(); err != nil {
				t.Fatal(err)
			}
			db, err := Open(o, noon)
			if c.opens != (err == nil) || err != nil && !errors.Is(err, ErrDamaged) {
				t.Errorf("open: %v", err)
			}
			if err == nil {
				_ = db.Close()
			}
		})
	}
}

// named sees that a finding is about one of these entries.
func named(t *testing.T, l *AuditLog, first, last int64) {
	t.Helper()
	var out bytes.Buffer
	if err := audit.Export(t.Context(), l, l.Verifier(), 0, &out); err != nil {
		if first >= 0 {
			t.Error(err)
		}
		return
	}
	report, err := audit.Verify(&out, l.Verifier(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range report.Findings {
		if f.Index >= first && f.Index <= last {
			return
		}
	}
	t.Errorf("none of %v is about %d to %d", report.Findings, first, last)
}

// A bit anywhere in the file: either the log can't be read or verified, or what
// was flipped is no part of it, and the export is what it was.
func TestAnyBitOfTheFileIsFoundOrIsNoneOfTheLog(t *testing.T) {
	o := logged(t)
	whole := contents(t, o.Path)
	l, closer, err := OpenAudit(o)
	if err != nil {
		t.Fatal(err)
	}
	want, report := exported(t, l)
	if err := closer.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(o.Path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	flips, found := 200, 0
	for left := flips; left > 0; {
		at := rand.IntN(len(whole))
		if left%2 == 0 { // where a page says what it has
			at -= at % 4096
			at += rand.IntN(64)
		}
		if whole[at] == 0 { // most of the file is empty
			continue
		}
		left--
		overwrite(t, file, at, whole[at]^1<<rand.IntN(8))
		if got := verdict(t, o, &report.Checkpoint); got == nil {
			found++
		} else if !bytes.Equal(got, want) {
			t.Fatalf("byte %d: the log is another one and verifies", at)
		}
		overwrite(t, file, at, whole[at])
	}
	t.Logf("%d of %d flips were found", found, flips)
	if found == 0 {
		t.Error("no flip was found")
	}
}

func overwrite(t *testing.T, file *os.File, at int, b byte) {
	t.Helper()
	if _, err := file.WriteAt([]byte{b}, int64(at)); err != nil {
		t.Fatal(err)
	}
}

// verdict returns the export of a store that verifies; nil if it does not. The
// older checkpoint is needed: with one of its two meta pages spoilt, a file is
// what it was a commit before.
func verdict(t *testing.T, o Options, older *audit.Checkpoint) []byte {
	t.Helper()
	l, closer, err := OpenAudit(o)
	if err != nil {
		return nil
	}
	defer closer.Close()
	var out bytes.Buffer
	if err := audit.Export(t.Context(), l, l.Verifier(), 0, &out); err != nil {
		return nil
	}
	report, err := audit.Verify(bytes.NewReader(out.Bytes()), l.Verifier(), older)
	if err != nil || !report.OK() {
		return nil
	}
	return out.Bytes()
}

func TestProofsOfTheLogAreThoseOfTlog(t *testing.T) {
	l := openedLog(t, logged(t))
	signed, err := l.Latest()
	if err != nil {
		t.Fatal(err)
	}
	last, err := audit.Open(signed, l.Verifier())
	if err != nil {
		t.Fatal(err)
	}
	rows, err := l.Rows(0, 300)
	if err != nil {
		t.Fatal(err)
	}
	for _, index := range []int64{0, 255, 256, 299} {
		proof, err := audit.Prove(l, index, last.Size)
		if err != nil {
			t.Fatal(err)
		}
		if err := audit.CheckProof(proof, last, index, rows[index].Leaf); err != nil {
			t.Errorf("entry %d: %v", index, err)
		}
		if audit.CheckProof(proof, last, index, rows[3].Leaf) == nil {
			t.Errorf("entry %d: the proof is one of another", index)
		}
	}
}
