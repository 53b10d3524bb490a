package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"maskd/cmd/maskd/config"
	"maskd/mapping"
)

// let is two pools and a tenant that has one of them.
const let = carrier + `pools:
  - {name: default, trunk: carrier, dids: [+15550100000]}
  - {name: acme, trunk: carrier, dids: [+15550100001]}
tenants: [{name: acme, pools: [acme], max_live: 500, creates_per_second: 9}]
`

func TestABadGrantOrTenantIsOneLineThatSaysWhere(t *testing.T) {
	roles := func(grants string) string { return "admin: {roles: [" + grants + "]}\n" }
	pools := strings.Split(let, "tenants:")[0]
	for _, test := range []struct{ name, text, want string }{
		{"a role for nobody", roles("{role: admin}"), "admin.roles[0]: expected one of uid, gid, user, group and certificate"},
		{"a role for two", roles("{uid: 1, group: staff, role: admin}"), "admin.roles[0]: expected one of uid"},
		{"no role", roles("{uid: 0}"), "admin.roles[0].role: expected integrator, operator, auditor or admin"},
		{"a role that there is not", roles("{uid: 0, role: root}"), "f:1:32: expected integrator, operator, auditor or admin"},
		{"a user by number", roles("{user: \"\", role: admin}"), "admin.roles[0]: expected one of uid"},
		{"a negative user", roles("{uid: -1, role: admin}"), "f:1:23: expected the number of a user or a group"},
		{"somebody twice", roles("{uid: 7, role: admin}, {uid: 7, role: auditor}"), "admin.roles[1]: expected each user, group and certificate once"},
		{"an unknown key", roles("{uid: 7, rol: admin}"), "expected a known key"},
		{"a tenant that there is not", roles("{uid: 7, role: admin, tenant: acme}"), "admin.roles[0].tenant: expected the name of a tenant"},
		{"an integrator of the house beside tenants", let + roles("{uid: 7, role: integrator}"), "admin.roles[0]: expected a tenant: an integrator without one would see what is of all"},
		{"no look-up at all", "admin: {limits: {lookups_per_minute: 0}}\n", "f:1:38: expected a number from 1 to 1000000"},
		{"a listener without a certificate", "admin: {listen: 127.0.0.1:1, tls: {certificate: c, key: k}}\n", "admin.tls: expected certificate, key and ca"},

		{"a tenant without a name", pools + "tenants: [{pools: [acme]}]\n", "tenants[0].name: expected a tenant's name"},
		{"a tenant in capitals", pools + "tenants: [{name: ACME}]\n", "expected a tenant's name: 1 to 32 of a-z, 0-9, - and _"},
		{"a tenant twice", let[:len(let)-2] + ", {name: acme, pools: [default]}]\n", "tenants[1].name: expected a name that no other tenant has"},
		{"a tenant without a pool", pools + "tenants: [{name: acme}]\n", "tenants[0]"},
		{"a pool that there is not", pools + "tenants: [{name: acme, pools: [west]}]\n", "tenants[0].pools[0]: expected the name of a pool"},
		{"a pool let twice", let[:len(let)-2] + ", {name: zeta, pools: [acme]}]\n", "tenants[1].pools[0]: expected a pool that no tenant has yet"},
		{"calls too short", pools + "tenants: [{name: acme, pools: [acme], max_call_seconds: 9}]\n", "tenants[0].max_call_seconds: expected seconds from 10 to 86400"},
		{"a quota too many", pools + "tenants: [{name: acme, pools: [acme], max_live: 100000001}]\n", "expected a number from 0 (no limit) to 100000000"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := config.Parse("f", []byte(test.text))
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %v\nwant  %s", err, test.want)
			}
		})
	}
}

func TestWhoMayDoWhatReadsBack(t *testing.T) {
	want, err := config.Parse("f", []byte(let+`admin:
  listen: 127.0.0.1:9561
  tls: {certificate: c, key: k, ca: a}
  reveal: {second: true}
  limits: {lookups_per_minute: 5, reveals_per_hour: 6}
  roles:
    - {uid: 0, role: auditor}
    - {gid: 7, role: integrator, tenant: acme}
    - {user: olga, role: operator}
    - {group: staff, role: admin, tenant: default}
    - {certificate: "spiffe://example.net/x", role: auditor}
`))
	if err != nil {
		t.Fatal(err)
	}
	if got := want.Admin.Roles; len(got) != 5 || *got[0].UID != 0 || got[1].Role.Domain() != mapping.RoleIntegrator || got[1].Tenant != "acme" {
		t.Errorf("roles %+v", got)
	}
	text, err := want.YAML()
	if err != nil {
		t.Fatal(err)
	}
	got, err := config.Parse("printed", text)
	if err != nil || cmp.Diff(want, got, byValue) != "" {
		t.Errorf("%v, reads back as %s\n%s", err, cmp.Diff(want, got, byValue), text)
	}
	if got.Admin.Reveals.Second != true || got.Admin.Rates != (config.Rates{LookupsPerMinute: 5, RevealsPerHour: 6}) {
		t.Errorf("%+v", got.Admin)
	}
}

func TestPoolsAreTheirTenants(t *testing.T) {
	c, err := config.Parse("f", []byte(let))
	if err != nil {
		t.Fatal(err)
	}
	pools, err := c.DomainPools()
	if err != nil {
		t.Fatal(err)
	}
	if _, has := pools.PoolFor("acme", "acme"); !has || pools.TenantOf("+15550100000") != mapping.DefaultTenant {
		t.Error("a pool is another's")
	}
	if got := pools.AllowanceOf("acme"); got != (mapping.Allowance{MaxLive: 500, CreatesPerSecond: 9}) {
		t.Errorf("quota %+v", got)
	}
}

func TestAReloadTakesOverWhoMayDoWhat(t *testing.T) {
	before, err := config.Parse("f", []byte(let))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "maskd.yaml")
	file := strings.Replace(let, "max_live: 500", "max_live: 600", 1) + "admin:\n  listen: 127.0.0.1:9561\n  tls: {certificate: c, key: k, ca: a}\n" +
		"  reveal: {second: true}\n  roles: [{uid: 7, role: operator}]\n"
	if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	next, restart, err := before.Reload(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(next.Admin.Roles) != 1 || !next.Admin.Reveals.Second || next.Admin.TLS.CA != "a" || next.Tenants[0].MaxLive != 600 {
		t.Errorf("admin %+v, tenants %+v", next.Admin, next.Tenants)
	}
	if diff := cmp.Diff([]string{"admin.listen"}, restart); diff != "" || next.Admin.Listen.IsValid() {
		t.Errorf("restart needed for (-want +got):\n%s", diff)
	}
}
