package admin_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"maskd/cmd/maskd/admin"
	"maskd/mapping"
	"maskd/store"
)

// openStore opens the real store, with a pool of two DIDs.
func openStore(t *testing.T, dir string) *store.DB { return openPool(t, dir, 2) }

func openPool(t testing.TB, dir string, size int) *store.DB {
	t.Helper()
	pool := mapping.Pool{Name: mapping.DefaultPool, Trunk: "carrier"}
	for n := range size {
		pool.DIDs = append(pool.DIDs, mapping.DID(fmt.Sprintf("+1555010%04d", n)))
	}
	pools, err := mapping.NewPools([]mapping.Pool{pool})
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(store.Options{Path: filepath.Join(dir, "db"), RootKey: filepath.Join(dir, "key"), Pools: pools}, noon)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func TestWhatWasAcknowledgedIsThereAfterAStart(t *testing.T) {
	dir := t.TempDir()
	serve := func() (*house, func()) {
		db := openStore(t, dir)
		h := &house{T: t, socket: filepath.Join(dir, "s"), calls: &switchboard{}, log: new(bytes.Buffer)}
		h.start(db)
		return h, func() {
			h.close()
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	ctx := context.Background()
	asked := draft("+15550200001", "+15550200002")
	asked.ExternalID, asked.Labels = "ride-1", map[string]string{"city": "Pune"}

	h, stop := serve()
	made, err := h.client.Create(ctx, asked)
	if err != nil {
		t.Fatal(err)
	}
	stop()

	h, stop = serve()
	again, err := h.client.Create(ctx, asked)
	if diff := cmp.Diff(made, again); err != nil || diff != "" {
		t.Errorf("created again: %v, %s", err, diff)
	}
	if _, err := h.client.Complete(ctx, made.ID, admin.Completion{Reason: "delivered"}); err != nil {
		t.Error(err)
	}
	stop()

	h, stop = serve()
	defer stop()
	shown, err := h.client.Interaction(ctx, made.ID)
	if err != nil || shown.State != "completed" || shown.Reason != "delivered" || shown.Labels["city"] != "Pune" {
		t.Errorf("%+v, %v", shown, err)
	}
	found, err := h.client.ByExternalID(ctx, "ride-1")
	if err != nil || len(found.Data) != 1 {
		t.Errorf("%+v, %v", found, err)
	}
}

func TestAFullPoolSaysWhoIsBlocked(t *testing.T) {
	db := openStore(t, t.TempDir())
	h := &house{T: t, socket: filepath.Join(t.TempDir(), "s"), calls: &switchboard{}, log: new(bytes.Buffer)}
	h.start(db)
	defer func() {
		h.close()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	ctx := context.Background()
	for _, other := range []string{"+15550200002", "+15550200003"} {
		if _, err := h.client.Create(ctx, draft(other, "+15550200001")); err != nil {
			t.Fatal(err)
		}
	}
	var p *admin.Problem
	_, err := h.client.Create(ctx, draft("+15550200004", "+15550200001"))
	if !errors.As(err, &p) || p.Status != 409 || p.Code != "pool_exhausted" || p.BlockingParty != "b" {
		t.Errorf("problem = %+v", err)
	}
}
