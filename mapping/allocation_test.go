package mapping_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"maskd/mapping"
)

// request is an allocation as a model sees it: the free DIDs of each party.
type request struct {
	numbering        mapping.Numbering
	freeA, freeB     []bool
	cursorA, cursorB int
	rankA, rankB     []int // nil: all alike
}

func requests(t *rapid.T) request {
	size := rapid.IntRange(0, 8).Draw(t, "size")
	free := rapid.SliceOfN(rapid.Bool(), size, size)
	cursor := rapid.OneOf(rapid.IntRange(0, 9), rapid.Int(), rapid.Just(math.MinInt), rapid.Just(math.MaxInt))
	return request{
		numbering: rapid.SampledFrom([]mapping.Numbering{mapping.NumberingPerParty, mapping.NumberingShared}).Draw(t, "numbering"),
		freeA:     free.Draw(t, "free A"), freeB: free.Draw(t, "free B"),
		cursorA: cursor.Draw(t, "cursor A"), cursorB: cursor.Draw(t, "cursor B"),
		rankA: ranks(t, size, "rank A"), rankB: ranks(t, size, "rank B"),
	}
}

func ranks(t *rapid.T, size int, name string) []int {
	if !rapid.Bool().Draw(t, name+" given") {
		return nil
	}
	return rapid.SliceOfN(rapid.IntRange(-1, 3), size, size).Draw(t, name)
}

func rankAt(ranks []int, i int) int {
	if ranks == nil {
		return 0
	}
	return ranks[i]
}

func rankOf(ranks []int) func(int) int {
	if ranks == nil {
		return nil
	}
	return func(i int) int { return ranks[i] }
}

func (r request) allocate() (mapping.Choice, error) {
	return mapping.Allocate(r.numbering, len(r.freeA),
		mapping.Availability{Cursor: r.cursorA, Free: func(i int) bool { return r.freeA[i] }, Rank: rankOf(r.rankA)},
		mapping.Availability{Cursor: r.cursorB, Free: func(i int) bool { return r.freeB[i] }, Rank: rankOf(r.rankB)})
}

// solutions lists every choice that would do, by trying them all.
func (r request) solutions() []mapping.Choice {
	var all []mapping.Choice
	for a := range r.freeA {
		for b := range r.freeB {
			if r.free(a, b) && (a == b) == (r.numbering == mapping.NumberingShared) {
				all = append(all, mapping.Choice{A: a, B: b})
			}
		}
	}
	return all
}

// free reports whether A may have the one and B the other.
func (r request) free(a, b int) bool {
	return r.freeA[a] && r.freeB[b] && rankAt(r.rankA, a) >= 0 && rankAt(r.rankB, b) >= 0
}

// anyOf reports whether a party could have any DID at all.
func anyOf(free []bool, ranks []int) bool {
	for i := range free {
		if free[i] && rankAt(ranks, i) >= 0 {
			return true
		}
	}
	return false
}

// with returns the request on a pool of so many fresh DIDs more.
func (r request) with(fresh int) request {
	for range fresh {
		r.freeA, r.freeB = append(slices.Clip(r.freeA), true), append(slices.Clip(r.freeB), true)
		if r.rankA != nil {
			r.rankA = append(slices.Clip(r.rankA), 0)
		}
		if r.rankB != nil {
			r.rankB = append(slices.Clip(r.rankB), 0)
		}
	}
	return r
}

// cost is what the best choice has least of, the weightiest first.
func (r request) cost(c mapping.Choice) []int {
	size, rankA, rankB := len(r.freeA), rankAt(r.rankA, c.A), rankAt(r.rankB, c.B)
	if r.numbering == mapping.NumberingShared {
		return []int{rankA, rankB, ahead(c.A, r.cursorA, size)}
	}
	return []int{rankA, ahead(c.A, r.cursorA, size), rankB, ahead(c.B, r.cursorB, size)}
}

func TestAllocateChoosesIffThereIsAChoice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := requests(t)
		choice, err := r.allocate()
		solutions := r.solutions()
		if (err == nil) != (len(solutions) > 0) {
			t.Fatalf("error %v, but %d choices would do", err, len(solutions))
		}
		if err == nil && !slices.Contains(solutions, choice) {
			t.Fatalf("chose %+v, which is none of %+v", choice, solutions)
		}
	})
}

func TestAllocateNamesTheBlockedParty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := requests(t)
		_, err := r.allocate()
		if err == nil {
			return
		}
		var exhausted *mapping.ExhaustedError
		if !errors.As(err, &exhausted) {
			t.Fatalf("error %v, want an ExhaustedError", err)
		}
		if exhausted.Size != len(r.freeA) || exhausted.Pool != "" {
			t.Errorf("pool %q of %d", exhausted.Pool, exhausted.Size)
		}
		hasA, hasB := anyOf(r.freeA, r.rankA), anyOf(r.freeB, r.rankB)
		switch {
		case !hasA && exhausted.Blocking != mapping.SideA: // A is looked for first
			t.Errorf("blocking %q, but nothing is free for a", exhausted.Blocking)
		case hasA && !hasB && exhausted.Blocking != mapping.SideB:
			t.Errorf("blocking %q, but nothing is free for b only", exhausted.Blocking)
		case exhausted.Blocking != mapping.SideA && exhausted.Blocking != mapping.SideB:
			t.Errorf("blocking %q is no party", exhausted.Blocking)
		}
	})
}

// Needed is exact: so many fresh DIDs more would do, and fewer would not.
func TestAllocateTellsHowManyDIDsAreNeeded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := requests(t)
		_, err := r.allocate()
		var exhausted *mapping.ExhaustedError
		if !errors.As(err, &exhausted) {
			return
		}
		for fresh := range exhausted.Needed + 1 {
			if would := len(r.with(fresh).solutions()) > 0; would != (fresh == exhausted.Needed) {
				t.Fatalf("needed %d, but with %d more there is a choice: %t", exhausted.Needed, fresh, would)
			}
		}
	})
}

// Of what both can be given, each has what it wants most, and of that the first
// from its cursor on: what makes the reuse age as long as it is.
func TestAllocateChoosesTheBest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := requests(t)
		choice, err := r.allocate()
		if err != nil {
			return
		}
		for _, s := range r.solutions() {
			if slices.Compare(r.cost(s), r.cost(choice)) < 0 {
				t.Errorf("chose %+v at %v, but %+v is had for %v", choice, r.cost(choice), s, r.cost(s))
			}
		}
	})
}

// ahead returns how many steps the index is from the cursor, around the pool.
func ahead(index, cursor, size int) int { return ((index-cursor%size)%size + size) % size }

func TestAllocateTheSharpCases(t *testing.T) {
	tests := []struct {
		name     string
		r        request
		want     mapping.Choice
		blocking mapping.Side
	}{
		{"A makes room for a B with one DID left",
			request{mapping.NumberingPerParty, []bool{true, true}, []bool{true, false}, 0, 0, nil, nil}, mapping.Choice{A: 1, B: 0}, 0},
		{"B steps over the DID that A took",
			request{mapping.NumberingPerParty, []bool{true, false}, []bool{true, true}, 0, 0, nil, nil}, mapping.Choice{A: 0, B: 1}, 0},
		{"both have one DID left, and it is the same",
			request{mapping.NumberingPerParty, []bool{true, false}, []bool{true, false}, 0, 0, nil, nil}, mapping.Choice{}, mapping.SideA},
		{"a pool of one can't give each a DID of its own",
			request{mapping.NumberingPerParty, []bool{true}, []bool{true}, 0, 0, nil, nil}, mapping.Choice{}, mapping.SideA},
		{"a pool of one can be shared",
			request{mapping.NumberingShared, []bool{true}, []bool{true}, 7, 7, nil, nil}, mapping.Choice{}, 0},
		{"shared, and nothing is free for both",
			request{mapping.NumberingShared, []bool{true, false}, []bool{false, true}, 0, 0, nil, nil}, mapping.Choice{}, mapping.SideB},
		{"the cursor behind the last DID begins anew",
			request{mapping.NumberingPerParty, []bool{true, true, true}, []bool{true, true, true}, 3, 3, nil, nil}, mapping.Choice{A: 0, B: 1}, 0},
		{"a cursor below zero counts from the end",
			request{mapping.NumberingPerParty, []bool{true, true, true}, []bool{true, true, true}, -1, -2, nil, nil}, mapping.Choice{A: 2, B: 1}, 0},
		{"an empty pool",
			request{mapping.NumberingPerParty, nil, nil, 0, 0, nil, nil}, mapping.Choice{}, mapping.SideA},
		{"what A wants most comes before its cursor",
			request{mapping.NumberingPerParty, []bool{true, true, true}, []bool{true, true, true}, 0, 0, []int{2, 1, 0}, nil}, mapping.Choice{A: 2, B: 0}, 0},
		{"A takes the next best if B would have nothing",
			request{mapping.NumberingPerParty, []bool{true, true, true}, []bool{true, true, true}, 0, 0, []int{2, 1, 0}, []int{-1, -1, 0}}, mapping.Choice{A: 1, B: 2}, 0},
		{"what is not to be given is not given",
			request{mapping.NumberingShared, []bool{true}, []bool{true}, 0, 0, nil, []int{-1}}, mapping.Choice{}, mapping.SideB},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.r.allocate()
			var exhausted *mapping.ExhaustedError
			errors.As(err, &exhausted)
			switch {
			case tt.blocking == 0 && (err != nil || got != tt.want):
				t.Errorf("chose %+v, %v; want %+v", got, err, tt.want)
			case tt.blocking != 0 && (exhausted == nil || exhausted.Blocking != tt.blocking):
				t.Errorf("error %v, want %q to be blocked", err, tt.blocking)
			}
		})
	}
}
