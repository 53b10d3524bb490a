package store

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"maskd/mapping"
)

func tree(seed byte) branch { return branch{{secret: keySecret{seed}}} }

// key is that of a leaf, without anything being remembered.
func (b branch) key(leaf uint32) (keySecret, error) { return (&foliage{branch: b}).key(leaf) }

// A leaf that is destroyed can't be made from what is left, and all others are
// as they were: for any order in which leaves are destroyed.
func TestDestroyedLeavesAreGoneAndNoOthers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole := tree(1)
		leaves := rapid.SliceOfNDistinct(rapid.OneOf(rapid.Uint32(), rapid.Uint32Max(40)), 1, 60, rapid.ID[uint32]).Draw(t, "leaves")
		destroyed := rapid.IntRange(0, len(leaves)).Draw(t, "destroyed")
		left := whole
		for _, leaf := range leaves[:destroyed] {
			left = left.without(leaf)
			if err := left.validate(); err != nil {
				t.Fatal(err)
			}
		}
		for i, leaf := range leaves {
			want, err := whole.key(leaf)
			if err != nil {
				t.Fatal(err)
			}
			got, err := left.key(leaf)
			switch {
			case i < destroyed && !(errors.Is(err, errDestroyed) && errors.Is(err, mapping.ErrNotFound)):
				t.Fatalf("leaf %d is destroyed and still found: %v", leaf, err)
			case i >= destroyed && (err != nil || got != want):
				t.Fatalf("leaf %d is another one: %v", leaf, err)
			}
		}
	})
}

// No secret on the way down to a destroyed leaf is left: any of them makes it.
func TestNothingAboveADestroyedLeafIsLeft(t *testing.T) {
	whole := tree(2)
	var left branch = whole
	gone := []uint32{0, 1, 5, 1 << 20, 1<<32 - 1}
	for _, leaf := range gone {
		left = left.without(leaf)
	}
	for _, leaf := range gone {
		for n := whole[0]; ; n = n.child(n.towards(leaf)) {
			if slices.ContainsFunc(left, func(l node) bool { return l.secret == n.secret }) {
				t.Errorf("leaf %d: the node at depth %d is left", leaf, n.depth)
			}
			if n.depth == treeDepth {
				break
			}
		}
	}
	if most := len(gone) * treeDepth * (1<<fanOutBits - 1); len(left) > most {
		t.Errorf("%d nodes, more than %d", len(left), most)
	}
}

func TestNoTwoLeavesHaveOneKey(t *testing.T) {
	seen := make(map[keySecret]uint32)
	for _, day := range []branch{tree(1), tree(2)} {
		for leaf := range uint32(5_000) {
			key, err := day.key(leaf)
			if err != nil {
				t.Fatal(err)
			}
			if other, ok := seen[key]; ok {
				t.Fatalf("leaves %d and %d have one key", leaf, other)
			}
			seen[key] = leaf
		}
	}
}

// The climber is a short cut.
func TestAClimberFindsTheSameKeys(t *testing.T) {
	var c climber
	days := []branch{tree(1), tree(2), tree(1).without(7).without(300)}
	for range 5_000 {
		day := days[rand.IntN(len(days))]
		for leaf := rand.Uint32N(400); rand.IntN(4) > 0; leaf++ {
			want, wantErr := day.key(leaf)
			if got, err := c.key(day, leaf); got != want || !errors.Is(err, wantErr) {
				t.Fatalf("leaf %d: %v", leaf, err)
			}
		}
	}
}

// What foliage remembers of one leaf does for others, and for no destroyed one.
func TestFoliageFindsTheSameKeys(t *testing.T) {
	left := tree(1).without(7).without(1 << 16)
	f := &foliage{branch: left}
	for range 20_000 {
		leaf := rand.Uint32N(8)*(1<<16)/2 + rand.Uint32N(10)
		if rand.IntN(4) == 0 {
			leaf = rand.Uint32()
		}
		want, wantErr := left.key(leaf)
		if got, err := f.key(leaf); got != want || !errors.Is(err, wantErr) {
			t.Fatalf("leaf %d: %v", leaf, err)
		}
	}
}

func TestAMalformedTreeIsRefused(t *testing.T) {
	for name, b := range map[string]branch{
		"node below another": {{depth: 1, prefix: 2}, {depth: 2, prefix: 9}},
		"node twice":         {{depth: 1, prefix: 2}, {depth: 1, prefix: 2}},
		"out of order":       {{depth: 1, prefix: 2}, {depth: 1, prefix: 1}},
		"too deep":           {{depth: treeDepth + 1}},
		"prefix too long":    {{depth: 1, prefix: 4}},
	} {
		if b.validate() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func BenchmarkLeafKey(b *testing.B) {
	day := &foliage{branch: tree(1)}
	for n := uint32(0); b.Loop(); n++ {
		if _, err := day.key(n * 7919 % 1_000_000); err != nil {
			b.Fatal(err)
		}
	}
}
