package store

import (
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"maskd/mapping"
)

// policed opens a store whose pool has a policy.
func policed(t *testing.T, size int, policy mapping.Policy) (Options, *DB) {
	o := optionsIn(t, t.TempDir(), size)
	o.Pools = policedPool(t, size, policy)
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	return o, db
}

// reopened checks a store and opens it again.
func reopened(t *testing.T, o Options, db *DB) *DB {
	t.Helper()
	checkAndClose(t, db)
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func exhaustedBy(t *testing.T, db *DB, d mapping.Draft, at time.Time) *mapping.ExhaustedError {
	t.Helper()
	_, _, err := db.Create(t.Context(), d, at)
	var exhausted *mapping.ExhaustedError
	if !errors.As(err, &exhausted) {
		t.Fatalf("create: %v, want an ExhaustedError", err)
	}
	return exhausted
}

func TestADIDRestsForItsCoolDown(t *testing.T) {
	for name, restart := range map[string]bool{"in one run": false, "over a restart": true} {
		t.Run(name, func(t *testing.T) {
			o, db := policed(t, 1, mapping.Policy{CoolDown: time.Hour})
			i := created(t, db, lastRide(t), noon)
			if _, err := db.Complete(t.Context(), i.ID, "", noon); err != nil {
				t.Fatal(err)
			}
			if restart {
				db = reopened(t, o, db)
			}
			defer checkAndClose(t, db)
			early := noon.Add(time.Hour - time.Millisecond)
			db.Sweep(early)
			same(t, exhaustedBy(t, db, lastRide(t), early).NextFreeAt, noon.Add(time.Hour))
			created(t, db, mapping.Draft{
				Numbering: mapping.NumberingShared,
				A:         []mapping.Number{rider(t, 8)}, B: []mapping.Number{driver(t, 8)},
			}, early) // others may have it
			created(t, db, lastRide(t), noon.Add(time.Hour))
		})
	}
}

func TestAnExpiredDIDRestsWhetherSweptOrNot(t *testing.T) {
	for name, sweep := range map[string]bool{"swept": true, "not swept": false} {
		t.Run(name, func(t *testing.T) {
			_, db := policed(t, 1, mapping.Policy{CoolDown: time.Hour})
			defer checkAndClose(t, db)
			d := lastRide(t)
			d.TTL = time.Minute
			begun := noon.Add(-2 * time.Hour)
			created(t, db, d, begun)
			over := begun.Add(time.Minute)
			if sweep {
				same(t, db.Sweep(over), 1)
			}
			same(t, exhaustedBy(t, db, d, over).NextFreeAt, over.Add(time.Hour))
			created(t, db, d, over.Add(time.Hour))
		})
	}
}

func TestACoolDownIsShortenedToItsFloorAtMost(t *testing.T) {
	_, db := policed(t, 1, mapping.Policy{CoolDown: time.Hour, OnExhaustion: mapping.ExhaustionShortenCoolDown, Floor: time.Minute})
	defer checkAndClose(t, db)
	i := created(t, db, lastRide(t), noon)
	if _, err := db.Complete(t.Context(), i.ID, "", noon); err != nil {
		t.Fatal(err)
	}
	same(t, exhaustedBy(t, db, lastRide(t), noon.Add(time.Minute-1)).NextFreeAt, noon.Add(time.Minute))
	created(t, db, lastRide(t), noon.Add(time.Minute))
}

func TestStickyPairs(t *testing.T) {
	for name, c := range map[string]struct {
		sticky      mapping.Sticky
		same, again bool // DIDs as before; can be created while those are taken
	}{
		"prefer": {mapping.StickyPrefer, true, true},
		"avoid":  {mapping.StickyAvoid, false, true},
		"pin":    {mapping.StickyPin, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			o, db := policed(t, 3, mapping.Policy{Sticky: c.sticky})
			first := created(t, db, ride(t, 1, 1), noon)
			completed(t, db, first.ID)
			if c.sticky != mapping.StickyAvoid { // the cursors alone would avoid them
				db = reopened(t, o, db)
			}
			defer func() { checkAndClose(t, db) }()
			second := created(t, db, ride(t, 1, 1), noon)
			if got := second.A.DID == first.A.DID && second.B.DID == first.B.DID; got != c.same {
				t.Errorf("given %s and %s after %s and %s", second.A.DID, second.B.DID, first.A.DID, first.B.DID)
			}
			_, _, err := db.Create(t.Context(), ride(t, 1, 1), noon)
			if (err == nil) != c.again {
				t.Errorf("while they are taken: %v", err)
			}
		})
	}
}

func TestADIDHasNoMorePairsThanItMay(t *testing.T) {
	o, db := policed(t, 2, mapping.Policy{MaxPairs: 2})
	first := created(t, db, ride(t, 1, 1), noon)
	d := ride(t, 2, 2)
	d.TTL = time.Minute
	created(t, db, d, noon)
	db = reopened(t, o, db)
	defer func() { checkAndClose(t, db) }()
	same(t, *exhaustedBy(t, db, ride(t, 3, 3), noon), mapping.ExhaustedError{
		Pool: mapping.DefaultPool, Blocking: mapping.SideA, Size: 2, Needed: 2, NextFreeAt: noon.Add(time.Minute),
	})
	created(t, db, ride(t, 3, 3), noon.Add(time.Minute))
	exhaustedBy(t, db, ride(t, 4, 4), noon.Add(time.Minute))
	completed(t, db, first.ID)
	created(t, db, ride(t, 4, 4), noon.Add(time.Minute))
}

func TestWishesAreKeptInTheRecord(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 4)
	db := opened(t, o)
	d := ride(t, 1, 1)
	d.ExternalID, d.Sticky = "ride-1", mapping.StickyPin
	d.WishA = mapping.Wish{Prefer: []mapping.Preference{"+15550100003"}, Strict: true}
	d.WishB = mapping.Wish{Prefer: []mapping.Preference{mapping.PreferLocal, "+1"}}
	i := created(t, db, d, noon)
	same(t, i.A.DID, mapping.DID("+15550100003"))
	read, err := db.Interaction(i.ID)
	if err != nil {
		t.Fatal(err)
	}
	same(t, read, i)
	if _, isNew, err := db.Create(t.Context(), d, noon); isNew || err != nil {
		t.Errorf("the same again: new %t, %v", isNew, err)
	}
}

// old copies the file of an older version to where a store can be opened.
func old(t *testing.T, version string) Options {
	t.Helper()
	o := optionsIn(t, t.TempDir(), 4)
	if err := os.MkdirAll(filepath.Dir(o.Path), 0o700); err != nil {
		t.Fatal(err)
	}
	packed, err := os.Open(filepath.Join("testdata", version, "maskd.db.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	unpacked, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	file, err := io.ReadAll(unpacked)
	if err != nil {
		t.Fatal(err)
	}
	key, err := os.ReadFile(filepath.Join("testdata", version, "root.key"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, o.Path, string(file))
	write(t, o.RootKey, string(key))
	return o
}

func TestAStoreOfSchema1OpensWithDefaults(t *testing.T) {
	o := old(t, "schema1")
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	for external, state := range map[string]mapping.State{
		"ride-1": mapping.StateActive, "ride-2": mapping.StateActive, "ride-3": mapping.StateCompleted, "ride-4": mapping.StateExpired,
	} {
		i, err := db.ByExternalID(mapping.DefaultTenant, external)
		if err != nil {
			t.Fatalf("%s: %v", external, err)
		}
		same(t, i.State(noon), state)
		same(t, i.Sticky, mapping.StickyOff)
		_, refusal := db.Resolve(i.A.DID, i.A.Numbers[0], noon)
		if (refusal == 0) != (state == mapping.StateActive) {
			t.Errorf("%s: refusal %q", external, refusal)
		}
	}
	d := ride(t, 1, 1)
	d.ExternalID, d.Labels = "ride-1", map[string]string{"city": "Pune"}
	if _, isNew, err := db.Create(t.Context(), d, noon); isNew || err != nil {
		t.Errorf("the same draft as before: new %t, %v", isNew, err)
	}
	same(t, db.Counts().Live, 2)
	db = reopened(t, o, db)
	checkAndClose(t, db)
}
