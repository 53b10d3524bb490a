package store

import (
	"context"
	"errors"
	"os"
	"slices"
	"testing"
	"time"

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

// Whose end by the copy has passed is not over if it was put off since, and is if it was completed
// after that; what was completed by the copy and reopened since connects, and what had its DID in between does not.
func TestARestoredCopyHasTheEndsOfSince(t *testing.T) {
	at := noon.Add(2 * time.Hour)
	later := mapping.Extension{ExpiresAt: noon.Add(9 * time.Hour)}
	o, db := policed(t, 4, mapping.Policy{CoolDown: time.Hour})
	brief := func(a, b int) mapping.Interaction {
		d := ride(t, a, b)
		d.TTL = time.Hour
		return created(t, db, d, noon)
	}
	extended, ended, expired, reopened := brief(1, 1), brief(2, 2), brief(3, 3), brief(4, 4)
	completed(t, db, reopened.ID)
	from := copyHot(t, db)
	for _, id := range []mapping.ID{extended.ID, ended.ID} {
		done(t, second(db.Extend(t.Context(), id, later, noon)))
	}
	completed(t, db, ended.ID)
	done(t, second(db.Reopen(t.Context(), reopened.ID, later, noon)))
	late := brief(5, 5)
	done(t, second(db.Extend(t.Context(), late.ID, later, noon)))
	checkAndClose(t, db)

	_, err := Restore(t.Context(), o, from, restore, at)
	done(t, err)
	db, err = Open(o, at)
	done(t, err)
	defer func() { done(t, errors.Join(db.Check(context.Background(), at), db.Close())) }()
	for _, i := range []*mapping.Interaction{&extended, &reopened} {
		reaches(t, db, i, at, 0)
		reaches(t, db, i, later.ExpiresAt, mapping.RefusalExpired)
	}
	reaches(t, db, &ended, at, mapping.RefusalUnknown)
	reaches(t, db, &expired, at, mapping.RefusalUnknown)
	if _, err := db.Interaction(late.ID); !errors.Is(err, mapping.ErrNotFound) {
		t.Errorf("what was made since: %v", err)
	}
}

// Who has had all his calls has had them by a copy that is older than they are; a copy that knows of more
// than the store of before, which was made when that was lost, knows better.
func TestARestoredCopyCountsTheCallsOfSince(t *testing.T) {
	for name, lost := range map[string]bool{"the same store": false, "a new one": true} {
		o, db := allotting(t, mapping.Allotment{}, mapping.Allotment{}, mapping.Allotment{Calls: 3, Hours: 24})
		i := created(t, db, ride(t, 1, 1), noon)
		calls := func(from, to byte) {
			for n := from; n < to; n++ {
				talked(t, db, n, &i, noon, noon)
			}
		}
		from := ""
		if lost {
			calls(0, 3)
			from = copyHot(t, db)
			checkAndClose(t, db)
			done(t, os.Remove(o.Path))
			db, err := Open(o, noon)
			done(t, err)
			i = created(t, db, ride(t, 1, 1), noon)
			talked(t, db, 0, &i, noon, noon)
			checkAndClose(t, db)
		} else {
			calls(0, 1)
			from = copyHot(t, db)
			calls(1, 3)
			checkAndClose(t, db)
		}
		done(t, second(Restore(t.Context(), o, from, restore, noon)))
		db = opened(t, o)
		if n := db.allotments.count(mapping.Common{Tenant: mapping.DefaultTenant, InAll: true}, mapping.HourOf(noon)); n != 3 {
			t.Errorf("%s: %d calls count", name, n)
		}
	}
}

// Two that had the same DID for the same party, one after the other, don't have it both.
func TestARestoredCopyGivesNoDIDTwice(t *testing.T) {
	at := noon.Add(2 * time.Minute)
	o, db := policed(t, 1, mapping.Policy{})
	first := created(t, db, lastRide(t), noon)
	completed(t, db, first.ID)
	second, _, err := db.Create(t.Context(), lastRide(t), at)
	done(t, err)
	from := copyHot(t, db)
	_, err = db.Complete(t.Context(), second.ID, "", at)
	done(t, err)
	o.Pools = policedPool(t, 1, mapping.Policy{CoolDown: time.Hour}) // so that it can be reopened
	db = reopened(t, o, db)
	_, err = db.Reopen(t.Context(), first.ID, mapping.Extension{TTL: time.Hour}, at)
	done(t, err)
	checkAndClose(t, db)
	_, err = Restore(t.Context(), o, from, restore, at)
	done(t, err)
	db, err = Open(o, at)
	done(t, err)
	defer func() { done(t, errors.Join(db.Check(context.Background(), at), db.Close())) }()
	if route, refusal := db.Resolve(first.A.DID, first.A.Numbers[0], at); refusal != 0 || route.Interaction != first.ID {
		t.Errorf("refused %q", refusal)
	}
	if db.Live(second.ID, at) {
		t.Error("what had the DID in between is live")
	}
}
