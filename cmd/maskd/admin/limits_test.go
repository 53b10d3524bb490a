package admin_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"maskd/cmd/maskd/admin"
	"maskd/mapping"
	"maskd/sip"
)

func TestLimitsOverTheAPI(t *testing.T) {
	h := openWhole(t)
	ctx := context.Background()
	d := draft("+15550200001", "+15550200002")
	d.MaxCallSeconds, d.WarnSeconds, d.Warn, d.MaxCallsAtOnce, d.MaxCalls = count(int64(600)), []int64{60, 10}, "a", count(1), count(5)
	i, err := h.client.Create(ctx, d)
	if err != nil {
		t.Fatal(err)
	}
	want := admin.EffectiveLimits{MaxCallSeconds: 600, WarnSeconds: []int64{60, 10}, Warn: "a", MaxCallsAtOnce: 1, MaxCalls: 5}
	if diff := cmp.Diff(want, i.Effective.EffectiveLimits); diff != "" {
		t.Errorf("created (-want +got):\n%s", diff)
	}
	revision := admin.Revision{MaxCallSeconds: count(int64(0)), MaxCalls: count(9)}
	quiet := true
	revision.Parties.B.DoNotDisturb = &quiet
	i, err = h.client.Revise(ctx, i.ID, revision)
	if err != nil {
		t.Fatal(err)
	}
	want = admin.EffectiveLimits{MaxCallsAtOnce: 1, MaxCalls: 9}
	if diff := cmp.Diff(want, i.Effective.EffectiveLimits); diff != "" || !i.Parties.B.DoNotDisturb || i.Parties.A.DoNotDisturb {
		t.Errorf("revised: b not to be disturbed %t (-want +got):\n%s", i.Parties.B.DoNotDisturb, diff)
	}
	decision, err := h.client.LookUp(ctx, admin.Question{DID: admin.PlainNumber(i.Parties.A.Dial), Caller: "+15550200001"})
	if err != nil || decision.Refusal != "do_not_disturb" {
		t.Errorf("a calls: %+v, %v", decision, err)
	}
}

func TestAPartysLimitsOverTheAPI(t *testing.T) {
	h := openWhole(t)
	d := draft("+15550200001", "+15550200002")
	d.WarnSeconds = []int64{30}
	d.Parties.A.PartyLimits = admin.PartyLimits{MaxCallSeconds: count(int64(60)), MaxCalls: count(3)}
	i, err := h.client.Create(t.Context(), d)
	if a := i.Parties.A; err != nil || a.MaxCallSeconds != 60 || a.MaxCalls != 3 || i.Parties.B.MaxCalls != 0 {
		t.Fatalf("%+v, %v", a, err)
	}
	for caller, want := range map[string]string{
		"+15550200001": "it may last for 60 seconds; 3 calls are left of the max_calls of party a", "+15550200002": "it may last for as long as they talk",
	} {
		did := i.Parties.A.Dial
		if caller == "+15550200002" {
			did = i.Parties.B.Dial
		}
		got, err := h.client.LookUp(t.Context(), admin.Question{DID: admin.PlainNumber(did), Caller: admin.PlainNumber(caller)})
		if err != nil || got.Steps[mapping.CheckLimits-1].Finding != want {
			t.Errorf("%+v, %v", got.Steps, err)
		}
	}
	var r admin.Revision
	r.Parties.B.PartyLimits, r.Parties.A.MaxCallSeconds = admin.PartyLimits{MaxCalls: count(1)}, count(int64(0))
	i, err = h.client.Revise(t.Context(), i.ID, r)
	if err != nil || i.Parties.A.MaxCallSeconds != 0 || i.Parties.A.MaxCalls != 3 || i.Parties.B.MaxCalls != 1 || i.Effective.WarnSeconds != nil {
		t.Errorf("%+v, %+v, %v", i.Parties, i.Effective.WarnSeconds, err)
	}
}

func TestRingingIsRevisedOverTheAPI(t *testing.T) {
	h := openWhole(t)
	d := draft("+15550200001", "+15550200002")
	d.ExternalID = "order 15550200009"
	i, err := h.client.Create(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	var r admin.Revision
	ring, back, way := "all", admin.PlainNumber("+1 555 020 0003"), "b_to_a"
	r.Direction, r.Parties.B = &way, admin.RevisedParty{Ring: &ring, RingSeconds: count(int64(30)), Fallback: &back}
	i, err = h.client.Revise(t.Context(), i.ID, r)
	if b := i.Parties.B; err != nil || b.Ring != "all" || b.RingSeconds != 30 || b.Fallback.Number != "+*******03" || i.Effective.Direction != way {
		t.Errorf("%+v, %s, %v", b.Hunt, i.Effective.Direction, err)
	}
	back = ""
	r = admin.Revision{Parties: admin.RevisedParties{B: admin.RevisedParty{RingSeconds: count(int64(0)), Fallback: &back}}}
	i, err = h.client.Revise(t.Context(), i.ID, r)
	if b := i.Parties.B; err != nil || b.Ring != "all" || b.RingSeconds != 60 || b.Fallback.Number != "" {
		t.Errorf("%+v, %v", b.Hunt, err)
	}
	if _, answer := h.ask("PATCH", "/v1/interactions/"+i.ID, `{"parties":{"a":{"fallback":"+15550200009"}}}`); !strings.Contains(answer, `"code":"holds_number","field":"external_id"`) {
		t.Errorf("a number that the external id shows to everybody: %s", answer)
	}
	if strings.Contains(h.log.String(), "5550200003") {
		t.Error("the log has the number")
	}
}

func TestLocalesOverTheAPI(t *testing.T) {
	h := open(t)
	ctx := context.Background()
	d := draft("+15550200001", "+15550200002")
	d.Parties.A.Locale = "HI-in"
	i, err := h.client.Create(ctx, d)
	if err != nil || i.Parties.A.Locale != "hi-IN" || i.Parties.B.Locale != "" {
		t.Fatalf("created with %q and %q, %v", i.Parties.A.Locale, i.Parties.B.Locale, err)
	}
	var revision admin.Revision
	revision.Parties.A.Locale, revision.Parties.B.Locale = new(string), &d.Parties.A.Locale
	i, err = h.client.Revise(ctx, i.ID, revision)
	if err != nil || i.Parties.A.Locale != "" || i.Parties.B.Locale != "hi-IN" {
		t.Errorf("revised to %q and %q, %v", i.Parties.A.Locale, i.Parties.B.Locale, err)
	}
}

func TestBadLimitsSayWhereAndWhat(t *testing.T) {
	h := open(t)
	path := "/v1/interactions/" + h.create("").ID
	const parties = `"parties":{"a":{"numbers":["+15550200001"]},"b":{"numbers":["+15550200002"]}}`
	for _, test := range []struct{ method, path, body, code, field string }{
		{"POST", "/v1/interactions", `{"max_call_seconds":1,` + parties + `}`, "out_of_range", "max_call_seconds"},
		{"POST", "/v1/interactions", `{"max_call_seconds":100000,` + parties + `}`, "out_of_range", "max_call_seconds"},
		{"POST", "/v1/interactions", `{"warn_seconds":[10],` + parties + `}`, "not_allowed", "warn_seconds"},
		{"POST", "/v1/interactions", `{"max_call_seconds":60,"warn_seconds":[0],` + parties + `}`, "out_of_range", "warn_seconds"},
		{"POST", "/v1/interactions", `{"max_call_seconds":60,"warn_seconds":[10,20],` + parties + `}`, "out_of_range", "warn_seconds"},
		{"POST", "/v1/interactions", `{"warn":"c",` + parties + `}`, "unknown", "warn"},
		{"POST", "/v1/interactions", `{"max_calls":-1,` + parties + `}`, "out_of_range", "max_calls"},
		{"POST", "/v1/interactions", `{"max_calls_at_once":-1,` + parties + `}`, "out_of_range", "max_calls_at_once"},
		{"POST", "/v1/interactions", `{"parties":{"a":{"numbers":["+15550200001"],"locale":"hindi"},"b":{"numbers":["+15550200002"]}}}`, "not_a_locale", "parties.a.locale"},
		{"PATCH", path, `{"parties":{"b":{"locale":"hi_IN"}}}`, "not_a_locale", "parties.b.locale"},
		{"POST", "/v1/interactions", `{"parties":{"a":{"numbers":["+15550200001"],"max_calls":-1},"b":{"numbers":["+15550200002"]}}}`, "out_of_range", "parties.a.max_calls"},
		{"POST", "/v1/interactions", `{"parties":{"a":{"numbers":["+15550200001"]},"b":{"numbers":["+15550200002"],"max_call_seconds":9}}}`, "out_of_range", "parties.b.max_call_seconds"},
		{"PATCH", path, `{"parties":{"b":{"max_call_seconds":9}}}`, "out_of_range", "parties.b.max_call_seconds"},
		{"PATCH", path, `{}`, "missing", ""},
		{"PATCH", path, `{"parties":{"a":{"do_not_disturb":1}}}`, "wrong_type", "parties.a.do_not_disturb"},
		{"PATCH", path, `{"warn_seconds":[10]}`, "not_allowed", "warn_seconds"},
		{"PATCH", path, `{"parties":{"b":{"ring":"random"}}}`, "unknown", "parties.b.ring"},
		{"PATCH", path, `{"parties":{"b":{"ring":""}}}`, "unknown", "parties.b.ring"},
		{"PATCH", path, `{"parties":{"a":{"ring_seconds":4}}}`, "out_of_range", "parties.a.ring_seconds"},
		{"PATCH", path, `{"parties":{"a":{"fallback":"112"}}}`, "emergency", "parties.a.fallback"},
		{"PATCH", path, `{"parties":{"a":{"fallback":"+15550200002"}}}`, "same_party", "parties.a.fallback"},
		{"PATCH", path, `{"parties":{"a":{"fallback":"+15550200001"}}}`, "duplicate", "parties.a.fallback"},
		{"PATCH", path, `{"direction":"a"}`, "unknown", "direction"},
		{"PATCH", path, `{"callback":"nobody"}`, "unknown", "callback"},
		{"PATCH", path, `{"callback":"refuse"}`, "not_allowed", "mode"},
		{"PATCH", path, `{"warn":"c"}`, "unknown", "warn"},
		{"PATCH", path, `{"ttl_seconds":60}`, "unknown_field", "ttl_seconds"},
		{"PATCH", path + "x", `{"max_calls":1}`, "not_found", ""},
		{"POST", path + "/complete", `{"calls":"shout"}`, "unknown", "calls"},
	} {
		_, body := h.ask(test.method, test.path, test.body)
		if !strings.Contains(body, `"code":"`+test.code+`"`) || test.field != "" && !strings.Contains(body, `"field":"`+test.field+`"`) {
			t.Errorf("%s %s: %s, want %s of %q", test.method, test.body, body, test.code, test.field)
		}
	}
}

func TestACompleteIsAnnounced(t *testing.T) {
	h := open(t)
	i := h.create("")
	h.calls.add(sip.CallInfo{ID: mapping.ID{1}, Interaction: interactionID(t, i)})
	done, err := h.client.Complete(context.Background(), i.ID, admin.Completion{Calls: "announce"})
	if want := (admin.Completed{State: "completed", CallsEnded: 1}); err != nil || done != want || h.calls.goodbyes != 1 {
		t.Errorf("completed: %+v, %d goodbyes, %v", done, h.calls.goodbyes, err)
	}
}

func TestTheBlockListOverTheAPI(t *testing.T) {
	h := openWhole(t)
	ctx := context.Background()
	i, err := h.client.Create(ctx, draft("+15550200001", "+15550200002"))
	if err != nil {
		t.Fatal(err)
	}
	ask := func(want string) {
		t.Helper()
		d, err := h.client.LookUp(ctx, admin.Question{DID: admin.PlainNumber(i.Parties.A.Dial), Caller: "+15550200001"})
		if err != nil || d.Refusal != want {
			t.Errorf("a calls: refusal %q, want %q, %v", d.Refusal, want, err)
		}
	}
	for _, by := range []admin.BlockRequest{
		{Number: "+15550200001", Bars: "calling", Reason: "asked us to"},
		{Number: "+15550200001", With: "+15550200002"},
		{Interaction: i.ID},
		{Interaction: i.ID, Party: "b", Bars: "reached"},
	} {
		made, err := h.client.Block(ctx, by)
		if err != nil || len(made.Data) != 1 {
			t.Fatalf("block %+v: %+v, %v", by, made, err)
		}
		ask("blocked")
		listed, err := h.client.Blocks(ctx, admin.Cursor{})
		if err != nil || len(listed.Data) != 1 || listed.Data[0] != made.Data[0] {
			t.Errorf("listed %+v, not %+v, %v", listed, made, err)
		}
		if text := listed.Data[0].Number; !strings.Contains(text.Number, "*") || text.Ref == "" {
			t.Errorf("the number is shown as %+v", text)
		}
		if _, err := h.client.Unblock(ctx, admin.BlockRequest{ID: made.Data[0].ID}); err != nil {
			t.Error(err)
		}
		ask("")
		if _, err := h.client.Unblock(ctx, by); err == nil || !strings.Contains(err.Error(), "not on the block list") {
			t.Errorf("taken off twice: %v", err)
		}
	}
}

// A tenant's block list is seen and changed by its own people, and holds for its own
// interactions; the house's is another.
func TestATenantsBlockListIsItsOwnOverTheAPI(t *testing.T) {
	e := openEstate(t)
	acme, zeta := e.settle("acme", 1), e.settle("zeta", 2)
	e.as(mapping.RoleOperator, "acme")
	made, err := e.client.Block(t.Context(), admin.BlockRequest{Number: "+15550200001", Reason: "asked us to"})
	if err != nil || made.Data[0].Number.Ref != acme.interaction.Parties.A.Ref {
		t.Fatalf("%+v, %v", made, err)
	}
	byID := admin.BlockRequest{ID: made.Data[0].ID}
	for _, who := range []mapping.Tenant{"zeta", mapping.DefaultTenant, ""} {
		e.as(mapping.RoleOperator, who)
		if listed, err := e.client.Blocks(t.Context(), admin.Cursor{}); err != nil || len(listed.Data) != 0 {
			t.Errorf("%q lists %+v, %v", who, listed.Data, err)
		}
		_, answer := e.ask("POST", "/v1/blocks:remove", `{"id":"`+byID.ID+`"}`)
		_, nothing := e.ask("POST", "/v1/blocks:remove", `{"id":"`+mapping.ID{1}.Text(mapping.KindBlock)+`"}`)
		if answer != nothing || !strings.Contains(answer, "not_found") {
			t.Errorf("%q takes off another's: %s", who, answer)
		}
	}
	e.as(mapping.RoleOperator, "zeta")
	if _, answer := e.ask("POST", "/v1/blocks", `{"interaction":"`+acme.interaction.ID+`"}`); !strings.Contains(answer, "not_found") {
		t.Errorf("who is another's party is blocked: %s", answer)
	}
	for refusal, i := range map[string]admin.Interaction{"blocked": acme.interaction, "": zeta.interaction} {
		e.as(mapping.RoleOperator, "")
		got, err := e.client.LookUp(t.Context(), admin.Question{DID: admin.PlainNumber(i.Parties.A.Dial), Caller: "+15550200001"})
		if err != nil || got.Refusal != refusal {
			t.Errorf("refused %q, not %q: %v", got.Refusal, refusal, err)
		}
	}
	e.as(mapping.RoleOperator, "acme")
	if _, err := e.client.Unblock(t.Context(), byID); err != nil {
		t.Error(err)
	}
}

func TestABadBlockSaysWhereAndWhat(t *testing.T) {
	h := openWhole(t)
	for _, test := range []struct{ body, code, field string }{
		{`{}`, "missing", "number"},
		{`{"number":"+15550200001","interaction":"int_1"}`, "missing", "number"},
		{`{"with":"+15550200001"}`, "empty", "number"},
		{`{"number":"112"}`, "emergency", "number"},
		{`{"number":"+15550200001","with":"+15550200001"}`, "same_party", "with"},
		{`{"number":"+15550200001","bars":"breathing"}`, "unknown", "bars"},
		{`{"number":"+15550200001","reason":"call +1 555 020 0001"}`, "holds_number", "reason"},
		{`{"interaction":"int_1"}`, "malformed", "interaction"},
		{`{"interaction":"` + mapping.NewID(noon, [10]byte{1}).Text(mapping.KindInteraction) + `"}`, "not_found", ""},
		{`{"id":"blk_1"}`, "malformed", "id"},
		{`{"id":"` + mapping.ID{1}.Text(mapping.KindBlock) + `"}`, "not_allowed", "id"},
	} {
		_, body := h.ask("POST", "/v1/blocks", test.body)
		if !strings.Contains(body, `"code":"`+test.code+`"`) || test.field != "" && !strings.Contains(body, `"field":"`+test.field+`"`) {
			t.Errorf("%s: %s, want %s of %q", test.body, body, test.code, test.field)
		}
	}
}

// stockroom is pools and nothing else.
type stockroom struct {
	admin.Numbers
	policy mapping.Policy
}

func (s *stockroom) Pools() []mapping.Pool {
	return []mapping.Pool{{Name: "default", Policy: s.policy}}
}

func TestAPoolShowsItsLimits(t *testing.T) {
	h := newHouse(t)
	h.startWith(h.store, &stockroom{policy: mapping.Policy{CallTime: time.Hour, Warn: []time.Duration{time.Minute}, AtOnce: 1, AtOnceNumber: 2, AtOnceDID: 3}})
	pools, err := h.client.Pools(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	p := pools.Data[0]
	if p.MaxCallSeconds != 3600 || len(p.WarnSeconds) != 1 || p.MaxCallsAtOnce != 1 || p.MaxCallsPerNumber != 2 || p.MaxCallsPerDID != 3 {
		t.Errorf("%+v", p)
	}
}
