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
}

func requests(t *rapid.T) request {
	size := rapid.IntRange(0, 8).Draw(t, "size")
	free := rapid.SliceOfN(rapid.Bool(), size, size)
	cursor := rapid.OneOf(rapid.IntRange(0, 9), rapid.Int(), rapid.Just(math.MinInt), rapid.Just(math.MaxInt))
	return request{
		numbering: rapid.SampledFrom([]mapping.Numbering{mapping.NumberingPerParty, mapping.NumberingShared}).Draw(t, "numbering"),
		freeA:     free.Draw(t, "free A"), freeB: free.Draw(t, "free B"),
		cursorA: cursor.Draw(t, "cursor A"), cursorB: cursor.Draw(t, "cursor B"),
	}
}

func (r request) allocate() (mapping.Choice, error) {
	return mapping.Allocate(r.numbering, len(r.freeA),
		mapping.Availability{Cursor: r.cursorA, Free: func(i int) bool { return r.freeA[i] }},
		mapping.Availability{Cursor: r.cursorB, Free: func(i int) bool { return r.freeB[i] }})
}

// solutions lists every choice that would do, by trying them all.
func (r request) solutions() []mapping.Choice {
	var all []mapping.Choice
	for a := range r.freeA {
		for b := range r.freeB {
			if r.freeA[a] && r.freeB[b] && (a == b) == (r.numbering == mapping.NumberingShared) {
				all = append(all, mapping.Choice{A: a, B: b})
			}
		}
	}
	return all
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
		hasA, hasB := slices.Contains(r.freeA, true), slices.Contains(r.freeB, true)
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

// Unless B needs just that DID, A is given the first free one from its cursor
// on: what makes the reuse age as long as it is.
func TestAllocateBeginsAtTheCursor(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := requests(t)
		choice, err := r.allocate()
		if err != nil {
			return
		}
		nearest := func(solution mapping.Choice) int { return ahead(solution.A, r.cursorA, len(r.freeA)) }
		for _, s := range r.solutions() {
			if nearest(s) < nearest(choice) {
				t.Errorf("A was given %d from cursor %d, but %d would do", choice.A, r.cursorA, s.A)
			}
			if s.A == choice.A && ahead(s.B, r.cursorB, len(r.freeB)) < ahead(choice.B, r.cursorB, len(r.freeB)) {
				t.Errorf("B was given %d from cursor %d, but %d would do", choice.B, r.cursorB, s.B)
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
			request{mapping.NumberingPerParty, []bool{true, true}, []bool{true, false}, 0, 0}, mapping.Choice{A: 1, B: 0}, 0},
		{"B steps over the DID that A took",
			request{mapping.NumberingPerParty, []bool{true, false}, []bool{true, true}, 0, 0}, mapping.Choice{A: 0, B: 1}, 0},
		{"both have one DID left, and it is the same",
			request{mapping.NumberingPerParty, []bool{true, false}, []bool{true, false}, 0, 0}, mapping.Choice{}, mapping.SideA},
		{"a pool of one can't give each a DID of its own",
			request{mapping.NumberingPerParty, []bool{true}, []bool{true}, 0, 0}, mapping.Choice{}, mapping.SideA},
		{"a pool of one can be shared",
			request{mapping.NumberingShared, []bool{true}, []bool{true}, 7, 7}, mapping.Choice{}, 0},
		{"shared, and nothing is free for both",
			request{mapping.NumberingShared, []bool{true, false}, []bool{false, true}, 0, 0}, mapping.Choice{}, mapping.SideB},
		{"the cursor behind the last DID begins anew",
			request{mapping.NumberingPerParty, []bool{true, true, true}, []bool{true, true, true}, 3, 3}, mapping.Choice{A: 0, B: 1}, 0},
		{"a cursor below zero counts from the end",
			request{mapping.NumberingPerParty, []bool{true, true, true}, []bool{true, true, true}, -1, -2}, mapping.Choice{A: 2, B: 1}, 0},
		{"an empty pool",
			request{mapping.NumberingPerParty, nil, nil, 0, 0}, mapping.Choice{}, mapping.SideA},
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
