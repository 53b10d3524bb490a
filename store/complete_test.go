package store

import (
	"errors"
	"strings"
	"testing"
	"time"

	"maskd/mapping"
)

func TestCompletedPairNeverConnects(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 10)
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	i := created(t, db, ride(t, 1, 1), noon)
	done := completed(t, db, i.ID)
	same(t, done.State(noon), mapping.StateCompleted)
	same(t, done.Reason, "ride over")

	refused := func() {
		t.Helper()
		for _, side := range []mapping.Side{mapping.SideA, mapping.SideB} {
			party := i.Party(side)
			if _, refusal := db.Resolve(party.DID, party.Numbers[0], noon); refusal != mapping.RefusalUnknown {
				t.Errorf("side %s: refusal %q", side, refusal)
			}
		}
		if db.Live(i.ID, noon) {
			t.Error("live")
		}
	}
	refused()
	same(t, db.Counts().Live, 0)
	checkAndClose(t, db)
	db = opened(t, o)
	refused()

	again, err := db.Complete(t.Context(), i.ID, "another reason", noon.Add(time.Hour))
	if err != nil {
		t.Fatalf("complete again: %v", err)
	}
	same(t, again, done)
}

func TestCompleteRefusesWhatCantBe(t *testing.T) {
	db := newStore(t, 10)
	if _, err := db.Complete(t.Context(), mapping.NewID(noon, [10]byte{1}), "", noon); !errors.Is(err, mapping.ErrNotFound) {
		t.Errorf("unknown id: %v", err)
	}
	i := created(t, db, ride(t, 1, 1), noon)
	var invalid *mapping.InvalidError
	if _, err := db.Complete(t.Context(), i.ID, strings.Repeat("x", maxReason+1), noon); !errors.As(err, &invalid) {
		t.Errorf("reason too long: %v", err)
	}
	if !db.Live(i.ID, noon) {
		t.Error("a refused complete ended the interaction")
	}
}

// The commit is stopped half way: look-ups must not see the pair any more, and
// nobody may be given its DIDs yet.
func TestCompleteHidesBeforeItCommits(t *testing.T) {
	disk := newDisk()
	db := openedOn(t, optionsIn(t, t.TempDir(), 1), disk)
	i := created(t, db, lastRide(t), noon)

	resume := disk.stall(t)
	ended := make(chan error, 1)
	go func() {
		_, err := db.Complete(t.Context(), i.ID, "", noon)
		ended <- err
	}()
	disk.awaitCommit(t)
	if _, refusal := db.Resolve(i.A.DID, rider(t, 1), noon); refusal != mapping.RefusalUnknown {
		t.Errorf("while the complete commits: refusal %q", refusal)
	}
	if db.Live(i.ID, noon) {
		t.Error("live while the complete commits")
	}
	var exhausted *mapping.ExhaustedError
	if _, _, err := db.Create(t.Context(), lastRide(t), noon); !errors.As(err, &exhausted) {
		t.Errorf("its DIDs were given out before the commit: %v", err)
	}
	select {
	case err := <-ended:
		t.Errorf("acknowledged before the commit: %v", err)
	default:
	}
	resume()
	if err := <-ended; err != nil {
		t.Errorf("complete: %v", err)
	}
	created(t, db, lastRide(t), noon)
}

func TestExpiryIsExact(t *testing.T) {
	db := newStore(t, 1)
	at := noon.Add(-time.Hour + 300*time.Millisecond)
	d := lastRide(t)
	d.TTL = 10 * time.Minute
	i := created(t, db, d, at)
	if _, refusal := db.Resolve(i.A.DID, rider(t, 1), i.ExpiresAt.Add(-1)); refusal != 0 {
		t.Errorf("a nanosecond before: refusal %q", refusal)
	}
	for _, late := range []time.Duration{0, 1, time.Second, time.Hour} {
		if _, refusal := db.Resolve(i.A.DID, rider(t, 1), i.ExpiresAt.Add(late)); refusal != mapping.RefusalExpired {
			t.Errorf("%v after: refusal %q", late, refusal)
		}
		if db.Live(i.ID, i.ExpiresAt.Add(late)) {
			t.Errorf("%v after: live", late)
		}
	}
	same(t, db.Sweep(noon), 1)
	same(t, db.Counts().Live, 0)
	created(t, db, lastRide(t), noon)
}

// An interaction that has expired may be completed while its successor is being made:
// the slots are the successor's, and nobody else is given them.
func TestCompletingWhatHasExpiredTakesNoSlotFromItsSuccessor(t *testing.T) {
	db := newStore(t, 1)
	d := ride(t, 1, 1)
	d.Numbering, d.TTL = mapping.NumberingShared, mapping.MinTTL
	before := created(t, db, d, noon)
	later := noon.Add(2 * mapping.MinTTL)
	again := d.WithDefaults()
	pool, _ := db.roster.pools().Named(mapping.DefaultPool)
	successor := prepared(t, db, &again, &pool, later)
	if _, err := db.Complete(t.Context(), before.ID, "", later); err != nil {
		t.Fatal(err)
	}
	var exhausted *mapping.ExhaustedError
	if _, _, err := db.Create(t.Context(), d, later); !errors.As(err, &exhausted) {
		t.Errorf("a slot that is held is given to another: %v", err)
	}
	if _, err := db.submit(t.Context(), successor, noLimit, successor.done); err != nil {
		t.Fatal(err)
	}
	if route, refusal := db.Resolve(successor.interaction.A.DID, rider(t, 1), later); route.Interaction != successor.interaction.ID {
		t.Errorf("refused: %s", refusal)
	}
}
