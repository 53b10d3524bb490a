package store

import (
	"bytes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"maskd/mapping"
)

// stray is the record of a call that was for no interaction.
func stray(t *testing.T, n byte) mapping.CDR {
	t.Helper()
	return mapping.CDR{
		Call: mapping.NewID(noon, [10]byte{n, 1}), Caller: rider(t, int(n)), DID: "+15550100001", TrunkIn: "carrier",
		AdmittedAt: noon, EndedAt: noon, Outcome: mapping.OutcomeRefused, Refusal: mapping.RefusalUnknown,
	}
}

func contents(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestFileOfKeysIsPrivateAndSealed(t *testing.T) {
	o := closedStore(t)
	info, err := os.Stat(o.Keys)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if bytes.Contains(contents(t, o.Keys), []byte("PRIVATE+KEY")) {
		t.Error("the key of the audit log is in clear")
	}
}

// What a create does must not cost a write of another file.
func TestACreateDoesNotWriteTheKeys(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 10)
	db := opened(t, o)
	created(t, db, ride(t, 0, 0), noon)
	before := contents(t, o.Keys)
	for n := range 20 {
		created(t, db, ride(t, n+1, n+1), noon)
	}
	if !bytes.Equal(before, contents(t, o.Keys)) {
		t.Error("the file of keys was written")
	}
	created(t, db, ride(t, 50, 50), noon.Add(24*time.Hour))
	if bytes.Equal(before, contents(t, o.Keys)) {
		t.Error("a new day has no key of its own")
	}
}

func TestNoLeafIsGivenOutTwice(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 10)
	seen := make(map[uint32]bool)
	for range 3 {
		db, err := Open(o, noon)
		if err != nil {
			t.Fatal(err)
		}
		for n := range reservation/2 + 1 {
			leaf, err := db.keys.leaf(1)
			if err != nil || leaf == 0 || seen[leaf] {
				t.Fatalf("leaf %d, the %dth: %v", leaf, n, err)
			}
			seen[leaf] = true
		}
		checkAndClose(t, db)
	}
}

// A backup of the store made before, with the keys of today, gives nothing back
// of what was destroyed, and all of the rest.
func TestABackupGivesNothingBackOfWhatWasDestroyed(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 10)
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	gone, left := created(t, db, ride(t, 1, 1), noon), created(t, db, ride(t, 2, 2), noon)
	for n, i := range []*mapping.Interaction{&gone, &left} {
		c := callOf(byte(n), i)
		c.Outcome, c.EndedAt = mapping.OutcomeAnswered, noon
		db.Record(c)
	}
	flushed(t, db)
	backup := contents(t, o.Path)
	if err := db.DestroyKeys(gone.ID, mapping.NewID(noon, [10]byte{99})); err != nil {
		t.Fatal(err)
	}
	look := func(db *DB) {
		t.Helper()
		if _, err := db.Interaction(gone.ID); !errors.Is(err, mapping.ErrNotFound) {
			t.Errorf("what is destroyed is found: %v", err)
		}
		if _, refusal := db.Resolve(gone.A.DID, rider(t, 1), noon); refusal == 0 {
			t.Error("what is destroyed connects")
		}
		if i, err := db.Interaction(left.ID); err != nil || i.A.Numbers[0] != rider(t, 2) {
			t.Errorf("what is not destroyed is gone: %v", err)
		}
		if page, err := db.Interactions(mapping.ID{}, 10); err != nil || len(page) != 1 {
			t.Errorf("%d interactions are listed: %v", len(page), err)
		}
		if page, err := db.CDRs(mapping.ID{}, 10); err != nil || len(page) != 1 || page[0].Interaction != left.ID {
			t.Errorf("%d calls are listed: %v", len(page), err)
		}
	}
	look(db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	write(t, o.Path, string(backup))
	db, err = Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	look(db)
	checkAndClose(t, db)
}

func TestADestroyedDayTakesAllOfItsCallsAlong(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 10)
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	i := created(t, db, ride(t, 1, 1), noon)
	later := created(t, db, ride(t, 2, 2), noon.Add(24*time.Hour))
	db.Record(stray(t, 5))
	flushed(t, db)
	if _, err := db.CDR(stray(t, 5).Call); err != nil {
		t.Fatal(err)
	}
	for _, tree := range []day{forInteractions, forNobody} {
		if err := db.keys.destroyDays(tree, dayOf(i.ID)+1, nil); err != nil {
			t.Fatal(err)
		}
	}
	db = reopened(t, o, db)
	for name, err := range map[string]error{
		"interaction": second(db.Interaction(i.ID)), "call": second(db.CDR(stray(t, 5).Call)),
	} {
		if !errors.Is(err, mapping.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := db.Interaction(later.ID); err != nil {
		t.Errorf("another day: %v", err)
	}
	checkAndClose(t, db)
}

func second[T any](_ T, err error) error { return err }

func TestTheRootKeyIsRotatedWithoutTouchingARecord(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 10)
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	i, ref := created(t, db, ride(t, 1, 1), noon), db.Ref(mapping.DefaultTenant, rider(t, 1))
	old, record := contents(t, o.RootKey), contents(t, o.Path)
	if err := db.RotateRoot(); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(record, contents(t, o.Path)) {
		t.Error("the store was written")
	}
	root, err := parseRootKey("old", bytes.NewReader(old))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := openKeys(o.Keys, root, nil); !errors.Is(err, ErrKeyWrong) {
		t.Errorf("the old root key opens the keys: %v", err)
	}
	created(t, db, ride(t, 2, 2), noon.Add(24*time.Hour)) // keys are written after it
	db = reopened(t, o, db)
	if again, err := db.Interaction(i.ID); err != nil || again.A.Numbers[0] != rider(t, 1) {
		t.Errorf("after the rotation: %v", err)
	}
	same(t, db.Ref(mapping.DefaultTenant, rider(t, 1)), ref)
	checkAndClose(t, db)
	write(t, o.RootKey, string(old))
	before := contents(t, o.Keys)
	if _, err := Open(o, noon); !errors.Is(err, ErrKeyWrong) {
		t.Errorf("with the old root key: %v", err)
	}
	if !bytes.Equal(before, contents(t, o.Keys)) {
		t.Error("the wrong key changed the file of keys")
	}
}

// A crash between the steps of a rotation leaves two copies of the keys, and
// either root key opens them.
func TestARotationCutShortLeavesAStoreThatOpens(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 10)
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	i := created(t, db, ride(t, 1, 1), noon)
	old := contents(t, o.RootKey)
	next := filepath.Join(t.TempDir(), "next.key")
	root, err := makeRootKey(next, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	wrap, err := wrapOf(root)
	if err != nil {
		t.Fatal(err)
	}
	if err := writeKeys(o.Keys, db.keys.set.Load(), db.keys.wraps[0], wrap); err != nil { // the first of the steps
		t.Fatal(err)
	}
	db = reopened(t, o, db)
	checkAndClose(t, db)
	for range 2 {
		write(t, o.RootKey, string(contents(t, next)))
		if db, err = Open(o, noon); err != nil {
			t.Fatalf("with the new root key: %v", err)
		}
		if _, err := db.Interaction(i.ID); err != nil {
			t.Error(err)
		}
		checkAndClose(t, db)
	}
	write(t, o.RootKey, string(old))
	if _, err := Open(o, noon); !errors.Is(err, ErrKeyWrong) {
		t.Errorf("with the old root key, after a start with the new one: %v", err)
	}
}

// Who starts once more with the root key of before must not find later that the next
// one opens nothing, and the one of before is destroyed.
func TestARootKeyThatWaitsOutlivesStartsWithTheOneBefore(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 10)
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	next := filepath.Join(t.TempDir(), "next.key")
	if db.RootWaits() {
		t.Error("a root key waits that nobody has written")
	}
	if err := db.StageRoot(next); err != nil {
		t.Fatal(err)
	}
	early, old := contents(t, o.Keys), contents(t, o.RootKey)
	var last mapping.Interaction
	for n := range 3 {
		db = reopened(t, o, db)
		if !db.RootWaits() {
			t.Fatalf("after %d starts nothing is known of the root key that waits", n+1)
		}
		last = created(t, db, ride(t, n, n), noon.AddDate(0, 0, n+1)) // the file of keys is written
	}
	checkAndClose(t, db)
	write(t, o.RootKey, string(contents(t, next)))
	if db, err = Open(o, noon); err != nil {
		t.Fatalf("with the next root key: %v", err)
	}
	if _, err := db.Interaction(last.ID); err != nil || db.RootWaits() {
		t.Errorf("with the next root key: %v, another waits: %v", err, db.RootWaits())
	}
	checkAndClose(t, db)

	// Who had the old root key and read the file meanwhile opens nothing of it now.
	write(t, o.Keys+".early", string(early))
	root, err := parseRootKey("old", bytes.NewReader(old))
	if err != nil {
		t.Fatal(err)
	}
	k, err := openKeys(o.Keys+".early", root, nil)
	if err != nil {
		t.Fatal(err)
	}
	wrap, err := newAEAD(k.set.Load().next[:])
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := readKeys(o.Keys, wrap); !errors.Is(err, ErrKeyWrong) {
		t.Errorf("what the old root key opened opens the keys of now: %v", err)
	}
}

func TestARotationTakesTheRootKeyThatWaitsAlong(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 10)
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	first, second := filepath.Join(dir, "first"), filepath.Join(dir, "second")
	if err := errors.Join(db.StageRoot(first), db.StageRoot(second)); err != nil {
		t.Fatal(err)
	}
	checkAndClose(t, db)
	mine := contents(t, o.RootKey)
	write(t, o.RootKey, string(contents(t, first)))
	if _, err := Open(o, noon); !errors.Is(err, ErrKeyWrong) {
		t.Errorf("with one that another has replaced: %v", err)
	}
	write(t, o.RootKey, string(mine))
	if db, err = Open(o, noon); err != nil {
		t.Fatal(err)
	}
	if err := db.RotateRoot(); err != nil || db.RootWaits() {
		t.Errorf("rotate: %v, one waits: %v", err, db.RootWaits())
	}
	checkAndClose(t, db)
	write(t, o.RootKey, string(contents(t, second)))
	if _, err := Open(o, noon); !errors.Is(err, ErrKeyWrong) {
		t.Errorf("with one that waited when the root key was rotated: %v", err)
	}
}

func TestACredentialIsReadAndNeverMade(t *testing.T) {
	o := closedStore(t)
	o.Credential = filepath.Join(t.TempDir(), "credential")
	if _, err := Open(o, noon); !errors.Is(err, ErrKeyUnreadable) {
		t.Errorf("no credential: %v", err)
	}
	if err := os.Rename(o.RootKey, o.Credential); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(o.Credential, 0o440); err != nil { // as an access control list looks
		t.Fatal(err)
	}
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.RotateRoot(); !errors.Is(err, mapping.ErrKeyGiven) {
		t.Errorf("rotate: %v", err)
	}
	next := filepath.Join(t.TempDir(), "next")
	if err := db.StageRoot(next); err != nil {
		t.Fatal(err)
	}
	if err := db.StageRoot(next); !errors.Is(err, os.ErrExist) {
		t.Errorf("over a file that is there: %v", err)
	}
	checkAndClose(t, db)
	o.Credential = next
	db = opened(t, o)
	same(t, db.Counts().Live, 1)
}

func TestWrongKeysAreNamedAndNothingIsWritten(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(t *testing.T, o Options)
		want  error
	}{
		"missing":       {func(t *testing.T, o Options) { _ = os.Remove(o.Keys) }, ErrKeysMissing},
		"another store": {func(t *testing.T, o Options) { other := closedStore(t); moveKeys(t, other, o) }, ErrKeysOther},
		"cut": {func(t *testing.T, o Options) {
			text := contents(t, o.Keys)
			write(t, o.Keys, string(text[:len(text)-1]))
		}, ErrDamaged},
		"a bit flipped": {func(t *testing.T, o Options) {
			text := contents(t, o.Keys)
			text[len(text)-20] ^= 1
			write(t, o.Keys, string(text))
		}, ErrKeyWrong},
		"no keys at all": {func(t *testing.T, o Options) { write(t, o.Keys, "hello") }, ErrDamaged},
	} {
		t.Run(name, func(t *testing.T) {
			o := closedStore(t)
			c.spoil(t, o)
			before := contents(t, o.Path)
			if _, err := Open(o, noon); !errors.Is(err, c.want) {
				t.Errorf("open: %v, want %v", err, c.want)
			}
			if !bytes.Equal(before, contents(t, o.Path)) {
				t.Error("the store was changed")
			}
		})
	}
}

// moveKeys gives a store the keys of another, with the root key that opens them.
func moveKeys(t *testing.T, from, to Options) {
	t.Helper()
	write(t, to.Keys, string(contents(t, from.Keys)))
	write(t, to.RootKey, string(contents(t, from.RootKey)))
}

// TestAStoreOfSchema2MovesItsKeys opens a store whose keys were in it.
func TestAStoreOfSchema2MovesItsKeys(t *testing.T) {
	o := old(t, "schema2calls")
	moved := func(db *DB) {
		t.Helper()
		for n := range 3 {
			i, err := db.ByExternalID(mapping.DefaultTenant, "ride-"+string(rune('0'+n)))
			if err != nil || i.A.Numbers[0] != rider(t, n) {
				t.Fatalf("ride %d: %v", n, err)
			}
		}
		same(t, db.Ref(mapping.DefaultTenant, rider(t, 0)), "num_un34gj93qkvnrjes")
		page, err := db.CDRs(mapping.ID{}, 10)
		if err != nil || len(page) != 4 {
			t.Fatalf("%d calls: %v", len(page), err)
		}
		c, err := db.CDR(mapping.NewID(noon, [10]byte{99}))
		if err != nil || c.Caller != rider(t, 77) || !c.Interaction.IsZero() {
			t.Errorf("the call without interaction: %v", err)
		}
	}
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	moved(db)
	created(t, db, ride(t, 7, 7), noon)
	i, err := db.ByExternalID(mapping.DefaultTenant, "ride-1")
	if err != nil {
		t.Fatal(err)
	}
	if err := db.file.View(func(tx *bolt.Tx) error {
		if bucketDays.in(tx) != nil {
			t.Error("the old keys of days are still there")
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	db = reopened(t, o, db)
	moved(db)
	if err := db.DestroyKeys(i.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Interaction(i.ID); !errors.Is(err, mapping.ErrNotFound) {
		t.Errorf("its key is destroyed: %v", err)
	}
	checkAndClose(t, db)
}

// A crash in the middle leaves some keys moved and the schema as it was.
func TestAMoveOfKeysThatWasCutShortGoesOn(t *testing.T) {
	o := old(t, "schema2calls")
	root, err := readRootKey(o.RootKey)
	if err != nil {
		t.Fatal(err)
	}
	file, err := openFile(o.Path)
	if err != nil {
		t.Fatal(err)
	}
	derived, err := oldKeys(root)
	if err != nil {
		t.Fatal(err)
	}
	o.Rand = bytes.NewReader(bytes.Repeat([]byte{7}, 4096))
	m := &migration{file: file, days: make(map[day]cipher.AEAD)}
	if m.wrap, err = newAEAD(derived[0]); err != nil {
		t.Fatal(err)
	}
	if m.keys, err = adoptKeys(o, root, derived); err != nil {
		t.Fatal(err)
	}
	left := 2
	err = m.moveAll(bucketKeys, func(tx *bolt.Tx, id mapping.ID, row []byte) ([]byte, error) {
		if left--; left < 0 {
			return row, nil
		}
		return m.moveKey(tx, id, row)
	})
	if err = errors.Join(err, file.Close()); err != nil {
		t.Fatal(err)
	}
	o.Rand = nil
	db := opened(t, o)
	for n := range 3 {
		if _, err := db.ByExternalID(mapping.DefaultTenant, "ride-"+string(rune('0'+n))); err != nil {
			t.Errorf("ride %d: %v", n, err)
		}
	}
}

// FuzzKeys: what is read of a file of keys is written back the same.
func FuzzKeys(f *testing.F) {
	left := tree(3).without(7).without(1 << 20)
	set := &keySet{signer: "signer", verifier: "verifier", days: map[day]*dayKeys{20_000: {foliage: foliage{branch: left}, reserved: reservation}}}
	set.store, set.tenants = keySecret{1}, keySecret{2}
	f.Add([]byte(set.encode()))
	f.Fuzz(func(t *testing.T, text []byte) {
		read, err := decodeKeys(text)
		if err != nil {
			return
		}
		again, err := decodeKeys(read.encode())
		if err != nil || !bytes.Equal(again.encode(), read.encode()) {
			t.Errorf("it is read as something else the second time: %v", err)
		}
	})
}
