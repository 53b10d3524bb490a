package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"maskd/mapping"
)

func TestCreatedPairReachesEachOther(t *testing.T) {
	leavesNothing(t)
	db := newStore(t, 10)
	i := created(t, db, ride(t, 1, 1), noon)

	route, refusal := db.Resolve(i.A.DID, rider(t, 1), noon)
	same(t, refusal, mapping.Refusal(0))
	same(t, route, mapping.Route{
		Interaction: i.ID, Tenant: mapping.DefaultTenant, Caller: mapping.SideA, From: rider(t, 1), Phone: rider(t, 1), Target: driver(t, 1), Targets: []mapping.Number{driver(t, 1)}, Hunt: mapping.Hunt{}.WithDefaults(1), Show: i.B.DID, Trunk: "carrier", Limits: i.Limits,
		Record: mapping.RecordingOff,
	})
	route, refusal = db.Resolve(i.B.DID, driver(t, 1), noon)
	same(t, refusal, mapping.Refusal(0))
	same(t, route, mapping.Route{
		Interaction: i.ID, Tenant: mapping.DefaultTenant, Caller: mapping.SideB, From: driver(t, 1), Phone: driver(t, 1), Target: rider(t, 1), Targets: []mapping.Number{rider(t, 1)}, Hunt: mapping.Hunt{}.WithDefaults(1), Show: i.A.DID, Trunk: "carrier", Limits: i.Limits,
		Record: mapping.RecordingOff,
	})
	if !db.Live(i.ID, noon) {
		t.Error("the new interaction is not live")
	}
	same(t, db.Counts(), Counts{Live: 1})
}

func TestRecordsReadBackWhole(t *testing.T) {
	db := newStore(t, 10)
	d := mapping.Draft{
		ExternalID: "ride-4711", Numbering: mapping.NumberingShared, TTL: time.Hour,
		A:      []mapping.Number{rider(t, 1), rider(t, 2)},
		B:      []mapping.Number{driver(t, 1), driver(t, 2)},
		Labels: map[string]string{"city": "Pune", "empty": ""},
	}
	i := created(t, db, d, noon)
	for name, read := range map[string]func() (mapping.Interaction, error){
		"by id":          func() (mapping.Interaction, error) { return db.Interaction(i.ID) },
		"by external id": func() (mapping.Interaction, error) { return db.ByExternalID(mapping.DefaultTenant, "ride-4711") },
	} {
		got, err := read()
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		same(t, got, i)
	}
	if i.A.DID != i.B.DID {
		t.Errorf("shared numbering gave %s and %s", i.A.DID, i.B.DID)
	}
}

func TestCreateIsIdempotentByExternalID(t *testing.T) {
	db := newStore(t, 1)
	d := lastRide(t)
	d.ExternalID = "ride-1"
	first := created(t, db, d, noon)

	// The pool is exhausted for this pair by now: a retry must not need a DID.
	again, isNew, err := db.Create(t.Context(), d, noon.Add(time.Second))
	if err != nil || isNew {
		t.Fatalf("second create: new %v, %v", isNew, err)
	}
	same(t, again, first)

	d.TTL = time.Hour
	if _, _, err := db.Create(t.Context(), d, noon); !errors.Is(err, mapping.ErrConflict) {
		t.Errorf("other contents under the same external id: %v", err)
	}
	same(t, db.Counts().Live, 1)
}

func TestConcurrentRetriesMakeOneInteraction(t *testing.T) {
	db := newStore(t, 1)
	d := lastRide(t)
	d.ExternalID = "ride-1"
	var wait sync.WaitGroup
	ids := make([]mapping.ID, 16)
	made := make([]bool, 16)
	for n := range ids {
		wait.Go(func() {
			i, isNew, err := db.Create(context.Background(), d, noon)
			if err != nil {
				t.Errorf("create: %v", err)
			}
			ids[n], made[n] = i.ID, isNew
		})
	}
	wait.Wait()
	news := 0
	for n := range ids {
		if ids[n] != ids[0] {
			t.Error("two interactions for one external id")
		}
		if made[n] {
			news++
		}
	}
	same(t, news, 1)
}

func TestCreateRefusesWhatCantBe(t *testing.T) {
	db := newStore(t, 2)
	pool := ride(t, 1, 1)
	pool.Pool = "moon"
	own := ride(t, 1, 1)
	own.B = []mapping.Number{number(t, "+15550100001")}
	for name, c := range map[string]struct {
		draft       mapping.Draft
		field, code string
	}{
		"unknown pool": {pool, "pool", "unknown"},
		"our own DID":  {own, "parties.b.numbers[0]", "own_did"},
	} {
		_, _, err := db.Create(t.Context(), c.draft, noon)
		var invalid *mapping.InvalidError
		if !errors.As(err, &invalid) || invalid.Field != c.field || invalid.Code != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	same(t, db.Counts().Live, 0)
}

func TestExhaustionNamesPoolAndParty(t *testing.T) {
	db := newStore(t, 3)
	for n := range 3 {
		created(t, db, ride(t, n, 7), noon)
	}
	_, _, err := db.Create(t.Context(), ride(t, 9, 7), noon)
	var exhausted *mapping.ExhaustedError
	if !errors.As(err, &exhausted) {
		t.Fatalf("a fourth interaction on three DIDs: %v", err)
	}
	same(t, *exhausted, mapping.ExhaustedError{
		Pool: mapping.DefaultPool, Blocking: mapping.SideB, Size: 3, Needed: 1, NextFreeAt: noon.Add(mapping.DefaultTTL),
	})
}

func TestCreateOfAnAbandonedCallerIsWholeOrNot(t *testing.T) {
	db := newStore(t, 50)
	for n := range 200 {
		ctx, cancel := context.WithCancel(t.Context())
		d := ride(t, n, n)
		d.ExternalID = fmt.Sprint("ride-", n)
		go cancel()
		_, _, err := db.Create(ctx, d, noon)
		cancel()
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Fatalf("create: %v", err)
		}
	}
	if err := db.Flush(t.Context()); err != nil {
		t.Fatalf("flush: %v", err)
	}
	for n := range 200 {
		i, err := db.ByExternalID(mapping.DefaultTenant, fmt.Sprint("ride-", n))
		if err == nil && !db.Live(i.ID, noon) {
			t.Errorf("ride %d has a record and does not connect", n)
		}
	}
}

func TestPartyIsGivenTheSameDIDAsLateAsThePoolAllows(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 20)
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[mapping.DID]bool)
	for n := range 20 {
		if n == 10 { // the cursor survives a restart
			checkAndClose(t, db)
			db = opened(t, o)
		}
		i := created(t, db, ride(t, 1, n), noon.Add(time.Duration(n)*time.Second))
		completed(t, db, i.ID)
		if seen[i.A.DID] {
			t.Errorf("create %d: %s again, after %d of 20 DIDs", n, i.A.DID, len(seen))
		}
		seen[i.A.DID] = true
	}
}

// prepared returns a creation that is not queued.
func prepared(t *testing.T, db *DB, d *mapping.Draft, pool *mapping.Pool, at time.Time) *creation {
	t.Helper()
	leaf, err := db.keys.leaf(dayAt(at))
	if err != nil {
		t.Fatal(err)
	}
	c, err := db.prepare(t.Context(), d, pool, leaf, at)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
