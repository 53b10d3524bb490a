package store

import (
	"runtime"
	"sync"
	"testing"
	"time"

	"maskd/mapping"
)

func TestAViewIsOpenForAsLongAsSomebodyHoldsIt(t *testing.T) {
	db := newStore(t, 10)
	first := db.views.latest.Load()
	if !first.hold() {
		t.Fatal("the latest view is over")
	}
	i := created(t, db, ride(t, 1, 1), noon)
	if first.interactions.Get(i.ID[:]) != nil {
		t.Error("a view shows what was committed after it")
	}
	if db.views.latest.Load() == first {
		t.Error("a commit leaves the view what it was")
	}
	first.release()
	if first.hold() {
		t.Error("a view that nobody holds is not over")
	}
}

// A file that may have to be mapped anew has no view: bbolt would wait for it for ever.
func TestAFileThatMayOutgrowItsMapHasNoView(t *testing.T) {
	db := newStore(t, 100)
	db.views.most = db.views.latest.Load().tx.Size()
	var last mapping.Interaction
	for n := 0; n < 100 && db.views.latest.Load() != nil; n++ {
		last = created(t, db, ride(t, n, n), noon.Add(time.Duration(n)*time.Millisecond))
	}
	if db.views.latest.Load() != nil {
		t.Error("it has a view")
	}
	if _, refusal := db.Resolve(last.A.DID, last.A.Numbers[0], noon.Add(time.Minute)); refusal != 0 {
		t.Errorf("refused: %s", refusal)
	}
}

// A view is held all the time, and pages are used again all the same: a file that
// is written hundreds of times does not become hundreds of times as large.
func TestViewsLeavePagesToBeUsedAgain(t *testing.T) {
	db := newStore(t, 10)
	i := created(t, db, ride(t, 1, 1), noon)
	stop, looking := make(chan struct{}), sync.WaitGroup{}
	for range 2 {
		looking.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if _, refusal := db.Resolve(i.A.DID, i.A.Numbers[0], noon); refusal != 0 {
					t.Errorf("refused: %s", refusal)
					return
				}
				runtime.Gosched() // or each commit would wait for a processor until they are made to give one up
			}
		})
	}
	for n := range 300 {
		if _, err := db.Extend(t.Context(), i.ID, mapping.Extension{TTL: mapping.DefaultTTL + time.Duration(n+1)*time.Second}, noon); err != nil {
			t.Fatal(err)
		}
	}
	close(stop)
	looking.Wait()
	v := db.views.latest.Load()
	if size := v.tx.Size(); size > 1<<20 {
		t.Errorf("the file has grown to %d bytes", size)
	}
}
