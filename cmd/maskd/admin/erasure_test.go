package admin_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"maskd/cmd/maskd/admin"
	"maskd/mapping"
	"maskd/media/recording"
	"maskd/sip"
	"maskd/store"
)

var erasing = admin.Why{Reason: "the rider has asked for it"}

// oblivious opens a server of a whole store, which can forget.
func oblivious(t *testing.T, size int) *house {
	db := openPool(t, t.TempDir(), size)
	h := newHouse(t)
	t.Cleanup(func() {
		h.close()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	h.launch(admin.Options{Store: db, Numbers: db, Oblivion: db})
	return h
}

// A callback window is no way to begin a call behind those that an erasure ends.
func TestAnErasureHidesBeforeItHangsUp(t *testing.T) {
	h := oblivious(t, 2)
	ctx := context.Background()
	d := draft("+15550200001", "+15550200002")
	d.CallbackSeconds = count(int64(60))
	i, err := h.client.Create(ctx, d)
	if err != nil {
		t.Fatal(err)
	}
	h.calls.add(sip.CallInfo{ID: mapping.ID{1}, Interaction: interactionID(t, i)})
	h.calls.ending = func() {
		asked := admin.Question{DID: admin.PlainNumber(i.Parties.A.Dial), Caller: "+15550200001", At: admin.Time{Time: noon.Add(time.Second)}}
		if got, err := h.client.LookUp(ctx, asked); err != nil || got.Connects {
			t.Errorf("while its calls are ended a call to it: %+v, %v", got, err)
		}
	}
	if done, err := h.client.Erase(ctx, i.ID, erasing); err != nil || done.CallsEnded != 1 {
		t.Errorf("%+v, %v", done, err)
	}
}

// vanishing is a shelf from which something is removed after it was listed.
type vanishing struct{ shelf }

func (v vanishing) List() ([]string, error) {
	ids, err := v.shelf.List()
	return append(ids, mapping.NewID(noon, [10]byte{9}).Text(mapping.KindRecording)), err
}

// A recording that is erased while others are listed is not among them.
func TestRecordingsAreListedWhileOneIsErased(t *testing.T) {
	id := mapping.NewID(noon, [10]byte{1}).Text(mapping.KindRecording)
	h := newHouse(t)
	h.launch(admin.Options{Store: h.store, Recordings: vanishing{shelf{id: {ID: id}}}})
	if found, err := h.client.Recordings(context.Background(), admin.Cursor{}); err != nil || len(found.Data) != 1 || found.Data[0].ID != id {
		t.Errorf("%+v, %v", found, err)
	}
}

// openLine is an open interaction in a store, which a stranger has called.
func openLine(t *testing.T) (e *estate, line mapping.ID, call mapping.ID) {
	t.Helper()
	e = openEstate(t)
	d := draft("+15550200001", "")
	d.Mode, d.Parties.B, d.Callback, d.CallbackNumber = "open", admin.DraftParty{}, "fallback", "+15550200003"
	i, err := e.client.Create(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := mapping.ParseNumber("+15550200009")
	if err != nil {
		t.Fatal(err)
	}
	line, call = interactionID(t, i), mapping.NewID(noon, [10]byte{9})
	e.db.Record(mapping.CDR{Call: call, Interaction: line, DID: mapping.DID(i.Parties.A.Dial),
		Caller: stranger, AdmittedAt: noon, EndedAt: noon, Outcome: mapping.OutcomeAnswered})
	if err := e.db.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	return e, line, call
}

// An erasure that can't be committed is not acknowledged, and ends the calls all the
// same.
func TestAnErasureThatFailsEndsTheCalls(t *testing.T) {
	h, db := newHouse(t), openStore(t, t.TempDir())
	h.launch(admin.Options{Store: readOnly{db}, Numbers: db, Oblivion: db})
	defer func() { h.close(); _ = db.Close() }()
	i := h.create("")
	h.calls.add(sip.CallInfo{ID: mapping.ID{1}, Interaction: interactionID(t, i)})
	if _, err := h.client.Erase(t.Context(), i.ID, admin.Why{Reason: "he has asked for it"}); err == nil {
		t.Error("acknowledged what was not committed")
	}
	if len(h.calls.Calls()) != 0 {
		t.Error("the call goes on")
	}
}

// What blocks nobody says so.
func TestAPartyOfNobodyIsNotBlocked(t *testing.T) {
	e, line, _ := openLine(t)
	for _, party := range []string{`,"party":"b"`, ""} {
		r, body := e.ask("POST", "/v1/blocks", `{"interaction":"`+line.Text(mapping.KindInteraction)+`"`+party+`}`)
		if r.StatusCode != 422 || !strings.Contains(body, `"code":"nobody","field":"party"`) {
			t.Errorf("%d %s", r.StatusCode, body)
		}
	}
}

// A party is blocked at all its numbers, also at the one that is rung if none answers.
func TestAPartyIsBlockedWithItsFallback(t *testing.T) {
	e := openEstate(t)
	d := draft("+15550200001", "+15550200002")
	d.Parties.B.Fallback = "+15550200003"
	i, err := e.client.Create(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	if r, body := e.ask("POST", "/v1/blocks", `{"interaction":"`+i.ID+`","party":"b"}`); r.StatusCode != 201 || strings.Count(body, `"id"`) != 2 {
		t.Errorf("%d %s", r.StatusCode, body)
	}
}

// readOnly is a store whose disk takes nothing.
type readOnly struct{ *store.DB }

func (readOnly) Complete(context.Context, mapping.ID, string, time.Time) (mapping.Interaction, error) {
	return mapping.Interaction{}, mapping.ErrUnavailable
}

// spoilt is a shelf of which one manifest was altered, and another can't be read.
type spoilt struct{ shelf }

func (v spoilt) Manifest(id string) (recording.Manifest, error) {
	m, err := v.shelf.Manifest(id)
	switch m.Call {
	case "altered":
		err = fmt.Errorf("read manifest: %w", recording.ErrAltered)
	case "unreadable":
		err = errors.New("read manifest: the disk is gone")
	}
	return m, err
}

// A manifest that somebody has changed is listed as bad, and the others as they are; to a
// tenant it is nobody's.
func TestABadManifestIsListedAsBad(t *testing.T) {
	s := make(shelf)
	var ids []string
	for n, call := range []string{"good", "altered", "unreadable", "fine"} {
		id := mapping.NewID(noon, [10]byte{byte(n + 1)}).Text(mapping.KindRecording)
		s[id], ids = recording.Manifest{ID: id, Call: call}, append(ids, id)
	}
	h := newHouse(t)
	h.launch(admin.Options{Store: h.store, Recordings: spoilt{s}})
	page, err := h.client.Recordings(t.Context(), admin.Cursor{})
	if err != nil || len(page.Data) != 4 {
		t.Fatalf("%+v, %v", page, err)
	}
	for n, want := range []string{"", "altered", "unreadable", ""} {
		if got := page.Data[n]; got.Bad != want || got.ID != ids[n] || (got.Call == "") != (want != "") {
			t.Errorf("listed %+v, want bad %q", got, want)
		}
	}
	if r, body := h.ask("GET", "/v1/recordings/"+ids[1], ""); r.StatusCode != 409 || !strings.Contains(body, `"recording_altered"`) {
		t.Errorf("the altered one: %d %s", r.StatusCode, body)
	}
	h.as(mapping.RoleAuditor, "acme")
	if page, err = h.client.Recordings(t.Context(), admin.Cursor{}); err != nil || len(page.Data) != 0 {
		t.Errorf("a tenant sees %+v, %v", page, err)
	}
}
