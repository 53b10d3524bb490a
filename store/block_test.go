package store

import (
	"context"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"maskd/mapping"
)

func blocked(t *testing.T, db *DB, b mapping.Block) mapping.Block {
	t.Helper()
	b, err := db.Block(t.Context(), b, noon)
	if err != nil {
		t.Fatalf("block: %v", err)
	}
	return b
}

// decided is what becomes of a call of A and of one of B.
func decided(db *DB, i *mapping.Interaction) [2]mapping.Refusal {
	_, a := db.Resolve(i.A.DID, i.A.Numbers[0], noon)
	_, b := db.Resolve(i.B.DID, i.B.Numbers[0], noon)
	return [2]mapping.Refusal{a, b}
}

func TestWhomABlockBars(t *testing.T) {
	o, db := policed(t, 4, mapping.Policy{})
	i, other := created(t, db, ride(t, 1, 1), noon), created(t, db, ride(t, 2, 1), noon)
	a, b := i.A.Numbers[0], i.B.Numbers[0]
	const no = mapping.RefusalBlocked
	for _, test := range []struct {
		name        string
		block       mapping.Block
		want, other [2]mapping.Refusal // of the calls of A and of B, in either interaction
	}{
		{"calling and being reached", mapping.Block{Number: b}, [2]mapping.Refusal{no, no}, [2]mapping.Refusal{no, no}},
		{"calling", mapping.Block{Number: b, Bars: mapping.BarCalling}, [2]mapping.Refusal{0, no}, [2]mapping.Refusal{0, no}},
		{"being reached", mapping.Block{Number: b, Bars: mapping.BarReached}, [2]mapping.Refusal{no, 0}, [2]mapping.Refusal{no, 0}},
		{"a pair", mapping.Block{Number: a, With: b}, [2]mapping.Refusal{no, no}, [2]mapping.Refusal{}},
		{"a pair, the other way round", mapping.Block{Number: b, With: a, Bars: mapping.BarReached}, [2]mapping.Refusal{no, 0}, [2]mapping.Refusal{}},
		{"a stranger", mapping.Block{Number: rider(t, 99)}, [2]mapping.Refusal{}, [2]mapping.Refusal{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			made := blocked(t, db, test.block)
			for range 2 { // before and after a restart
				same(t, decided(db, &i), test.want)
				same(t, decided(db, &other), test.other)
				db = reopened(t, o, db)
			}
			if _, err := db.Unblock(t.Context(), made.ID); err != nil {
				t.Fatal(err)
			}
			same(t, decided(db, &i), [2]mapping.Refusal{})
			if _, err := db.Unblock(t.Context(), made.ID); !errors.Is(err, mapping.ErrNotFound) {
				t.Errorf("lifted twice: %v", err)
			}
		})
	}
	checkAndClose(t, db)
}

// Whatever is blocked and lifted, the decision is that of a list that is read
// from its beginning to its end.
func TestBlocksDecideAsAPlainListWould(t *testing.T) {
	db := newStore(t, 1)
	chance := rand.New(rand.NewPCG(1, 2))
	people := []mapping.Number{rider(t, 1), rider(t, 2), driver(t, 1), driver(t, 2)}
	list := make(map[[2]mapping.Number]mapping.Bar)
	barred := func(c, target mapping.Number) bool {
		for key, bars := range list {
			about := key[1].IsZero() || key[1] == c || key[1] == target
			if about && (key[0] == c && bars.Calls() || key[0] == target && bars.Reaches()) {
				return true
			}
		}
		return false
	}
	for range 300 {
		block := mapping.Block{Number: people[chance.IntN(4)], Bars: mapping.Bar(1 + chance.IntN(3))}
		if with := people[chance.IntN(4)]; chance.IntN(2) == 0 && with != block.Number {
			block.With = with
		}
		key := [2]mapping.Number{block.Number, block.With}
		if list[key] != 0 && chance.IntN(2) == 0 {
			if _, err := db.Unblock(t.Context(), db.BlockID(block.Number, block.With)); err != nil {
				t.Fatal(err)
			}
			delete(list, key)
		} else {
			blocked(t, db, block)
			list[key] = block.Bars
		}
		for _, c := range people {
			for _, target := range people {
				if got, want := db.blocks.bar(c, target), barred(c, target); c != target && got != want {
					t.Fatalf("barred %t, want %t, of %d blocks", got, want, len(list))
				}
			}
		}
	}
}

func TestBlocksAreListedInPages(t *testing.T) {
	db := newStore(t, 1)
	for n := range 5 {
		blocked(t, db, mapping.Block{Number: rider(t, n), Reason: "asked us to"})
	}
	blocked(t, db, mapping.Block{Number: rider(t, 0), Bars: mapping.BarCalling}) // again, in its place
	var all []mapping.Block
	for after := (mapping.ID{}); ; after = all[len(all)-1].ID {
		page, err := db.Blocks(after, 2)
		if err != nil {
			t.Fatal(err)
		}
		if all = append(all, page...); len(page) == 0 {
			break
		}
	}
	if len(all) != 5 {
		t.Errorf("%d blocks are listed, of 5", len(all))
	}
}

// A store from before there were block lists opens, and has one then.
func TestAStoreFromBeforeBlocksHasThemNow(t *testing.T) {
	o := old(t, "schema2calls")
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	i, err := db.ByExternalID(mapping.DefaultTenant, "ride-0")
	if err != nil {
		t.Fatal(err)
	}
	blocked(t, db, mapping.Block{Number: i.A.Numbers[0]})
	db = reopened(t, o, db)
	same(t, decided(db, &i), [2]mapping.Refusal{mapping.RefusalBlocked, mapping.RefusalBlocked})
	checkAndClose(t, db)
}

func TestABlockThatCanNotBeCommittedBarsNobody(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 2)
	full := errors.New("disk is full")
	var failing bool
	db, err := open(o, noon, func(tx *bolt.Tx) error {
		if failing {
			return full
		}
		return tx.Commit()
	})
	if err != nil {
		t.Fatal(err)
	}
	i := created(t, db, ride(t, 1, 1), noon)
	failing = true
	if _, err := db.Block(t.Context(), mapping.Block{Number: i.A.Numbers[0]}, noon); !errors.Is(err, full) {
		t.Errorf("blocked: %v", err)
	}
	same(t, decided(db, &i), [2]mapping.Refusal{})
	failing = false
	checkAndClose(t, db)
}

// What the check of a store finds of blocks.
func TestCheckComparesBlocks(t *testing.T) {
	db, err := Open(Options{Path: filepath.Join(t.TempDir(), "db"), RootKey: filepath.Join(t.TempDir(), "key"), Pools: poolOf(t, 1)}, noon)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	b := blocked(t, db, mapping.Block{Number: rider(t, 1)})
	for name, spoil := range map[string]func(){
		"one too many":  func() { db.blocks.put(&mapping.Block{ID: mapping.ID{9}, Bars: mapping.BarBoth}) },
		"one too few":   func() { db.blocks.remove(&b) },
		"another's bar": func() { db.blocks.put(&mapping.Block{ID: b.ID, Bars: mapping.BarCalling}) },
	} {
		spoil()
		if err := db.Check(context.Background(), noon); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: check says %v", name, err)
		}
		db.blocks.remove(&mapping.Block{ID: mapping.ID{9}})
		db.blocks.put(&b)
	}
	if err := db.Check(context.Background(), noon.Add(time.Hour)); err != nil {
		t.Error(err)
	}
}
