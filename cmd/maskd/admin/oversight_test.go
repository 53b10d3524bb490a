package admin_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"maskd/audit"
	"maskd/cmd/maskd/admin"
	"maskd/mapping"
)

// overseen is the audit log as whoever asks now sees it, a page of so many at a time.
func (e *estate) overseen(limit int) (all []audit.Entry) {
	e.Helper()
	for at := (admin.Cursor{Limit: limit}); ; {
		page, err := e.client.Audit(context.Background(), at)
		if err != nil {
			e.Fatal(err)
		}
		for _, one := range page.Data {
			if one.Action != "audit.read" {
				all = append(all, one)
			}
		}
		if at.After = page.Next; at.After == "" {
			return all
		}
	}
}

// A tenant's auditor sees what its people did and what the house did to what is its own,
// but not who of the house, nor why; and nothing of another tenant.
func TestATenantSeesItsPartOfTheAuditLog(t *testing.T) {
	db := openPoolsOfTenants(t)
	held := map[mapping.Tenant]holding{}
	e := &estate{house: newHouse(t), db: db, shelf: make(shelf)}
	e.launch(admin.Options{Store: db, Numbers: db, Ledger: db, Audit: db.AuditLog(), Oblivion: db, Recordings: e.shelf})
	defer e.close()
	for n, tenant := range []mapping.Tenant{"acme", "zeta"} {
		held[tenant] = e.settle(tenant, byte(n+1))
		e.ask("GET", "/v1/calls/"+held[tenant].live.Text(mapping.KindCall), "")
	}
	e.as(mapping.RoleAdmin, "") // the house
	for tenant, h := range held {
		e.ask("POST", "/v1/interactions/"+h.interaction.ID+"/reveal", revealBody("a matter of "+string(tenant)+" alone"))
		if _, err := e.client.For(string(tenant)).CDRs(t.Context(), admin.Cursor{}); err != nil { // and acting for it
			t.Fatal(err)
		}
	}
	e.ask("GET", "/v1/pools", "")
	if err := db.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	for tenant, h := range held {
		e.as(mapping.RoleAuditor, tenant)
		for _, limit := range []int{1, 2, 1000} {
			var got []string
			for _, one := range e.overseen(limit) {
				if n := len(got); (n >= 2 || one.Actor.Tenant != string(tenant)) && (one.Actor != audit.Actor{Way: "socket", Role: "admin"} || one.Reason != "" || one.Erased) {
					t.Errorf("%s sees who of the house it was, or why: %+v", tenant, one)
				}
				got = append(got, one.Action+" "+one.Object)
			}
			want := []string{"interaction.create " + h.interaction.ID, "call.read " + h.live.Text(mapping.KindCall), "interaction.reveal " + h.interaction.ID, "cdr.list "}
			if !slices.Equal(got, want) {
				t.Errorf("%s sees, %d at a time,\n%s\nwant\n%s", tenant, limit, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		}
	}
}

// What the house holds a tenant does not release, and the other way round.
func TestATenantDoesNotReleaseWhatTheHouseHolds(t *testing.T) {
	e := openEstate(t)
	h := e.settle("acme", 1)
	path := "/v1/interactions/" + h.interaction.ID
	body := `{"reason":"` + why + `"}`
	for _, step := range []struct {
		tenant     mapping.Tenant
		verb, want string
	}{
		{"", "hold", `"held_by":["house"]`},
		{"acme", "release", `"held_by_house"`},
		{"acme", "hold", `"held_by":["house","tenant"]`},
		{"acme", "release", `"held_by":["house"]`},
		{"acme", "hold", `"held_by":["house","tenant"]`},
		{"", "release", `"held_by":["tenant"]`},
		{"acme", "erase", `"code":"held"`},
		{"acme", "release", `"id":"` + h.interaction.ID + `"`},
		{"acme", "erase", `"erased_at"`},
	} {
		e.as(mapping.RoleAuditor, step.tenant)
		if _, got := e.ask("POST", path+"/"+step.verb, body); !strings.Contains(got, step.want) {
			t.Errorf("%s by %q: %s; want %s", step.verb, step.tenant, got, step.want)
		}
	}
}
