package store

import (
	"runtime"
	"testing"

	"maskd/mapping"
)

// What the records of a list were read with is gone with it: it isn't kept for the next reader
// of a view that there will be no more of.
func TestAListLeavesNothingInMemory(t *testing.T) {
	const listed, left = 256, 256 << 10
	db := newStore(t, listed)
	for n := range listed {
		created(t, db, ride(t, n+1, n+1), noon)
	}
	alive := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	alive() // once more, for what earlier tests have left in pools
	before := alive()
	page, err := db.Interactions(mapping.ID{}, listed)
	if err != nil || len(page) != listed {
		t.Fatalf("listed %d: %v", len(page), err)
	}
	for _, i := range page {
		if _, err := db.Interaction(i.ID); err != nil {
			t.Fatal(err)
		}
	}
	clear(page)
	if after := alive(); after > before+left {
		t.Errorf("a list of %d and their look-ups leave %d KB", listed, (after-before)>>10)
	}
}
