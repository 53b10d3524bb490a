package admin_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"maskd/cmd/maskd/admin"
	"maskd/mapping"
)

// secret is something that another person has to approve.
type secret struct{ path, body, shows string }

// with is the body with a reason, or a request.
func (s secret) with(field, value string) string {
	return strings.Replace(s.body, "WHY", `"`+field+`":"`+value+`"`, 1)
}

func secretsOf(h holding) []secret {
	person := `{"number":"+15550200001",WHY}`
	return []secret{
		{"/v1/subjects/find", person, h.interaction.ID},
		{"/v1/subjects/export", person, h.interaction.ID},
		{"/v1/recordings/" + h.recording.Text(mapping.KindRecording) + "/parts/wav", `{WHY}`, "sealed"},
		{"/v1/subjects/erase", person, h.interaction.ID}, // the last: nothing is left
	}
}

// What is a person's is shown, handed over, played and erased for a reason, and where
// another person has to approve, once he has, once, and nothing else than he has approved.
func TestASecondPersonApprovesWhatIsAPersons(t *testing.T) {
	g, _, ask := pairOf(t)
	h := g.settle("acme", 7) // the same interaction, with a recording
	g.estate.server.SetAccess(g.access)
	for n, s := range secretsOf(h) {
		if status, body := ask(bob, "POST", s.path, s.with("reason", "because")); status != 422 || !strings.Contains(body, "too_short") {
			t.Errorf("%s without a reason: %d %s", s.path, status, body)
		}
		var p admin.Petition
		status, body := ask(bob, "POST", s.path, s.with("reason", why))
		if err := json.Unmarshal([]byte(body), &p); err != nil || status != 202 || p.State != "waiting" || strings.Contains(body, s.shows) || strings.Contains(body, "5550200001") {
			t.Fatalf("%s: %d %s", s.path, status, body)
		}
		other := secretsOf(h)[(n+1)%4]
		for _, step := range []struct{ who, path, body, want string }{
			{bob, s.path, s.with("request", p.Request), `"not_approved"`},
			{bob, "/v1/reveals/" + p.Request + "/approve", "", `"same_person"`},
			{"zoe", "/v1/reveals/" + p.Request + "/approve", "", `"not_found"`},
			{alice, "/v1/reveals/" + p.Request + "/approve", "", `"action":"` + p.Action + `"`},
			{alice, s.path, s.with("request", p.Request), `"not_found"`},
			{bob, other.path, other.with("request", p.Request), `"not_found"`},
			{bob, s.path, s.with("request", p.Request), s.shows},
			{bob, s.path, s.with("request", p.Request), `"not_found"`},
		} {
			if _, body := ask(step.who, "POST", step.path, step.body); !strings.Contains(body, step.want) {
				t.Errorf("%s, %s %s: %s; want %s", step.who, step.path, step.body, body, step.want)
			}
		}
	}
	if _, err := g.db.Interaction(interactionID(t, h.interaction)); err == nil {
		t.Error("the subject is not erased")
	}
}

// What is approved for one tenant is not done for all: who may act for a tenant asks for
// no more than the approver has seen.
func TestWhatIsApprovedForATenantIsNotDoneForAll(t *testing.T) {
	g, i, ask := pairOf(t)
	as := func(tenant mapping.Tenant) {
		g.access.Grants = []admin.Grant{
			{Certificate: alice, Role: mapping.RoleAuditor, Tenant: tenant},
			{Certificate: "zoe", Role: mapping.RoleAuditor, Tenant: mapping.DefaultTenant},
		}
		g.estate.server.SetAccess(g.access)
	}
	as(mapping.DefaultTenant)
	var p admin.Petition
	_, body := ask(alice, "POST", "/v1/subjects/export", `{"number":"+15550200001","reason":"`+why+`"}`)
	if err := json.Unmarshal([]byte(body), &p); err != nil || p.State != "waiting" {
		t.Fatal(body)
	}
	if _, body := ask("zoe", "POST", "/v1/reveals/"+p.Request+"/approve", ""); !strings.Contains(body, `"approved"`) {
		t.Fatal(body)
	}
	as("")
	if _, body := ask(alice, "POST", "/v1/subjects/export", `{"number":"+15550200001","request":"`+p.Request+`"}`); !strings.Contains(body, `"not_found"`) || strings.Contains(body, i.ID) {
		t.Errorf("for all tenants: %s", body)
	}
}

// A tenant sees that somebody of the house asks or approves, not who.
func TestATenantDoesNotSeeWhoOfTheHouseAsksOrApproves(t *testing.T) {
	g, i, ask := pairOf(t)
	for n := range g.access.Grants {
		if g.access.Grants[n].Certificate == "zoe" {
			g.access.Grants[n].Tenant = "acme"
		}
	}
	g.estate.server.SetAccess(g.access)
	reveal := "/v1/interactions/" + i.ID + "/reveal"
	for _, asker := range []string{"zoe", alice} {
		_, body := ask(asker, "POST", reveal, revealBody(why))
		var p admin.Petition
		if err := json.Unmarshal([]byte(body), &p); err != nil {
			t.Fatal(err)
		}
		if asker == "zoe" {
			ask(alice, "POST", "/v1/reveals/"+p.Request+"/approve", "")
		}
	}
	for who, want := range map[string][]string{
		"zoe": {`"asked_by":"certificate zoe"`, `"approved_by":"the house"`, `"asked_by":"the house"`},
		alice: {`"asked_by":"certificate zoe"`, `"approved_by":"certificate ` + alice + `"`, `"asked_by":"certificate ` + alice + `"`},
	} {
		_, body := ask(who, "GET", "/v1/reveals", "")
		for _, part := range want {
			if !strings.Contains(body, part) {
				t.Errorf("%s sees %s; want %s", who, body, part)
			}
		}
		if who == "zoe" && strings.Contains(body, alice) {
			t.Errorf("the tenant sees who of the house: %s", body)
		}
	}
}

// Whoever tries out persons or takes recordings by the dozen is slowed as who reveals is.
func TestWhatIsAPersonsHasAPace(t *testing.T) {
	for n := range 3 {
		e := openEstateWith(t, admin.Options{Now: func() time.Time { return noon }})
		h := e.settle("acme", 1)
		e.as(mapping.RoleAuditor, "acme")
		s := secretsOf(h)[n]
		for range 60 {
			if r, body := e.ask("POST", s.path, s.with("reason", why)); r.StatusCode != 200 || !strings.Contains(body, s.shows) {
				t.Fatalf("%s: %d %s", s.path, r.StatusCode, body)
			}
		}
		for _, s := range secretsOf(h) {
			if r, _ := e.ask("POST", s.path, s.with("reason", why)); r.StatusCode != 429 || r.Header.Get("Retry-After") == "" {
				t.Errorf("one more, of %s: %d", s.path, r.StatusCode)
			}
		}
	}
}
