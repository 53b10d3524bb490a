package store

import (
	"errors"
	"os"
	"slices"
	"testing"

	"maskd/mapping"
)

// seqs are the numbers and types of a tenant's events after one.
func seqs(t *testing.T, db *DB, after uint64) (numbers []uint64) {
	t.Helper()
	page, err := db.Events(mapping.DefaultTenant, after, maxPage)
	done(t, err)
	for _, e := range page {
		numbers = append(numbers, e.Seq)
	}
	return numbers
}

// outlived is a store in which two interactions were made since a copy of it.
func outlived(t *testing.T) (db *DB, o Options, from string) {
	t.Helper()
	o = optionsIn(t, t.TempDir(), 20)
	db, err := Open(o, noon)
	done(t, err)
	created(t, db, ride(t, 1, 1), noon)
	from = copyHot(t, db)
	created(t, db, ride(t, 2, 2), noon)
	created(t, db, ride(t, 3, 3), noon)
	return db, o, from
}

// What was told before a copy was put back is still there to be told, no number is given
// out again, and no endpoint is told twice.
func TestTheEventsOfARestoredStoreGoOn(t *testing.T) {
	db, o, from := outlived(t)
	done(t, db.SetProgress(t.Context(), "a", mapping.Progress{Tenant: mapping.DefaultTenant, After: 2}))
	checkAndClose(t, db)
	done(t, second(Restore(t.Context(), o, from, restore, noon)))
	db = opened(t, o)
	created(t, db, ride(t, 4, 4), noon)
	if got := seqs(t, db, 0); !slices.Equal(got, []uint64{1, 2, 3, 4}) {
		t.Errorf("events %v", got)
	}
	if p, err := db.Progress("a"); err != nil || p.After != 2 {
		t.Errorf("the endpoint has been told up to %d, %v", p.After, err)
	}
}

// Where nobody knows how far the store of before had come, the copy goes on far behind it: who
// reads on hears that something is lost, and misses nothing of what comes.
func TestTheEventsOfAStoreThatIsLostGoOnFarBehind(t *testing.T) {
	db, o, from := outlived(t)
	checkAndClose(t, db)
	done(t, os.Remove(o.Path))
	done(t, second(Restore(t.Context(), o, from, restore, noon)))
	db, err := Open(o, noon)
	done(t, err)
	created(t, db, ride(t, 4, 4), noon)
	for _, after := range []uint64{0, 1, 2, 3} { // of whom the last was told of all
		if _, err := db.Events(mapping.DefaultTenant, after, 10); !errors.Is(err, mapping.ErrForgotten) {
			t.Errorf("after %d: %v", after, err)
		}
	}
	oldest, next, err := db.EventRange(mapping.DefaultTenant)
	done(t, err)
	if next != oldest+1 || oldest < maybeTold {
		t.Errorf("from %d to %d", oldest, next)
	}
	if got := seqs(t, db, oldest-1); !slices.Equal(got, []uint64{oldest}) {
		t.Errorf("behind the gap: %v", got)
	}
	checkAndClose(t, db)
}

// What a party has said since of an interaction that lives in both is not undone: who does not want
// to be disturbed is not, and who was taken out as a fallback is not rung.
func TestARestoredCopyHasWhatWasRevisedSince(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 20)
	db, err := Open(o, noon)
	done(t, err)
	d := ride(t, 1, 1)
	d.HuntB.Fallback = rider(t, 50)
	i, other := created(t, db, d, noon), created(t, db, ride(t, 2, 2), noon)
	from := copyHot(t, db)
	quiet, nobody := true, mapping.Number{}
	done(t, second(db.Revise(t.Context(), i.ID, mapping.Revision{A: mapping.PartyRevision{Quiet: &quiet}, B: mapping.PartyRevision{Fallback: &nobody}}, noon)))
	checkAndClose(t, db)
	done(t, second(Restore(t.Context(), o, from, restore, noon)))
	db = opened(t, o)
	if _, refusal := db.Resolve(i.B.DID, i.B.Numbers[0], noon); refusal != mapping.RefusalQuiet {
		t.Errorf("who is not to be disturbed: %s", refusal)
	}
	if route, refusal := db.Resolve(i.A.DID, i.A.Numbers[0], noon); refusal != 0 || !route.Hunt.Fallback.IsZero() {
		t.Errorf("who was taken out is rung: %s", refusal)
	}
	if _, refusal := db.Resolve(other.A.DID, other.A.Numbers[0], noon); refusal != 0 {
		t.Errorf("another: %s", refusal)
	}
}
