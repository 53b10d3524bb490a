package store

import (
	"errors"
	"testing"
	"time"

	"maskd/mapping"
)

// A pool is told of when few of its DIDs are left, once, and again when it has had more
// in between. Who has said that a DID is out of use has left one less; those that are
// reserved are nobody's to count.
func TestALowPoolIsToldOfUntilItRecovers(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 0)
	dids, err := mapping.ParseDIDs("+15550100000..+15550100011")
	if err != nil {
		t.Fatal(err)
	}
	o.Pools, err = mapping.NewPools([]mapping.Pool{
		{Name: mapping.DefaultPool, Trunk: "carrier", DIDs: dids, Reserved: dids[10:], Policy: mapping.Policy{Low: 40, MaxPairs: 1}},
		{Name: "silent", Trunk: "carrier", DIDs: []mapping.DID{"+15550100999"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	disk := newDisk()
	db := openedOn(t, o, disk)
	var rides []mapping.Interaction
	create := func(n int) func() {
		return func() {
			for range n {
				rides = append(rides, created(t, db, ride(t, len(rides), len(rides)), noon))
			}
		}
	}
	complete := func() {
		if _, err := db.Complete(t.Context(), rides[0].ID, "", noon); err != nil {
			t.Fatal(err)
		}
		rides = rides[1:]
	}
	instruct := func(s mapping.Standing) func() {
		return func() {
			for _, did := range db.Stock("", 10, mapping.DefaultPool, 0, noon) {
				if _, err := db.Instruct(t.Context(), did.DID, mapping.Order{Standing: s}, noon); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	for step, s := range []struct {
		what string
		do   func()
		want int
	}{
		{"nobody has one", func() {}, 0},
		{"six of ten are had", create(3), 0},
		{"eight", create(1), 1},
		{"ten", create(1), 1},
		{"six: as many are left as must be, and no more", func() { complete(); complete() }, 1},
		{"eight again", create(1), 1},
		{"four: it has recovered", func() { complete(); complete() }, 1},
		{"eight for the second time", create(2), 2},
		{"none", func() { complete(); complete(); complete(); complete() }, 2},
		{"all are out of use", instruct(mapping.StandingQuarantined), 3},
		{"all are in use", instruct(mapping.StandingActive), 3},
	} {
		s.do()
		for range 2 {
			if err := db.TellLow(t.Context(), noon.Add(time.Duration(step)*time.Minute)); err != nil {
				t.Fatal(err)
			}
		}
		told := 0
		for _, e := range eventsOf(t, db) {
			if e.Type == mapping.EventPoolLow && e.Pool == mapping.DefaultPool {
				told++
			}
		}
		if told != s.want {
			t.Errorf("%s: told %d times, want %d", s.what, told, s.want)
		}
	}
	instruct(mapping.StandingDraining)()
	disk.full.Store(true)
	if err := db.TellLow(t.Context(), noon); !errors.Is(err, errFull) {
		t.Errorf("on a full disk: %v", err)
	}
	disk.full.Store(false)
	if err := db.TellLow(t.Context(), noon); err != nil {
		t.Error(err)
	}
	if events := eventsOf(t, db); events[len(events)-1].Type != mapping.EventPoolLow || events[len(events)-1].Pool != mapping.DefaultPool {
		t.Errorf("what could not be told is not told later, but %s", events[len(events)-1].Type)
	}
}

// Who counts a large pool is no search: nobody waits for him, and he is not waited for.
func TestWhoCountsALargePoolHoldsNobodyUp(t *testing.T) {
	o := optionsIn(t, t.TempDir(), large)
	pool := o.Pools.All()[0]
	pool.Low = 40
	var err error
	o.Pools, err = mapping.NewPools([]mapping.Pool{pool})
	done(t, err)
	db := opened(t, o)
	if free, all := db.alloc.stock(&pool, noon); free != large || all != large {
		t.Errorf("%d of %d DIDs are free", free, all)
	}
	if n := db.writer.queue.coming.Load(); n != 0 {
		t.Errorf("%d are about to come", n)
	}
	if len(db.alloc.long) > 0 {
		t.Error("who seeks long waits for ever")
	}
}
