package store

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"maskd/mapping"
)

func keyedRide(t testing.TB, key string, n int) mapping.Draft {
	d := ride(t, n, n)
	d.Key = key
	return d
}

func TestARequestSentAgainChangesNothing(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 50)
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	first := created(t, db, keyedRide(t, "k", 1), noon)
	completed(t, db, first.ID)
	again := created(t, db, keyedRide(t, "k", 1), noon.Add(time.Hour))
	if again.ID != first.ID || again.CompletedAt.IsZero() {
		t.Errorf("the same request made %v, and then %v", first.ID, again.ID)
	}
	if _, _, err := db.Create(t.Context(), keyedRide(t, "k", 2), noon); !errors.Is(err, mapping.ErrReused) {
		t.Errorf("another draft with the key: %v", err)
	}
	if other := created(t, db, keyedRide(t, "l", 1), noon); other.ID == first.ID {
		t.Error("another key is the same request")
	}
	checkAndClose(t, db)
	db = opened(t, o)
	if again := created(t, db, keyedRide(t, "k", 1), noon.Add(2*time.Hour)); again.ID != first.ID {
		t.Error("a start forgets the request")
	}
}

// Who can write the store, and has no key, can't have a request lead to what it did not make.
func TestARequestLeadsToWhatItMade(t *testing.T) {
	db := newStore(t, 50)
	mine, other := created(t, db, keyedRide(t, "k", 1), noon), created(t, db, ride(t, 2, 2), noon)
	var key []byte
	done(t, db.file.View(func(tx *bolt.Tx) error {
		key, _ = bucketRequests.in(tx).Cursor().First()
		key = bytes.Clone(key)
		return nil
	}))
	undo := forged(t, db, bucketRequests, key, func(row []byte) []byte { return append(row[:len(digest{})], other.ID[:]...) })
	if i, _, err := db.Create(t.Context(), keyedRide(t, "k", 1), noon); !errors.Is(err, ErrDamaged) {
		t.Errorf("it leads to %s, %v", i.ID.Text(mapping.KindInteraction), err)
	}
	undo()
	if i := created(t, db, keyedRide(t, "k", 1), noon); i.ID != mine.ID {
		t.Error("it made another")
	}
}

func TestARequestIsForgottenAfterADay(t *testing.T) {
	db := newStore(t, 50)
	first := created(t, db, keyedRide(t, "k", 1), noon)
	if again := created(t, db, keyedRide(t, "k", 1), noon.Add(requestLife-time.Millisecond)); again.ID != first.ID {
		t.Error("forgotten too soon")
	}
	if later := created(t, db, keyedRide(t, "k", 1), noon.Add(requestLife)); later.ID == first.ID {
		t.Error("not forgotten")
	}
}

// What is forgotten leaves the file, and what its digests were made with is destroyed:
// a backup of before, with the keys of now, has nothing to try numbers against.
func TestForgottenRequestsLeaveNothing(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 50)
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 10 {
		created(t, db, keyedRide(t, fmt.Sprint(n), n), noon.Add(time.Duration(n)*requestLife))
	}
	before, err := db.keys.secret(dayAt(noon)|forRequests, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Retain(t.Context(), mapping.Retention{}, noon.Add(9*requestLife)); err != nil {
		t.Fatal(err)
	}
	_ = db.file.View(func(tx *bolt.Tx) error {
		same(t, bucketRequests.in(tx).Stats().KeyN, 2) // of today and the day before
		return nil
	})
	if again := created(t, db, keyedRide(t, "9", 9), noon.Add(9*requestLife+time.Hour)); again.CreatedAt.After(noon.Add(9 * requestLife)) {
		t.Error("a request of today is forgotten too")
	}
	checkAndClose(t, db)
	db = opened(t, o)
	for d := range day(8) {
		if _, err := db.keys.secret((dayAt(noon)+d)|forRequests, 0); !errors.Is(err, errDestroyed) {
			t.Errorf("the key of day %d: %v", d, err)
		}
	}
	if bytes.Contains(db.keys.set.Load().encode(), before[:]) {
		t.Error("the file of keys still has it")
	}
}

// Who has the file and no key has nothing to try numbers against: the digests of two
// stores say nothing of each other, nor do those of one under no key.
func TestARequestIsDigestedUnderTheKeyOfItsDay(t *testing.T) {
	var seen []request
	for range 2 {
		db := newStore(t, 50)
		d := keyedRide(t, "k", 1)
		r, err := db.requestOf(&d, noon)
		if err != nil {
			t.Fatal(err)
		}
		seen = append(seen, r)
	}
	if seen[0][0].key == seen[1][0].key || seen[0][0].draft == seen[1][0].draft {
		t.Error("two stores digest a request alike")
	}
}

func TestTheSameRequestAtOnceIsDoneOnce(t *testing.T) {
	db := newStore(t, 50)
	var wait sync.WaitGroup
	ids := make([]mapping.ID, 16)
	for n := range ids {
		wait.Go(func() {
			d := keyedRide(t, "k", 1)
			d.ExternalID = "ride-1"
			i, _, err := db.Create(t.Context(), d, noon)
			if err != nil {
				t.Error(err)
			}
			ids[n] = i.ID
		})
	}
	wait.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Errorf("made %s and %s", ids[0].Text(mapping.KindInteraction), id.Text(mapping.KindInteraction))
		}
	}
	same(t, db.Counts().Live, 1)
	same(t, len(db.claims.taken), 0)
}

// A request that was refused was not carried out: it may be sent again.
func TestARefusedRequestIsNotKept(t *testing.T) {
	db := newStore(t, 1)
	last := lastRide(t)
	i := created(t, db, last, noon)
	last.Key = "k"
	var exhausted *mapping.ExhaustedError
	if _, _, err := db.Create(t.Context(), last, noon); !errors.As(err, &exhausted) {
		t.Fatalf("create in a full pool: %v", err)
	}
	completed(t, db, i.ID)
	created(t, db, last, noon.Add(48*time.Hour))
}
