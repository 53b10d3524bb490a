package store

import (
	"context"
	"errors"
	"slices"
	"testing"

	bolt "go.etcd.io/bbolt"

	"maskd/mapping"
)

// errNoPower: the power is out.
var errNoPower = errors.New("the power is out")

// powered opens a store with so many DIDs, and tells how many commits it has power for: as many as
// a test sets.
func powered(t *testing.T, dids int) (db *DB, commits *int) {
	t.Helper()
	commits = new(int)
	*commits = 1000
	db, err := open(optionsIn(t, t.TempDir(), dids), noon, func(tx *bolt.Tx) error {
		if *commits--; *commits < 0 {
			return errNoPower
		}
		return tx.Commit()
	})
	if err != nil {
		t.Fatal(err)
	}
	return db, commits
}

// TestABlockIsToldOfInItsOwnCommit has the power fail after the commit of a block, and then after that
// of its lifting: whoever finds the one finds the other.
func TestABlockIsToldOfInItsOwnCommit(t *testing.T) {
	db, commits := powered(t, 2)
	i := created(t, db, ride(t, 1, 1), noon)
	about := mapping.ObjectID(mapping.KindInteraction, i.ID)
	ctx, deed := requested(t)
	deed.Object = about
	*commits = 1
	made, err := db.Block(ctx, []mapping.Block{{Number: i.A.Numbers[0], With: i.B.Numbers[0]}}, noon)
	if err != nil || !deed.IsTold() {
		t.Fatalf("blocked: %v, told: %t", err, deed.IsTold())
	}
	ctx, deed = requested(t)
	if _, err := db.Unblock(ctx, "", []mapping.ID{made[0].ID}, noon); !errors.Is(err, errNoPower) || deed.IsTold() {
		t.Fatalf("lifted: %v, told: %t", err, deed.IsTold())
	}
	same(t, decided(db, &i), [2]mapping.Refusal{mapping.RefusalBlocked, mapping.RefusalBlocked})
	*commits = 1
	ctx, _ = requested(t)
	if _, err := db.Unblock(ctx, "", []mapping.ID{made[0].ID}, noon); err != nil {
		t.Fatal(err)
	}
	*commits = 1000
	told := slices.DeleteFunc(entries(t, db), func(e mapping.AuditEntry) bool { return e.Action != mapping.ActionBlock })
	if len(told) != 2 || told[0].Object != about || told[1].Object != mapping.ObjectID(mapping.KindBlock, made[0].ID) || told[0].Actor != clerk() {
		t.Errorf("the audit log tells %+v", told)
	}
	verified(t, db)
	checkAndClose(t, db)
}

// What one request asks for holds as a whole or not at all, and is told of once: a list
// that is half done looks done.
func TestBlocksOfOneRequestHoldTogether(t *testing.T) {
	db, commits := powered(t, 4)
	first, second := created(t, db, ride(t, 1, 1), noon), created(t, db, ride(t, 2, 2), noon)
	both := []mapping.Block{{Number: first.A.Numbers[0]}, {Number: second.A.Numbers[0]}}
	ids := []mapping.ID{db.BlockID("", both[0].Number, mapping.Number{}), {9}, db.BlockID("", both[1].Number, mapping.Number{})}
	holds := func(want mapping.Refusal) {
		t.Helper()
		same(t, decided(db, &first), [2]mapping.Refusal{want, want})
		same(t, decided(db, &second), [2]mapping.Refusal{want, want})
	}
	for name, bad := range map[string][]mapping.Block{
		"one that can't be": {both[0], {Number: both[0].Number, With: both[0].Number}},
		"more than fit":     {{Tenant: "acme", Number: rider(t, 7)}, {Tenant: "acme", Number: rider(t, 8)}},
	} {
		db.blocks.lists["acme"] = listing{size: maxTenantBlocks - 1}
		var invalid *mapping.InvalidError
		if _, err := db.Block(t.Context(), bad, noon); !errors.As(err, &invalid) {
			t.Errorf("%s: %v", name, err)
		}
		delete(db.blocks.lists, "acme")
	}
	holds(0)
	for _, change := range []func(context.Context) ([]mapping.Block, error){
		func(ctx context.Context) ([]mapping.Block, error) { return db.Block(ctx, both, noon) },
		func(ctx context.Context) ([]mapping.Block, error) { return db.Unblock(ctx, "", ids, noon) },
	} {
		_, was := db.Resolve(first.A.DID, first.A.Numbers[0], noon)
		*commits = 0
		ctx, deed := requested(t)
		if _, err := change(ctx); !errors.Is(err, errNoPower) || deed.IsTold() {
			t.Fatalf("without power: %v, told: %t", err, deed.IsTold())
		}
		holds(was)
		*commits = 1
		ctx, deed = requested(t)
		if done, err := change(ctx); err != nil || len(done) != 2 || !deed.IsTold() {
			t.Fatalf("%d are done, told: %t, %v", len(done), deed.IsTold(), err)
		}
		holds(mapping.RefusalBlocked - was)
	}
	*commits = 1000
	if told := slices.DeleteFunc(entries(t, db), func(e mapping.AuditEntry) bool { return e.Action != mapping.ActionBlock }); len(told) != 2 {
		t.Errorf("the audit log tells %+v", told)
	}
	verified(t, db)
	checkAndClose(t, db)
}
