package admin_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"maskd/cmd/maskd/admin"
	"maskd/mapping"
	"maskd/sip"
)

// whoMay is the table of rights as a person reads it: i, o, a for integrator,
// operator and auditor; admins may do all. H is for what only the house may, + for
// what anybody may.
const whoMay = `
POST /v1/interactions                  i
POST /v1/interactions:batch            i
GET  /v1/interactions                  ioa
GET  /v1/interactions/{id}             ioa
POST /v1/interactions/{id}/complete    io
POST /v1/interactions/{id}/extend      i
POST /v1/interactions/{id}/hours       io
POST /v1/interactions/{id}/reopen      i
POST /v1/interactions/{id}/call        io
POST /v1/interactions/{id}/reveal      a
PATCH /v1/interactions/{id}            io
GET  /v1/blocks                        o
POST /v1/blocks                        o
POST /v1/blocks:remove                 o
POST /v1/interactions/{id}/erase       ia
POST /v1/interactions/{id}/hold        a
POST /v1/interactions/{id}/release     a
POST /v1/subjects/find                 a
POST /v1/subjects/export               a
POST /v1/subjects/erase                a
GET  /v1/reveals                       a
POST /v1/reveals/{id}/approve          a
POST /v1/lookup                        o
GET  /v1/calls                         oa
GET  /v1/calls/{id}                    oa
GET  /v1/calls/{id}/trace              o
POST /v1/calls/{id}/hangup             o
POST /v1/calls/{id}/recording          o
GET  /v1/recordings                    a
GET  /v1/recordings/{id}               a
POST /v1/recordings/{id}/verify        a
POST /v1/recordings/{id}/parts/{format} a
GET  /v1/cdrs                          a
POST /v1/cdrs/export                   a
GET  /v1/pools                         oa
GET  /v1/events                        ioa
GET  /v1/webhooks                      o
POST /v1/webhooks/{name}/resume        o
GET  /v1/numbers                       oa
POST /v1/numbers/{did}/activate        o
POST /v1/numbers/{did}/drain           o
POST /v1/numbers/{did}/quarantine      o
POST /v1/numbers/{did}/retire          o
GET  /v1/trunks                        oH
GET  /v1/audit                         a
GET  /v1/audit/export                  aH
GET  /v1/audit/checkpoint              aH
GET  /v1/audit/growth                  aH
GET  /v1/audit/{index}/proof           aH
POST /v1/keys/rotate                   H
POST /v1/store/backup                  H
POST /v1/reload                        oH
POST /v1/drain                         oH
GET  /metrics                          oH
GET  /livez                            +
GET  /readyz                           +
`

// row is a line of it.
type row struct{ method, path, may string }

func rows() (all []row) {
	for line := range strings.Lines(strings.TrimSpace(whoMay)) {
		f := strings.Fields(line)
		all = append(all, row{f[0], f[1], f[2]})
	}
	return all
}

func (r row) allows(role mapping.Role, house bool) bool {
	switch {
	case strings.Contains(r.may, "+"):
		return true
	case role == 0 || strings.Contains(r.may, "H") && !house:
		return false
	default:
		return role == mapping.RoleAdmin || strings.Contains(r.may, role.String()[:1])
	}
}

// as gives who runs the tests a role.
func (h *house) as(role mapping.Role, tenant mapping.Tenant) {
	h.asWith(role, tenant, map[mapping.Tenant]mapping.Allowance{"acme": {}, "zeta": {}})
}

func (h *house) asWith(role mapping.Role, tenant mapping.Tenant, quotas map[mapping.Tenant]mapping.Allowance) {
	me := uint32(os.Geteuid())
	h.server.SetAccess(admin.Access{Grants: []admin.Grant{{UID: &me, Role: role, Tenant: tenant}}, Quotas: quotas})
}

// Every route, asked for in every role, of the house and of a tenant.
func TestEveryRouteIsOpenToWhomTheTableSays(t *testing.T) {
	db := openStore(t, t.TempDir())
	defer db.Close()
	h := newHouse(t)
	h.launch(admin.Options{Store: h.store, Numbers: db, Meter: admin.NewMetrics(), Now: later(time.Second), Audit: db.AuditLog(), Keys: db, Archive: db,
		Events: db, Webhooks: endpoints{}})
	i := h.create("")
	call := mapping.NewID(noon, [10]byte{7})
	for _, role := range []mapping.Role{0, mapping.RoleIntegrator, mapping.RoleOperator, mapping.RoleAuditor, mapping.RoleAdmin} {
		for _, tenant := range []mapping.Tenant{"", mapping.DefaultTenant} {
			h.as(role, tenant)
			for _, r := range rows() {
				h.calls.add(sip.CallInfo{ID: call, Tenant: mapping.DefaultTenant})
				path := strings.NewReplacer("/interactions/{id}", "/interactions/"+i.ID, "/calls/{id}", "/calls/"+call.Text(mapping.KindCall), "{id}", "rev_x", "{did}", "+15550100000").Replace(r.path)
				response, body := h.ask(r.method, path, "")
				code := regexp.MustCompile(`"code":"(no_role|not_allowed|house_only)"`).FindString(body)
				if denied := response.StatusCode == 403; denied == r.allows(role, tenant == "") || denied != (code != "") {
					t.Errorf("%s of %q: %s %s: %d %s", role, tenant, r.method, r.path, response.StatusCode, body)
				}
			}
		}
	}
}

// later is a clock that goes on by so much whenever it is looked at.
func later(step time.Duration) func() time.Time {
	var looks atomic.Int64
	return func() time.Time { return noon.Add(time.Duration(looks.Add(1)) * step) }
}

// Who can do no more than knock can't fill the disk.
func TestWhoKnocksTooOftenIsToldOfNoMore(t *testing.T) {
	l := &ledger{}
	h := newHouse(t)
	h.launch(admin.Options{Store: h.store, Ledger: l})
	h.as(mapping.RoleAuditor, "")
	var statuses []int
	for range 100 {
		r, _ := h.ask("POST", "/v1/drain", "")
		statuses = append(statuses, r.StatusCode)
	}
	if statuses[59] != 403 || statuses[60] != 429 || statuses[99] != 429 {
		t.Errorf("turned away as %v", statuses)
	}
	if told := len(l.all()); told != 60 {
		t.Errorf("told of %d", told)
	}
	if r, _ := h.ask("GET", "/v1/cdrs", ""); r.StatusCode != 200 {
		t.Errorf("what he may: %d", r.StatusCode)
	}
	h.close()
	if n := strings.Count(h.log.String(), "request turned away"); n != 60 {
		t.Errorf("logged %d", n)
	}
}

// Nobody adds a route and forgets who may: the routes are read from the source.
func TestEveryRouteIsInTheTable(t *testing.T) {
	var listed []string
	routed := patterns(t)
	for _, r := range rows() {
		listed = append(listed, r.method+" "+r.path)
	}
	for _, pattern := range routed {
		if !slices.ContainsFunc(listed, func(l string) bool {
			return l == pattern || strings.HasSuffix(pattern, "/") && strings.HasPrefix(l, pattern)
		}) {
			t.Errorf("%s is in no row of whoMay", pattern)
		}
	}
	if len(routed) < 20 {
		t.Errorf("found %d routes only", len(routed))
	}
}

// patterns returns what is routed in this package's source.
func patterns(t *testing.T) (found []string) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) != 2 {
				return true
			}
			if sel, ok := call.Fun.(*ast.SelectorExpr); ok && (sel.Sel.Name == "Handle" || sel.Sel.Name == "HandleFunc") {
				ast.Inspect(call.Args[0], func(n ast.Node) bool {
					if text, ok := n.(*ast.BasicLit); ok && text.Kind == token.STRING {
						pattern, _ := strconv.Unquote(text.Value)
						found = append(found, pattern)
					}
					return true
				})
			}
			return true
		})
	}
	return found
}

func TestWhoHasNoEntryMayDoNothing(t *testing.T) {
	h := open(t)
	other := uint32(os.Geteuid() + 1)
	grant := func(g admin.Grant) { h.server.SetAccess(admin.Access{Grants: []admin.Grant{g}}) }
	grant(admin.Grant{UID: &other, Role: mapping.RoleIntegrator})
	if r, body := h.ask("POST", "/v1/drain", ""); r.StatusCode != 200 {
		t.Errorf("our own user, without an entry: %d %s", r.StatusCode, body)
	}
	gid := uint32(os.Getegid())
	grant(admin.Grant{GID: &gid, Role: mapping.RoleAuditor})
	if r, body := h.ask("POST", "/v1/drain", ""); r.StatusCode != 403 {
		t.Errorf("an entry for our group: %d %s", r.StatusCode, body)
	}
	groups, err := os.Getgroups()
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range groups {
		gid := uint32(g)
		grant(admin.Grant{GID: &gid, Role: mapping.RoleOperator})
		if r, body := h.ask("GET", "/v1/cdrs", ""); r.StatusCode != 403 {
			t.Errorf("an entry for a further group of ours: %d %s", r.StatusCode, body)
		}
	}
}

func TestTheFirstEntryThatFitsDecides(t *testing.T) {
	h := open(t)
	uid, gid := uint32(os.Geteuid()), uint32(os.Getegid())
	for _, test := range []struct {
		grants []admin.Grant
		status int
	}{
		{[]admin.Grant{{UID: &uid, Role: mapping.RoleAuditor}, {GID: &gid, Role: mapping.RoleOperator}}, 200},
		{[]admin.Grant{{GID: &gid, Role: mapping.RoleOperator}, {UID: &uid, Role: mapping.RoleAuditor}}, 403},
		{[]admin.Grant{{Certificate: "uid 0", Role: mapping.RoleOperator}, {UID: &uid, Role: mapping.RoleAuditor}}, 200},
	} {
		h.server.SetAccess(admin.Access{Grants: test.grants})
		if r, _ := h.ask("GET", "/v1/cdrs", ""); r.StatusCode != test.status {
			t.Errorf("%v: %d", test.grants, r.StatusCode)
		}
	}
}

// For whom a request may say that it is.
func TestOnlyAnAdminOfTheHouseActsForATenant(t *testing.T) {
	h := open(t)
	for _, test := range []struct {
		role   mapping.Role
		tenant mapping.Tenant
		header []string
		want   string
	}{
		{mapping.RoleAdmin, "", []string{"acme"}, "200"},
		{mapping.RoleAdmin, "", []string{"default"}, "200"},
		{mapping.RoleAdmin, "", []string{"nobody"}, `422 "unknown"`},
		{mapping.RoleAdmin, "", []string{""}, `422 "unknown"`},
		{mapping.RoleAdmin, "", []string{"acme", "zeta"}, `422 "malformed"`},
		{mapping.RoleAdmin, "acme", []string{"acme"}, "200"},
		{mapping.RoleAdmin, "acme", []string{"zeta"}, `403 "other_tenant"`},
		{mapping.RoleAuditor, "", []string{"acme"}, `403 "other_tenant"`},
		{mapping.RoleAuditor, "acme", []string{"zeta"}, `403 "other_tenant"`},
		{mapping.RoleAuditor, "acme", []string{"acme"}, "200"},
	} {
		h.as(test.role, test.tenant)
		request := h.request("GET", "/v1/interactions", "")
		request.Header["Maskd-Tenant"] = test.header
		r, body := h.send(request)
		status, code, _ := strings.Cut(test.want, " ")
		if fmt.Sprint(r.StatusCode) != status || !strings.Contains(body, code) {
			t.Errorf("%s of %q for %q: %d %s", test.role, test.tenant, test.header, r.StatusCode, body)
		}
	}
}
