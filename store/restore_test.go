package store

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"maskd/mapping"
)

var restore = mapping.AuditEntry{At: noon, Action: mapping.ActionStoreRestore, Outcome: mapping.AuditDone, Reason: "the disk was lost"}

// copyHot backs up a store that goes on.
func copyHot(t *testing.T, db *DB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "copy.db")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	var announced int64
	n, err := db.Backup(func(size int64) (io.Writer, error) { announced = size; return file, nil })
	if err := errors.Join(err, file.Close()); err != nil || n != announced {
		t.Fatalf("backed up %d bytes of %d, %v", n, announced, err)
	}
	return path
}

// A copy that is put back has what was there, but for what was erased since, of which it
// gives nothing back, and what was completed since, which connects nobody again.
func TestACopyIsRestored(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 20)
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	var all []mapping.Interaction
	for n := range 4 {
		all = append(all, created(t, db, ride(t, n, n), noon))
	}
	at := noon.Add(time.Minute)
	from := copyHot(t, db)
	text := readFile(t, from)
	completed(t, db, all[1].ID)
	call := callOf(1, &all[3])
	covered, err := db.CoverRecording(t.Context(), all[3].ID, call.Call, []byte("what opens it"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Erase(t.Context(), all[2].ID, noon); err != nil {
		t.Fatal(err)
	}
	late := created(t, db, ride(t, 9, 9), noon)
	if _, err := Restore(t.Context(), o, from, restore, at); !errors.Is(err, ErrLocked) {
		t.Errorf("while it is used: %v", err)
	}
	checkAndClose(t, db)

	done, err := Restore(t.Context(), o, from, restore, at)
	if err != nil {
		t.Fatal(err)
	}
	same(t, done.Completed, []mapping.ID{all[1].ID})
	if done.Erased != 1 || done.Entries != 4 || done.Unread || !done.At.Equal(noon) {
		t.Errorf("restored %+v", done)
	}
	same(t, string(readFile(t, from)), string(text))
	db, err = Open(o, at)
	if err != nil {
		t.Fatal(err)
	}
	for n, i := range all {
		_, refusal := db.Resolve(i.A.DID, i.A.Numbers[0], at)
		if connects := n == 0 || n == 3; (refusal == 0) != connects {
			t.Errorf("interaction %d: %v", n, refusal)
		}
	}
	for _, gone := range []mapping.ID{all[2].ID, late.ID} {
		if _, err := db.Interaction(gone); !errors.Is(err, mapping.ErrNotFound) {
			t.Errorf("%s is read: %v", gone.Text(mapping.KindInteraction), err)
		}
	}
	if got := lastEntry(t, db); got.Action != mapping.ActionStoreRestore || got.Reason != restore.Reason || got.Object != mapping.ObjectNamed("copy", noon.Format(time.RFC3339)) {
		t.Errorf("the audit log's last entry is %+v", got)
	}
	verified(t, db)
	// A recording that was made since goes with its interaction.
	if _, err := db.Erase(t.Context(), all[3].ID, at); err != nil {
		t.Fatal(err)
	}
	if _, err := db.UncoverRecording(call.Call, covered); !errors.Is(err, mapping.ErrNotFound) {
		t.Errorf("its recording is uncovered: %v", err)
	}
	checkAndClose(t, db)
	before := o
	before.Path = done.Aside
	before.Keys = KeysBeside(o.Path)
	if err := with(before, at, func(db *DB) error { return second(db.Interaction(late.ID)) }); err != nil {
		t.Errorf("what was kept aside: %v", err)
	}
}

// Who was blocked since the copy is not called again by it, a DID that was taken out of
// use stays so, and what was put under a legal hold is not erased at the start behind it.
func TestARestoredCopyKeepsBlocksAndHoldsSince(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 20)
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	i := created(t, db, ride(t, 1, 1), noon)
	from := copyHot(t, db)
	blocked, err := db.Block(t.Context(), []mapping.Block{{Number: i.A.Numbers[0]}}, noon)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Hold(t.Context(), i.ID, mapping.HoldTenant|mapping.HoldHouse, noon); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Instruct(t.Context(), "+15550100019", mapping.Order{Standing: mapping.StandingQuarantined}, noon); err != nil {
		t.Fatal(err)
	}
	checkAndClose(t, db)
	if _, err := Restore(t.Context(), o, from, restore, noon); err != nil {
		t.Fatal(err)
	}
	db = opened(t, o)
	if _, err := db.ReadBlock(blocked[0].ID); err != nil {
		t.Errorf("the block: %v", err)
	}
	if _, refusal := db.Resolve(i.A.DID, i.A.Numbers[0], noon); refusal == 0 {
		t.Error("who is blocked connects")
	}
	if held, err := db.Interaction(i.ID); err != nil || held.Held != mapping.HoldTenant|mapping.HoldHouse {
		t.Errorf("held by %v, %v", held.Held, err)
	}
	if last := db.Stock("+15550100018", 1, "", 0, noon); len(last) != 1 || last[0].Standing != mapping.StandingQuarantined {
		t.Errorf("the DID is %+v", last)
	}
}

// Nothing is changed by a file that can't take the store's place.
func TestWhatIsNoCopyIsNotRestored(t *testing.T) {
	o, other := optionsIn(t, t.TempDir(), 4), optionsIn(t, t.TempDir(), 4)
	var copies []string
	for _, o := range []Options{o, other} {
		db, err := Open(o, noon)
		if err != nil {
			t.Fatal(err)
		}
		created(t, db, ride(t, 1, 1), noon)
		copies = append(copies, copyHot(t, db))
		checkAndClose(t, db)
	}
	cut := filepath.Join(t.TempDir(), "cut.db")
	write(t, cut, string(readFile(t, copies[0])[:12<<10]))
	none := filepath.Join(t.TempDir(), "none.db")
	write(t, none, "a song")
	text, keys := readFile(t, o.Path), readFile(t, KeysBeside(o.Path))
	for name, test := range map[string]struct {
		from string
		want error
	}{
		"another store's": {copies[1], ErrKeysOther}, "cut short": {cut, ErrDamaged}, "no store": {none, ErrDamaged},
		"not there": {none + "x", os.ErrNotExist},
	} {
		if _, err := Restore(t.Context(), o, test.from, restore, noon); !errors.Is(err, test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	same(t, string(readFile(t, o.Path)), string(text))
	same(t, string(readFile(t, KeysBeside(o.Path))), string(keys))
	if left, err := filepath.Glob(o.Path + ".*"); err != nil || len(left) != 0 {
		t.Errorf("left are %v, %v", left, err)
	}
}

// A store that was lost, or that nobody can read, is restored all the same, and that is said.
func TestAStoreThatIsLostIsRestored(t *testing.T) {
	for name, lose := range map[string]func(string) error{
		"gone":    os.Remove,
		"damaged": func(path string) error { return os.WriteFile(path, []byte("noise"), 0o600) },
	} {
		o := optionsIn(t, t.TempDir(), 4)
		db, err := Open(o, noon)
		if err != nil {
			t.Fatal(err)
		}
		i := created(t, db, ride(t, 1, 1), noon)
		from := copyHot(t, db)
		checkAndClose(t, db)
		if err := lose(o.Path); err != nil {
			t.Fatal(err)
		}
		done, err := Restore(context.Background(), o, from, restore, noon)
		if err != nil || done.Unread != (name == "damaged") || (done.Aside == "") != (name == "gone") {
			t.Errorf("%s: %+v, %v", name, done, err)
		}
		db = opened(t, o)
		if _, refusal := db.Resolve(i.A.DID, i.A.Numbers[0], noon); refusal != 0 {
			t.Errorf("%s: %v", name, refusal)
		}
	}
}

// What was acknowledged between the reading of the store of before and its end would be
// lost with it: such a restore changes nothing.
func TestAStoreThatWentOnIsNotPutAside(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 20)
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	from := copyHot(t, db)
	checkAndClose(t, db)
	s := &restoration{before: o, copy: o, at: noon}
	s.before.Keys, s.copy.Keys = KeysBeside(o.Path), KeysBeside(o.Path)
	s.copy.Path = o.Path + ".restore"
	if err := errors.Join(s.fetch(from), s.inspect(t.Context()), s.compare(t.Context()), s.finish(t.Context(), restore)); err != nil {
		t.Fatal(err)
	}
	if db, err = Open(o, noon); err != nil {
		t.Fatal(err)
	}
	late := created(t, db, ride(t, 1, 1), noon)
	checkAndClose(t, db)
	if err := s.swap(t.Context()); !errors.Is(err, ErrLocked) {
		t.Errorf("it was put aside: %v", err)
	}
	if db, err = Open(o, noon); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Interaction(late.ID); err != nil {
		t.Error(err)
	}
	checkAndClose(t, db)
}

// Who waits for the lock of a file that is put aside meanwhile has opened the wrong one.
func TestAFileThatWasPutAsideIsNotOpened(t *testing.T) {
	path := filepath.Join(t.TempDir(), "maskd.db")
	write(t, path, "of before")
	before, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path+".restore", "the copy")
	if err := errors.Join(verifySame(path, before), os.Rename(path+".restore", path)); err != nil {
		t.Fatal(err)
	}
	if err := verifySame(path, before); !errors.Is(err, ErrLocked) {
		t.Errorf("it is the same: %v", err)
	}
}
