package mapping_test

import (
	"slices"
	"strings"
	"testing"

	"maskd/mapping"
)

func TestATenantsNameIsShortAndPlain(t *testing.T) {
	for text, ok := range map[string]bool{
		"acme": true, "a": true, "rides-2_eu": true, strings.Repeat("x", 32): true,
		"": false, "Acme": false, "a b": false, "a\x00": false, "a/b": false, strings.Repeat("x", 33): false,
	} {
		if tenant, err := mapping.ParseTenant(text); (err == nil) != ok || ok && tenant != mapping.Tenant(text) {
			t.Errorf("ParseTenant(%q) = %q, %v", text, tenant, err)
		}
	}
}

func TestATenantSeesItsOwn(t *testing.T) {
	for _, test := range []struct {
		who, owner mapping.Tenant
		sees       bool
	}{{"acme", "acme", true}, {"acme", "zeta", false}, {"acme", mapping.DefaultTenant, false}, {mapping.DefaultTenant, "acme", false}, {"", "acme", true}} {
		if got := test.who.Sees(test.owner); got != test.sees {
			t.Errorf("%q sees what is %q's: %t", test.who, test.owner, got)
		}
	}
}

func tenantPools(t *testing.T) *mapping.Pools {
	t.Helper()
	pools, err := mapping.NewPools([]mapping.Pool{
		{Name: "default", DIDs: []mapping.DID{"+15550100000"}},
		{Name: "north", DIDs: []mapping.DID{"+15550100001"}},
		{Name: "south", DIDs: []mapping.DID{"+15550100002"}},
	}, mapping.Tenancy{Tenant: "acme", Pools: []string{"south", "north"}, Allowance: mapping.Allowance{MaxLive: 7}}, mapping.Tenancy{Tenant: "zeta"})
	if err != nil {
		t.Fatal(err)
	}
	return pools
}

func TestAPoolIsOneTenants(t *testing.T) {
	pools := tenantPools(t)
	for _, test := range []struct {
		tenant mapping.Tenant
		pool   string
		has    bool
	}{
		{"acme", "north", true}, {"acme", "south", true}, {"acme", "default", false},
		{"zeta", "north", false}, {"zeta", "default", false},
		{mapping.DefaultTenant, "default", true}, {mapping.DefaultTenant, "north", false}, {"acme", "west", false},
	} {
		if _, has := pools.PoolFor(test.tenant, test.pool); has != test.has {
			t.Errorf("%s has %s: %t", test.tenant, test.pool, has)
		}
	}
	for did, want := range map[mapping.DID]mapping.Tenant{
		"+15550100000": mapping.DefaultTenant, "+15550100002": "acme", "+15550100009": mapping.DefaultTenant,
	} {
		if got := pools.TenantOf(did); got != want {
			t.Errorf("%s is %s's, want %s's", did, got, want)
		}
	}
}

func TestWhatATenantIsLet(t *testing.T) {
	pools := tenantPools(t)
	for tenant, want := range map[mapping.Tenant]string{"acme": "south", "zeta": "default", mapping.DefaultTenant: "default"} {
		if got := pools.UsualPool(tenant); got != want {
			t.Errorf("usual pool of %s = %s, want %s", tenant, got, want)
		}
	}
	if pools.AllowanceOf("acme").MaxLive != 7 || pools.AllowanceOf("zeta") != (mapping.Allowance{}) || pools.AllowanceOf("nobody") != (mapping.Allowance{}) {
		t.Error("a quota is not what was let")
	}
	if got, want := pools.Tenants(), []mapping.Tenant{"acme", "default", "zeta"}; !slices.Equal(got, want) {
		t.Errorf("tenants = %v", got)
	}
}

func TestAPoolCanNotBeLetTwice(t *testing.T) {
	pool := []mapping.Pool{{Name: "north"}}
	for name, tenancies := range map[string][]mapping.Tenancy{
		"to two tenants":      {{Tenant: "acme", Pools: []string{"north"}}, {Tenant: "zeta", Pools: []string{"north"}}},
		"to one tenant twice": {{Tenant: "acme", Pools: []string{"north", "north"}}},
		"where it is not":     {{Tenant: "acme", Pools: []string{"west"}}},
		"to a tenant twice":   {{Tenant: "acme"}, {Tenant: "acme"}},
	} {
		if pools, err := mapping.NewPools(pool, tenancies...); err == nil || pools != nil {
			t.Errorf("%s: let", name)
		}
	}
}
