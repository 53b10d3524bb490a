package store

import (
	"errors"
	"slices"
	"testing"

	bolt "go.etcd.io/bbolt"

	"maskd/mapping"
)

// TestABlockIsToldOfInItsOwnCommit has the power fail after the commit of a block, and then after that
// of its lifting: whoever finds the one finds the other.
func TestABlockIsToldOfInItsOwnCommit(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 2)
	commits, out := 1000, errors.New("the power is out")
	db, err := open(o, noon, func(tx *bolt.Tx) error {
		if commits--; commits < 0 {
			return out
		}
		return tx.Commit()
	})
	if err != nil {
		t.Fatal(err)
	}
	i := created(t, db, ride(t, 1, 1), noon)
	about := mapping.ObjectID(mapping.KindInteraction, i.ID)
	ctx, deed := requested(t)
	deed.Object = about
	commits = 1
	made, err := db.Block(ctx, mapping.Block{Number: i.A.Numbers[0], With: i.B.Numbers[0]}, noon)
	if err != nil || !deed.IsTold() {
		t.Fatalf("blocked: %v, told: %t", err, deed.IsTold())
	}
	ctx, deed = requested(t)
	if _, err := db.Unblock(ctx, "", made.ID, noon); !errors.Is(err, out) || deed.IsTold() {
		t.Fatalf("lifted: %v, told: %t", err, deed.IsTold())
	}
	same(t, decided(db, &i), [2]mapping.Refusal{mapping.RefusalBlocked, mapping.RefusalBlocked})
	commits = 1
	ctx, _ = requested(t)
	if _, err := db.Unblock(ctx, "", made.ID, noon); err != nil {
		t.Fatal(err)
	}
	commits = 1000
	told := slices.DeleteFunc(entries(t, db), func(e mapping.AuditEntry) bool { return e.Action != mapping.ActionBlock })
	if len(told) != 2 || told[0].Object != about || told[1].Object != mapping.ObjectID(mapping.KindBlock, made.ID) || told[0].Actor != clerk() {
		t.Errorf("the audit log tells %+v", told)
	}
	verified(t, db)
	checkAndClose(t, db)
}
