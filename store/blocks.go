package store

import (
	"maps"
	"sync"
	"sync/atomic"

	"maskd/mapping"
)

// maxBlocks bounds the block list, which is kept in memory: 50 MB.
const maxBlocks = 1_000_000

// blocks is who is blocked, by digests: memory holds no number either. Most
// stores block nobody, and their look-ups pay for one load.
type blocks struct {
	digests *mac
	size    atomic.Int64

	mu    sync.RWMutex
	bars  map[digest]mapping.Bar // of a number, or of a number towards another
	pairs int                    // how many are of the latter
}

func newBlocks(digests *mac) *blocks {
	return &blocks{digests: digests, bars: make(map[digest]mapping.Bar)}
}

// blockUse and pairUse keep what is said of a number and of a pair apart.
const (
	blockUse = "number"
	pairUse  = "pair"
)

// digest returns what a block of a number is known by, towards everybody or one
// other number.
func (b *blocks) digest(n, with mapping.Number) digest {
	if with.IsZero() {
		return b.digests.number(blockUse, n)
	}
	return b.digests.pair(pairUse, n, with)
}

// none reports whether nobody is blocked.
func (b *blocks) none() bool { return b.size.Load() == 0 }

// bar reports whether the caller may not reach the target: because of one of
// them, or of the two as a pair, whichever of them it was that was blocked.
func (b *blocks) bar(caller, target mapping.Number) bool {
	own, its := b.digest(caller, mapping.Number{}), b.digest(target, mapping.Number{})
	b.mu.RLock()
	barred, pairs := b.bars[own].Calls() || b.bars[its].Reaches(), b.pairs > 0
	b.mu.RUnlock()
	if barred || !pairs {
		return barred
	}
	own, its = b.digest(caller, target), b.digest(target, caller)
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.bars[own].Calls() || b.bars[its].Reaches()
}

func (b *blocks) put(block *mapping.Block) {
	b.mu.Lock()
	defer b.mu.Unlock()
	_, known := b.bars[digest(block.ID)]
	b.bars[digest(block.ID)] = block.Bars
	if !known && !block.With.IsZero() {
		b.pairs++
	}
	b.size.Store(int64(len(b.bars)))
}

func (b *blocks) remove(block *mapping.Block) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, known := b.bars[digest(block.ID)]; !known {
		return
	}
	delete(b.bars, digest(block.ID))
	if !block.With.IsZero() {
		b.pairs--
	}
	b.size.Store(int64(len(b.bars)))
}

// copy returns all that is blocked.
func (b *blocks) copy() map[digest]mapping.Bar {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return maps.Clone(b.bars)
}
