package main

import (
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/zap"

	"maskd/mapping"
	"maskd/sip"
	"maskd/store"
)

// What a party says by key is in the audit log as the party's own, also of an interaction
// that is erased by then.
func TestWhatAPartySaysOfBeingRecordedIsInTheAuditLog(t *testing.T) {
	dir, at := t.TempDir(), time.Now()
	pools, err := mapping.NewPools([]mapping.Pool{{Name: "default", Trunk: "carrier", DIDs: []mapping.DID{"+15550100000", "+15550100001"}}})
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(store.Options{Path: filepath.Join(dir, "maskd.db"), RootKey: filepath.Join(dir, "root.key"), Pools: pools}, at)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	a, _ := mapping.ParseNumber("+15550200001")
	b, _ := mapping.ParseNumber("+15550200002")
	i, _, err := db.Create(t.Context(), mapping.Draft{Pool: "default", A: []mapping.Number{a}, B: []mapping.Number{b}}.WithDefaults(), at)
	if err != nil {
		t.Fatal(err)
	}
	d, call := &daemon{store: db, log: zap.NewNop()}, mapping.NewID(at, [10]byte{7})
	for _, id := range []mapping.ID{i.ID, mapping.NewID(at, [10]byte{8})} {
		d.consented(t.Context(), sip.Statement{Call: call, Interaction: id, Side: mapping.SideB, Answer: mapping.AnswerWithdrawn, At: at})
		rows, err := db.AuditLog().Rows(0, 10)
		if err != nil {
			t.Fatal(err)
		}
		e := rows[len(rows)-1].Entry
		if e.Action != mapping.ActionConsentChange || e.Object != mapping.ObjectID(mapping.KindInteraction, id) || e.Actor != mapping.PartyOf(call, mapping.SideB) {
			t.Errorf("the audit log tells %+v", e)
		}
		if id == i.ID && e.Reason != "withdrawn" {
			t.Errorf("it tells %q", e.Reason)
		}
	}
}
