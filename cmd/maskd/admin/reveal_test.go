package admin_test

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"maskd/cmd/maskd/admin"
	"maskd/mapping"
)

// ledger is who is told of what is done.
type ledger struct {
	mu     sync.Mutex
	told   []string
	broken error
}

func (l *ledger) Tell(_ context.Context, d *mapping.Deed, outcome mapping.AuditOutcome, _ time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.broken != nil {
		return l.broken
	}
	l.told = append(l.told, fmt.Sprintf("%s %s %s %q", d.Action, outcome, d.Actor.Role, d.Reason))
	return nil
}

func (l *ledger) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	told := l.told
	l.told = nil
	return told
}

const why = "dispute 4711, for Ms Okafor"

func revealBody(reason string) string {
	text, _ := json.Marshal(admin.Asked{Reason: reason})
	return string(text)
}

func TestNumbersAreShownForAReason(t *testing.T) {
	l := &ledger{}
	e := openEstateWith(t, admin.Options{Ledger: l})
	i := e.settle("acme", 1).interaction
	e.as(mapping.RoleAuditor, "acme")
	l.all()
	path := "/v1/interactions/" + i.ID + "/reveal"
	for _, test := range []struct{ name, body, code string }{
		{"no reason", `{}`, "too_short"},
		{"a short one", revealBody("because"), "too_short"},
		{"blanks", revealBody(strings.Repeat(" ", 20)), "too_short"},
		{"too many words", revealBody(strings.Repeat("because ", 63)), "too_long"},
		{"two lines", revealBody("because\nI say so"), "malformed"},
		{"the number itself", revealBody("who is +1 (555) 020-0001, please"), "holds_number"},
		{"a reason and a request", `{"reason":"` + why + `","request":"rev_x"}`, "not_allowed"},
		{"a request that there is not", `{"request":"rev_x"}`, "not_found"},
		{"another field", `{"why":"because I say so"}`, "unknown_field"},
	} {
		r, body := e.ask("POST", path, test.body)
		if r.StatusCode < 400 || !strings.Contains(body, `"code":"`+test.code+`"`) || strings.Contains(body, "5550200001") {
			t.Errorf("%s: %d %s", test.name, r.StatusCode, body)
		}
	}
	l.all()
	r, body := e.ask("POST", path, revealBody(why))
	want := `{"id":"` + i.ID + `","parties":{"a":{"numbers":["+15550200001"]},"b":{"numbers":["+15550200002"]}}}` + "\n"
	if r.StatusCode != 200 || body != want {
		t.Errorf("%d %s", r.StatusCode, body)
	}
	if diff := cmp.Diff([]string{`interaction.reveal done auditor "` + why + `"`}, l.all()); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	l.broken = errors.New("disk is full")
	if r, body := e.ask("POST", path, revealBody(why)); r.StatusCode != 503 || strings.Contains(body, "5550200001") {
		t.Errorf("what can't be told of is shown: %d %s", r.StatusCode, body)
	}
	e.close()
	if strings.Contains(e.log.String(), "5550200001") || !strings.Contains(e.log.String(), "numbers revealed") {
		t.Error("the log holds a number, or does not say that one was shown")
	}
}

func TestRevealsHaveAPace(t *testing.T) {
	now := noon
	e := openEstateWith(t, admin.Options{Now: func() time.Time { return now }})
	i := e.settle("acme", 1).interaction
	reveal := func() int {
		r, _ := e.ask("POST", "/v1/interactions/"+i.ID+"/reveal", revealBody(why))
		return r.StatusCode
	}
	for n := range 60 {
		if status := reveal(); status != 200 {
			t.Fatalf("reveal %d: %d", n, status)
		}
	}
	if status := reveal(); status != 429 {
		t.Errorf("one more: %d", status)
	}
	now = now.Add(time.Minute)
	if first, second := reveal(), reveal(); first != 200 || second != 429 {
		t.Errorf("a minute later: %d, %d", first, second)
	}
}

// pairOf are two auditors with certificates, where a second person has to approve.
func pairOf(t *testing.T) (g *guarded, i admin.Interaction, ask func(who, method, path, body string) (int, string)) {
	clients := newAuthority(t, "clients")
	g = openGuarded(t, clients)
	i = g.settle("acme", 1).interaction
	g.access.Second = true
	g.access.Grants = append(g.access.Grants, admin.Grant{Certificate: "zoe", Role: mapping.RoleAuditor, Tenant: "zeta"})
	g.estate.server.SetAccess(g.access)
	asking := map[string]*http.Client{}
	for _, who := range []string{alice, bob, "zoe"} {
		pair, _, _ := clients.issue(who, x509.ExtKeyUsageClientAuth)
		asking[who] = g.client(pair)
	}
	return g, i, func(who, method, path, body string) (int, string) {
		t.Helper()
		status, answer, err := g.over(asking[who], method, path, body)
		if err != nil {
			t.Fatal(err)
		}
		return status, answer
	}
}

func TestASecondPersonApproves(t *testing.T) {
	_, i, ask := pairOf(t)
	reveal := "/v1/interactions/" + i.ID + "/reveal"
	status, body := ask(alice, "POST", reveal, revealBody(why))
	var p admin.Petition
	if err := json.Unmarshal([]byte(body), &p); err != nil || status != 202 || strings.Contains(body, "5550200001") {
		t.Fatalf("%d %s", status, body)
	}
	want := admin.Petition{Request: p.Request, Action: "interaction.reveal", Object: i.ID, Interaction: i.ID, State: "waiting", Reason: why, AskedBy: "certificate " + alice,
		AskedAt: p.AskedAt, ExpiresAt: admin.Time{Time: noon.Add(15 * time.Minute).Truncate(time.Millisecond)}}
	if diff := cmp.Diff(want, p); diff != "" {
		t.Errorf("petition (-want +got):\n%s", diff)
	}
	collect, approve := `{"request":"`+p.Request+`"}`, "/v1/reveals/"+p.Request+"/approve"
	for _, step := range []struct{ who, path, body, want string }{
		{alice, reveal, collect, `"not_approved"`},
		{alice, approve, "", `"same_person"`},
		{"zoe", approve, "", `"not_found"`},
		{bob, "/v1/reveals/rev_x/approve", "", `"not_found"`},
		{bob, reveal, collect, `"not_found"`}, // who has not asked is not shown
		{bob, approve, "", `"approved_by":"certificate bob.example.net"`},
		{bob, approve, "", `"approved_by":"certificate bob.example.net"`},
		{bob, reveal, collect, `"not_found"`},
		{alice, reveal, collect, `"+15550200001"`},
		{alice, reveal, collect, `"not_found"`}, // once
	} {
		if _, body := ask(step.who, "POST", step.path, step.body); !strings.Contains(body, step.want) {
			t.Errorf("%s, %s %s: %s; want %s", step.who, step.path, step.body, body, step.want)
		}
	}
}

func TestAPetitionIsForItsInteractionAndItsTime(t *testing.T) {
	g, i, ask := pairOf(t)
	other := g.settle(mapping.DefaultTenant, 3).interaction
	petition := func() string {
		_, body := ask(alice, "POST", "/v1/interactions/"+i.ID+"/reveal", revealBody(why))
		var p admin.Petition
		if err := json.Unmarshal([]byte(body), &p); err != nil {
			t.Fatal(err)
		}
		return p.Request
	}
	approve := func(p string) string {
		_, body := ask(bob, "POST", "/v1/reveals/"+p+"/approve", "")
		return body
	}
	collect := func(p, interaction string) string {
		_, body := ask(alice, "POST", "/v1/interactions/"+interaction+"/reveal", `{"request":"`+p+`"}`)
		return body
	}
	g.estate.server.SetAccess(g.access)
	p := petition()
	approve(p)
	if body := collect(p, other.ID); !strings.Contains(body, "not_found") {
		t.Errorf("for another interaction: %s", body)
	}
	*g.now = g.now.Add(15*time.Minute - 1)
	if body := collect(p, i.ID); !strings.Contains(body, "+15550200001") {
		t.Errorf("in time: %s", body)
	}
	p = petition()
	*g.now = g.now.Add(15 * time.Minute)
	if body := approve(p); !strings.Contains(body, "not_found") {
		t.Errorf("approved too late: %s", body)
	}
	p = petition()
	approve(p)
	*g.now = g.now.Add(15 * time.Minute)
	if body := collect(p, i.ID); !strings.Contains(body, "not_found") {
		t.Errorf("collected too late: %s", body)
	}
}

func TestPetitionsAreSeenByThoseTheyConcern(t *testing.T) {
	_, i, ask := pairOf(t)
	for range 3 {
		ask(alice, "POST", "/v1/interactions/"+i.ID+"/reveal", revealBody(why))
	}
	for who, want := range map[string]int{alice: 3, bob: 3, "zoe": 0} {
		var page admin.Page[admin.Petition]
		_, body := ask(who, "GET", "/v1/reveals?limit=2", "")
		if err := json.Unmarshal([]byte(body), &page); err != nil {
			t.Fatal(err)
		}
		n := len(page.Data)
		if page.Next != "" {
			_, body = ask(who, "GET", "/v1/reveals?after="+page.Next, "")
			if err := json.Unmarshal([]byte(body), &page); err != nil {
				t.Fatal(err)
			}
			n += len(page.Data)
		}
		if n != want || strings.Contains(body, "5550200001") {
			t.Errorf("%s sees %d: %s", who, n, body)
		}
	}
}

// Everything that is asked for is told, with what came of it and under its own name;
// but for what the store changes, which it tells itself, in the same commit.
func TestTheLedgerIsToldOfAllThatIsAskedFor(t *testing.T) {
	l := &ledger{}
	e := openEstateWith(t, admin.Options{Ledger: l})
	i := e.settle("acme", 1).interaction
	l.all()
	for _, test := range []struct {
		role               mapping.Role
		method, path, body string
		want               []string
	}{
		{mapping.RoleOperator, "GET", "/v1/interactions/" + i.ID, "", []string{`interaction.read done operator ""`}},
		{mapping.RoleOperator, "GET", "/v1/cdrs", "", []string{`cdr.list refused operator ""`}},
		{0, "GET", "/v1/cdrs", "", []string{`cdr.list refused  ""`}},
		{mapping.RoleOperator, "POST", "/v1/lookup", `{"did":"+15550101000","caller":"+15550200001"}`, []string{`lookup done operator ""`}},
		{mapping.RoleOperator, "POST", "/v1/lookup", `{`, []string{`lookup refused operator ""`}},
		{mapping.RoleIntegrator, "POST", "/v1/interactions/int_x/complete", "", []string{`interaction.complete refused integrator ""`}},
		{mapping.RoleIntegrator, "POST", "/v1/interactions:batch", `{"complete":{"id":"` + i.ID + `"}}` + "\n" + `{"create":{}}`,
			[]string{`interaction.create refused integrator ""`}},
		{mapping.RoleIntegrator, "POST", "/v1/interactions/" + i.ID + "/complete", "", []string{`interaction.complete done integrator ""`}}, // is completed
		{mapping.RoleAuditor, "GET", "/livez", "", nil},
	} {
		e.as(test.role, "")
		e.ask(test.method, test.path, test.body)
		got := l.all()
		if len(got) == 2 && got[0] > got[1] { // lines of a batch are done at once
			got[0], got[1] = got[1], got[0]
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", test.method, test.path, diff)
		}
	}
}
