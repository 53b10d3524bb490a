package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"maskd/mapping"
)

// forgotten has two interactions with a call and a recording each, one call of
// nobody, a backup of the store from before, and has erased the first.
type forgotten struct {
	o                 Options
	db                *DB
	gone, kept        mapping.Interaction
	calls             [3]mapping.ID // of the gone, the kept and nobody
	covered, covered2 []byte
	backup            string
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	if err := os.WriteFile(to, readFile(t, from), 0o600); err != nil {
		t.Fatal(err)
	}
}

func furnished(t *testing.T) *forgotten {
	t.Helper()
	dir := t.TempDir()
	f := &forgotten{o: optionsIn(t, dir, 20), backup: filepath.Join(dir, "backup.db")}
	var err error
	if f.db, err = Open(f.o, noon); err != nil {
		t.Fatal(err)
	}
	first := ride(t, 1, 1)
	first.ExternalID, first.Key = "order-4711", "request-4711"
	f.gone, f.kept = created(t, f.db, first, noon), created(t, f.db, ride(t, 2, 2), noon)
	for n, i := range []*mapping.Interaction{&f.gone, &f.kept, &f.gone} {
		c := callOf(byte(n+1), i)
		if n == 2 {
			c.Interaction, c.Caller, c.Target = mapping.ID{}, rider(t, 1), mapping.Number{}
		}
		c.EndedAt, c.Outcome = noon, mapping.OutcomeAnswered
		f.calls[n] = c.Call
		f.db.Record(c)
	}
	if f.covered, err = f.db.CoverRecording(t.Context(), f.gone.ID, f.calls[0], []byte("what opens it")); err != nil {
		t.Fatal(err)
	}
	if f.covered2, err = f.db.CoverRecording(t.Context(), f.kept.ID, f.calls[1], []byte("what opens it")); err != nil {
		t.Fatal(err)
	}
	if err := f.db.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := f.db.file.View(func(tx *bolt.Tx) error { return tx.CopyFile(f.backup, 0o600) }); err != nil {
		t.Fatal(err)
	}
	return f
}

// closed closes the store and returns the options of what is read with today's keys.
func (f *forgotten) closed(t *testing.T) {
	t.Helper()
	checkAndClose(t, f.db)
}

// nothing expects that a store gives nothing back of the erased interaction, and all
// of the other.
func (f *forgotten) nothing(t *testing.T, db *DB) {
	t.Helper()
	if _, err := db.Interaction(f.gone.ID); !errors.Is(err, mapping.ErrNotFound) {
		t.Errorf("the interaction is read: %v", err)
	}
	if _, err := db.CDR(f.calls[0]); !errors.Is(err, mapping.ErrNotFound) {
		t.Errorf("its call is read: %v", err)
	}
	if _, err := db.UncoverRecording(f.calls[0], f.covered); !errors.Is(err, mapping.ErrNotFound) {
		t.Errorf("its recording is uncovered: %v", err)
	}
	if _, refusal := db.Resolve(f.gone.A.DID, rider(t, 1), noon); refusal == 0 {
		t.Error("its parties are connected")
	}
	kept, err := db.Interaction(f.kept.ID)
	if err != nil {
		t.Fatal(err)
	}
	same(t, kept, f.kept)
	if _, err := db.CDR(f.calls[1]); err != nil {
		t.Error(err)
	}
	if plain, err := db.UncoverRecording(f.calls[1], f.covered2); err != nil || string(plain) != "what opens it" {
		t.Errorf("the other recording: %q, %v", plain, err)
	}
}

// After an erasure neither the store, nor a backup of it from before with the keys of
// now, nor the compacted store gives anything back; what is left says that it was done.
func TestErasedIsGone(t *testing.T) {
	f := furnished(t)
	stone, err := f.db.Erase(t.Context(), f.gone.ID, noon.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	f.nothing(t, f.db)
	again, err := f.db.Erase(t.Context(), f.gone.ID, noon.Add(2*time.Hour))
	if err != nil {
		t.Error(err)
	}
	same(t, again, stone)
	kept, err := f.db.Tombstone(f.gone.ID)
	if err != nil {
		t.Error(err)
	}
	same(t, kept, mapping.Tombstone{Interaction: f.gone.ID, ErasedAt: noon.Add(time.Hour)})
	if got := lastEntry(t, f.db); got.Action != mapping.ActionInteractionErase || got.Object != mapping.ObjectID(mapping.KindInteraction, f.gone.ID) {
		t.Errorf("the audit log's last entry is %+v", got)
	}
	f.closed(t)

	before, after, err := Compact(f.o.Path)
	if err != nil || after > before {
		t.Errorf("compacted from %d to %d bytes, %v", before, after, err)
	}
	db, err := Open(f.o, noon)
	if err != nil {
		t.Fatal(err)
	}
	f.nothing(t, db)
	checkAndClose(t, db)

	old := f.o
	old.Path, old.Keys = f.backup, KeysBeside(f.o.Path)
	if db, err = Open(old, noon); err != nil {
		t.Fatal(err)
	}
	f.nothing(t, db)
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

func lastEntry(t *testing.T, db *DB) mapping.AuditEntry {
	t.Helper()
	var last mapping.AuditEntry
	for from := int64(0); ; from++ {
		rows, err := db.AuditLog().Rows(from, 1)
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) == 0 {
			return last
		}
		last = rows[0].Entry
	}
}

// A crash after the commit and before the keys are destroyed is made good at the next
// start.
func TestACrashDoesNotStopAnErasure(t *testing.T) {
	f := furnished(t)
	keys := KeysBeside(f.o.Path)
	before := readFile(t, keys)
	if _, err := f.db.Erase(t.Context(), f.gone.ID, noon); err != nil {
		t.Fatal(err)
	}
	f.closed(t)
	if err := os.WriteFile(keys, before, 0o600); err != nil { // as they were when it crashed
		t.Fatal(err)
	}
	db, err := Open(f.o, noon)
	if err != nil {
		t.Fatal(err)
	}
	checkAndClose(t, db)
	old := f.o
	old.Path, old.Keys = f.backup, keys
	if db, err = Open(old, noon); err != nil {
		t.Fatal(err)
	}
	f.nothing(t, db)
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

// What is under a legal hold is not erased, by nobody and by no age.
func TestALegalHoldHolds(t *testing.T) {
	db := newStore(t, 10)
	i := created(t, db, ride(t, 1, 1), noon)
	if _, err := db.Hold(t.Context(), i.ID, mapping.HoldTenant, noon); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Erase(t.Context(), i.ID, noon); !errors.Is(err, mapping.ErrHeld) {
		t.Errorf("erase: %v", err)
	}
	late, day := noon.Add(1000*24*time.Hour), mapping.Retention{Interactions: 24 * time.Hour}
	if n, err := db.Retain(t.Context(), day, late); n.Any() || err != nil {
		t.Errorf("retention erased %+v, %v", n, err)
	}
	if _, err := db.Release(t.Context(), i.ID, mapping.HoldTenant, noon); err != nil {
		t.Fatal(err)
	}
	if n, err := db.Retain(t.Context(), day, late); n.Interactions != 1 || err != nil {
		t.Errorf("retention erased %+v, %v", n, err)
	}
}

// Retention erases what ended so long ago, and nothing that lives or is younger.
func TestRetentionTakesWhatIsOverAndOld(t *testing.T) {
	db := newStore(t, 50)
	var all []mapping.Interaction
	for n := range 6 {
		d := ride(t, n, n)
		d.TTL = time.Duration(n+1) * 24 * time.Hour
		all = append(all, created(t, db, d, noon))
	}
	// Each ends a day after the one before; at noon of the eleventh day those are over
	// by a week that lasted up to four days.
	erased, err := db.Retain(t.Context(), mapping.Retention{Interactions: 7 * 24 * time.Hour}, noon.Add(11*24*time.Hour))
	if err != nil || erased.Interactions != 4 {
		t.Errorf("retention erased %+v, %v", erased, err)
	}
	for n, i := range all {
		if _, err := db.Interaction(i.ID); (err == nil) != (n >= 4) {
			t.Errorf("interaction %d: %v", n, err)
		}
	}
	if n, err := db.Retain(t.Context(), mapping.Retention{}, noon.Add(9999*time.Hour)); n.Any() || err != nil {
		t.Errorf("no retention erased %+v, %v", n, err)
	}
}

// A person is found by his number in whatever he was a part of, and nobody else is.
func TestASubjectIsFoundAndErased(t *testing.T) {
	f := furnished(t)
	s, err := f.db.Subject(t.Context(), "", rider(t, 1))
	if err != nil || len(s.Interactions) != 1 || s.Interactions[0].ID != f.gone.ID {
		t.Fatalf("found %d interactions, %v", len(s.Interactions), err)
	}
	calls := make([]mapping.ID, 0, len(s.Calls))
	for _, c := range s.Calls {
		calls = append(calls, c.Call)
	}
	if !slices.Contains(calls, f.calls[2]) || slices.Contains(calls, f.calls[1]) {
		t.Errorf("found calls %v of %v", calls, f.calls)
	}
	if err := f.db.EraseCall(t.Context(), f.calls[2], noon); err != nil {
		t.Error(err)
	}
	if err := f.db.EraseCall(t.Context(), f.calls[1], noon); !errors.Is(err, mapping.ErrNotFound) {
		t.Errorf("the call of an interaction is erased by itself: %v", err)
	}
	if _, err := f.db.Erase(t.Context(), f.gone.ID, noon); err != nil {
		t.Error(err)
	}
	if s, err = f.db.Subject(t.Context(), "", rider(t, 1)); err != nil || len(s.Interactions)+len(s.Calls) != 0 {
		t.Errorf("left are %d interactions and %d calls, %v", len(s.Interactions), len(s.Calls), err)
	}
	if s, err = f.db.Subject(t.Context(), "", rider(t, 2)); err != nil || len(s.Interactions) != 1 || len(s.Calls) != 1 {
		t.Errorf("of another are left %d interactions and %d calls, %v", len(s.Interactions), len(s.Calls), err)
	}
	f.closed(t)
}

// The recordings of a call are erased without its interaction.
func TestARecordingIsErasedAlone(t *testing.T) {
	f := furnished(t)
	if err := f.db.EraseRecording(f.gone.ID, f.calls[0]); err != nil {
		t.Fatal(err)
	}
	if _, err := f.db.UncoverRecording(f.calls[0], f.covered); !errors.Is(err, mapping.ErrNotFound) {
		t.Errorf("it is uncovered: %v", err)
	}
	if _, err := f.db.Interaction(f.gone.ID); err != nil {
		t.Error(err)
	}
	if _, err := f.db.CoverRecording(context.Background(), mapping.ID{9}, f.calls[0], nil); !errors.Is(err, mapping.ErrNotFound) {
		t.Errorf("a recording of no interaction is covered: %v", err)
	}
	f.closed(t)
}

// What is told of a call after its interaction was erased is forgotten with it: no
// fault, and no call that lives for ever.
func TestACallThatEndsAfterItsInteractionIsErasedIsForgotten(t *testing.T) {
	db := newStore(t, 10)
	i := created(t, db, ride(t, 1, 1), noon)
	c := callOf(1, &i)
	c.AnsweredAt = noon
	db.Record(c)
	flushed(t, db)
	if _, err := db.Erase(t.Context(), i.ID, noon); err != nil {
		t.Fatal(err)
	}
	c.EndedAt, c.Outcome = noon.Add(time.Second), mapping.OutcomeAnswered
	db.Record(c)
	db.Record(callOf(2, &i)) // it was admitted before, and first told of now
	flushed(t, db)
	if n := db.Counts().Faults; n != 0 {
		t.Errorf("%d faults", n)
	}
	if _, err := db.CDR(c.Call); !errors.Is(err, mapping.ErrNotFound) {
		t.Errorf("the call is read: %v", err)
	}
	err := db.file.View(func(tx *bolt.Tx) error {
		if n := bucketLive.in(tx).Stats().KeyN; n != 0 {
			t.Errorf("%d calls live for ever", n)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// A request that is sent again after what it has made was erased does not bring the
// numbers back.
func TestARequestThatIsSentAgainDoesNotUndoAnErasure(t *testing.T) {
	db := newStore(t, 10)
	d := ride(t, 1, 1)
	d.ExternalID, d.Key = "order-4711", "request-4711"
	i := created(t, db, d, noon)
	if _, err := db.Erase(t.Context(), i.ID, noon); err != nil {
		t.Fatal(err)
	}
	if _, _, err := db.Create(t.Context(), d, noon.Add(time.Minute)); !errors.Is(err, mapping.ErrReused) {
		t.Errorf("sent again: %v", err)
	}
	d.Key = "request-4712"
	created(t, db, d, noon.Add(time.Minute)) // is asked for anew
}

// Whoever erases, completes and extends one at the same time is told that it is gone,
// or done; nobody is told that the store is damaged.
func TestChangesThatMeetAnErasure(t *testing.T) {
	db := newStore(t, 40)
	for n := range 20 {
		i := created(t, db, ride(t, n, n), noon)
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				if _, err := db.Erase(t.Context(), i.ID, noon); err != nil {
					t.Errorf("erase: %v", err)
				}
			})
			all.Go(func() {
				if _, err := db.Complete(t.Context(), i.ID, "", noon); err != nil && !errors.Is(err, mapping.ErrNotFound) {
					t.Errorf("complete: %v", err)
				}
			})
		}
		all.Wait()
		if _, refusal := db.Resolve(i.A.DID, i.A.Numbers[0], noon); refusal == 0 {
			t.Error("its parties are connected")
		}
	}
}

// An erasure hides first: while it commits nobody is connected, and when it is
// acknowledged it is durable.
func TestAnErasureHidesBeforeItCommits(t *testing.T) {
	disk := newDisk()
	db := openedOn(t, optionsIn(t, t.TempDir(), 1), disk)
	i := created(t, db, lastRide(t), noon)
	resume := disk.stall(t)
	ended := make(chan error, 1)
	go func() {
		_, err := db.Erase(t.Context(), i.ID, noon)
		ended <- err
	}()
	disk.awaitCommit(t)
	if _, refusal := db.Resolve(i.A.DID, rider(t, 1), noon); refusal == 0 {
		t.Error("connected while the erasure commits")
	}
	if db.Live(i.ID, noon) {
		t.Error("live while the erasure commits")
	}
	select {
	case err := <-ended:
		t.Errorf("acknowledged before the commit: %v", err)
	default:
	}
	resume()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
