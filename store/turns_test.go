package store

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"maskd/mapping"
)

// large is how many DIDs take a search several turns.
const large = 4 * turn

// crowded is a store in which driver 1 has every DID of a large pool but one, which is
// looked at for him when many others were. They are held in memory: to be created they
// would take a commit each, and beside others who have the processor a commit takes 0.1 s.
func crowded(t *testing.T, most int) *DB {
	t.Helper()
	o := optionsIn(t, t.TempDir(), large)
	pool := o.Pools.All()[0]
	var err error
	o.Pools, err = mapping.NewPools([]mapping.Pool{pool}, mapping.Tenancy{
		Tenant: mapping.DefaultTenant, Pools: []string{pool.Name}, Allowance: mapping.Allowance{MaxLive: most}})
	done(t, err)
	db, others := opened(t, o), mapping.ID{1}
	var slots []slot
	for n, did := range pool.DIDs {
		if n != large/2 {
			slots = append(slots, db.alloc.slot(did, driver(t, 1)))
		}
	}
	db.index.hold(slots, others)
	t.Cleanup(func() { db.index.forget(slots, others) })
	return db
}

// seeking is a create that takes more than a turn, while somebody else's does.
type seeking struct {
	db   *DB
	over chan error
}

// seek begins one, and returns once others are let in.
func seek(ctx context.Context, t *testing.T, db *DB, d mapping.Draft) *seeking {
	t.Helper()
	s := &seeking{db, make(chan error, 1)}
	db.alloc.long <- struct{}{}
	arrived := db.writer.queue.arrived.Load()
	go func() {
		_, _, err := db.Create(ctx, d, noon.Add(time.Minute))
		s.over <- err
	}()
	for db.writer.queue.arrived.Load() == arrived {
		time.Sleep(time.Millisecond)
	}
	select {
	case err := <-s.over:
		t.Fatalf("it let nobody in: %v", err)
	case <-time.After(20 * time.Millisecond):
	}
	return s
}

// goOn lets it come to its end, of which it returns what was told.
func (s *seeking) goOn() error {
	<-s.db.alloc.long
	return <-s.over
}

// Who seeks long keeps nobody else from being given a DID. Finds he nothing, he is told so; and what
// others have taken meanwhile he does not get as well.
func TestWhoSeeksLongLetsOthersIn(t *testing.T) {
	at := noon.Add(time.Minute)
	t.Run("the same DID", func(t *testing.T) {
		db := crowded(t, 0)
		s := seek(t.Context(), t, db, ride(t, 1, 1))
		first := created(t, db, ride(t, 1, 2), at)
		done(t, s.goOn())
		page, err := db.Interactions(mapping.ID{}, maxPage)
		done(t, err)
		for _, i := range page {
			if i.ID != first.ID && i.A.DID == first.A.DID && i.A.Numbers[0] == first.A.Numbers[0] {
				t.Error("a rider was given a DID twice")
			}
		}
	})
	t.Run("nothing", func(t *testing.T) {
		db := crowded(t, 0)
		created(t, db, ride(t, 1, 1), at)
		s := seek(t.Context(), t, db, ride(t, 2, 1))
		created(t, db, ride(t, 1, 2), at)
		var exhausted *mapping.ExhaustedError
		if err := s.goOn(); !errors.As(err, &exhausted) || exhausted.Blocking != mapping.SideB {
			t.Errorf("he is told %v", err)
		}
	})
	t.Run("what is out of use since", func(t *testing.T) {
		db := crowded(t, 0)
		s := seek(t.Context(), t, db, ride(t, 1, 1))
		last := db.roster.pools().All()[0].DIDs[large/2]
		done(t, second(db.Instruct(t.Context(), last, mapping.Order{Standing: mapping.StandingDraining}, at)))
		var exhausted *mapping.ExhaustedError
		if err := s.goOn(); !errors.As(err, &exhausted) {
			t.Errorf("he is told %v", err)
		}
	})
	t.Run("the last place of a tenant", func(t *testing.T) {
		db := crowded(t, 1)
		s := seek(t.Context(), t, db, ride(t, 1, 1))
		created(t, db, ride(t, 2, 2), at)
		var full *mapping.QuotaError
		if err := s.goOn(); !errors.As(err, &full) {
			t.Errorf("he is told %v", err)
		}
	})
}

// Nor does he wait longer than he likes for another who does so, and then nothing of his is left: the writer
// expects him no more, his name is anybody's, and so is the place of who seeks long.
func TestWhoSeeksLongGoesWhenHeIsTiredOfIt(t *testing.T) {
	db := crowded(t, 0)
	ctx, tire := context.WithCancel(t.Context())
	named := ride(t, 1, 1)
	named.ExternalID = "ride-1"
	s := seek(ctx, t, db, named)
	tire()
	select {
	case err := <-s.over:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("he is told %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("he waits all the same")
	}
	if n, live := db.writer.queue.coming.Load(), db.Counts().Live; n != 0 || live != 0 {
		t.Errorf("%d are expected, and %d live", n, live)
	}
	if len(db.alloc.long) != 1 {
		t.Fatal("he has let another seek long beside who does")
	}
	<-db.alloc.long
	created(t, db, named, noon.Add(time.Minute))
}

// What was found is looked at once more while nobody is let in: wherever its turn ends, who then
// comes for a rider's first DID has it, or the rider.
func TestNobodyIsLetInBetweenALookAndAHold(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1)) // so that who waits comes when he is let in
	db := newStore(t, 3)
	a, pool := db.alloc, db.roster.pools().All()[0]
	for looked := range turn {
		d, other := ride(t, looked, looked), mapping.ID{1}
		d.Pool = pool.Name
		first := a.slot(pool.DIDs[0], d.A[0])
		s := &search{alloc: a, pool: &pool, id: mapping.ID{2}, at: noon, turns: turns{looked: looked, aside: true}}
		s.a, s.b = a.seeker(&pool, d.A, [2][]byte{}), a.seeker(&pool, d.B, [2][]byte{})
		over := make(chan struct{})
		a.mu.Lock()
		go func() {
			defer close(over)
			a.mu.Lock()
			defer a.mu.Unlock()
			if a.index.free(first, noon, 0) {
				a.index.hold([]slot{first}, other)
			}
		}()
		runtime.Gosched()
		c, err := s.choice(&d)
		done(t, err)
		if !a.index.free(a.slot(pool.DIDs[c.A], d.A[0]), noon, 0) {
			t.Errorf("%d looks before: the rider gets what is another's", looked)
		}
		a.mu.Unlock()
		<-over
		a.index.forget([]slot{first}, other)
	}
}
