package mapping

// Choice is the outcome of an allocation: the DID each party dials and sees.
type Choice struct {
	A, B int // indexes into the pool's DIDs
}

// Availability tells which DIDs of a pool a party may be given, and where to
// look first.
type Availability struct {
	Cursor int            // index of the DID to try first, any value
	Free   func(int) bool // whether the DID at that index has no live key with any number of the party
}

// Allocate chooses the DIDs for a new interaction.
//
// Each party's search starts at its own cursor, which the caller sets behind
// the DID that the party was given last. A DID is thus given to the same party
// again as late as the pool allows (at least 90 % of exact least recently
// used, for one integer): never the first free one, because a person who
// redials from the call log would soon reach a stranger.
//
// It fails with an [ExhaustedError] that names the party for whom nothing was
// free; its Pool is left for the caller to fill.
func Allocate(n Numbering, size int, a, b Availability) (Choice, error) {
	if n == NumberingShared {
		return allocateShared(size, a, b)
	}
	first, ok := next(size, a, -1)
	if !ok {
		return Choice{}, &ExhaustedError{Blocking: SideA, Size: size}
	}
	second, ok := next(size, b, first)
	if ok {
		return Choice{A: first, B: second}, nil
	}
	return yield(size, a, b)
}

// yield serves a B whose only free DID is the one A took: A takes another.
func yield(size int, a, b Availability) (Choice, error) {
	second, ok := next(size, b, -1)
	if !ok {
		return Choice{}, &ExhaustedError{Blocking: SideB, Size: size}
	}
	first, ok := next(size, a, second)
	if !ok {
		return Choice{}, &ExhaustedError{Blocking: SideA, Size: size}
	}
	return Choice{A: first, B: second}, nil
}

func allocateShared(size int, a, b Availability) (Choice, error) {
	both := Availability{Cursor: a.Cursor, Free: func(i int) bool { return a.Free(i) && b.Free(i) }}
	if i, ok := next(size, both, -1); ok {
		return Choice{A: i, B: i}, nil
	}
	if _, ok := next(size, a, -1); !ok {
		return Choice{}, &ExhaustedError{Blocking: SideA, Size: size}
	}
	return Choice{}, &ExhaustedError{Blocking: SideB, Size: size}
}

// next returns the first free index at or after the cursor, around the pool,
// other than the one to avoid.
func next(size int, party Availability, avoid int) (int, bool) {
	for step := range size {
		i := (party.Cursor%size + size + step) % size
		if i != avoid && party.Free(i) {
			return i, true
		}
	}
	return 0, false
}
