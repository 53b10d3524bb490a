package admin_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"maskd/cmd/maskd/admin"
	"maskd/cmd/maskd/webhook"
	"maskd/mapping"
)

// endpoints are webhooks of which each can be resumed.
type endpoints []webhook.Standing

func (e endpoints) Standings() []webhook.Standing { return e }
func (e endpoints) Resume(string) bool            { return true }

func (e *estate) events(query string) (page admin.EventPage) {
	e.Helper()
	r, body := e.ask("GET", "/v1/events"+query, "")
	if err := json.Unmarshal([]byte(body), &page); r.StatusCode != 200 || err != nil {
		e.Fatalf("events%s: %d %s", query, r.StatusCode, body)
	}
	return page
}

// types are those of a page, in order.
func types(p admin.EventPage) string {
	var all []string
	for _, m := range p.Data {
		all = append(all, fmt.Sprintf("%d %s", m.Seq, m.Type))
	}
	return strings.Join(all, ", ")
}

func (e *estate) expect(query, want, next string) {
	e.Helper()
	if p := e.events(query); types(p) != want || p.Next != next {
		e.Errorf("events%s are %s, next %s; not %s, next %s", query, types(p), p.Next, want, next)
	}
}

// Whoever asks is told of his tenant, in its own sequence; who creates interactions
// of these only.
func TestWhoIsToldOfWhat(t *testing.T) {
	e := openEstate(t)
	for n, tenant := range []mapping.Tenant{"acme", "zeta", mapping.DefaultTenant} {
		h := e.settle(tenant, byte(n+1))
		if r, body := e.ask("POST", "/v1/numbers/"+h.interaction.Parties.A.Dial+"/drain", ""); r.StatusCode != 200 {
			t.Fatal(body)
		}
	}
	const own = "1 interaction.created, 2 call.started, 3 call.ended"
	const all = own + ", 4 number.changed"
	for _, tenant := range []mapping.Tenant{"acme", "zeta"} {
		for role, want := range map[mapping.Role]string{mapping.RoleIntegrator: own, mapping.RoleOperator: all, mapping.RoleAuditor: all, mapping.RoleAdmin: all} {
			e.as(role, tenant)
			e.expect("", want, "4")
		}
	}
	e.as(mapping.RoleIntegrator, "acme")
	e.expect("?limit=1", "1 interaction.created", "1")
	e.expect("?after=1&limit=1", "2 call.started", "2")
	e.expect("?after=3&limit=1", "", "4") // what is not for him is passed over
	e.expect("?after=4", "", "4")
	e.as(mapping.RoleAuditor, "") // of the house
	e.expect("", all, "4")
	e.expect("?tenant=zeta&after=2", "3 call.ended, 4 number.changed", "4")
	if p := e.events("?tenant=zeta"); p.Data[0].Tenant != "zeta" {
		t.Errorf("%+v", p.Data[0])
	}
}

func TestATenantIsToldNothingOfAnother(t *testing.T) {
	e := openEstate(t)
	held := map[mapping.Tenant]holding{"acme": e.settle("acme", 1), "zeta": e.settle("zeta", 2), mapping.DefaultTenant: e.settle(mapping.DefaultTenant, 3)}
	for who, own := range held {
		e.as(mapping.RoleAdmin, who)
		_, body := e.ask("GET", "/v1/events", "")
		_, hooks := e.ask("GET", "/v1/webhooks", "")
		for whose, other := range held {
			for _, mark := range []string{other.interaction.ID, other.over.Text(mapping.KindCall), other.interaction.Parties.A.Dial, "of-" + string(whose)} {
				if shown := strings.Contains(body+hooks, mark); shown != (who == whose) {
					t.Errorf("%s is shown %s of %s: %v", who, mark, whose, shown)
				}
			}
			r, _ := e.ask("POST", "/v1/webhooks/of-"+string(whose)+"/resume", "")
			if want := map[bool]int{true: 200, false: 404}[who == whose]; r.StatusCode != want {
				t.Errorf("%s resumes the webhook of %s: %d", who, whose, r.StatusCode)
			}
		}
		if strings.Contains(body, "5550200001") || strings.Contains(body, "5550200002") || strings.Contains(body, own.interaction.Parties.A.Ref) {
			t.Errorf("an event has a number: %s", body)
		}
	}
}

func TestABadQuestionOfEventsSaysWhere(t *testing.T) {
	e := openEstate(t)
	e.as(mapping.RoleIntegrator, "acme")
	for query, want := range map[string]string{
		"after=x": `"code":"malformed","field":"after"`, "after=-1": `"code":"malformed","field":"after"`,
		"after=1": `"code":"out_of_range","field":"after"`, "limit=0": `"code":"out_of_range","field":"limit"`,
		"wait_seconds=61": `"code":"out_of_range","field":"wait_seconds"`, "wait_seconds=1.5": `"code":"out_of_range","field":"wait_seconds"`,
		"tenant=zeta": `"code":"unknown","field":"tenant"`, "types=call.ended": `"code":"unknown_parameter","field":"types"`,
	} {
		if r, body := e.ask("GET", "/v1/events?"+query, ""); r.StatusCode/100 != 4 || !strings.Contains(body, want) {
			t.Errorf("%s: %d %s", query, r.StatusCode, body)
		}
	}
}

func TestWhatIsForgottenIs410(t *testing.T) {
	e := openEstate(t)
	e.as(mapping.RoleAdmin, "acme")
	e.create("")
	e.create("ride-2")
	if removed, err := e.db.RetainEvents(t.Context(), time.Hour, noon.Add(2*time.Hour)); err != nil || removed != 2 {
		t.Fatal(removed, err)
	}
	if r, body := e.ask("GET", "/v1/events?after=1", ""); r.StatusCode != 410 || !strings.Contains(body, `"code":"events_forgotten","field":"after"`) {
		t.Errorf("%d %s", r.StatusCode, body)
	}
	e.expect("", "", "2")
	e.expect("?after=2", "", "2")
}

// Who waits is answered when something happens that is for him, when his time is
// over, or when the server stops.
func TestWhoWaitsIsAnsweredWhenSomethingHappens(t *testing.T) {
	e := openEstate(t)
	e.as(mapping.RoleIntegrator, "acme")
	if begun := time.Now(); types(e.events("?wait_seconds=1")) != "" || time.Since(begun) < time.Second {
		t.Error("it did not wait")
	}
	answer := make(chan admin.EventPage)
	ask := func(after string) {
		page, err := e.client.Events(t.Context(), admin.Cursor{After: after}, time.Minute)
		if err != nil {
			t.Error(err)
		}
		answer <- page
	}
	go ask("")
	dids := e.db.Stock("", 10, "acme", 0, noon)
	if _, err := e.db.Instruct(t.Context(), dids[0].DID, mapping.Order{Standing: mapping.StandingActive}, noon); err != nil { // not for him
		t.Fatal(err)
	}
	e.create("")
	if p := <-answer; types(p) != "2 interaction.created" {
		t.Errorf("answered %s", types(p))
	}
	go ask("2")
	time.Sleep(50 * time.Millisecond) // most often it waits by now
	begun := time.Now()
	e.close()
	if p := <-answer; types(p) != "" || time.Since(begun) > 10*time.Second {
		t.Errorf("the stop took %s: %s", time.Since(begun), types(p))
	}
}

// Who waits has no role any more once others are given: he is answered at once, and nothing that happens
// then is shown to him.
func TestWhoWaitsIsAnsweredWhenRolesChange(t *testing.T) {
	e := openEstate(t)
	e.as(mapping.RoleOperator, "acme")
	answer := make(chan admin.EventPage)
	go func() {
		page, err := e.client.Events(t.Context(), admin.Cursor{After: "0"}, time.Minute)
		if err != nil {
			t.Error(err)
		}
		answer <- page
	}()
	time.Sleep(50 * time.Millisecond) // most often it waits by now
	e.as(mapping.RoleIntegrator, "zeta")
	select {
	case p := <-answer:
		if types(p) != "" || p.Next != "0" {
			t.Errorf("answered %s, next %s", types(p), p.Next)
		}
	case <-time.After(10 * time.Second):
		t.Error("it waits on")
		e.as(mapping.RoleOperator, "acme")
		e.create("")
		<-answer
	}
}

func TestHowAWebhookIsShown(t *testing.T) {
	hook := webhook.Standing{
		Name: "a", Site: "https://a.example", Tenant: mapping.DefaultTenant, Types: []mapping.EventType{mapping.EventCallEnded},
		Progress: mapping.Progress{Tenant: mapping.DefaultTenant, After: 7, FailingSince: noon, DisabledAt: noon.Add(time.Hour), Gone: true},
		Waiting:  noon.Add(-time.Minute), Status: 410, Delivered: 3, Failed: 1,
	}
	h := newHouse(t)
	h.launch(admin.Options{Store: h.store, Webhooks: endpoints{hook}})
	_, body := h.ask("GET", "/v1/webhooks", "")
	const want = `{"data":[{"name":"a","site":"https://a.example","types":["call.ended"],"state":"disabled","after":7,"backlog_seconds":60,"status":410,` +
		`"failing_since":"2026-11-21T12:00:00.123Z","disabled_at":"2026-11-21T13:00:00.123Z","gone":true,"delivered":3,"failed":1}],"next":""}`
	if strings.TrimSpace(body) != want {
		t.Errorf("shown\n%s, not\n%s", body, want)
	}
}
