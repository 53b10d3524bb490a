package store

import (
	"errors"
	"testing"
	"time"

	"maskd/mapping"
)

// How a party is rung is in the route, and outlives a restart.
func TestAPartyIsRungAsItWasAskedFor(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 2)
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	d := ride(t, 1, 1)
	d.B = []mapping.Number{driver(t, 1), driver(t, 2)}
	d.HuntB = mapping.Hunt{Ring: mapping.RingAll, Fallback: driver(t, 9)}
	i := created(t, db, d, noon)
	want := mapping.Hunt{Ring: mapping.RingAll, RingTime: time.Minute, Fallback: driver(t, 9)}
	same(t, i.B.Hunt, want)
	same(t, i.A.Hunt, mapping.Hunt{}.WithDefaults(1))
	db = reopened(t, o, db)
	route, refusal := db.Resolve(i.A.DID, rider(t, 1), noon)
	if refusal != 0 {
		t.Fatalf("refusal %q", refusal)
	}
	same(t, route.Hunt, want)
	if _, refusal := db.Resolve(i.B.DID, driver(t, 9), noon); refusal != mapping.RefusalUnknown {
		t.Errorf("the fallback calls: refusal %q, want unknown", refusal)
	}
	again, made, err := db.Create(t.Context(), d, noon)
	if err != nil {
		t.Fatal(err)
	}
	if d.ExternalID != "" && (made || again.ID != i.ID) {
		t.Error("the same draft has made another interaction")
	}
	checkAndClose(t, db)
	o.Pools = poolOf(t, 2, mapping.DID(driver(t, 9).Reveal())) // bought since
	db = opened(t, o)
	route, _ = db.Resolve(i.A.DID, rider(t, 1), noon)
	if !route.Hunt.Fallback.IsZero() {
		t.Error("a fallback that has become one of our DIDs would be rung")
	}
}

// What is revised holds for the next look-up, and after a start.
func TestHowAPartyIsRungIsRevised(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 2)
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	d := ride(t, 1, 1)
	d.B = append(d.B, driver(t, 2))
	i := created(t, db, d, noon)
	ring, back, none := mapping.RingAll, driver(t, 9), mapping.Number{}
	for _, row := range []struct {
		r    mapping.PartyRevision
		want mapping.Hunt
	}{
		{mapping.PartyRevision{Ring: &ring, Fallback: &back}, mapping.Hunt{Ring: ring, RingTime: mapping.DefaultTurn, Fallback: back}},
		{mapping.PartyRevision{Fallback: &none}, mapping.Hunt{Ring: ring, RingTime: mapping.DefaultTurn}},
	} {
		if _, err := db.Revise(t.Context(), i.ID, mapping.Revision{B: row.r}, noon); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			route, refusal := db.Resolve(i.A.DID, rider(t, 1), noon)
			if refusal != 0 || route.Hunt != row.want {
				t.Errorf("refusal %q, %+v", refusal, route.Hunt)
			}
			db = reopened(t, o, db)
		}
	}
	bought := number(t, string(i.A.DID))
	var invalid *mapping.InvalidError
	if _, err := db.Revise(t.Context(), i.ID, mapping.Revision{B: mapping.PartyRevision{Fallback: &bought}}, noon); !errors.As(err, &invalid) || invalid.Code != "own_did" {
		t.Errorf("a fallback that is our own DID: %v", err)
	}
	checkAndClose(t, db)
}

// Records of before there was anything to say of it have the defaults.
func TestAnOldRecordIsRungAsItWas(t *testing.T) {
	i := wholeInteraction(t)
	i.A.Hunt, i.B.Hunt = mapping.Hunt{}.WithDefaults(1), mapping.Hunt{}.WithDefaults(2)
	for record := fields(encodeInteraction(&i)); len(record) > 0; {
		tag, _, rest, err := record.next()
		if err != nil {
			t.Fatal(err)
		}
		if tag >= interactionRingA && tag <= interactionFallbackB {
			t.Errorf("the record has field %d, and says nothing by it", tag)
		}
		record = rest
	}
	old := mapping.Interaction{CreatedAt: noon, ExpiresAt: noon.Add(time.Hour)}
	got, err := decodeInteraction(old.ID, encodeInteraction(&old))
	if err != nil {
		t.Fatal(err)
	}
	same(t, got.A.Hunt, mapping.Hunt{Ring: mapping.RingSequence, RingTime: time.Minute})
	c := callOf(1, &i)
	c.Tried = 1
	read, err := decodeCDR(c.Call, c.Interaction, appendCDR(nil, &c))
	if err != nil || read.Tried != 1 {
		t.Errorf("a call of before has rung %d numbers: %v", read.Tried, err)
	}
}

func TestCDRsTellHowManyWereRungAndWhoWasRedirected(t *testing.T) {
	i := wholeInteraction(t)
	for tried := range 10 {
		c := callOf(1, &i)
		c.Tried, c.Redirected, c.Diverted = tried, tried%2 == 1, mapping.Diversion(tried%4)
		got, err := decodeCDR(c.Call, c.Interaction, appendCDR(nil, &c))
		if err != nil {
			t.Fatal(err)
		}
		same(t, got, c)
	}
}

func TestWhereStrangersAreSentTo(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 2)
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	did := db.roster.pools().All()[0].DIDs[0]
	if _, redirects := db.Redirects(did, rider(t, 1)); redirects {
		t.Error("redirected, and the pool says nothing of it")
	}
	pool := o.Pools.All()[0]
	pool.Redirect = driver(t, 7)
	if o.Pools, err = mapping.NewPools([]mapping.Pool{pool}); err != nil {
		t.Fatal(err)
	}
	db = reopened(t, o, db)
	route, redirects := db.Redirects(did, rider(t, 1))
	if !redirects || route.Target != driver(t, 7) || route.Show != did || route.Trunk != pool.Trunk || !route.Interaction.IsZero() {
		t.Errorf("redirected: %t, %v", redirects, route)
	}
	evidence, err := db.Explain(t.Context(), did, rider(t, 1), noon)
	if err != nil || evidence.Refusal != mapping.RefusalUnknown || evidence.Redirect != driver(t, 7) {
		t.Errorf("explained: %s, sent to %v: %v", evidence.Refusal, evidence.Redirect, err)
	}
	if _, redirects := db.Redirects("+15550999999", rider(t, 1)); redirects {
		t.Error("who dials what is none of our DIDs is redirected")
	}
	pool.DIDs = append(pool.DIDs, mapping.DID(driver(t, 7).Reveal()))
	if o.Pools, err = mapping.NewPools([]mapping.Pool{pool}); err != nil {
		t.Fatal(err)
	}
	checkAndClose(t, db)
	db = opened(t, o)
	if _, redirects := db.Redirects(did, rider(t, 1)); redirects {
		t.Error("redirected to one of our own DIDs")
	}
}

// Whom the block list keeps a caller from is not rung for anybody in its place.
func TestABlockedFallbackIsNotRung(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 2)
	pool := o.Pools.All()[0]
	pool.Redirect = driver(t, 9)
	var err error
	if o.Pools, err = mapping.NewPools([]mapping.Pool{pool}); err != nil {
		t.Fatal(err)
	}
	db := opened(t, o)
	d := ride(t, 1, 1)
	d.HuntB = mapping.Hunt{Fallback: driver(t, 9)}
	i := created(t, db, d, noon)
	for _, barred := range []bool{false, true} {
		if barred {
			if _, err := db.Block(t.Context(), []mapping.Block{{Number: driver(t, 9), Bars: mapping.BarBoth}}, noon); err != nil {
				t.Fatal(err)
			}
		}
		route, refusal := db.Resolve(i.A.DID, rider(t, 1), noon)
		if refusal != 0 || route.Hunt.Fallback.IsZero() != barred {
			t.Errorf("barred %t: refusal %q, then rung %v", barred, refusal, route.Hunt.Fallback)
		}
		if _, redirects := db.Redirects(i.A.DID, rider(t, 5)); redirects == barred {
			t.Errorf("barred %t: a stranger is redirected: %t", barred, redirects)
		}
	}
}
