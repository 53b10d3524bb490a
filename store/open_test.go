package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"testing"

	bolt "go.etcd.io/bbolt"

	"maskd/mapping"
)

// closedStore makes a store with one interaction and closes it.
func closedStore(t *testing.T) Options {
	t.Helper()
	o := optionsIn(t, t.TempDir(), 4)
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	created(t, db, ride(t, 1, 1), noon)
	checkAndClose(t, db)
	return o
}

func TestFirstStartMakesPrivateFiles(t *testing.T) {
	o := closedStore(t)
	for path, want := range map[string]os.FileMode{filepath.Dir(o.Path): 0o700, o.Path: 0o600, o.RootKey: 0o600} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %o, want %o", filepath.Base(path), got, want)
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestOpenSaysWhatIsWrongAndChangesNothing(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(t *testing.T, o Options)
		want  error
	}{
		"key missing":        {func(t *testing.T, o Options) { _ = os.Remove(o.RootKey) }, ErrKeyMissing},
		"key is a directory": {func(t *testing.T, o Options) { _ = os.Remove(o.RootKey); _ = os.Mkdir(o.RootKey, 0o700) }, ErrKeyUnreadable},
		"key too short":      {func(t *testing.T, o Options) { write(t, o.RootKey, "c2hvcnQ=\n") }, ErrKeySize},
		"key not base64":     {func(t *testing.T, o Options) { write(t, o.RootKey, "0123456789abcdef0123456789abcde\n") }, ErrKeySize},
		"key exposed":        {func(t *testing.T, o Options) { _ = os.Chmod(o.RootKey, 0o640) }, ErrKeyExposed},
		"another key": {func(t *testing.T, o Options) {
			write(t, o.RootKey, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")
		}, ErrKeyWrong},
		"no bbolt file": {func(t *testing.T, o Options) { write(t, o.Path, string(make([]byte, 1<<16))) }, ErrDamaged},
		"cut file":      {func(t *testing.T, o Options) { _ = os.Truncate(o.Path, 3*4096) }, ErrDamaged},
		"used page is free": {func(t *testing.T, o Options) {
			file, err := bolt.Open(o.Path, fileMode, nil)
			if err != nil {
				t.Fatal(err)
			}
			f := toSpoil(t, file)
			f.set(f.freeList, pageHeader, f.root)
			if err := file.Close(); err != nil {
				t.Fatal(err)
			}
		}, ErrDamaged},
		"newer schema": {func(t *testing.T, o Options) {
			edit(t, o, bucketMeta, metaSchema, binary.BigEndian.AppendUint32(nil, schemaVersion+1))
		}, ErrNewer},
	} {
		t.Run(name, func(t *testing.T) {
			o := closedStore(t)
			c.spoil(t, o)
			before, err := os.ReadFile(o.Path)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := Open(o, noon); !errors.Is(err, c.want) {
				t.Errorf("open: %v, want %v", err, c.want)
			}
			after, err := os.ReadFile(o.Path)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(before, after) {
				t.Error("the file was changed")
			}
		})
	}
}

// edit overwrites one value in a closed store.
func edit(t *testing.T, o Options, b bucket, key, value []byte) {
	t.Helper()
	file, err := bolt.Open(o.Path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = errors.Join(file.Update(func(tx *bolt.Tx) error { return b.in(tx).Put(key, value) }), file.Close())
	if err != nil {
		t.Fatal(err)
	}
}

func TestStoreInUseIsLocked(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 2)
	opened(t, o)
	if _, err := Open(o, noon); !errors.Is(err, ErrLocked) {
		t.Errorf("second open: %v", err)
	}
}

func TestRecordMovedToAnotherIDDoesNotOpen(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 4)
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	one, two := created(t, db, ride(t, 1, 1), noon), created(t, db, ride(t, 2, 2), noon)
	err = db.file.Update(func(tx *bolt.Tx) error {
		in := bucketInteractions.in(tx)
		return in.Put(one.ID[:], in.Get(two.ID[:]))
	})
	if err != nil {
		t.Fatal(err)
	}
	db.views.renew()
	if _, refusal := db.Resolve(one.A.DID, rider(t, 1), noon); refusal != mapping.RefusalStore {
		t.Errorf("refusal %q", refusal)
	}
	if err := db.Check(t.Context(), noon); !errors.Is(err, ErrDamaged) {
		t.Errorf("check: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(o, noon); !errors.Is(err, ErrDamaged) {
		t.Errorf("open: %v", err)
	}
}

func TestCheckFindsWhatTheIndexHasWrong(t *testing.T) {
	db := newStore(t, 4)
	i := created(t, db, ride(t, 1, 1), noon)
	slots := db.alloc.slotsOf(&i)
	db.index.forget(slots, i.ID)
	if err := db.Check(t.Context(), noon); !errors.Is(err, ErrDamaged) {
		t.Errorf("an interaction the index does not have: %v", err)
	}
	db.index.publish(slots, newEntry(&i))

	ghost := mapping.Interaction{ID: mapping.NewID(noon, [10]byte{9}), ExpiresAt: i.ExpiresAt}
	db.index.publish([]slot{{1}}, newEntry(&ghost))
	if err := db.Check(t.Context(), noon); !errors.Is(err, ErrDamaged) {
		t.Errorf("an entry without a record: %v", err)
	}
	db.index.forget([]slot{{1}}, ghost.ID)
}

// Two live records with one key can't be made through the API: one is written
// past it.
func TestCheckFindsASharedKey(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 4)
	o.OnFault = nil
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	i := created(t, db, ride(t, 1, 1), noon)
	d := ride(t, 1, 2)
	d = d.WithDefaults()
	pool, _ := db.roster.pools().Named(mapping.DefaultPool)
	c := prepared(t, db, &d, &pool, noon)
	c.interaction.A.DID = i.A.DID
	leaf := binary.BigEndian.Uint32(c.row) &^ warrantMark
	key, err := db.keys.sealer(dayOf(c.interaction.ID), leaf)
	if err != nil {
		t.Fatal(err)
	}
	c.row = db.keys.sealInteraction(&c.interaction, key, leaf)
	if _, err := db.submit(t.Context(), c, noLimit, c.done); err != nil {
		t.Fatal(err)
	}
	if err := db.Check(t.Context(), noon); !errors.Is(err, ErrDamaged) {
		t.Errorf("check: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestResolveFailsClosedWhenADIDIsNoLongerOurs(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 2)
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	i := created(t, db, ride(t, 1, 1), noon)
	checkAndClose(t, db)
	o.Pools = poolOf(t, 1)
	db = opened(t, o)
	for _, side := range []mapping.Side{mapping.SideA, mapping.SideB} {
		party := i.Party(side)
		if _, refusal := db.Resolve(party.DID, party.Numbers[0], noon); refusal != mapping.RefusalStore {
			t.Errorf("side %s: refusal %q", side, refusal)
		}
	}
}

// A number may become ours after it was mapped: to call it would be to call
// ourselves.
func TestResolveFailsClosedWhenATargetBecomesOurDID(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 2)
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	i := created(t, db, ride(t, 1, 1), noon)
	checkAndClose(t, db)
	bought := mapping.DID(i.B.Numbers[0].Reveal())
	o.Pools = poolOf(t, 2, bought)
	db = opened(t, o)
	if _, refusal := db.Resolve(i.A.DID, i.A.Numbers[0], noon); refusal != mapping.RefusalTarget {
		t.Errorf("the target is our own: refusal %q", refusal)
	}
	if _, refusal := db.Resolve(i.B.DID, i.B.Numbers[0], noon); refusal != mapping.RefusalLoop {
		t.Errorf("and so is the caller: refusal %q", refusal)
	}
}

func TestRefusalsOfCallersWhoCantBe(t *testing.T) {
	db := newStore(t, 2)
	i := created(t, db, ride(t, 1, 1), noon)
	for name, c := range map[string]struct {
		did    mapping.DID
		caller mapping.Number
		want   mapping.Refusal
	}{
		"withheld":         {i.A.DID, mapping.Number{}, mapping.RefusalNoCaller},
		"our own DID":      {i.A.DID, number(t, "+15550100001"), mapping.RefusalLoop},
		"a stranger":       {i.A.DID, rider(t, 2), mapping.RefusalUnknown},
		"the other's DID":  {i.B.DID, rider(t, 1), mapping.RefusalUnknown},
		"a DID not ours":   {"+4930123456", rider(t, 1), mapping.RefusalUnknown},
		"a party, its DID": {i.A.DID, rider(t, 1), 0},
	} {
		if _, got := db.Resolve(c.did, c.caller, noon); got != c.want {
			t.Errorf("%s: refusal %q, want %q", name, got, c.want)
		}
	}
}

func TestRefIsStableAcrossRestartsAndTellsNumbersApart(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 2)
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	ref := db.Ref(mapping.DefaultTenant, rider(t, 1))
	checkAndClose(t, db)
	db = opened(t, o)
	if again := db.Ref(mapping.DefaultTenant, rider(t, 1)); again != ref || len(ref) != len("num_")+16 {
		t.Errorf("%q, then %q", ref, again)
	}
	if db.Ref(mapping.DefaultTenant, rider(t, 2)) == ref {
		t.Error("two numbers with one reference")
	}
	if db.Ref(mapping.DefaultTenant, rider(t, 1)) == newStore(t, 2).Ref(mapping.DefaultTenant, rider(t, 1)) {
		t.Error("two stores with one reference: it is not keyed")
	}
}
