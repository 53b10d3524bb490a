package store

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"maskd/mapping"
)

// allotting is a store in which all is bounded by the hour.
func allotting(t *testing.T, number, did, tenant mapping.Allotment) (Options, *DB) {
	t.Helper()
	o := optionsIn(t, t.TempDir(), 3)
	pool := o.Pools.All()[0]
	pool.InAllNumber, pool.InAllDID = number, did
	var err error
	o.Pools, err = mapping.NewPools([]mapping.Pool{pool}, mapping.Tenancy{
		Tenant: mapping.DefaultTenant, Pools: []string{pool.Name}, Allowance: mapping.Allowance{InAll: tenant}})
	if err != nil {
		t.Fatal(err)
	}
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	return o, db
}

// callFrom is the nth call, of A or of B.
func callFrom(n int, i *mapping.Interaction, side mapping.Side, at time.Time) mapping.CDR {
	c := callOf(0, i)
	c.Call, c.CallerSide = mapping.NewID(at, [10]byte{byte(n >> 8), byte(n)}), side
	c.AdmittedAt, c.AnsweredAt = at, at
	if side == mapping.SideB {
		c.Caller, c.Target, c.DID, c.Shown = c.Target, c.Caller, i.B.DID, i.A.DID
	}
	return c
}

// left returns how many calls a side may still make, by the common that bounds it.
func left(t *testing.T, db *DB, i *mapping.Interaction, side mapping.Side, at time.Time) map[mapping.Common]int {
	t.Helper()
	party := i.Party(side)
	route, _ := db.Resolve(party.DID, party.Numbers[0], at)
	all := make(map[mapping.Common]int)
	for _, q := range route.Quotas {
		if q.Of.InAll {
			all[q.Of] = q.Most
		}
	}
	return all
}

// tolled is a call as a plain list has it.
type tolled struct {
	hour mapping.Hour
	of   []mapping.Number
	did  mapping.DID
}

// Whatever calls there are, and however often the store is closed, opened and swept,
// what is left is what a plain list of calls says.
func TestAllotmentsAreThoseOfAPlainList(t *testing.T) {
	number, did, tenant := mapping.Allotment{Calls: 100, Hours: 3}, mapping.Allotment{Calls: 200, Hours: 1}, mapping.Allotment{Calls: 300, Hours: 24}
	o, db := allotting(t, number, did, tenant)
	var rides []mapping.Interaction
	for n := range 2 {
		d := ride(t, 1, n+1) // of one rider
		d.TTL = 200 * time.Hour
		rides = append(rides, created(t, db, d, noon))
	}
	chance := rand.New(rand.NewPCG(5, 7))
	var list []tolled
	at := noon
	for n := range 400 {
		i, side := &rides[chance.IntN(2)], mapping.Side(1+chance.IntN(2))
		switch chance.IntN(12) {
		case 0:
			at = at.Add(time.Duration(chance.IntN(200)) * time.Minute)
		case 1:
			db.Sweep(at)
		case 2:
			if n%3 == 0 {
				db = reopened(t, o, db)
			}
		default:
			c := callFrom(n, i, side, at)
			if chance.IntN(4) == 0 {
				c.AnsweredAt = time.Time{}
			}
			db.Record(c)
			c.Outcome, c.EndedAt = mapping.OutcomeAnswered, at.Add(time.Minute)
			if c.AnsweredAt.IsZero() {
				c.Outcome = mapping.OutcomeNoAnswer
			} else {
				list = append(list, tolled{mapping.HourOf(at), []mapping.Number{c.Caller, c.Target}, c.DID})
			}
			db.Record(c)
			if chance.IntN(2) == 0 {
				flushed(t, db)
			}
		}
		for of, got := range left(t, db, i, side, at) {
			a, counts := tenant, func(tolled) bool { return true }
			switch {
			case !of.Number.IsZero():
				a, counts = number, func(c tolled) bool { return c.of[0] == of.Number || c.of[1] == of.Number }
			case of.DID != "":
				a, counts = did, func(c tolled) bool { return c.did == of.DID }
			}
			want := a.Calls
			for _, c := range list {
				if c.hour > mapping.HourOf(at)-mapping.Hour(a.Hours) && counts(c) {
					want--
				}
			}
			if quotas, counted := db.Reaching(i.A.DID, i.Tenant, of.Number, at); !of.Number.IsZero() && (len(quotas) != 1 || quotas[0].Of != of || quotas[0].Most != want || counted != db.Counted()) {
				t.Fatalf("who is rung later is bounded by %+v, want %d", quotas, want)
			}
			if got != want {
				t.Fatalf("after %d calls, at %s: %d are left, want %d, of %+v", len(list), at.Sub(noon), got, want, a)
			}
		}
	}
	if len(list) < 100 {
		t.Errorf("%d calls only", len(list))
	}
	checkAndClose(t, db)
}

// A call more than there may be is refused, from the instant at which the last is
// over, until the hours are over in which they were.
func TestOneCallTooManyInAll(t *testing.T) {
	for name, bounds := range map[string][3]mapping.Allotment{
		"of a number": {{Calls: 2, Hours: 2}, {}, {}}, "to a DID": {{}, {Calls: 2, Hours: 2}, {}}, "of a tenant": {{}, {}, {Calls: 2, Hours: 2}},
	} {
		t.Run(name, func(t *testing.T) {
			o, db := allotting(t, bounds[0], bounds[1], bounds[2])
			d := ride(t, 1, 1)
			d.TTL = 100 * time.Hour
			i := created(t, db, d, noon)
			for n, at := range []time.Time{noon.Add(59 * time.Minute), noon.Add(61 * time.Minute)} {
				reaches(t, db, &i, at, 0)
				before := db.Counted()
				c := callFrom(n, &i, mapping.SideA, at)
				db.Record(c)
				c.Outcome, c.EndedAt = mapping.OutcomeAnswered, at
				db.Record(c)
				if db.Counted() == before {
					t.Error("a route from before would be taken for one of now")
				}
			}
			for range 2 { // at once, and after a start
				resolves(t, db, &i, noon.Add(2*time.Hour-1), mapping.RefusalAllotment)
				resolves(t, db, &i, noon.Add(2*time.Hour), 0) // the first was in an hour that counts no more
				db = reopened(t, o, db)
			}
			e, err := db.Explain(t.Context(), i.A.DID, i.A.Numbers[0], noon.Add(90*time.Minute))
			if err != nil || e.Refusal != mapping.RefusalAllotment {
				t.Errorf("explained: %s, %v", e.Refusal, err)
			}
			checkAndClose(t, db)
		})
	}
}

// What counts no more is forgotten: in the file too, so that nobody can try numbers
// against it.
func TestTheHoursThatAreOverAreForgotten(t *testing.T) {
	_, db := allotting(t, mapping.Allotment{Calls: 5, Hours: 2}, mapping.Allotment{}, mapping.Allotment{Calls: 5, Hours: 1})
	d := ride(t, 1, 1)
	d.TTL = 100 * time.Hour
	i := created(t, db, d, noon)
	for n := range 3 {
		c := callFrom(n, &i, mapping.SideA, noon.Add(time.Duration(n)*time.Hour))
		c.Outcome, c.EndedAt = mapping.OutcomeAnswered, c.AnsweredAt
		db.Record(c)
	}
	flushed(t, db)
	for hours, want := range []int{9, 9, 6, 3, 0, 0} {
		db.Sweep(noon.Add(time.Duration(hours) * time.Hour))
		flushed(t, db)
		kept, memory := 0, 0
		err := db.file.View(func(tx *bolt.Tx) error {
			return eachAllotment(tx, func(digest, hourly) { kept++ })
		})
		for _, h := range db.allotments.of {
			memory += len(h)
		}
		if err != nil || kept != want || memory != want {
			t.Errorf("after %d hours: %d are kept, %d in memory, want %d: %v", hours, kept, memory, want, err)
		}
	}
	checkAndClose(t, db)
}

// A call that a crash cuts counts, once; one whose record is lost does not.
func TestACallThatACrashCutsCountsToAllotments(t *testing.T) {
	o, db := allotting(t, mapping.Allotment{}, mapping.Allotment{}, mapping.Allotment{Calls: 5, Hours: 1})
	i := created(t, db, ride(t, 1, 1), noon)
	db.Record(callFrom(1, &i, mapping.SideA, noon))
	flushed(t, db)
	of := mapping.Common{Tenant: mapping.DefaultTenant, InAll: true}
	same(t, left(t, db, &i, mapping.SideA, noon)[of], 5)
	for range 2 {
		db = reopened(t, o, db)
		same(t, left(t, db, &i, mapping.SideA, noon)[of], 4)
	}
	lost := callFrom(2, &i, mapping.SideA, noon)
	lost.Interaction, lost.Outcome, lost.EndedAt = mapping.NewID(noon, [10]byte{9}), mapping.OutcomeAnswered, noon
	db.onFault = func(error) {}
	db.Record(lost)
	flushed(t, db)
	same(t, left(t, db, &i, mapping.SideA, noon)[of], 4)
	checkAndClose(t, db)
}

// Two tenants' counts of one number never meet.
func TestANumberIsCountedForEachTenant(t *testing.T) {
	_, db := allotting(t, mapping.Allotment{Calls: 5, Hours: 1}, mapping.Allotment{}, mapping.Allotment{})
	db.allotments.add(debit{mapping.HourOf(noon), []digest{db.allotments.digest(mapping.Common{Number: rider(t, 1), Tenant: "acme"})}}, 1)
	for tenant, want := range map[mapping.Tenant]int{"acme": 1, "globex": 0, mapping.DefaultTenant: 0} {
		same(t, db.allotments.count(mapping.Common{Number: rider(t, 1), Tenant: tenant, InAll: true}, mapping.HourOf(noon)), want)
	}
	checkAndClose(t, db)
}

// A party's own calls in all, over a start.
func TestAPartyMakesSoManyCallsInAll(t *testing.T) {
	o, db := policed(t, 2, mapping.Policy{})
	d := ride(t, 1, 1)
	d.LimitsA = mapping.PartyLimits{Calls: 1, CallTime: time.Minute}
	i := created(t, db, d, noon)
	route := resolves(t, db, &i, noon, 0)
	same(t, route.Limits.CallTime, time.Minute)
	talked(t, db, 1, &i, noon, noon)
	for range 2 {
		same(t, decided(db, &i), [2]mapping.Refusal{mapping.RefusalSpent, 0})
		db = reopened(t, o, db)
	}
	if route, _ := db.Resolve(i.B.DID, i.B.Numbers[0], noon); route.Limits.CallTime != 0 {
		t.Errorf("B's calls last %s", route.Limits.CallTime)
	}
	checkAndClose(t, db)
}

// A file of schema 3 gets what it lacks, and keeps what it has.
func TestAStoreOfSchema3GetsItsBuckets(t *testing.T) {
	o, db := policed(t, 2, mapping.Policy{})
	i := created(t, db, ride(t, 1, 1), noon)
	checkAndClose(t, db)
	file, err := bolt.Open(o.Path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = file.Update(func(tx *bolt.Tx) error {
		if err := errors.Join(tx.DeleteBucket([]byte(bucketAllotments)), tx.DeleteBucket([]byte(bucketOwnBlocks))); err != nil {
			return err
		}
		return bucketMeta.in(tx).Put(metaSchema, binary.BigEndian.AppendUint32(nil, 3))
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	if db, err = Open(o, noon); err != nil {
		t.Fatal(err)
	}
	same(t, decided(db, &i), [2]mapping.Refusal{})
	checkAndClose(t, db)
}
