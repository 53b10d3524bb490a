package admin_test

import (
	"slices"
	"testing"
	"time"

	"maskd/cmd/maskd/admin"
	"maskd/mapping"
	"maskd/media/recording"
)

// visited has a stranger call an interaction of others, and the call recorded.
func visited(t *testing.T, e *estate, of mapping.ID, caller mapping.Number, n byte) (c mapping.CDR, covered []byte) {
	t.Helper()
	at := noon.Add(time.Duration(n) * time.Minute)
	c = mapping.CDR{Call: mapping.NewID(at, [10]byte{n}), Tenant: "acme", Interaction: of, CallerSide: mapping.SideB, Caller: caller,
		DID: "+15550101000", AdmittedAt: at, EndedAt: at.Add(time.Second), Outcome: mapping.OutcomeNoAnswer}
	e.db.Record(c)
	covered, err := e.db.CoverRecording(t.Context(), of, c.Call, []byte("what opens it"))
	if err != nil {
		t.Fatal(err)
	}
	id := mapping.NewID(noon, [10]byte{n, 3}).Text(mapping.KindRecording)
	e.shelf[id] = recording.Manifest{ID: id, Call: c.Call.Text(mapping.KindCall), Interaction: of.Text(mapping.KindInteraction)}
	return c, covered
}

// What a stranger has left with an interaction of others is found, and erased with him
// and without that; but not while that is under a legal hold.
func TestAStrangerIsErasedFromWhatIsOthers(t *testing.T) {
	e := openEstate(t)
	e.as(mapping.RoleAdmin, "acme")
	i, err := e.client.Create(t.Context(), admin.Draft{Mode: "open", Parties: admin.DraftParties{A: admin.DraftParty{Numbers: []admin.PlainNumber{"+15550200001"}}}})
	if err != nil {
		t.Fatal(err)
	}
	id := interactionID(t, i)
	person, err := mapping.ParseNumber("+15550207777")
	if err != nil {
		t.Fatal(err)
	}
	other, err := mapping.ParseNumber("+15550208888")
	if err != nil {
		t.Fatal(err)
	}
	kept, _ := visited(t, e, id, other, 1)
	gone, covered := visited(t, e, id, person, 2)
	asked := admin.Person{Number: "+15550207777", Asked: admin.Asked{Reason: why}}
	for _, held := range []bool{true, false} {
		verb := "hold"
		if !held {
			verb = "release"
		}
		if _, err := e.client.Hold(t.Context(), i.ID, verb, admin.Why{Reason: why}); err != nil {
			t.Fatal(err)
		}
		done, err := e.client.EraseSubject(t.Context(), asked)
		if err != nil || len(done.Interactions) != 0 || !slices.Equal(done.Calls, []string{gone.Call.Text(mapping.KindCall)}) || len(done.Recordings) != 1 || (len(done.Held) == 1) != held {
			t.Errorf("held %t: erased %+v, %v", held, done, err)
		}
		if _, err := e.db.CDR(gone.Call); (err == nil) != held || len(e.shelf) != map[bool]int{true: 2, false: 1}[held] {
			t.Errorf("held %t: %d recordings, and the call: %v", held, len(e.shelf), err)
		}
	}
	if _, err := e.db.UncoverRecording(gone.Call, covered); err == nil {
		t.Error("a copy of his recording can be opened")
	}
	if _, err := e.db.CDR(kept.Call); err != nil {
		t.Errorf("another stranger's call: %v", err)
	}
	if left, err := e.db.Interaction(id); err != nil || !left.LastCall.Caller.IsZero() {
		t.Errorf("the interaction knows who called last, %v", err)
	}
	if found, err := e.client.FindSubject(t.Context(), asked); err != nil || len(found.Calls)+len(found.Recordings)+len(found.Others)+len(found.Held) != 0 {
		t.Errorf("found %+v, %v", found, err)
	}
}
