package store

import (
	"maps"
	"sync"
	"sync/atomic"

	"maskd/mapping"
)

// maxBlocks bounds the block lists, which are kept in memory: 50 MB.
const maxBlocks = 1_000_000

// maxTenantBlocks bounds the list of one tenant, so that none takes all the room.
const maxTenantBlocks = 100_000

// blocks is who is blocked, by digests: memory holds no number either. Most
// stores block nobody, and their look-ups pay for one load.
type blocks struct {
	digests *mac
	size    atomic.Int64

	mu    sync.RWMutex
	bars  map[digest]mapping.Bar     // of a number, or of a number towards another, on one of the lists
	lists map[mapping.Tenant]listing // of each tenant, and the house
}

// listing is how many a list has, and how many of them are pairs.
type listing struct{ size, pairs int }

func newBlocks(digests *mac) *blocks {
	return &blocks{digests: digests, bars: make(map[digest]mapping.Bar), lists: make(map[mapping.Tenant]listing)}
}

// blockUse and pairUse keep what is said of a number and of a pair apart. Those of a
// tenant are followed by its name, so that no two lists meet.
const (
	blockUse = "number"
	pairUse  = "pair"
)

// digest returns what a block of a number is known by on a list, towards everybody or
// one other number.
func (b *blocks) digest(of mapping.Tenant, n, with mapping.Number) digest {
	use := func(what string) string {
		if of == "" {
			return what
		}
		return what + " " + string(of)
	}
	if with.IsZero() {
		return b.digests.number(use(blockUse), n)
	}
	return b.digests.pair(use(pairUse), n, with)
}

// none reports whether nobody is blocked.
func (b *blocks) none() bool { return b.size.Load() == 0 }

// bar reports whether the caller may not reach the target in an interaction of the
// tenant: because of its list or of the house's.
func (b *blocks) bar(of mapping.Tenant, caller, target mapping.Number) bool {
	return b.barOn("", caller, target) || of != "" && b.barOn(of, caller, target)
}

// barOn reports whether a list says so: of one of them, or of the two as a pair,
// whichever of them it was that was blocked.
func (b *blocks) barOn(of mapping.Tenant, caller, target mapping.Number) bool {
	list := b.list(of)
	if list.size == 0 {
		return false
	}
	if b.either(b.digest(of, caller, mapping.Number{}), b.digest(of, target, mapping.Number{})) {
		return true
	}
	return list.pairs > 0 && b.either(b.digest(of, caller, target), b.digest(of, target, caller))
}

// either reports whether one may not call, or the other may not be reached.
func (b *blocks) either(caller, target digest) bool {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.bars[caller].Calls() || b.bars[target].Reaches()
}

func (b *blocks) list(of mapping.Tenant) listing {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.lists[of]
}

func (b *blocks) put(block *mapping.Block) {
	b.mu.Lock()
	defer b.mu.Unlock()
	_, known := b.bars[digest(block.ID)]
	b.bars[digest(block.ID)] = block.Bars
	if !known {
		b.count(block, 1)
	}
}

func (b *blocks) remove(block *mapping.Block) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, known := b.bars[digest(block.ID)]; known {
		delete(b.bars, digest(block.ID))
		b.count(block, -1)
	}
}

// count counts a block on its list. The caller holds mu.
func (b *blocks) count(block *mapping.Block, by int) {
	list := b.lists[block.Tenant]
	list.size += by
	if !block.With.IsZero() {
		list.pairs += by
	}
	b.lists[block.Tenant] = list
	b.size.Store(int64(len(b.bars)))
}

// hasRoom reports whether so many more can be put on a list.
func (b *blocks) hasRoom(of mapping.Tenant, more int) bool {
	return b.size.Load()+int64(more) <= maxBlocks && (of == "" || b.list(of).size+more <= maxTenantBlocks)
}

// copy returns all that is blocked.
func (b *blocks) copy() map[digest]mapping.Bar {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return maps.Clone(b.bars)
}
