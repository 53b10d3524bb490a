package admin_test

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"maskd/cmd/maskd/admin"
	"maskd/mapping"
)

// withStore serves the API over the real store.
func withStore(t *testing.T, dids int) *house {
	t.Helper()
	dir := t.TempDir()
	db := openPool(t, dir, dids)
	h := &house{T: t, socket: filepath.Join(dir, "s"), calls: &switchboard{}, log: new(bytes.Buffer)}
	h.start(db)
	t.Cleanup(func() {
		h.close()
		if err := errors.Join(db.Check(context.Background(), noon), db.Close()); err != nil {
			t.Error(err)
		}
	})
	return h
}

func TestALookupSaysWhatWouldHappenAndChangesNothing(t *testing.T) {
	h := withStore(t, 2)
	ctx := context.Background()
	i, err := h.client.Create(ctx, draft("+15550200001", "+15550200002"))
	if err != nil {
		t.Fatal(err)
	}
	asked := admin.Question{DID: admin.PlainNumber(i.Parties.A.Dial), Caller: "+1 (555) 020-0001"}
	d, err := h.client.LookUp(ctx, asked)
	if err != nil || !d.Connects || d.Interaction != i.ID || d.CallerSide != "a" || d.Target.Ref != i.Parties.B.Ref ||
		d.Shown != i.Parties.B.Dial || d.Trunk != "carrier" || len(d.Steps) != 6 {
		t.Errorf("%+v, %v", d, err)
	}
	asked.At = admin.Time{Time: noon.Add(25 * time.Hour)}
	if d, err := h.client.LookUp(ctx, asked); err != nil || d.Connects || d.Refusal != "expired" || d.Interaction != i.ID {
		t.Errorf("tomorrow: %+v, %v", d, err)
	}
	if shown, err := h.client.Interaction(ctx, i.ID); err != nil || shown.State != "active" {
		t.Errorf("after the lookups: %+v, %v", shown, err)
	}
	if _, err := h.client.Complete(ctx, i.ID, admin.Completion{}); err != nil {
		t.Fatal(err)
	}
	asked.At = admin.Time{}
	if d, err := h.client.LookUp(ctx, asked); err != nil || d.Refusal != "unknown" || d.Interaction != i.ID {
		t.Errorf("completed: %+v, %v", d, err)
	}
}

func TestALookupThatCanNotBe(t *testing.T) {
	h := withStore(t, 2)
	for body, want := range map[string]string{
		`{}`:                                       `"code":"empty","field":"did"`,
		`{"did":"5550100000"}`:                     `"code":"no_country_code","field":"did"`,
		`{"did":"+15550100000","caller":"112"}`:    `"code":"emergency","field":"caller"`,
		`{"did":"+15550100000","at":"tomorrow"}`:   `"code":"bad_json"`,
		`{"did":"+15550100000","number":"+15550"}`: `"code":"unknown_field","field":"number"`,
	} {
		if _, answer := h.ask("POST", "/v1/lookup", body); !strings.Contains(answer, want) {
			t.Errorf("%s: %s", body, answer)
		}
	}
}

// A number put in the DID's place is not said back.
func TestALookupShowsNoNumber(t *testing.T) {
	h := withStore(t, 2)
	for _, body := range []string{
		`{"did":"+15550200001","caller":"+15550200002"}`, `{"did":"+15550100000","caller":"+15550200002"}`,
		`{"did":"+15550100000"}`, `{"did":"+15550200001x","caller":"+15550200002"}`,
	} {
		if _, answer := h.ask("POST", "/v1/lookup", body); strings.Contains(answer, "020000") {
			t.Errorf("%s: %s", body, answer)
		}
	}
}

func TestACallThatWasRefusedSaysWhy(t *testing.T) {
	h := open(t)
	call := mapping.NewID(noon, [10]byte{2})
	h.store.cdrs = []mapping.CDR{{Call: call, AdmittedAt: noon, EndedAt: noon, Outcome: mapping.OutcomeRefused, Refusal: mapping.RefusalUnknown}}
	got, err := h.client.Call(context.Background(), call.Text(mapping.KindCall))
	if err != nil || got.Refusal != "unknown" || got.Why != "no live interaction has this DID and caller" {
		t.Errorf("%+v, %v", got, err)
	}
}
