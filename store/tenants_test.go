package store

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"maskd/mapping"
)

// letPools makes a pool of 40 DIDs for each of three tenants.
func letPools(t testing.TB, quota mapping.Allowance) *mapping.Pools {
	t.Helper()
	var pools []mapping.Pool
	for n, name := range []string{"default", "acme", "zeta"} {
		pool := mapping.Pool{Name: name, Trunk: "carrier", Policy: mapping.Policy{CoolDown: time.Hour}}
		for d := range 40 {
			pool.DIDs = append(pool.DIDs, mapping.DID(fmt.Sprintf("+1555010%d%03d", n, d)))
		}
		pools = append(pools, pool)
	}
	let, err := mapping.NewPools(pools, mapping.Tenancy{Tenant: "acme", Pools: []string{"acme"}, Allowance: quota},
		mapping.Tenancy{Tenant: "zeta", Pools: []string{"zeta"}})
	if err != nil {
		t.Fatal(err)
	}
	return let
}

func tenantsIn(t testing.TB, dir string, quota mapping.Allowance) Options {
	o := optionsIn(t, dir, 1)
	o.Pools = letPools(t, quota)
	return o
}

func rideOf(t testing.TB, tenant mapping.Tenant, n int) mapping.Draft {
	d := ride(t, n, n)
	d.Tenant = tenant
	return d
}

func TestTenantsShareNoName(t *testing.T) {
	db := opened(t, tenantsIn(t, t.TempDir(), mapping.Allowance{}))
	var made []mapping.Interaction
	for _, tenant := range []mapping.Tenant{"acme", "zeta", mapping.DefaultTenant} {
		d := rideOf(t, tenant, 1)
		d.ExternalID, d.Key = "ride-1", "key-1"
		i := created(t, db, d, noon) // and is new, whatever others call so
		if i.Pool != string(tenant) {
			t.Errorf("%s has DIDs of pool %s", tenant, i.Pool)
		}
		made = append(made, i)
		again, isNew, err := db.Create(t.Context(), d, noon)
		if err != nil || again.ID != i.ID {
			t.Errorf("the same request of %s: %v, %t, %v", tenant, again.ID, isNew, err)
		}
	}
	for _, i := range made {
		found, err := db.ByExternalID(i.Tenant, "ride-1")
		if err != nil || found.ID != i.ID {
			t.Errorf("by external id of %s: %v, %v", i.Tenant, found.ID, err)
		}
	}
	if _, err := db.ByExternalID("acme", "default\x00ride-1"); !errors.Is(err, mapping.ErrNotFound) {
		t.Errorf("an external id that spells another tenant: %v", err)
	}
}

func TestANumberHasAReferenceOfEachTenant(t *testing.T) {
	o := tenantsIn(t, t.TempDir(), mapping.Allowance{})
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	refs := map[mapping.Tenant]string{}
	for _, tenant := range []mapping.Tenant{"acme", "zeta", mapping.DefaultTenant} {
		refs[tenant] = db.Ref(tenant, rider(t, 1))
	}
	if refs["acme"] == refs["zeta"] || refs["acme"] == refs[mapping.DefaultTenant] {
		t.Errorf("two tenants have one reference: %v", refs)
	}
	checkAndClose(t, db)
	again := opened(t, o)
	for tenant, ref := range refs {
		if got := again.Ref(tenant, rider(t, 1)); got != ref {
			t.Errorf("%s: %s after a restart, %s before", tenant, got, ref)
		}
	}
}

func TestATenantTakesNoDIDOfAnother(t *testing.T) {
	db := opened(t, tenantsIn(t, t.TempDir(), mapping.Allowance{}))
	for _, test := range []struct {
		tenant mapping.Tenant
		pool   string
	}{{"acme", "zeta"}, {"acme", "default"}, {mapping.DefaultTenant, "acme"}, {"nobody", "acme"}, {"nobody", ""}, {"acme", "no-such"}} {
		d := rideOf(t, test.tenant, 1)
		d.Pool = test.pool
		_, _, err := db.Create(t.Context(), d, noon)
		var invalid *mapping.InvalidError
		if !errors.As(err, &invalid) || invalid.Field != "pool" || invalid.Code != "unknown" {
			t.Errorf("%s in pool %s: %v", test.tenant, test.pool, err)
		}
	}
	d := rideOf(t, "acme", 1)
	d.WishA = mapping.Wish{Prefer: []mapping.Preference{"+15550102000"}, Strict: true} // zeta's
	var exhausted *mapping.ExhaustedError
	if _, _, err := db.Create(t.Context(), d, noon); !errors.As(err, &exhausted) {
		t.Errorf("a DID of another tenant: %v", err)
	}
}

// The lists are checked against all that was made, in pages of every size.
func TestATenantsListsAreItsOwn(t *testing.T) {
	db := opened(t, tenantsIn(t, t.TempDir(), mapping.Allowance{}))
	tenants := []mapping.Tenant{"acme", "zeta", mapping.DefaultTenant}
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 90 {
		at := noon.Add(time.Duration(n) * time.Millisecond)
		i := created(t, db, rideOf(t, tenants[r.IntN(3)], n), at)
		if n%2 == 0 {
			c := callOf(0, &i)
			c.Call, c.Tenant = mapping.NewID(at, [10]byte{}), "" // the DID says
			db.Record(c)
		}
	}
	flushed(t, db)
	all, err := db.Interactions(mapping.ID{}, 1000)
	if err != nil || len(all) != 90 {
		t.Fatalf("%d interactions, %v", len(all), err)
	}
	for n := 0; n < len(all); n += 6 { // of whose calls something stays, that nobody can read
		if _, err := db.Erase(t.Context(), all[n].ID, noon.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	if all, err = db.Interactions(mapping.ID{}, 1000); err != nil || len(all) != 75 {
		t.Fatalf("%d interactions after some are erased, %v", len(all), err)
	}
	calls, err := db.CDRs(mapping.ID{}, 1000)
	if err != nil || len(calls) != 30 {
		t.Fatalf("%d calls, %v", len(calls), err)
	}
	for _, tenant := range append(tenants, "nobody", "acm", "") {
		for _, size := range []int{1, 2, 7, 1000} {
			got := pages(t, size, func(after mapping.ID) ([]mapping.Interaction, error) { return db.InteractionsOf(tenant, after, size) },
				func(i mapping.Interaction) mapping.ID { return i.ID })
			want := idsOf(all, func(i mapping.Interaction) (mapping.ID, bool) { return i.ID, tenant.Sees(i.Tenant) })
			if !slices.Equal(got, want) {
				t.Errorf("%q, pages of %d: %d interactions, want %d", tenant, size, len(got), len(want))
			}
			got = pages(t, size, func(after mapping.ID) ([]mapping.CDR, error) { return db.CDRsOf(tenant, after, size) },
				func(c mapping.CDR) mapping.ID { return c.Call })
			want = idsOf(calls, func(c mapping.CDR) (mapping.ID, bool) { return c.Call, tenant.Sees(c.Tenant) })
			if !slices.Equal(got, want) {
				t.Errorf("%q, pages of %d: %d calls, want %d", tenant, size, len(got), len(want))
			}
		}
	}
}

func pages[T any](t *testing.T, size int, list func(mapping.ID) ([]T, error), id func(T) mapping.ID) (ids []mapping.ID) {
	t.Helper()
	var after mapping.ID
	for {
		page, err := list(after)
		if err != nil || len(page) > size {
			t.Fatalf("page of %d, %v", len(page), err)
		}
		for _, item := range page {
			after = id(item)
			ids = append(ids, after)
		}
		if len(page) < size {
			return ids
		}
	}
}

func idsOf[T any](all []T, of func(T) (mapping.ID, bool)) (ids []mapping.ID) {
	for _, item := range all {
		if id, ok := of(item); ok {
			ids = append(ids, id)
		}
	}
	return ids
}

// What the default tenant has is found behind more than a page of another's.
func TestTheDefaultTenantIsFoundAmongOthers(t *testing.T) {
	db := opened(t, tenantsIn(t, t.TempDir(), mapping.Allowance{}))
	var wait sync.WaitGroup
	for worker := range 8 {
		wait.Go(func() {
			for n := range maxPage / 8 {
				d := rideOf(t, "acme", worker*1000+n)
				if _, _, err := db.Create(t.Context(), d, noon); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	for n := range 20 {
		created(t, db, rideOf(t, "zeta", 9000+n), noon.Add(time.Second))
	}
	i := created(t, db, rideOf(t, mapping.DefaultTenant, 1), noon.Add(time.Hour))
	found, err := db.InteractionsOf(mapping.DefaultTenant, mapping.ID{}, 10)
	if err != nil || len(found) != 1 || found[0].ID != i.ID {
		t.Errorf("%d found, %v", len(found), err)
	}
}

// A pool that is another tenant's from now on takes nothing of the first along.
func TestAPoolThatChangesHandsLeavesItsPast(t *testing.T) {
	db := opened(t, tenantsIn(t, t.TempDir(), mapping.Allowance{}))
	i := created(t, db, rideOf(t, "acme", 1), noon)
	moved, err := mapping.NewPools(letPools(t, mapping.Allowance{}).All(), mapping.Tenancy{Tenant: "zeta", Pools: []string{"acme", "zeta"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.SetPools(t.Context(), moved, noon); err != nil {
		t.Fatal(err)
	}
	route, refusal := db.Resolve(i.A.DID, rider(t, 1), noon)
	if refusal != 0 || route.Tenant != "acme" {
		t.Errorf("the call of a live interaction: %q, %v", route.Tenant, refusal)
	}
	c := callOf(1, &i)
	c.Tenant = "" // not routed yet
	db.Record(c)
	flushed(t, db)
	c.Tenant, c.Outcome, c.EndedAt = route.Tenant, mapping.OutcomeAnswered, noon
	db.Record(c)
	flushed(t, db)
	for tenant, want := range map[mapping.Tenant]int{"acme": 1, "zeta": 0} {
		if found, err := db.CDRsOf(tenant, mapping.ID{}, 10); err != nil || len(found) != want {
			t.Errorf("%s has %d calls, %v", tenant, len(found), err)
		}
	}
	completed(t, db, i.ID)
	if _, err := db.Reopen(t.Context(), i.ID, mapping.Extension{TTL: time.Hour}, noon.Add(2*time.Minute)); !errors.Is(err, mapping.ErrTaken) {
		t.Errorf("reopened on another's DIDs: %v", err)
	}
}

func overQuota(err error) bool {
	var quota *mapping.QuotaError
	return errors.As(err, &quota) && quota.Tenant == "acme" && quota.MaxLive == 3
}

func TestATenantHasNoMoreLiveInteractionsThanItMay(t *testing.T) {
	o := tenantsIn(t, t.TempDir(), mapping.Allowance{MaxLive: 3})
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	var made []mapping.Interaction
	for n := range 3 {
		d := rideOf(t, "acme", n)
		d.TTL = time.Duration(n+1) * time.Hour
		made = append(made, created(t, db, d, noon))
	}
	refused := func(at time.Time) {
		t.Helper()
		if _, _, err := db.Create(t.Context(), rideOf(t, "acme", 9), at); !overQuota(err) {
			t.Errorf("one more: %v", err)
		}
	}
	refused(noon)
	created(t, db, rideOf(t, "zeta", 9), noon) // whom it does not concern
	checkAndClose(t, db)
	db = opened(t, o) // counted again
	refused(noon.Add(time.Minute))

	completed(t, db, made[2].ID)
	created(t, db, rideOf(t, "acme", 3), noon.Add(time.Minute))
	refused(noon.Add(time.Minute))
	if _, err := db.Reopen(t.Context(), made[2].ID, mapping.Extension{TTL: time.Hour}, noon.Add(2*time.Minute)); !overQuota(err) {
		t.Errorf("reopened: %v", err)
	}
	refused(noon.Add(time.Hour - 1))
	if _, err := db.Extend(t.Context(), made[1].ID, mapping.Extension{TTL: 5 * time.Hour}, noon.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	created(t, db, rideOf(t, "acme", 4), noon.Add(time.Hour)) // the first has expired
	refused(noon.Add(2 * time.Hour))                          // and the second, which would have, was extended
}

func TestCreatesAtOnceKeepToTheQuota(t *testing.T) {
	db := opened(t, tenantsIn(t, t.TempDir(), mapping.Allowance{MaxLive: 3}))
	var wait sync.WaitGroup
	results := make(chan error, 30)
	for n := range 30 {
		wait.Go(func() {
			_, _, err := db.Create(t.Context(), rideOf(t, "acme", n), noon)
			results <- err
		})
	}
	wait.Wait()
	close(results)
	made := 0
	for err := range results {
		switch {
		case err == nil:
			made++
		case !overQuota(err):
			t.Error(err)
		}
	}
	if made != 3 {
		t.Errorf("%d were made", made)
	}
}

// What was made before there were tenants is the default tenant's, under the names
// and references that it had.
func TestAStoreOfSchema2IsTheDefaultTenants(t *testing.T) {
	o := old(t, "schema2")
	o.Pools = poolOf(t, 10)
	db := opened(t, o)
	for external, state := range map[string]mapping.State{"ride-1": mapping.StateActive, "ride-2": mapping.StateCompleted} {
		i, err := db.ByExternalID(mapping.DefaultTenant, external)
		if err != nil || i.State(noon) != state || i.Tenant != mapping.DefaultTenant {
			t.Errorf("%s: %q's, %v, %v", external, i.Tenant, i.State(noon), err)
		}
	}
	if ref := db.Ref(mapping.DefaultTenant, rider(t, 1)); ref != "num_0ag7gckgpm6ekqh3" {
		t.Errorf("reference %s", ref)
	}
	d := ride(t, 1, 1)
	d.ExternalID, d.Key, d.Labels = "ride-1", "key-1", map[string]string{"city": "Pune"}
	d.Direction, d.Life.Callback = mapping.DirectionAToB, time.Minute
	first, err := db.ByExternalID(mapping.DefaultTenant, "ride-1")
	if err != nil {
		t.Fatal(err)
	}
	if i, _, err := db.Create(t.Context(), d, noon); i.ID != first.ID || err != nil {
		t.Errorf("the same request as before: %v", err)
	}
	d.Key = ""
	if i, isNew, err := db.Create(t.Context(), d, noon); i.ID != first.ID || isNew || err != nil {
		t.Errorf("the same draft as before: new %t, %v", isNew, err)
	}
	d.Tenant = "acme"
	var invalid *mapping.InvalidError
	if _, _, err := db.Create(t.Context(), d, noon); !errors.As(err, &invalid) {
		t.Errorf("of a tenant that there was not: %v", err)
	}
	for tenant, want := range map[mapping.Tenant]int{mapping.DefaultTenant: 2, "acme": 0} {
		made, err := db.InteractionsOf(tenant, mapping.ID{}, 10)
		if err != nil || len(made) != want {
			t.Errorf("%s has %d interactions, %v", tenant, len(made), err)
		}
		calls, err := db.CDRsOf(tenant, mapping.ID{}, 10)
		if err != nil || len(calls) != want {
			t.Errorf("%s has %d calls, %v", tenant, len(calls), err)
		}
	}
	if got := db.Condition("+15550100009").At(noon); got != mapping.StandingDraining {
		t.Errorf("a DID that was draining is %v", got)
	}
}

func TestCheckFindsWhatIsInNoListOrAnothers(t *testing.T) {
	for name, spoil := range map[string]func(tx *bolt.Tx, i *mapping.Interaction, c *mapping.CDR) error{
		"an interaction in no list": func(tx *bolt.Tx, i *mapping.Interaction, _ *mapping.CDR) error {
			return bucketOwnInteractions.in(tx).Delete(ownedKey("acme", i.ID))
		},
		"an interaction in the list of another": func(tx *bolt.Tx, i *mapping.Interaction, _ *mapping.CDR) error {
			return bucketOwnInteractions.in(tx).Put(ownedKey("zeta", i.ID), nil)
		},
		"a call in no list": func(tx *bolt.Tx, _ *mapping.Interaction, c *mapping.CDR) error {
			return bucketOwnCDRs.in(tx).Delete(ownedKey("acme", c.Call))
		},
		"no id": func(tx *bolt.Tx, _ *mapping.Interaction, _ *mapping.CDR) error {
			return bucketOwnInteractions.in(tx).Put([]byte("acme"), nil)
		},
	} {
		t.Run(name, func(t *testing.T) {
			db, err := Open(tenantsIn(t, t.TempDir(), mapping.Allowance{}), noon)
			if err != nil {
				t.Fatal(err)
			}
			i := created(t, db, rideOf(t, "acme", 1), noon)
			c := callOf(1, &i)
			db.Record(c)
			flushed(t, db)
			if err := db.Check(t.Context(), noon); err != nil {
				t.Fatal(err)
			}
			if err := db.file.Update(func(tx *bolt.Tx) error { return spoil(tx, &i, &c) }); err != nil {
				t.Fatal(err)
			}
			if err := db.Check(t.Context(), noon); !errors.Is(err, ErrDamaged) {
				t.Errorf("check: %v", err)
			}
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// What a tenant may have at once is counted for all calls of its interactions, and for
// no one else's.
func TestATenantsCallsCountTogether(t *testing.T) {
	db := opened(t, tenantsIn(t, t.TempDir(), mapping.Allowance{CallsAtOnce: 7}))
	of := func(tenant mapping.Tenant, n int) []mapping.Quota {
		i := created(t, db, rideOf(t, tenant, n), noon)
		route, refusal := db.Resolve(i.A.DID, i.A.Numbers[0], noon)
		if refusal != 0 {
			t.Fatal(refusal)
		}
		return route.Quotas
	}
	want := []mapping.Quota{{Of: mapping.Common{Tenant: "acme"}, Most: 7, Refusal: mapping.RefusalBusy}}
	same(t, of("acme", 1), want)
	same(t, of("acme", 2), want)
	same(t, of("zeta", 3), []mapping.Quota(nil))
}
