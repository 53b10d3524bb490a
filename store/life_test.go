package store

import (
	"context"
	"errors"
	"testing"
	"time"

	"maskd/mapping"
)

// talked records a call of the interaction that was answered and ended.
func talked(t *testing.T, db *DB, n byte, i *mapping.Interaction, answered, ended time.Time) {
	t.Helper()
	c := callOf(n, i)
	db.Record(c)
	c.AnsweredAt = answered
	db.Record(c)
	if n%2 == 0 { // the writer may or may not have seen it live
		flushed(t, db)
	}
	c.Outcome, c.EndedAt = mapping.OutcomeAnswered, ended
	db.Record(c)
	flushed(t, db)
}

func reaches(t *testing.T, db *DB, i *mapping.Interaction, at time.Time, want mapping.Refusal) {
	t.Helper()
	if _, got := db.Resolve(i.A.DID, i.A.Numbers[0], at); got != want {
		t.Errorf("at %v: refusal %q, want %q", at.Sub(noon), got, want)
	}
	if got := db.Live(i.ID, at); got != (want == 0) && want != mapping.RefusalSpent { // which is no matter of life
		t.Errorf("at %v: live %t", at.Sub(noon), got)
	}
}

func TestAnInteractionCompletesItselfAfterSoManyCalls(t *testing.T) {
	db := newStore(t, 1)
	d := lastRide(t)
	d.Life.CompleteAfter = 2
	i := created(t, db, d, noon)
	talked(t, db, 1, &i, noon, noon)
	reaches(t, db, &i, noon, 0)
	talked(t, db, 1, &i, noon, noon) // the same call again
	reaches(t, db, &i, noon, 0)
	talked(t, db, 2, &i, noon, noon)
	reaches(t, db, &i, noon, mapping.RefusalUnknown)
	created(t, db, lastRide(t), noon)
	read, err := db.Interaction(i.ID)
	if err != nil {
		t.Fatal(err)
	}
	same(t, read.Reason, "complete_after_calls")
	same(t, read.Calls.All, 2)
}

func TestAScheduledInteractionHasItsDIDsAndConnectsFromItsStartOn(t *testing.T) {
	o, db := policed(t, 1, mapping.Policy{})
	d := lastRide(t)
	d.Life.StartsAt, d.TTL = noon.Add(time.Hour), time.Hour
	i := created(t, db, d, noon)
	for range 2 {
		reaches(t, db, &i, noon.Add(time.Hour-1), mapping.RefusalScheduled)
		reaches(t, db, &i, noon.Add(time.Hour), 0)
		reaches(t, db, &i, noon.Add(2*time.Hour), mapping.RefusalExpired)
		same(t, exhaustedBy(t, db, lastRide(t), noon).NextFreeAt, noon.Add(2*time.Hour))
		db = reopened(t, o, db)
	}
	checkAndClose(t, db)
}

func TestASlidingInteractionLivesOnWithEachAnswer(t *testing.T) {
	o, db := policed(t, 1, mapping.Policy{})
	d := lastRide(t)
	d.TTL, d.Life.Expiry = time.Hour, mapping.ExpirySliding
	i := created(t, db, d, noon)
	last := noon.Add(time.Hour)
	for n := range byte(3) {
		talked(t, db, n, &i, last.Add(-time.Minute), last)
		reaches(t, db, &i, last, 0)
		last = last.Add(59 * time.Minute)
		reaches(t, db, &i, last.Add(-1), 0)
		reaches(t, db, &i, last, mapping.RefusalExpired)
	}
	db = reopened(t, o, db)
	defer checkAndClose(t, db)
	reaches(t, db, &i, last.Add(-1), 0)
	same(t, exhaustedBy(t, db, lastRide(t), noon).NextFreeAt, last)
}

// An answer is told after the end, and the DID is another's by then: the end
// must not move, or two live interactions would share a key.
func TestALateAnswerDoesNotTakeADIDBack(t *testing.T) {
	db := newStore(t, 1)
	d := lastRide(t)
	d.TTL, d.Life.Expiry = time.Minute, mapping.ExpirySliding
	begun := noon.Add(-time.Hour)
	i := created(t, db, d, begun)
	other := created(t, db, lastRide(t), begun.Add(time.Minute))
	talked(t, db, 1, &i, begun.Add(time.Minute-1), begun.Add(time.Minute))
	read, err := db.Interaction(i.ID)
	if err != nil {
		t.Fatal(err)
	}
	same(t, read.ExpiresAt, begun.Add(time.Minute))
	reaches(t, db, &other, noon, 0)
}

func TestPartiesCallBackInTheirWindow(t *testing.T) {
	o, db := policed(t, 1, mapping.Policy{CoolDown: time.Minute})
	d := lastRide(t)
	d.Life.Callback = 10 * time.Minute
	i := created(t, db, d, noon.Add(-time.Hour))
	done, err := db.Complete(t.Context(), i.ID, "", noon.Add(-5*time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	same(t, done.State(noon), mapping.StateDraining)
	for range 2 {
		reaches(t, db, &i, noon.Add(5*time.Minute-1), 0)
		reaches(t, db, &i, noon.Add(5*time.Minute), mapping.RefusalExpired)
		same(t, exhaustedBy(t, db, lastRide(t), noon).NextFreeAt, noon.Add(6*time.Minute))
		db = reopened(t, o, db)
	}
	defer func() { checkAndClose(t, db) }()
	if _, err := db.Complete(t.Context(), i.ID, "", noon); err != nil { // again: no more calls
		t.Fatal(err)
	}
	for range 2 {
		reaches(t, db, &i, noon, mapping.RefusalUnknown)
		same(t, exhaustedBy(t, db, lastRide(t), noon).NextFreeAt, noon.Add(time.Minute))
		db = reopened(t, o, db)
	}
}

func TestAnExtendedInteractionLivesOn(t *testing.T) {
	o, db := policed(t, 1, mapping.Policy{})
	d := lastRide(t)
	d.ExternalID, d.TTL = "ride-1", time.Hour
	i := created(t, db, d, noon)
	longer, err := db.Extend(t.Context(), i.ID, mapping.Extension{TTL: 2 * time.Hour}, noon)
	if err != nil {
		t.Fatal(err)
	}
	same(t, longer.ExpiresAt, noon.Add(2*time.Hour))
	if _, isNew, err := db.Create(t.Context(), d, noon); isNew || err != nil {
		t.Errorf("the create that made it, again: new %t, %v", isNew, err)
	}
	for range 2 {
		reaches(t, db, &i, noon.Add(2*time.Hour-1), 0)
		same(t, exhaustedBy(t, db, lastRide(t), noon.Add(time.Hour)).NextFreeAt, noon.Add(2*time.Hour))
		db = reopened(t, o, db)
	}
	completed(t, db, i.ID)
	if _, err := db.Extend(t.Context(), i.ID, mapping.Extension{TTL: 3 * time.Hour}, noon); !errors.Is(err, mapping.ErrNotActive) {
		t.Errorf("a completed one: %v", err)
	}
	checkAndClose(t, db)
}

func TestAnExtensionThatFailsKeepsTheOldEnd(t *testing.T) {
	disk := newDisk()
	db := openedOn(t, optionsIn(t, t.TempDir(), 1), disk)
	d := lastRide(t)
	d.TTL = time.Hour
	i := created(t, db, d, noon)
	disk.full.Store(true)
	if _, err := db.Extend(t.Context(), i.ID, mapping.Extension{TTL: 2 * time.Hour}, noon); !errors.Is(err, mapping.ErrUnavailable) {
		t.Errorf("on a full disk: %v", err)
	}
	disk.full.Store(false)
	reaches(t, db, &i, noon.Add(time.Hour-1), 0)
	reaches(t, db, &i, noon.Add(time.Hour), mapping.RefusalExpired)
}

func TestACompletedInteractionIsReopenedWhileItsDIDsRest(t *testing.T) {
	o, db := policed(t, 1, mapping.Policy{CoolDown: time.Hour})
	i := created(t, db, lastRide(t), noon)
	completed(t, db, i.ID)
	again, err := db.Reopen(t.Context(), i.ID, mapping.Extension{TTL: 2 * time.Hour}, noon.Add(30*time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		reaches(t, db, &i, noon.Add(30*time.Minute), 0)
		same(t, db.Counts().Live, 1)
		db = reopened(t, o, db)
	}
	same(t, again.ExpiresAt, noon.Add(150*time.Minute))
	if twice, err := db.Reopen(t.Context(), i.ID, mapping.Extension{TTL: 3 * time.Hour}, noon.Add(30*time.Minute)); err != nil || !twice.ExpiresAt.Equal(again.ExpiresAt) {
		t.Errorf("again: %v", err)
	}
	if _, err := db.Complete(t.Context(), i.ID, "", noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Reopen(t.Context(), i.ID, mapping.Extension{TTL: time.Hour}, noon.Add(2*time.Hour)); !errors.Is(err, mapping.ErrTooLate) {
		t.Errorf("when they have rested: %v", err)
	}
	checkAndClose(t, db)
}

func TestAReopenThatCantHaveItsDIDsBackChangesNothing(t *testing.T) {
	policy := mapping.Policy{CoolDown: time.Hour, OnExhaustion: mapping.ExhaustionShortenCoolDown}
	_, db := policed(t, 1, policy)
	defer func() { checkAndClose(t, db) }()
	i := created(t, db, lastRide(t), noon)
	completed(t, db, i.ID)
	at := noon.Add(2 * time.Minute)
	other := created(t, db, lastRide(t), at)
	if _, err := db.Reopen(t.Context(), i.ID, mapping.Extension{TTL: time.Hour}, at); !errors.Is(err, mapping.ErrTaken) {
		t.Errorf("its DID is another's: %v", err)
	}
	reaches(t, db, &other, at, 0)
	if _, err := db.Complete(t.Context(), other.ID, "", at); err != nil {
		t.Fatal(err)
	}
	instructed(t, db, i.A.DID, mapping.Order{Standing: mapping.StandingRetired})
	if _, err := db.Reopen(t.Context(), i.ID, mapping.Extension{TTL: time.Hour}, at); !errors.Is(err, mapping.ErrTaken) {
		t.Errorf("its DID is retired: %v", err)
	}
}

// A reopen that is not committed gives back what it held: the place of its tenant, and that
// under the cap of its DID.
func TestAReopenThatFailsGivesItsPlacesBack(t *testing.T) {
	for name, o := range map[string]func(testing.TB) (Options, mapping.Draft, mapping.Draft){
		"of a tenant": func(t testing.TB) (Options, mapping.Draft, mapping.Draft) {
			return tenantsIn(t, t.TempDir(), mapping.Allowance{MaxLive: 1}), rideOf(t, "acme", 1), rideOf(t, "acme", 2)
		},
		"under a cap": func(t testing.TB) (Options, mapping.Draft, mapping.Draft) {
			o, other := optionsIn(t, t.TempDir(), 1), ride(t, 2, 2)
			o.Pools = policedPool(t, 1, mapping.Policy{CoolDown: time.Hour, MaxPairs: 1})
			other.Numbering = mapping.NumberingShared
			return o, lastRide(t), other
		},
	} {
		t.Run(name, func(t *testing.T) {
			disk := newDisk()
			o, d, next := o(t)
			db := openedOn(t, o, disk)
			i := created(t, db, d, noon)
			completed(t, db, i.ID)
			at := noon.Add(2 * time.Minute)

			gone, cancel := context.WithCancel(t.Context())
			cancel()
			if _, err := db.Reopen(gone, i.ID, mapping.Extension{TTL: time.Hour}, at); !errors.Is(err, context.Canceled) {
				t.Errorf("for nobody: %v", err)
			}
			disk.full.Store(true)
			if _, err := db.Reopen(t.Context(), i.ID, mapping.Extension{TTL: time.Hour}, at); !errors.Is(err, mapping.ErrUnavailable) {
				t.Errorf("on a full disk: %v", err)
			}
			disk.full.Store(false)
			created(t, db, next, at)
		})
	}
}

func TestDirectionsAreKept(t *testing.T) {
	db := newStore(t, 2)
	d := ride(t, 1, 1)
	d.Direction = mapping.DirectionAToB
	i := created(t, db, d, noon)
	if _, refusal := db.Resolve(i.A.DID, rider(t, 1), noon); refusal != 0 {
		t.Errorf("A calls: refusal %q", refusal)
	}
	if _, refusal := db.Resolve(i.B.DID, driver(t, 1), noon); refusal != mapping.RefusalDirection {
		t.Errorf("B calls: refusal %q", refusal)
	}
}

func TestAGroupIsRungInItsOrderWithoutOurOwnDIDs(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 2)
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	d := ride(t, 1, 1)
	d.B = []mapping.Number{driver(t, 1), driver(t, 2), driver(t, 3)}
	i := created(t, db, d, noon)
	route, _ := db.Resolve(i.A.DID, rider(t, 1), noon)
	same(t, route.Targets, d.B)
	same(t, route.Target, d.B[0])
	for _, caller := range d.B { // each of a group may call
		if _, refusal := db.Resolve(i.B.DID, caller, noon); refusal != 0 {
			t.Errorf("refusal %q", refusal)
		}
	}
	checkAndClose(t, db)
	o.Pools = poolOf(t, 2, mapping.DID(d.B[0].Reveal())) // bought since
	db = opened(t, o)
	route, _ = db.Resolve(i.A.DID, rider(t, 1), noon)
	same(t, route.Targets, d.B[1:])
	same(t, route.Target, d.B[1])
}
