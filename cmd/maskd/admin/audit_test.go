package admin_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"maskd/audit"
	"maskd/cmd/maskd/admin"
	"maskd/mapping"
	"maskd/store"
)

// witnessed starts a server over a store that keeps an audit log.
func witnessed(t *testing.T) (*house, *store.DB) {
	t.Helper()
	db := openPool(t, t.TempDir(), 20)
	h := newHouse(t)
	h.launch(admin.Options{Store: db, Numbers: db, Ledger: db, Audit: db.AuditLog(), Keys: db})
	t.Cleanup(func() { h.close(); _ = db.Close() })
	return h, db
}

// logged is the audit log as the API tells it, but for the looks at it.
func (h *house) logged() (all []audit.Entry) {
	h.Helper()
	page, err := h.client.Audit(context.Background(), admin.Cursor{Limit: 1000})
	if err != nil {
		h.Fatal(err)
	}
	for _, e := range page.Data {
		if !strings.HasPrefix(e.Action, "audit.") {
			all = append(all, e)
		}
	}
	return all
}

func told(e audit.Entry) string {
	return strings.Join([]string{e.Action, e.Object, e.Outcome, e.Actor.Way, e.Actor.Role, e.Reason}, " ")
}

// Whatever is asked for through the API is in the log once, with what came of it.
func TestEachRequestHasOneEntry(t *testing.T) {
	h, db := witnessed(t)
	i := h.create("ride-1")
	h.create("ride-1") // again: nothing is changed, and it was asked for
	group := draft("+15550200003", "+15550200004")
	group.Parties.A.Numbers = append(group.Parties.A.Numbers, "+15550200005")
	two, err := h.client.Create(t.Context(), group)
	if err != nil {
		t.Fatal(err)
	}
	for _, ask := range []struct{ method, path, body string }{
		{"POST", "/v1/blocks", `{"interaction":"` + two.ID + `"}`},
		{"POST", "/v1/blocks:remove", `{"interaction":"` + two.ID + `","party":"b"}`}, // nobody is
		{"POST", "/v1/blocks:remove", `{"interaction":"` + two.ID + `"}`},
		{"GET", "/v1/interactions/" + i.ID, ""},
		{"POST", "/v1/interactions/" + i.ID + "/reveal", revealBody(why)},
		{"POST", "/v1/interactions/" + i.ID + "/reveal", revealBody("")},
		{"POST", "/v1/interactions/" + i.ID + "/complete", ""},
		{"POST", "/v1/interactions/" + i.ID + "/complete", ""},
		{"POST", "/v1/interactions/+15550200001/complete", ""},
		{"GET", "/livez", ""},
		{"POST", "/v1/interactions:batch", `{"complete":{"id":"` + i.ID + `"}}` + "\n"},
		{"POST", "/v1/reload", ""},
		{"POST", "/v1/keys/rotate", `{"reason":"somebody has left"}`},
	} {
		h.ask(ask.method, ask.path, ask.body)
	}
	if err := db.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"interaction.create " + i.ID + " done socket admin ",
		"interaction.create  done socket admin ",
		"interaction.create " + two.ID + " done socket admin ",
		"block " + two.ID + " done socket admin ",
		"block  refused socket admin ",
		"block " + two.ID + " done socket admin ",
		"interaction.read " + i.ID + " done socket admin ",
		"interaction.reveal " + i.ID + " done socket admin " + why,
		"interaction.reveal " + i.ID + " refused socket admin ",
		"interaction.complete " + i.ID + " done socket admin ",
		"interaction.complete " + i.ID + " done socket admin ",
		"interaction.complete  refused socket admin ",
		"interaction.complete " + i.ID + " done socket admin ",
		"reload  done socket admin ",
		"root_key.rotate  done socket admin somebody has left",
	}
	got := h.logged()
	if len(got) != len(want) {
		t.Errorf("%d entries, want %d", len(got), len(want))
	}
	for n := range min(len(got), len(want)) {
		if told(got[n]) != want[n] {
			t.Errorf("entry %d: %q, want %q", n, told(got[n]), want[n])
		}
	}
}

// A number that slips into a path or a body is in no entry.
func TestNoEntryHoldsANumber(t *testing.T) {
	h, db := witnessed(t)
	i := h.create("")
	h.ask("GET", "/v1/interactions/+447700900123", "")
	h.ask("GET", "/v1/calls/447700900123", "")
	h.ask("POST", "/v1/numbers/+447700900123/drain", "")
	h.ask("POST", "/v1/lookup", `{"did":"`+i.Parties.A.Dial+`","caller":"+447700900123"}`)
	if err := db.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := h.client.ExportAudit(t.Context(), 0, &out); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), "7700900123") {
		t.Errorf("a number is in the log:\n%s", &out)
	}
}

func TestTheLogIsProvenAndExported(t *testing.T) {
	h, _ := witnessed(t)
	for range 5 {
		h.create("")
	}
	first, err := h.client.AuditCheckpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	key, err := note.NewVerifier(first.Key)
	if err != nil {
		t.Fatal(err)
	}
	older, err := audit.Open([]byte(first.Checkpoint), key)
	if err != nil || older.Size != 5 {
		t.Fatalf("checkpoint of %d: %v", older.Size, err)
	}
	proof, err := h.client.AuditProof(t.Context(), 3)
	if err != nil {
		t.Fatal(err)
	}
	in, err := audit.Open([]byte(proof.Checkpoint), key)
	if err != nil {
		t.Fatal(err)
	}
	if err := audit.CheckProof(proof.Hashes, in, 3, proof.Leaf); err != nil {
		t.Error(err)
	}
	for range 5 {
		h.create("")
	}
	growth, err := h.client.AuditGrowth(t.Context(), older.Size)
	if err != nil {
		t.Fatal(err)
	}
	newer, err := audit.Open([]byte(growth.Checkpoint), key)
	if err != nil {
		t.Fatal(err)
	}
	if err := audit.CheckGrowth(growth.Hashes, older, newer); err != nil || newer.Size <= older.Size {
		t.Errorf("from %d to %d: %v", older.Size, newer.Size, err)
	}
	var out bytes.Buffer
	if err := h.client.ExportAudit(t.Context(), 0, &out); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), `"action":"audit.export"`) {
		t.Error("who exports the log is not in what he gets")
	}
	report, err := audit.Verify(&out, key, &older)
	if err != nil || !report.OK() {
		t.Errorf("%v, %v", report.Findings, err)
	}
}

func TestTheLogIsPaged(t *testing.T) {
	h, _ := witnessed(t)
	for range 5 {
		h.create("")
	}
	page, err := h.client.Audit(t.Context(), admin.Cursor{Limit: 2})
	if err != nil || len(page.Data) != 2 || page.Next != "1" {
		t.Fatalf("%+v, %v", page, err)
	}
	page, err = h.client.Audit(t.Context(), admin.Cursor{Limit: 2, After: page.Next})
	if err != nil || len(page.Data) != 2 || page.Data[0].Index != 2 {
		t.Errorf("%+v, %v", page, err)
	}
	for path, want := range map[string]string{
		"/v1/audit?after=x":           `"field":"after"`,
		"/v1/audit?after=-1":          `"field":"after"`,
		"/v1/audit/9999/proof":        `"code":"not_found"`,
		"/v1/audit/x/proof":           `"field":"index"`,
		"/v1/audit/growth?from=0":     `"field":"from"`,
		"/v1/audit/growth?from=9999":  `"field":"from"`,
		"/v1/audit/export?from=first": `"field":"from"`,
		"/v1/audit/export?to=1":       `"code":"unknown_parameter"`,
	} {
		response, body := h.ask("GET", path, "")
		if response.StatusCode < 400 || !strings.Contains(body, want) {
			t.Errorf("%s: %d %s", path, response.StatusCode, body)
		}
	}
}

// deaf is a ledger that can't be told.
type deaf struct{}

func (deaf) Tell(context.Context, *mapping.Deed, mapping.AuditOutcome, time.Time) error {
	return errors.New("disk is full")
}

// Nobody sees what nobody could be told that he sees.
func TestWithoutAnEntryNothingIsShown(t *testing.T) {
	db := openStore(t, t.TempDir())
	h := newHouse(t)
	h.launch(admin.Options{Store: db, Numbers: db, Ledger: deaf{}, Audit: db.AuditLog()})
	t.Cleanup(func() { h.close(); _ = db.Close() })
	i := h.create("")
	for _, ask := range []struct{ method, path, body string }{
		{"POST", "/v1/interactions/" + i.ID + "/reveal", revealBody(why)},
		{"GET", "/v1/audit/export", ""},
		{"GET", "/v1/cdrs", ""},
	} {
		response, body := h.ask(ask.method, ask.path, ask.body)
		var p admin.Problem
		if err := json.Unmarshal([]byte(body), &p); err != nil || response.StatusCode != http.StatusServiceUnavailable || p.Code != "store_unavailable" {
			t.Errorf("%s: %d %s", ask.path, response.StatusCode, body)
		}
	}
}

// What was pruned is listed as that, and is still proven to have been there.
func TestAPrunedEntryIsListedAndProven(t *testing.T) {
	h, db := witnessed(t)
	for range 5 {
		h.create("")
	}
	gone, err := db.Retain(t.Context(), mapping.Retention{Audit: 24 * time.Hour}, noon.Add(10*24*time.Hour))
	if err != nil || gone.Entries != 5 {
		t.Fatalf("pruned %+v, %v", gone, err)
	}
	page, err := h.client.Audit(t.Context(), admin.Cursor{Limit: 6})
	if err != nil || len(page.Data) != 6 {
		t.Fatalf("listed %+v, %v", page.Data, err)
	}
	for n, e := range page.Data[:5] {
		if want := (audit.Entry{Index: uint64(n), Pruned: true}); e != want {
			t.Errorf("entry %d is %+v", n, e)
		}
	}
	if e := page.Data[5]; e.Action != "retention" || e.Object != "audit:5" {
		t.Errorf("the next is %+v", e)
	}
	checkpoint, err := h.client.AuditCheckpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	key, err := note.NewVerifier(checkpoint.Key)
	if err != nil {
		t.Fatal(err)
	}
	proof, err := h.client.AuditProof(t.Context(), 3)
	if err != nil || proof.Leaf != nil || proof.LeafHash == nil {
		t.Fatalf("proven by %+v, %v", proof, err)
	}
	in, err := audit.Open([]byte(proof.Checkpoint), key)
	if err != nil {
		t.Fatal(err)
	}
	if err := tlog.CheckRecord(proof.Hashes, in.Size, in.Root, 3, *proof.LeafHash); err != nil {
		t.Error(err)
	}
}
