package mapping

import "math"

// Choice is the outcome of an allocation: the DID each party dials and sees.
type Choice struct {
	A, B int // indexes into the pool's DIDs
}

// Availability tells which DIDs of a pool a party may be given, which of them
// it would rather have, and where to look first.
type Availability struct {
	Cursor int            // index of the DID to try first, any value
	Free   func(int) bool // whether the DID at that index has no live key with any number of the party

	// Rank is 0 for the DIDs that the party would rather have than any other,
	// higher the less it wants one, up to maxRank, and negative for one that it
	// is not to be given. Nil: all are alike.
	Rank func(int) int
}

// Allocate chooses the DIDs for a new interaction.
//
// Each party's search starts at its own cursor, which the caller sets behind
// the DID that the party was given last. A DID is thus given to the same party
// again as late as the pool allows (at least 90 % of exact least recently
// used, for one integer): never the first free one, because a person who
// redials from the call log would soon reach a stranger.
//
// Of several that are free, a party is given the one of lowest rank, and of
// these the first behind the cursor. A chooses before B, but not the DID
// without which B would have none.
//
// It fails with an [ExhaustedError] that names the party for whom nothing was
// free; Pool and NextFreeAt are left for the caller to fill.
func Allocate(n Numbering, size int, a, b Availability) (Choice, error) {
	if n == NumberingShared {
		return allocateShared(size, a, b)
	}
	first, okA := a.best(size, -1)
	if !okA {
		needed := 1
		if _, okB := b.best(size, -1); !okB {
			needed = 2
		}
		return Choice{}, &ExhaustedError{Blocking: SideA, Size: size, Needed: needed}
	}
	second, okB := b.best(size, first)
	if okB {
		return Choice{A: first, B: second}, nil
	}
	return yield(size, a, b)
}

// yield serves a B whose only free DID is the one A took: A takes another.
func yield(size int, a, b Availability) (Choice, error) {
	second, ok := b.best(size, -1)
	if !ok {
		return Choice{}, &ExhaustedError{Blocking: SideB, Size: size, Needed: 1}
	}
	first, ok := a.best(size, second)
	if !ok {
		return Choice{}, &ExhaustedError{Blocking: SideA, Size: size, Needed: 1}
	}
	return Choice{A: first, B: second}, nil
}

// allocateShared chooses one DID for both: A's wishes come before B's.
func allocateShared(size int, a, b Availability) (Choice, error) {
	both := Availability{
		Cursor: a.Cursor,
		Free:   func(i int) bool { return a.Free(i) && b.Free(i) },
		Rank:   func(i int) int { return joint(a.rank(i), b.rank(i)) },
	}
	if i, ok := both.best(size, -1); ok {
		return Choice{A: i, B: i}, nil
	}
	blocking := SideB
	if _, ok := a.best(size, -1); !ok {
		blocking = SideA
	}
	return Choice{}, &ExhaustedError{Blocking: blocking, Size: size, Needed: 1}
}

// maxRank is the highest rank there is.
const maxRank = 1<<15 - 1

// joint is the rank of a DID for two parties.
func joint(a, b int) int {
	if a < 0 || b < 0 {
		return -1
	}
	return a*(maxRank+1) + b
}

// best returns the free index of lowest rank, of several the first at or
// after the cursor, around the pool; never the one to avoid.
func (p Availability) best(size, avoid int) (found int, ok bool) {
	lowest := math.MaxInt
	for step := range size {
		i := (p.Cursor%size + size + step) % size
		if i == avoid {
			continue
		}
		rank := p.rank(i)
		if rank < 0 || rank >= lowest || !p.Free(i) {
			continue
		}
		found, lowest, ok = i, rank, true
		if rank == 0 {
			break
		}
	}
	return found, ok
}

func (p Availability) rank(i int) int {
	if p.Rank == nil {
		return 0
	}
	return p.Rank(i)
}
