package store

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"maskd/mapping"
)

// noon is when the tests take place.
var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func number(t testing.TB, s string) mapping.Number {
	t.Helper()
	n, err := mapping.ParseNumber(s)
	if err != nil {
		t.Fatalf("parse number: %v", err)
	}
	return n
}

// rider and driver are numbers of two families of parties.
func rider(t testing.TB, n int) mapping.Number { return number(t, fmt.Sprintf("+9198765%05d", n)) }

func driver(t testing.TB, n int) mapping.Number { return number(t, fmt.Sprintf("+4479460%05d", n)) }

// poolOf makes the pool "default" with that many DIDs.
func poolOf(t testing.TB, size int, more ...mapping.DID) *mapping.Pools {
	t.Helper()
	return policedPool(t, size, mapping.Policy{}, more...)
}

// policedPool makes the pool "default" with that many DIDs and a policy.
func policedPool(t testing.TB, size int, policy mapping.Policy, more ...mapping.DID) *mapping.Pools {
	t.Helper()
	dids := make([]mapping.DID, size)
	for i := range dids {
		dids[i] = mapping.DID(fmt.Sprintf("+1555010%04d", i))
	}
	dids = append(dids, more...)
	pools, err := mapping.NewPools([]mapping.Pool{{Name: mapping.DefaultPool, Trunk: "carrier", DIDs: dids, Policy: policy}})
	if err != nil {
		t.Fatalf("make pools: %v", err)
	}
	return pools
}

func optionsIn(t testing.TB, dir string, size int) Options {
	return Options{
		Path: filepath.Join(dir, "var", "maskd.db"), RootKey: filepath.Join(dir, "var", "root.key"), Pools: poolOf(t, size),
		Keys:    filepath.Join(dir, "var", "maskd.keys"),
		OnFault: func(err error) { t.Errorf("fault: %v", err) },
	}
}

// opened opens a store whose test ends in a check of it.
func opened(t testing.TB, o Options) *DB {
	t.Helper()
	db, err := Open(o, noon)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { checkAndClose(t, db) })
	return db
}

func newStore(t testing.TB, size int) *DB { return opened(t, optionsIn(t, t.TempDir(), size)) }

func checkAndClose(t testing.TB, db *DB) {
	t.Helper()
	if err := db.Check(context.Background(), noon); err != nil {
		t.Errorf("check: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}

func ride(t testing.TB, a, b int) mapping.Draft {
	return mapping.Draft{A: []mapping.Number{rider(t, a)}, B: []mapping.Number{driver(t, b)}}
}

// lastRide takes the only DID of a pool of one: while it holds its keys, no
// other interaction of these parties can be made.
func lastRide(t testing.TB) mapping.Draft {
	d := ride(t, 1, 1)
	d.Numbering = mapping.NumberingShared
	return d
}

func created(t testing.TB, db *DB, d mapping.Draft, at time.Time) mapping.Interaction {
	t.Helper()
	i, isNew, err := db.Create(t.Context(), d, at)
	if err != nil || !isNew {
		t.Fatalf("create: new %v, %v", isNew, err)
	}
	return i
}

func completed(t testing.TB, db *DB, id mapping.ID) mapping.Interaction {
	t.Helper()
	i, err := db.Complete(t.Context(), id, "ride over", noon.Add(time.Minute))
	if err != nil {
		t.Fatalf("complete: %v", err)
	}
	return i
}

// same compares with numbers unmasked, for a Number is opaque to cmp.
func same(t testing.TB, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b mapping.Number) bool { return a == b })); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

func leavesNothing(t *testing.T) { t.Cleanup(func() { goleak.VerifyNone(t) }) }
