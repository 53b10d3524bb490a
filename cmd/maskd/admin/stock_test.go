package admin_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"maskd/cmd/maskd/admin"
)

// openWhole starts the API over the real store, with two DIDs.
func openWhole(t *testing.T) *house {
	dir := t.TempDir()
	db := openStore(t, dir)
	h := newHouse(t)
	t.Cleanup(func() {
		h.close()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	h.startWith(db, db)
	return h
}

func TestADIDIsDrainedAndGivenOutAgain(t *testing.T) {
	h := openWhole(t)
	ctx := context.Background()
	drained, err := h.client.Instruct(ctx, "+15550100000", "drain", admin.Order{Reason: "port-out"})
	if err != nil {
		t.Fatal(err)
	}
	want := admin.Stock{DID: "+15550100000", Pool: "default", Standing: "draining", Since: admin.Time{Time: noon.UTC()}, Reason: "port-out"}
	if drained.Since.IsZero() {
		t.Error("since is missing")
	}
	drained.Since = want.Since
	if diff := cmp.Diff(want, drained); diff != "" {
		t.Error(diff)
	}
	if _, err := h.client.Create(ctx, draft("+15550200001", "+15550200002")); err == nil || !strings.Contains(err.Error(), "none of its 2 DIDs") {
		t.Errorf("two parties on one DID that is left: %v", err)
	}
	pools, err := h.client.Pools(ctx)
	if err != nil || len(pools.Data) != 1 || pools.Data[0].Standings["draining"] != 1 || pools.Data[0].Standings["active"] != 1 {
		t.Errorf("pools %+v, %v", pools, err)
	}
	page, err := h.client.Numbers(ctx, admin.Cursor{Limit: 1}, "default", "active")
	if err != nil || len(page.Data) != 1 || page.Data[0].DID != "+15550100001" || page.Next != "" {
		t.Errorf("active: %+v, %v", page, err)
	}
	if _, err := h.client.Instruct(ctx, "+15550100000", "activate", admin.Order{}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.client.Create(ctx, draft("+15550200001", "+15550200002")); err != nil {
		t.Error(err)
	}
}

func TestABadRequestAboutANumberSaysWhereAndWhat(t *testing.T) {
	h := openWhole(t)
	for _, test := range []struct {
		name, method, path, body string
		status                   int
		code, field              string
	}{
		{"none of ours", "POST", "/v1/numbers/+4930123456/drain", ``, 404, "not_found", ""},
		{"no DID", "POST", "/v1/numbers/0049/drain", ``, 404, "not_found", ""},
		{"no such verb", "POST", "/v1/numbers/+15550100000/sell", ``, 404, "no_such_path", ""},
		{"unknown field", "POST", "/v1/numbers/+15550100000/drain", `{"why":"x"}`, 400, "unknown_field", "why"},
		{"a drain for a time", "POST", "/v1/numbers/+15550100000/drain", `{"seconds":60}`, 422, "not_allowed", "until"},
		{"no time at all", "POST", "/v1/numbers/+15550100000/quarantine", `{"seconds":0}`, 422, "out_of_range", "seconds"},
		{"until the past", "POST", "/v1/numbers/+15550100000/quarantine", `{"until":"2020-01-01T00:00:00Z"}`, 422, "past", "until"},
		{"both ends", "POST", "/v1/numbers/+15550100000/quarantine", `{"until":"2030-01-01T00:00:00Z","seconds":9}`, 422, "not_allowed", "seconds"},
		{"no standing", "GET", "/v1/numbers?standing=idle", ``, 422, "unknown", "standing"},
		{"after no DID", "GET", "/v1/numbers?after=int_1", ``, 422, "malformed", "after"},
		{"limit", "GET", "/v1/numbers?limit=0", ``, 422, "out_of_range", "limit"},
		{"parameter", "GET", "/v1/numbers?trunk=x", ``, 400, "unknown_parameter", "trunk"},
	} {
		r, body := h.ask(test.method, test.path, test.body)
		if r.StatusCode != test.status || !strings.Contains(body, `"code":"`+test.code+`"`) ||
			test.field != "" && !strings.Contains(body, `"field":"`+test.field+`"`) {
			t.Errorf("%s: %d %s", test.name, r.StatusCode, body)
		}
	}
}
