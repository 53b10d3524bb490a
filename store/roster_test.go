package store

import (
	"errors"
	"testing"
	"time"

	"maskd/mapping"
)

func instructed(t *testing.T, db *DB, did mapping.DID, o mapping.Order) {
	t.Helper()
	if _, err := db.Instruct(t.Context(), did, o, noon); err != nil {
		t.Fatalf("instruct: %v", err)
	}
}

func refusalOf(db *DB, i *mapping.Interaction) mapping.Refusal {
	_, refusal := db.Resolve(i.A.DID, i.A.Numbers[0], noon)
	return refusal
}

// What is said of the only DID holds for those that have it, and for those that
// want it, over a restart.
func TestWhatIsSaidOfADIDHolds(t *testing.T) {
	for name, c := range map[string]struct {
		order    mapping.Order
		connects bool
		given    bool
		next     time.Time
	}{
		"active":                 {mapping.Order{Standing: mapping.StandingActive}, true, true, time.Time{}},
		"draining":               {mapping.Order{Standing: mapping.StandingDraining}, true, false, time.Time{}},
		"quarantined":            {mapping.Order{Standing: mapping.StandingQuarantined}, true, false, time.Time{}},
		"quarantined for a hour": {mapping.Order{Standing: mapping.StandingQuarantined, Until: noon.Add(time.Hour)}, true, false, noon.Add(time.Hour)},
		"retired":                {mapping.Order{Standing: mapping.StandingRetired, Reason: "sold"}, false, false, time.Time{}},
	} {
		t.Run(name, func(t *testing.T) {
			o, db := policed(t, 1, mapping.Policy{})
			i := created(t, db, lastRide(t), noon)
			instructed(t, db, i.A.DID, c.order)
			for range 2 {
				if got := refusalOf(db, &i) == 0; got != c.connects {
					t.Errorf("connects: %t", got)
				}
				db = reopened(t, o, db)
			}
			defer checkAndClose(t, db)
			stock := db.Stock("", 10, "", 0, noon)
			if len(stock) != 1 || stock[0].Standing != c.order.Standing || stock[0].Reason != c.order.Reason {
				t.Errorf("stock %+v", stock)
			}
			other := mapping.Draft{Numbering: mapping.NumberingShared, A: []mapping.Number{rider(t, 7)}, B: []mapping.Number{driver(t, 7)}}
			if c.given {
				created(t, db, other, noon)
				return
			}
			same(t, exhaustedBy(t, db, other, noon).NextFreeAt, c.next)
			if !c.next.IsZero() {
				created(t, db, other, c.next)
			}
		})
	}
}

func TestWhatCantBeSaidOfADID(t *testing.T) {
	db := newStore(t, 1)
	if _, err := db.Instruct(t.Context(), "+4930123456", mapping.Order{Standing: mapping.StandingDraining}, noon); !errors.Is(err, mapping.ErrNotOurs) {
		t.Errorf("a DID that is not ours: %v", err)
	}
	var invalid *mapping.InvalidError
	if _, err := db.Instruct(t.Context(), "+15550100000", mapping.Order{}, noon); !errors.As(err, &invalid) {
		t.Errorf("an order of nothing: %v", err)
	}
}

func TestDIDsComeAndGoWhileItRuns(t *testing.T) {
	db := newStore(t, 1)
	first := created(t, db, lastRide(t), noon)
	exhaustedBy(t, db, lastRide(t), noon)
	if err := db.SetPools(t.Context(), poolOf(t, 2), noon); err != nil {
		t.Fatal(err)
	}
	second := created(t, db, lastRide(t), noon)
	same(t, second.A.DID, mapping.DID("+15550100001"))
	if err := db.SetPools(t.Context(), poolOf(t, 1), noon); err != nil {
		t.Fatal(err)
	}
	same(t, refusalOf(db, &first), mapping.Refusal(0))
	same(t, refusalOf(db, &second), mapping.RefusalStore)
}

// One new DID beside nine old ones: at first a party is never given it, half
// way every second time that its turn comes, then every time.
func TestANewDIDWarmsUp(t *testing.T) {
	policy := mapping.Policy{WarmUp: 10 * time.Hour}
	o, db := policed(t, 9, policy)
	checkAndClose(t, db)
	o.Pools = policedPool(t, 10, policy)
	begun := noon.Add(-20 * time.Hour)
	db, err := Open(o, begun)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { checkAndClose(t, db) }()
	const newest = "+15550100009"
	for _, c := range []struct {
		at       time.Time
		min, max int
	}{{begun, 0, 0}, {begun.Add(5 * time.Hour), 2, 19}, {begun.Add(10 * time.Hour), 19, 21}} {
		given := 0
		for n := range 200 {
			d := ride(t, 1, n)
			d.TTL = time.Minute
			i := created(t, db, d, c.at.Add(time.Duration(n)*time.Microsecond))
			if i.A.DID == newest {
				given++
			}
			if _, err := db.Complete(t.Context(), i.ID, "", c.at); err != nil {
				t.Fatal(err)
			}
		}
		if given < c.min || given > c.max {
			t.Errorf("after %v it was given %d times of 200, want %d to %d", c.at.Sub(begun), given, c.min, c.max)
		}
	}
	db = reopened(t, o, db) // that it is new is not forgotten
	same(t, db.Stock("+15550100008", 1, "", 0, noon)[0].AddedAt, begun)
}

func TestANewDIDIsBetterThanNone(t *testing.T) {
	policy := mapping.Policy{WarmUp: 10 * time.Hour}
	o, db := policed(t, 1, policy)
	created(t, db, lastRide(t), noon)
	checkAndClose(t, db)
	o.Pools = policedPool(t, 2, policy)
	db = opened(t, o)
	same(t, created(t, db, lastRide(t), noon).A.DID, mapping.DID("+15550100001"))
}
