package store

import (
	"context"
	"errors"
	"testing"
	"time"

	"maskd/mapping"
)

// expired returns which interactions were told to have expired, in order.
func expired(t *testing.T, db *DB) (ids []mapping.ID) {
	t.Helper()
	for _, e := range eventsOf(t, db) {
		if e.Type == mapping.EventInteractionExpired {
			ids = append(ids, e.Interaction)
		}
	}
	return ids
}

// swept has the store look for what has expired, and tell it.
func swept(t *testing.T, db *DB, at time.Time) {
	t.Helper()
	db.Sweep(at)
	if err := db.TellExpired(t.Context(), at); err != nil {
		t.Fatal(err)
	}
}

// ahead opens a store whose test runs ahead of noon, when others are checked.
func ahead(t *testing.T, o Options) *DB {
	t.Helper()
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Check(context.Background(), noon.Add(24*time.Hour)); err != nil {
			t.Errorf("check: %v", err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func shortRide(t *testing.T, n int, ttl time.Duration) mapping.Draft {
	d := ride(t, n, n)
	d.TTL = ttl
	return d
}

func TestWhatExpiresIsToldOnce(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 9)
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	first := created(t, db, shortRide(t, 1, time.Minute), noon)
	ended := created(t, db, shortRide(t, 2, time.Minute), noon)
	later := created(t, db, shortRide(t, 3, time.Minute), noon)
	down := created(t, db, shortRide(t, 4, time.Hour), noon)
	if _, err := db.Complete(t.Context(), ended.ID, "", noon); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Extend(t.Context(), later.ID, mapping.Extension{TTL: 2 * time.Minute}, noon); err != nil {
		t.Fatal(err)
	}
	swept(t, db, noon.Add(59*time.Second))
	same(t, len(expired(t, db)), 0)
	for range 2 {
		swept(t, db, noon.Add(time.Minute))
		same(t, expired(t, db), []mapping.ID{first.ID})
	}
	swept(t, db, noon.Add(3*time.Minute))
	same(t, expired(t, db), []mapping.ID{first.ID, later.ID})
	if e := eventsOf(t, db); !e[len(e)-1].At.Equal(later.ID.Time().Add(2 * time.Minute)) {
		t.Errorf("told as of %s", e[len(e)-1].At)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	// One expires while nobody runs.
	afternoon := noon.Add(2 * time.Hour)
	for range 2 {
		if db, err = Open(o, afternoon); err != nil {
			t.Fatal(err)
		}
		swept(t, db, afternoon)
		same(t, expired(t, db), []mapping.ID{first.ID, later.ID, down.ID})
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// One that expired is told though others have taken its DIDs before a sweep came.
func TestWhoseDIDsAreTakenHasExpired(t *testing.T) {
	db := ahead(t, optionsIn(t, t.TempDir(), 1))
	d := lastRide(t)
	d.TTL = time.Minute
	one := created(t, db, d, noon)
	two := created(t, db, d, noon.Add(time.Minute))
	swept(t, db, noon.Add(90*time.Second))
	same(t, expired(t, db), []mapping.ID{one.ID})
	swept(t, db, noon.Add(time.Hour))
	same(t, expired(t, db), []mapping.ID{one.ID, two.ID})
}

// Between a sweep and the commit an interaction may be open again.
func TestWhatIsOpenAgainHasNotExpired(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 4)
	o.Pools = policedPool(t, 4, mapping.Policy{CoolDown: time.Hour})
	db := opened(t, o)
	i := created(t, db, shortRide(t, 1, time.Minute), noon)
	at := noon.Add(2 * time.Minute)
	db.Sweep(at)
	if _, err := db.Reopen(t.Context(), i.ID, mapping.Extension{TTL: 3 * time.Hour}, at); err != nil {
		t.Fatal(err)
	}
	if err := db.TellExpired(t.Context(), at); err != nil {
		t.Fatal(err)
	}
	same(t, len(expired(t, db)), 0)
}

// What can't be told now is told later.
func TestExpiriesOutliveAFullDisk(t *testing.T) {
	disk := newDisk()
	db, err := open(optionsIn(t, t.TempDir(), 9), noon, disk.commit)
	done(t, err)
	defer db.Close()
	i := created(t, db, shortRide(t, 1, time.Minute), noon)
	disk.full.Store(true)
	db.Sweep(noon.Add(time.Hour))
	if err := db.TellExpired(t.Context(), noon.Add(time.Hour)); err == nil {
		t.Error("it was told")
	}
	disk.full.Store(false)
	swept(t, db, noon.Add(time.Hour))
	same(t, expired(t, db), []mapping.ID{i.ID})
}

// Many at one moment, and more than one commit tells.
func TestManyExpireAtOnce(t *testing.T) {
	db := ahead(t, optionsIn(t, t.TempDir(), 100))
	const many = expiredAtOnce + 44
	for n := range many {
		at := noon
		if n >= expiredAtOnce-10 && n < expiredAtOnce+10 {
			at = noon.Add(time.Millisecond)
		}
		created(t, db, shortRide(t, n, time.Minute), at.Add(time.Duration(n/(expiredAtOnce+10))*time.Second))
	}
	swept(t, db, noon.Add(time.Hour))
	same(t, len(expired(t, db)), many)
}

// scrawl is the change that damages the record of an interaction.
type scrawl struct {
	id   mapping.ID
	done answer
}

func (s *scrawl) apply(t *txn) error { return t.put(bucketInteractions, s.id[:], []byte("no record")) }
func (s *scrawl) settle(err error)   { s.done.give(err) }

// One record that can't be read keeps nobody else from being told, however often it is tried.
func TestADamagedRecordKeepsNoOtherExpiryBack(t *testing.T) {
	db, err := Open(optionsIn(t, t.TempDir(), 9), noon)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	damaged := created(t, db, shortRide(t, 1, time.Minute), noon)
	whole := created(t, db, shortRide(t, 2, time.Minute), noon)
	later := created(t, db, shortRide(t, 3, 2*time.Minute), noon)
	s := &scrawl{damaged.ID, newAnswer()}
	if _, err := db.submit(t.Context(), s, noLimit, s.done); err != nil {
		t.Fatal(err)
	}
	told := []mapping.ID{whole.ID, later.ID}
	for n := range told {
		at := noon.Add(time.Duration(n+1) * time.Minute)
		db.Sweep(at)
		if err := db.TellExpired(t.Context(), at); !errors.Is(err, ErrDamaged) {
			t.Errorf("it is not said: %v", err)
		}
		same(t, expired(t, db), told[:n+1])
	}
}
