package audit

import (
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// tileHeight is that of the tiles whose hashes are kept: 256 leaves, then 256
// tiles, and so on. Whatever lies between is computed again from at most 256
// hashes, so that a leaf costs the log an eighth of a byte beside itself.
const tileHeight = 8

// TileSize is how many hashes a tile covers.
const TileSize = 1 << tileHeight

// Crown is the right edge of the tree: the roots of the complete subtrees that
// make it up, one for each bit of its size. With them it can grow. The zero
// Crown is the empty tree.
type Crown struct {
	size  int64
	peaks [63]tlog.Hash // peaks[l] is of 2^l leaves, if that bit of size is set
}

// Tile is the hash of a complete tile. Those of level 1 are of leaves, those of
// level 2 of tiles of level 1, and so on.
type Tile struct {
	Level int
	N     int64
	Hash  tlog.Hash
}

// Size returns how many leaves there are.
func (c *Crown) Size() int64 { return c.size }

// Grow adds a leaf and calls tile with those that it completes.
func (c *Crown) Grow(leaf tlog.Hash, tile func(Tile)) {
	level := 0
	for ; c.size>>level&1 == 1; level++ {
		leaf, c.peaks[level] = tlog.NodeHash(c.peaks[level], leaf), tlog.Hash{}
		if above := level + 1; above%tileHeight == 0 {
			tile(Tile{Level: above / tileHeight, N: c.size >> above, Hash: leaf})
		}
	}
	c.peaks[level] = leaf
	c.size++
}

// Root returns the hash of the tree (RFC 6962 section 2.1).
func (c *Crown) Root() tlog.Hash {
	if c.size == 0 {
		empty, _ := tlog.TreeHash(0, nil) // reads nothing, so that nothing fails
		return empty
	}
	var root tlog.Hash
	first := true
	for level := range c.peaks {
		switch {
		case c.size>>level&1 == 0:
		case first:
			root, first = c.peaks[level], false
		default:
			root = tlog.NodeHash(c.peaks[level], root)
		}
	}
	return root
}

// Peaks returns the roots of the subtrees, that of the fewest leaves first.
func (c *Crown) Peaks() (peaks []tlog.Hash) {
	for level := range c.peaks {
		if c.size>>level&1 == 1 {
			peaks = append(peaks, c.peaks[level])
		}
	}
	return peaks
}

// crownOf makes a crown again of a size and its peaks.
func crownOf(size int64, peaks []tlog.Hash) (*Crown, error) {
	c := &Crown{size: size}
	for level := range c.peaks {
		if size < 0 || size>>level&1 == 0 {
			continue
		}
		if len(peaks) == 0 {
			return nil, fmt.Errorf("%w: peaks are missing", ErrLeaf)
		}
		c.peaks[level], peaks = peaks[0], peaks[1:]
	}
	if size < 0 || len(peaks) > 0 {
		return nil, fmt.Errorf("%w: these are not the peaks of %d leaves", ErrLeaf, size)
	}
	return c, nil
}

// Resume reads the crown of a tree of that size.
func Resume(size int64, from tlog.HashReader) (*Crown, error) {
	c := &Crown{size: size}
	for level := range c.peaks {
		if size>>level&1 == 0 {
			continue
		}
		found, err := from.ReadHashes([]int64{tlog.StoredHashIndex(level, size>>level-1)})
		if err != nil {
			return nil, fmt.Errorf("read peak of audit log: %w", err)
		}
		c.peaks[level] = found[0]
	}
	return c, nil
}

// Hashes reads hashes that are kept: those of leaves at level 0, of tiles above.
type Hashes interface {
	Hashes(level int, first, count int64) ([]tlog.Hash, error)
}

// HashReader reads any hash of a tree of which leaves and tiles are kept.
func HashReader(h Hashes) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		found := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			level, n := tlog.SplitStoredHashIndex(index)
			below := level % tileHeight
			hashes, err := h.Hashes(level/tileHeight, n<<below, 1<<below)
			if err != nil {
				return nil, err
			}
			found[i] = fold(hashes)
		}
		return found, nil
	})
}

// fold returns the root of a complete subtree, and uses the slice up.
func fold(hashes []tlog.Hash) tlog.Hash {
	for ; len(hashes) > 1; hashes = hashes[:len(hashes)/2] {
		for i := range len(hashes) / 2 {
			hashes[i] = tlog.NodeHash(hashes[2*i], hashes[2*i+1])
		}
	}
	return hashes[0]
}
