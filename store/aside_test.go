package store

import (
	"sync/atomic"
	"testing"
)

// Each commit waits for the disk aside, and nothing else does: a look-up is no commit.
func TestCommitsWaitForTheDiskAside(t *testing.T) {
	var aside, within atomic.Int64
	o := optionsIn(t, t.TempDir(), 4)
	o.Aside = func(wait func()) {
		within.Add(1)
		wait()
		within.Add(-1)
		aside.Add(1)
	}
	db := opened(t, o)
	i := created(t, db, ride(t, 1, 1), noon)
	completed(t, db, i.ID)
	if n := aside.Load(); n != 2 {
		t.Errorf("%d commits of 2 were made aside", n)
	}
	if _, err := db.Interaction(i.ID); err != nil || aside.Load() != 2 || within.Load() != 0 {
		t.Errorf("who looks waits aside: %v", err)
	}
}
