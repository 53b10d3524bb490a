package store

import (
	"errors"
	"testing"
	"time"

	"maskd/mapping"
)

func pinOf(t testing.TB, s string) mapping.PIN {
	t.Helper()
	p, err := mapping.ParsePIN(s)
	if err != nil {
		t.Fatalf("parse PIN: %v", err)
	}
	return p
}

func TestAPINIsKeptWithItsParty(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 5)
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	d := ride(t, 1, 1)
	d.ExternalID, d.PINA.Given, d.PINB.Draw = "ride", pinOf(t, "48291377"), true
	made := created(t, db, d, noon)
	if made.A.PIN != d.PINA.Given || made.B.PIN.Digits() != mapping.MinPIN {
		t.Errorf("A has its PIN: %t, B one of %d digits", made.A.PIN == d.PINA.Given, made.B.PIN.Digits())
	}
	checkAndClose(t, db)

	db = opened(t, o)
	again, isNew, err := db.Create(t.Context(), d, noon.Add(time.Minute))
	if err != nil || isNew || again.B.PIN != made.B.PIN {
		t.Errorf("the same request again: new %t, the same PIN %t, %v", isNew, again.B.PIN == made.B.PIN, err)
	}
	d.PINA.Given = pinOf(t, "48291378")
	if _, _, err := db.Create(t.Context(), d, noon); !errors.Is(err, mapping.ErrConflict) {
		t.Errorf("the same name with another PIN: %v", err)
	}
}

func TestARouteHasThePINOfWhoCalls(t *testing.T) {
	db := newStore(t, 5)
	d := ride(t, 1, 1)
	d.PINA.Given = pinOf(t, "482913")
	i := created(t, db, d, noon)
	if route, refusal := db.Resolve(i.A.DID, d.A[0], noon); refusal != 0 || !route.PIN.Matches([]byte("482913")) {
		t.Errorf("A calls: refusal %q, PIN %v", refusal, route.PIN)
	}
	if route, refusal := db.Resolve(i.B.DID, d.B[0], noon); refusal != 0 || !route.PIN.IsZero() {
		t.Errorf("B calls, who has none: refusal %q, PIN %v", refusal, route.PIN)
	}
}

// A record of before there were PINs is read, and one without them is written as
// it was then.
func TestARecordWithoutPINsIsAsItWas(t *testing.T) {
	i := mapping.Interaction{Pool: "default", A: mapping.Party{DID: "+15550100001"}, CreatedAt: noon, ExpiresAt: noon.Add(time.Hour)}
	before := len(encodeInteraction(&i))
	read, err := decodeInteraction(mapping.ID{}, encodeInteraction(&i))
	if err != nil || !read.A.PIN.IsZero() || !read.B.PIN.IsZero() {
		t.Errorf("read with PINs %v, %v: %v", read.A.PIN, read.B.PIN, err)
	}
	i.A.PIN = pinOf(t, "482913")
	if grown := len(encodeInteraction(&i)) - before; grown != 2+mapping.MinPIN {
		t.Errorf("a PIN takes %d bytes", grown)
	}
	if _, err := decodeInteraction(mapping.ID{}, fields{}.text(interactionPINB, "4829")); !errors.Is(err, errFields) {
		t.Errorf("half a PIN is read: %v", err)
	}
}

// A PIN tells who calls a DID, so no two live interactions share one there.
func TestAPINIsOneOnItsDID(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 2)
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	entered := []byte("482913")
	first, second := ride(t, 1, 1), ride(t, 2, 2)
	first.PINA.Given, second.PINB.Given = pinOf(t, "482913"), pinOf(t, "482913")
	one, two := created(t, db, first, noon), created(t, db, second, noon)
	if one.A.DID == two.B.DID {
		t.Errorf("both are on %s", one.A.DID)
	}
	third := ride(t, 3, 3)
	third.PINA.Given = pinOf(t, "482913")
	var exhausted *mapping.ExhaustedError
	if _, _, err := db.Create(t.Context(), third, noon); !errors.As(err, &exhausted) {
		t.Errorf("a third on two DIDs: %v", err)
	}
	checkAndClose(t, db)

	db = opened(t, o) // the index is rebuilt
	for did, want := range map[mapping.DID]mapping.Interaction{one.A.DID: one, two.B.DID: two} {
		route, refusal := db.Prove(did, mapping.Number{}, entered, noon)
		if refusal != 0 || route.Interaction != want.ID {
			t.Errorf("on %s: %q, the right one: %t", did, refusal, route.Interaction == want.ID)
		}
	}
	if route, refusal := db.Prove(two.B.DID, mapping.Number{}, entered, noon); refusal != 0 || route.Caller != mapping.SideB || route.Target != second.A[0] {
		t.Errorf("B's PIN is of side %s: %q", route.Caller, refusal)
	}
	completed(t, db, one.ID)
	if _, refusal := db.Prove(one.A.DID, mapping.Number{}, entered, noon.Add(2*time.Minute)); refusal == 0 {
		t.Error("the PIN of a completed interaction is taken")
	}
	created(t, db, third, noon.Add(2*time.Minute))
}

func TestWhatProvesNothing(t *testing.T) {
	db := newStore(t, 4)
	d := ride(t, 1, 1)
	d.PINA.Given = pinOf(t, "482913")
	i := created(t, db, d, noon)
	for name, try := range map[string]struct {
		did     mapping.DID
		entered string
		at      time.Time
	}{
		"another PIN":           {i.A.DID, "482914", noon},
		"half of it":            {i.A.DID, "4829", noon},
		"nothing":               {i.A.DID, "", noon},
		"on the other's DID":    {i.B.DID, "482913", noon},
		"on no DID of ours":     {"+15559999999", "482913", noon},
		"a number":              {i.A.DID, d.A[0].Reveal(), noon},
		"when its time is over": {i.A.DID, "482913", i.ExpiresAt},
	} {
		if route, refusal := db.Prove(try.did, mapping.Number{}, []byte(try.entered), try.at); refusal == 0 || !route.Target.IsZero() {
			t.Errorf("%s: connects", name)
		}
	}
	if _, asks := db.AsksUnknown(i.A.DID); asks {
		t.Error("strangers are asked where the pool does not say so")
	}
}
