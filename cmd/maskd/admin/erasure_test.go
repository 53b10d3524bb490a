package admin_test

import (
	"context"
	"testing"
	"time"

	"maskd/cmd/maskd/admin"
	"maskd/mapping"
	"maskd/sip"
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
