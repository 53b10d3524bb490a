package admin_test

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"maskd/cmd/maskd/admin"
	"maskd/mapping"
)

// weekdays is a schedule as a client writes it; noon is on a Saturday.
func weekdays() *admin.Schedule {
	return &admin.Schedule{Zone: "Europe/Berlin", Holidays: []string{"2026-11-23"},
		Windows: []admin.Window{{Days: []string{"mon", "tue"}, From: "09:00", To: "17:30"}, {From: "23:00", To: "01:00"}}}
}

func TestHoursAreShownAsTheyHold(t *testing.T) {
	h := withStore(t, 2)
	d := draft("+15550200001", "+15550200002")
	d.Parties.B.Numbers = append(d.Parties.B.Numbers, "+15550200003")
	d.Parties.B.Hours = admin.Hours{Schedule: weekdays(), Duties: []*admin.Schedule{nil, weekdays()}}
	i, err := h.client.Create(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	want := weekdays()
	want.Otherwise, want.Windows[1].Days = "refuse", []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
	if diff := cmp.Diff(want, i.Parties.B.Schedule); diff != "" || i.Parties.A.Schedule != nil {
		t.Errorf("schedule (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]*admin.Schedule{nil, want}, i.Parties.B.Duties); diff != "" {
		t.Errorf("duties (-want +got):\n%s", diff)
	}
	asked := admin.Question{DID: admin.PlainNumber(i.Parties.A.Dial), Caller: "+15550200001"}
	decision, err := h.client.LookUp(t.Context(), asked)
	opens := time.Date(2026, 11, 21, 22, 0, 0, 0, time.UTC)
	if err != nil || decision.Refusal != "outside_hours" || !decision.OpensAt.Equal(opens) {
		t.Errorf("%+v, %v", decision, err)
	}
	asked.At = admin.Time{Time: opens}
	if decision, err := h.client.LookUp(t.Context(), asked); err != nil || !decision.Connects || !decision.OpensAt.IsZero() {
		t.Errorf("then: %+v, %v", decision, err)
	}
}

func TestHoursThatCanNotBeAreRefused(t *testing.T) {
	h := withStore(t, 2)
	for hours, want := range map[string]string{
		`"schedule":{"zone":"UTC"}`:                                                                  `"code":"missing","field":"parties.b.schedule.windows"`,
		`"schedule":{"windows":[{"from":"09:00","to":"10:00"}]}`:                                     `"code":"unknown","field":"parties.b.schedule.zone"`,
		`"schedule":{"zone":"Local","windows":[{"from":"09:00","to":"10:00"}]}`:                      `"code":"unknown","field":"parties.b.schedule.zone"`,
		`"schedule":{"zone":"UTC","windows":[{"from":"9:00","to":"10:00"}]}`:                         `"code":"malformed","field":"parties.b.schedule.windows[0].from"`,
		`"schedule":{"zone":"UTC","windows":[{"from":"09:00"}]}`:                                     `"code":"malformed","field":"parties.b.schedule.windows[0].to"`,
		`"schedule":{"zone":"UTC","windows":[{"from":"09:00","to":"09:00"}]}`:                        `"code":"no_time","field":"parties.b.schedule.windows[0].to"`,
		`"schedule":{"zone":"UTC","windows":[{"days":["Monday"],"from":"09:00","to":"10:00"}]}`:      `"code":"unknown","field":"parties.b.schedule.windows[0].days[0]"`,
		`"schedule":{"zone":"UTC","holidays":["xmas"],"windows":[{"from":"09:00","to":"10:00"}]}`:    `"code":"unknown","field":"parties.b.schedule.holidays"`,
		`"schedule":{"zone":"UTC","otherwise":"ring","windows":[{"from":"09:00","to":"10:00"}]}`:     `"code":"unknown","field":"parties.b.schedule.otherwise"`,
		`"schedule":{"zone":"UTC","otherwise":"fallback","windows":[{"from":"09:00","to":"10:00"}]}`: `"code":"no_fallback","field":"parties.b.schedule.otherwise"`,
		`"duties":[null,{"zone":"UTC","windows":[{"from":"09:00","to":"10:00"}]}]`:                   `"code":"too_many","field":"parties.b.duties"`,
		`"duties":[{"zone":"UTC","windows":[{"from":"09:00","to":"10:00","until":"2027-01-01"}]}]`:   `"code":"unknown_field","field":"until"`,
	} {
		body := `{"parties":{"a":{"numbers":["+15550200001"]},"b":{"numbers":["+15550200002"],` + hours + `}}}`
		if _, answer := h.ask("POST", "/v1/interactions", body); !strings.Contains(answer, want) {
			t.Errorf("%s: %s", hours, answer)
		}
	}
}

func TestALookupTellsOfTheFallback(t *testing.T) {
	h := withStore(t, 2)
	d := draft("+15550200001", "+15550200002")
	d.Parties.B.Fallback, d.Parties.B.Schedule = "+15550200003", weekdays()
	d.Parties.B.Schedule.Otherwise = "fallback"
	i, err := h.client.Create(t.Context(), d)
	if err != nil || i.Parties.B.Schedule.Otherwise != "fallback" {
		t.Fatalf("%+v, %v", i.Parties.B.Schedule, err)
	}
	got, err := h.client.LookUp(t.Context(), admin.Question{DID: admin.PlainNumber(i.Parties.A.Dial), Caller: "+15550200001"})
	if err != nil || !got.Connects || got.Diverted != "outside_hours" || got.Target != i.Parties.B.Fallback {
		t.Errorf("%+v, %v", got, err)
	}
	found := got.Steps[mapping.CheckTarget-1].Finding
	if !strings.HasPrefix(found, "the fallback of party b is rung") || !strings.HasSuffix(found, "for its hours are over") {
		t.Errorf("explained: %s", found)
	}
}

func TestHoursAreChanged(t *testing.T) {
	h := withStore(t, 2)
	i, err := h.client.Create(t.Context(), draft("+15550200001", "+15550200002"))
	if err != nil {
		t.Fatal(err)
	}
	hours := &admin.Hours{Schedule: weekdays()}
	for _, row := range []struct {
		change       admin.PartiesHours
		reachA, also bool // and B
	}{
		{admin.PartiesHours{B: hours}, true, false},
		{admin.PartiesHours{A: hours}, false, false},
		{admin.PartiesHours{B: &admin.Hours{}}, false, true},
	} {
		if i, err = h.client.SetHours(t.Context(), i.ID, admin.HoursChange{Parties: row.change}); err != nil {
			t.Fatal(err)
		}
		a, b := i.Parties.A.Schedule == nil, i.Parties.B.Schedule == nil
		d, err := h.client.LookUp(t.Context(), admin.Question{DID: admin.PlainNumber(i.Parties.A.Dial), Caller: "+15550200001"})
		if err != nil || a != row.reachA || b != row.also || d.Connects != row.also {
			t.Errorf("A always %t, B always %t, B is reached %t, %v", a, b, d.Connects, err)
		}
	}
	path := "/v1/interactions/" + i.ID + "/hours"
	for body, want := range map[string]string{
		`{}`: `"code":"missing","field":"parties"`,
		`{"parties":{"a":{"schedule":{"zone":"UTC"}}}}`:                                                    `"code":"missing","field":"parties.a.schedule.windows"`,
		`{"parties":{"b":{"schedule":{"zone":"UTC","windows":[{"from":"x","to":"10:00"}]}}}}`:              `"code":"malformed","field":"parties.b.schedule.windows[0].from"`,
		`{"parties":{"b":{"schedule":{"zone":"Mars/Olympus","windows":[{"from":"09:00","to":"10:00"}]}}}}`: `"code":"unknown","field":"parties.b.schedule.zone"`,
	} {
		if r, answer := h.ask("POST", path, body); r.StatusCode != 422 || !strings.Contains(answer, want) {
			t.Errorf("%s: %s", body, answer)
		}
	}
	if r, _ := h.ask("POST", "/v1/interactions/int_00000000000000000000000000/hours", `{"parties":{"a":{}}}`); r.StatusCode != 404 {
		t.Errorf("of none: %d", r.StatusCode)
	}
}

// ruler is a decision hook.
type ruler struct {
	ruling mapping.Ruling
	err    error
	asked  []mapping.Case
}

func (r *ruler) Rule(_ context.Context, c mapping.Case) (mapping.Ruling, error) {
	r.asked = append(r.asked, c)
	return r.ruling, r.err
}

// withHook serves the API over the real store, with a hook.
func withHook(t *testing.T, hook admin.Hook) *house {
	t.Helper()
	db := openPool(t, t.TempDir(), 2)
	h := &house{T: t, socket: filepath.Join(t.TempDir(), "s"), calls: &switchboard{}, log: new(bytes.Buffer)}
	h.launch(admin.Options{Store: db, Hook: hook})
	t.Cleanup(func() {
		h.close()
		if err := errors.Join(db.Check(context.Background(), noon), db.Close()); err != nil {
			t.Error(err)
		}
	})
	return h
}

func TestALookupAsksTheHookOnDemand(t *testing.T) {
	hook := &ruler{}
	h := withHook(t, hook)
	d := draft("+15550200001", "+15550200002")
	d.Hook, d.Parties.B.Fallback = true, "+15550200003"
	i, err := h.client.Create(t.Context(), d)
	if err != nil || !i.Effective.Hook {
		t.Fatalf("%+v, %v", i.Effective, err)
	}
	asked := admin.Question{DID: admin.PlainNumber(i.Parties.A.Dial), Caller: "+15550200001"}
	got, err := h.client.LookUp(t.Context(), asked)
	if err != nil || !got.Connects || got.HookAsked || len(hook.asked) != 0 || got.Steps[len(got.Steps)-1].Finding != "the decision hook would be asked" {
		t.Errorf("unasked: %+v, %v", got, err)
	}
	asked.Hook = true
	for _, row := range []struct {
		ruling  mapping.Ruling
		err     error
		refusal string

		diverted string
	}{
		{ruling: mapping.Ruling{Verdict: mapping.VerdictConnect}},
		{ruling: mapping.Ruling{Verdict: mapping.VerdictRefuse}, refusal: "hook"},
		{ruling: mapping.Ruling{Verdict: mapping.VerdictFallback}, diverted: "hook"},
		{ruling: mapping.Ruling{Verdict: mapping.VerdictConnect, Picks: true, Target: 1}, refusal: "hook"},
		{err: errors.New("no answer"), refusal: "hook"},
	} {
		hook.ruling, hook.err = row.ruling, row.err
		got, err := h.client.LookUp(t.Context(), asked)
		if err != nil || got.Refusal != row.refusal || got.Diverted != row.diverted || got.Connects != (row.refusal == "") || !got.HookAsked {
			t.Errorf("%+v: %+v, %v", row, got, err)
		}
	}
	if c := hook.asked[0]; !c.Call.IsZero() || !c.At.Equal(noon) || c.Caller != i.Parties.A.Ref || c.Targets[0] != i.Parties.B.Ref {
		t.Errorf("asked %+v", c)
	}
	asked.Caller = "+15550200002" // nobody's party there: there is nothing to ask
	hook.asked = nil
	if got, err := h.client.LookUp(t.Context(), asked); err != nil || got.Refusal != "unknown" || len(hook.asked) != 0 {
		t.Errorf("of a stranger: %+v, %v", got, err)
	}
}

func TestWithoutAHookNobodyAsksForOne(t *testing.T) {
	h := withStore(t, 2)
	body := `{"hook":true,"parties":{"a":{"numbers":["+15550200001"]},"b":{"numbers":["+15550200002"]}}}`
	if r, answer := h.ask("POST", "/v1/interactions", body); r.StatusCode != 422 || !strings.Contains(answer, `"code":"not_configured","field":"hook"`) {
		t.Errorf("%d %s", r.StatusCode, answer)
	}
}
