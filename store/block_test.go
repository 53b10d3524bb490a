package store

import (
	"context"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"maskd/mapping"
)

func blocked(t *testing.T, db *DB, b mapping.Block) mapping.Block {
	t.Helper()
	all, err := db.Block(t.Context(), []mapping.Block{b}, noon)
	if err != nil {
		t.Fatalf("block: %v", err)
	}
	return all[0]
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
			if _, err := db.Unblock(t.Context(), made.Tenant, []mapping.ID{made.ID}, noon); err != nil {
				t.Fatal(err)
			}
			same(t, decided(db, &i), [2]mapping.Refusal{})
			if _, err := db.Unblock(t.Context(), made.Tenant, []mapping.ID{made.ID}, noon); !errors.Is(err, mapping.ErrNotFound) {
				t.Errorf("lifted twice: %v", err)
			}
		})
	}
	checkAndClose(t, db)
}

// A phone that is blocked reaches nobody, whoever has proved, or is said by the decision
// hook, to call by it: not later either.
func TestABlockedPhoneProvesNobody(t *testing.T) {
	_, db := policed(t, 4, mapping.Policy{})
	d := ride(t, 1, 1)
	d.PINA.Given = pinOf(t, "482913")
	i := created(t, db, d, noon)
	phone, another := rider(t, 99), rider(t, 98)
	ways := map[string]func(mapping.Number) (mapping.Route, mapping.Refusal){
		"by PIN": func(n mapping.Number) (mapping.Route, mapping.Refusal) {
			return db.Prove(i.A.DID, n, []byte("482913"), noon)
		},
		"by the hook": func(n mapping.Number) (mapping.Route, mapping.Refusal) { return db.Vouched(i.A.DID, n, i.ID, 0, noon) },
	}
	for name, block := range map[string]mapping.Block{
		"the phone": {Number: phone}, "the two": {Number: i.B.Numbers[0], With: phone}, "the party": {Number: i.A.Numbers[0]},
	} {
		for way, reach := range ways {
			was, refusal := reach(phone)
			if refusal != 0 || !was.From.IsZero() {
				t.Fatalf("%s: refusal %q", way, refusal)
			}
			made := blocked(t, db, block)
			if _, refusal := reach(phone); refusal != mapping.RefusalBlocked {
				t.Errorf("%s is blocked: %s, refusal %q", name, way, refusal)
			}
			if _, refusal := db.Renew(&was, i.A.DID, noon); refusal != mapping.RefusalBlocked {
				t.Errorf("%s is blocked since: %s, refusal %q", name, way, refusal)
			}
			if _, refusal := reach(another); (refusal == 0) != (name != "the party") {
				t.Errorf("%s is blocked: %s by another phone, refusal %q", name, way, refusal)
			}
			if _, err := db.Unblock(t.Context(), made.Tenant, []mapping.ID{made.ID}, noon); err != nil {
				t.Fatal(err)
			}
		}
	}
	checkAndClose(t, db)
}

// Whatever is blocked and lifted, by the house and by tenants, the decision is that of
// lists that are read from their beginning to their end.
func TestBlocksDecideAsAPlainListWould(t *testing.T) {
	db := newStore(t, 1)
	chance := rand.New(rand.NewPCG(1, 2))
	people := []mapping.Number{rider(t, 1), rider(t, 2), driver(t, 1), driver(t, 2)}
	tenants := []mapping.Tenant{"", "acme", "globex", mapping.DefaultTenant}
	type entry struct {
		of        mapping.Tenant
		who, with mapping.Number
	}
	list := make(map[entry]mapping.Bar)
	barred := func(of mapping.Tenant, c, target mapping.Number) bool {
		for e, bars := range list {
			holds := e.of == "" || e.of == of
			about := e.with.IsZero() || e.with == c || e.with == target
			if holds && about && (e.who == c && bars.Calls() || e.who == target && bars.Reaches()) {
				return true
			}
		}
		return false
	}
	for range 300 {
		block := mapping.Block{Tenant: tenants[chance.IntN(4)], Number: people[chance.IntN(4)], Bars: mapping.Bar(1 + chance.IntN(3))}
		if with := people[chance.IntN(4)]; chance.IntN(2) == 0 && with != block.Number {
			block.With = with
		}
		e := entry{block.Tenant, block.Number, block.With}
		if list[e] != 0 && chance.IntN(3) > 0 {
			if _, err := db.Unblock(t.Context(), block.Tenant, []mapping.ID{db.BlockID(block.Tenant, block.Number, block.With)}, noon); err != nil {
				t.Fatal(err)
			}
			delete(list, e)
		} else {
			blocked(t, db, block)
			list[e] = block.Bars
		}
		for _, of := range tenants[1:] {
			for _, c := range people {
				for _, target := range people {
					if got, want := db.blocks.bar(of, c, target), barred(of, c, target); c != target && got != want {
						t.Fatalf("of %s barred %t, want %t, of %d blocks", of, got, want, len(list))
					}
				}
			}
		}
	}
}

// A tenant's list holds for its interactions only, over starts, and nobody else sees
// it or takes anything off it.
func TestABlockListIsATenantsOwn(t *testing.T) {
	o := tenantsIn(t, t.TempDir(), mapping.Allowance{})
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	acme, zeta := created(t, db, rideOf(t, "acme", 1), noon), created(t, db, rideOf(t, "zeta", 1), noon)
	made := blocked(t, db, mapping.Block{Tenant: "acme", Number: acme.A.Numbers[0]})
	const no = mapping.RefusalBlocked
	for range 2 {
		same(t, decided(db, &acme), [2]mapping.Refusal{no, no})
		same(t, decided(db, &zeta), [2]mapping.Refusal{})
		for of, want := range map[mapping.Tenant]int{"acme": 1, "zeta": 0, mapping.DefaultTenant: 0, "": 0} {
			page, err := db.Blocks(of, mapping.ID{}, 10)
			if err != nil || len(page) != want {
				t.Errorf("the list of %q has %d blocks: %v", of, len(page), err)
			}
			if of == "acme" {
				continue
			}
			if _, err := db.Unblock(t.Context(), of, []mapping.ID{made.ID}, noon); !errors.Is(err, mapping.ErrNotFound) {
				t.Errorf("%q takes it off: %v", of, err)
			}
		}
		if s, err := db.Subject(t.Context(), "zeta", acme.A.Numbers[0]); err != nil || len(s.Blocks) != 0 {
			t.Errorf("another finds %d blocks: %v", len(s.Blocks), err)
		}
		if s, err := db.Subject(t.Context(), "acme", acme.A.Numbers[0]); err != nil || len(s.Blocks) != 1 {
			t.Errorf("its tenant finds %d blocks: %v", len(s.Blocks), err)
		}
		db = reopened(t, o, db)
	}
	blocked(t, db, mapping.Block{Number: acme.A.Numbers[0]}) // the house's is for all
	if _, err := db.Unblock(t.Context(), "acme", []mapping.ID{made.ID}, noon); err != nil {
		t.Fatal(err)
	}
	same(t, decided(db, &acme), [2]mapping.Refusal{no, no})
	same(t, decided(db, &zeta), [2]mapping.Refusal{no, no})
	checkAndClose(t, db)
}

func TestATenantsListIsBounded(t *testing.T) {
	db := newStore(t, 1)
	db.blocks.lists["acme"] = listing{size: maxTenantBlocks}
	var invalid *mapping.InvalidError
	if _, err := db.Block(t.Context(), []mapping.Block{{Tenant: "acme", Number: rider(t, 1)}}, noon); !errors.As(err, &invalid) || invalid.Code != "too_many" {
		t.Errorf("one more than a tenant may have: %v", err)
	}
	blocked(t, db, mapping.Block{Tenant: "globex", Number: rider(t, 1)})
}

func TestBlocksAreListedInPages(t *testing.T) {
	db := newStore(t, 1)
	for n := range 5 {
		blocked(t, db, mapping.Block{Number: rider(t, n), Reason: "asked us to"})
	}
	blocked(t, db, mapping.Block{Number: rider(t, 0), Bars: mapping.BarCalling}) // again, in its place
	var all []mapping.Block
	for after := (mapping.ID{}); ; after = all[len(all)-1].ID {
		page, err := db.Blocks("", after, 2)
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
	disk := newDisk()
	db := openedOn(t, optionsIn(t, t.TempDir(), 2), disk)
	i := created(t, db, ride(t, 1, 1), noon)
	disk.full.Store(true)
	if _, err := db.Block(t.Context(), []mapping.Block{{Number: i.A.Numbers[0]}}, noon); !errors.Is(err, errFull) {
		t.Errorf("blocked: %v", err)
	}
	same(t, decided(db, &i), [2]mapping.Refusal{})
	disk.full.Store(false)
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
