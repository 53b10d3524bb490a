package audit

import (
	"testing"

	"golang.org/x/mod/sumdb/tlog"
)

// The crown is a short cut: at every size the tree is the one that tlog makes of
// all hashes, and it can be found again from leaves and tiles.
func TestCrownIsTheTreeOfTlog(t *testing.T) {
	m := newLog(t, 0)
	var stored []tlog.Hash
	all := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		found := make([]tlog.Hash, len(indexes))
		for i, n := range indexes {
			found[i] = stored[n]
		}
		return found, nil
	})
	for n := range 3*TileSize + 2 {
		if want, err := tlog.TreeHash(int64(n), all); err != nil || m.crown.Root() != want {
			t.Fatalf("root of %d leaves is %v, want %v (%v)", n, m.crown.Root(), want, err)
		}
		again, err := Resume(int64(n), HashReader(m))
		if err != nil || *again != m.crown {
			t.Fatalf("the crown of %d leaves is not found again: %v", n, err)
		}
		if read, err := crownOf(int64(n), m.crown.Peaks()); err != nil || *read != m.crown {
			t.Fatalf("the crown of %d leaves is not made again of its peaks: %v", n, err)
		}
		m.add(entry(n))
		hashes, err := tlog.StoredHashes(int64(n), m.rows[n].Leaf, all)
		if err != nil {
			t.Fatal(err)
		}
		stored = append(stored, hashes...)
	}
}

// TestTilesOfTiles grows a tree of more than 2^16 leaves, which has a tile of
// the second level.
func TestTilesOfTiles(t *testing.T) {
	const size = TileSize*TileSize + 3*TileSize + 5
	leaf := func(n int64) tlog.Hash { return tlog.Hash{byte(n), byte(n >> 8), byte(n >> 16)} }
	kept := &hashes{leaf: leaf, tiles: make(map[int][]tlog.Hash)}
	var c Crown
	for n := range int64(size) {
		c.Grow(leaf(n), func(t Tile) { kept.tiles[t.Level] = append(kept.tiles[t.Level], t.Hash) })
	}
	if len(kept.tiles[1]) != TileSize+3 || len(kept.tiles[2]) != 1 {
		t.Fatalf("%d and %d tiles", len(kept.tiles[1]), len(kept.tiles[2]))
	}
	if again, err := Resume(size, HashReader(kept)); err != nil || again.Root() != c.Root() {
		t.Errorf("the crown is not found again: %v", err)
	}
	for _, n := range []int64{0, 255, 256, 65_535, 65_536, size - 1} {
		proof, err := tlog.ProveRecord(size, n, HashReader(kept))
		if err != nil {
			t.Fatal(err)
		}
		if err := tlog.CheckRecord(proof, size, c.Root(), n, leaf(n)); err != nil {
			t.Errorf("leaf %d: %v", n, err)
		}
	}
}

type hashes struct {
	leaf  func(int64) tlog.Hash
	tiles map[int][]tlog.Hash
}

func (h *hashes) Hashes(level int, first, count int64) (found []tlog.Hash, err error) {
	if level > 0 {
		return cloned(h.tiles[level][first : first+count]), nil
	}
	for n := first; n < first+count; n++ {
		found = append(found, h.leaf(n))
	}
	return found, nil
}
