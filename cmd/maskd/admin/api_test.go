package admin_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"maskd/cmd/maskd/admin"
	"maskd/mapping"
	"maskd/media"
	"maskd/sip"
)

func draft(a, b string) admin.Draft {
	return admin.Draft{Parties: admin.DraftParties{
		A: admin.DraftParty{Numbers: []admin.PlainNumber{admin.PlainNumber(a)}},
		B: admin.DraftParty{Numbers: []admin.PlainNumber{admin.PlainNumber(b)}},
	}}
}

func (h *house) create(external string) admin.Interaction {
	h.Helper()
	d := draft("+15550200001", "+15550200002")
	d.ExternalID = external
	i, err := h.client.Create(context.Background(), d)
	if err != nil {
		h.Fatal(err)
	}
	return i
}

func interactionID(t *testing.T, i admin.Interaction) mapping.ID {
	t.Helper()
	id, err := mapping.ParseID(mapping.KindInteraction, i.ID)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestCreateShowsEveryDefaultAndNoNumber(t *testing.T) {
	h := open(t)
	r, body := h.ask("POST", "/v1/interactions",
		`{"external_id":"ride-1","labels":{"city":"Pune"},"parties":{"a":{"numbers":["+1 (555) 020-0001"]},"b":{"numbers":["tel:+15550200002"]}}}`)
	if r.StatusCode != 201 || r.Header.Get("Content-Type") != "application/json" {
		t.Fatalf("status %d, %s: %s", r.StatusCode, r.Header.Get("Content-Type"), body)
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(err)
	}
	id := got["id"]
	delete(got, "id")
	want := map[string]any{
		"external_id": "ride-1", "state": "active", "labels": map[string]any{"city": "Pune"},
		"parties": map[string]any{
			"a": map[string]any{"dial": "+15550100000", "ref": "num_0123456789abcdef", "numbers": []any{"+*******01"}, "reuse_age_seconds": nil, "ring": "sequence", "ring_seconds": 60.0},
			"b": map[string]any{"dial": "+15550100001", "ref": "num_0123456789abcdef", "numbers": []any{"+*******02"}, "reuse_age_seconds": nil, "ring": "sequence", "ring_seconds": 60.0},
		},
		"created_at": "2026-11-21T12:00:00.123Z", "expires_at": "2026-11-22T12:00:00.123Z",
		"effective": map[string]any{"mode": "pair", "numbering": "per_party", "pool": "default", "sticky": "off", "ttl_seconds": 86400.0,
			"direction": "both", "expiry": "fixed", "record": "off"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("created (-want +got):\n%s", diff)
	}
	if text, _ := id.(string); !strings.HasPrefix(text, "int_") {
		t.Errorf("id = %v", id)
	}
}

func TestCreateAgainIsTheSameInteraction(t *testing.T) {
	h := open(t)
	body := `{"external_id":"r","parties":{"a":{"numbers":["+15550200001"]},"b":{"numbers":["+15550200002"]}}}`
	first, one := h.ask("POST", "/v1/interactions", body)
	second, two := h.ask("POST", "/v1/interactions", body)
	if first.StatusCode != 201 || second.StatusCode != 200 || one != two {
		t.Errorf("%d %s%d %s", first.StatusCode, one, second.StatusCode, two)
	}
	r, other := h.ask("POST", "/v1/interactions", strings.Replace(body, "0002", "0003", 1))
	if r.StatusCode != 409 || !strings.Contains(other, `"code":"external_id_taken","field":"external_id"`) {
		t.Errorf("other contents: %d %s", r.StatusCode, other)
	}
}

func TestABadRequestSaysWhereAndWhat(t *testing.T) {
	const parties = `"parties":{"a":{"numbers":["+15550200001"]},"b":{"numbers":["+15550200002"]}}`
	const one = `"parties":{"a":{"numbers":["+15550200001"]}}`
	h := open(t)
	id := h.create("").ID
	for _, test := range []struct {
		name, method, path, body string
		status                   int
		code, field              string
	}{
		{"no body", "POST", "/v1/interactions", ``, 400, "bad_json", ""},
		{"no JSON", "POST", "/v1/interactions", `{`, 400, "bad_json", ""},
		{"two values", "POST", "/v1/interactions", `{` + parties + `}{}`, 400, "bad_json", ""},
		{"unknown field", "POST", "/v1/interactions", `{"recrod":"off",` + parties + `}`, 400, "unknown_field", "recrod"},
		{"unknown way of recording", "POST", "/v1/interactions", `{"record":"on",` + parties + `}`, 422, "unknown", "record"},
		{"a recording where none is made", "POST", "/v1/interactions", `{"record":"agreed",` + parties + `}`, 422, "recording_off", "record"},
		{"unknown inner field", "POST", "/v1/interactions", `{"parties":{"c":{}}}`, 400, "unknown_field", "c"},
		{"a number as a field", "POST", "/v1/interactions", `{"+15550200001":1}`, 400, "unknown_field", ""},
		{"wrong type", "POST", "/v1/interactions", `{"parties":{"a":{"numbers":[15550200001]}}}`, 400, "wrong_type", "parties.a.numbers"},
		{"a fraction", "POST", "/v1/interactions", `{"ttl_seconds":1.5,` + parties + `}`, 400, "wrong_type", "ttl_seconds"},
		{"too much", "POST", "/v1/interactions", `{"pool":"` + strings.Repeat("a", 70000) + `"}`, 413, "body_too_large", ""},
		{"no parties", "POST", "/v1/interactions", `{}`, 422, "missing", "parties.a.numbers"},
		{"national number", "POST", "/v1/interactions", `{"parties":{"a":{"numbers":["+15550200001","5550200002"]}}}`, 422, "no_country_code", "parties.a.numbers[1]"},
		{"emergency", "POST", "/v1/interactions", `{"parties":{"a":{"numbers":["112"]}}}`, 422, "emergency", "parties.a.numbers[0]"},
		{"emergency of a country", "POST", "/v1/interactions", `{"parties":{"a":{"numbers":["+44999"]}}}`, 422, "too_short", "parties.a.numbers[0]"},
		{"premium rate", "POST", "/v1/interactions", `{"parties":{"a":{"numbers":["+19002345678"]}}}`, 422, "premium_rate", "parties.a.numbers[0]"},
		{"satellite", "POST", "/v1/interactions", `{"parties":{"a":{"numbers":["+881612345678"]}}}`, 422, "no_country", "parties.a.numbers[0]"},
		{"same on both sides", "POST", "/v1/interactions", `{"parties":{"a":{"numbers":["+15550200001"]},"b":{"numbers":["+1 5550200001"]}}}`, 422, "same_party", "parties.b.numbers"},
		{"half a PIN", "POST", "/v1/interactions", `{"parties":{"a":{"numbers":["+15550200001"]},"b":{"numbers":["+15550200002"],"pin":"4829"}}}`, 422, "not_a_pin", "parties.b.pin"},
		{"a PIN of words", "POST", "/v1/interactions", `{"parties":{"a":{"numbers":["+15550200001"],"pin":"Generate"}}}`, 422, "not_a_pin", "parties.a.pin"},
		{"a PIN as a number", "POST", "/v1/interactions", `{"parties":{"a":{"numbers":["+15550200001"],"pin":482913}}}`, 400, "wrong_type", "parties.a.pin"},
		{"one PIN for both", "POST", "/v1/interactions", `{"parties":{"a":{"numbers":["+15550200001"],"pin":"482913"},"b":{"numbers":["+15550200002"],"pin":"482913"}}}`, 422, "same_party", "parties.b.pin"},
		{"mode", "POST", "/v1/interactions", `{"mode":"closed",` + parties + `}`, 422, "unknown", "mode"},
		{"open with two", "POST", "/v1/interactions", `{"mode":"open",` + parties + `}`, 422, "not_allowed", "parties.b.numbers"},
		{"open with two DIDs", "POST", "/v1/interactions", `{"mode":"open","numbering":"per_party",` + one + `}`, 422, "not_allowed", "numbering"},
		{"callback", "POST", "/v1/interactions", `{"mode":"open","callback":"me",` + one + `}`, 422, "unknown", "callback"},
		{"callback to nobody", "POST", "/v1/interactions", `{"mode":"open","callback":"fallback",` + one + `}`, 422, "missing", "callback_number"},
		{"callback to emergency", "POST", "/v1/interactions", `{"mode":"open","callback":"fallback","callback_number":"112",` + one + `}`, 422, "emergency", "callback_number"},
		{"callback to itself", "POST", "/v1/interactions", `{"mode":"open","callback":"fallback","callback_number":"+15550200001",` + one + `}`, 422, "same_party", "callback_number"},
		{"callback to two", "POST", "/v1/interactions", `{"mode":"open","callback_number":"+15550200003",` + one + `}`, 422, "not_allowed", "callback_number"},
		{"callback of a pair", "POST", "/v1/interactions", `{"callback":"refuse",` + parties + `}`, 422, "not_allowed", "mode"},
		{"withheld", "POST", "/v1/interactions", `{"mode":"open","withheld":"ask",` + one + `}`, 422, "unknown", "withheld"},
		{"withheld of an extension", "POST", "/v1/interactions", `{"mode":"extension","withheld":"refuse",` + one + `}`, 422, "not_allowed", "withheld"},
		{"half an extension", "POST", "/v1/interactions", `{"mode":"extension","parties":{"a":{"numbers":["+15550200001"],"extension":"12"}}}`, 422, "not_an_extension", "parties.a.extension"},
		{"an extension of B", "POST", "/v1/interactions", `{"mode":"extension","parties":{"a":{"numbers":["+15550200001"]},"b":{"extension":"4711"}}}`, 422, "not_allowed", "parties.b.extension"},
		{"a fallback of nobody", "POST", "/v1/interactions", `{"mode":"open","parties":{"a":{"numbers":["+15550200001"]},"b":{"fallback":"+15550200003"}}}`, 422, "not_allowed", "parties.b.ring"},
		{"callback to the fallback", "POST", "/v1/interactions", `{"mode":"open","callback":"fallback","callback_number":"+15550200003","parties":{"a":{"numbers":["+15550200001"],"fallback":"+15550200003"}}}`, 422, "same_party", "callback_number"},
		{"an open extension", "POST", "/v1/interactions", `{"mode":"open","parties":{"a":{"numbers":["+15550200001"],"extension":"4711"}}}`, 422, "not_allowed", "parties.a.extension"},
		{"rung at random", "POST", "/v1/interactions", `{"parties":{"a":{"numbers":["+15550200001"],"ring":"random"}}}`, 422, "unknown", "parties.a.ring"},
		{"rung for no time", "POST", "/v1/interactions", `{"parties":{"a":{"numbers":["+15550200001"]},"b":{"numbers":["+15550200002"],"ring_seconds":0}}}`, 422, "out_of_range", "parties.b.ring_seconds"},
		{"rung for too long in all", "POST", "/v1/interactions", `{"parties":{"a":{"numbers":["+15550200001"]},"b":{"numbers":["+15550200002","+15550200003"],"ring_seconds":91}}}`, 422, "out_of_range", "parties.b.ring_seconds"},
		{"an emergency number as fallback", "POST", "/v1/interactions", `{"parties":{"a":{"numbers":["+15550200001"],"fallback":"112"}}}`, 422, "emergency", "parties.a.fallback"},
		{"a premium fallback", "POST", "/v1/interactions", `{"parties":{"a":{"numbers":["+15550200001"],"fallback":"+19002345678"}}}`, 422, "premium_rate", "parties.a.fallback"},
		{"the other as fallback", "POST", "/v1/interactions", `{"parties":{"a":{"numbers":["+15550200001"],"fallback":"+15550200002"},"b":{"numbers":["+15550200002"]}}}`, 422, "same_party", "parties.a.fallback"},
		{"a fallback's number as external id", "POST", "/v1/interactions", `{"external_id":"15550200009","parties":{"a":{"numbers":["+15550200001"],"fallback":"+15550200009"},"b":{"numbers":["+15550200002"]}}}`, 422, "holds_number", "external_id"},
		{"numbering", "POST", "/v1/interactions", `{"numbering":"own",` + parties + `}`, 422, "unknown", "numbering"},
		{"sticky", "POST", "/v1/interactions", `{"sticky":"glue",` + parties + `}`, 422, "unknown", "sticky"},
		{"direction", "POST", "/v1/interactions", `{"direction":"up",` + parties + `}`, 422, "unknown", "direction"},
		{"expiry", "POST", "/v1/interactions", `{"expiry":"never",` + parties + `}`, 422, "unknown", "expiry"},
		{"no most to live", "POST", "/v1/interactions", `{"max_ttl_seconds":0,` + parties + `}`, 422, "out_of_range", "max_ttl_seconds"},
		{"most less than life", "POST", "/v1/interactions", `{"ttl_seconds":600,"max_ttl_seconds":599,` + parties + `}`, 422, "out_of_range", "max_ttl_seconds"},
		{"callback for ever", "POST", "/v1/interactions", `{"callback_seconds":604801,` + parties + `}`, 422, "out_of_range", "callback_seconds"},
		{"calls below none", "POST", "/v1/interactions", `{"complete_after_calls":-1,` + parties + `}`, 422, "out_of_range", "complete_after_calls"},
		{"start that is no time", "POST", "/v1/interactions", `{"starts_at":"soon",` + parties + `}`, 400, "bad_json", ""},
		{"extend by nothing", "POST", "/v1/interactions/" + id + "/extend", `{}`, 422, "missing", "ttl_seconds"},
		{"extend by both", "POST", "/v1/interactions/" + id + "/extend", `{"ttl_seconds":60,"expires_at":"2030-01-01T00:00:00Z"}`, 422, "missing", "ttl_seconds"},
		{"extend to less", "POST", "/v1/interactions/" + id + "/extend", `{"ttl_seconds":60}`, 422, "not_later", "expires_at"},
		{"extend to the past", "POST", "/v1/interactions/" + id + "/extend", `{"expires_at":"2020-01-01T00:00:00Z"}`, 422, "past", "expires_at"},
		{"extend what there is not", "POST", "/v1/interactions/int_1/extend", `{"ttl_seconds":60}`, 404, "not_found", ""},
		{"reopen for no time", "POST", "/v1/interactions/" + id + "/reopen", `{"ttl_seconds":0}`, 422, "out_of_range", "ttl_seconds"},
		{"no preference", "POST", "/v1/interactions", `{"parties":{"a":{"numbers":["+15550200001"],"prefer":["near"]},"b":{"numbers":["+15550200002"]}}}`, 422, "malformed", "parties.a.prefer"},
		{"number as a preference", "POST", "/v1/interactions", `{"parties":{"a":{"numbers":["+15550200001"],"prefer":["+15550200001"]},"b":{"numbers":["+15550200002"]}}}`, 422, "holds_number", "parties.a.prefer"},
		{"strict about nothing", "POST", "/v1/interactions", `{"parties":{"a":{"numbers":["+15550200001"]},"b":{"numbers":["+15550200002"],"strict":true}}}`, 422, "missing", "parties.b.strict"},
		{"no time to live", "POST", "/v1/interactions", `{"ttl_seconds":0,` + parties + `}`, 422, "out_of_range", "ttl_seconds"},
		{"for ever", "POST", "/v1/interactions", `{"ttl_seconds":9223372036854775807,` + parties + `}`, 422, "out_of_range", "ttl_seconds"},
		{"number as external id", "POST", "/v1/interactions", `{"external_id":"c-1-555-020-0002",` + parties + `}`, 422, "holds_number", "external_id"},
		{"number as label", "POST", "/v1/interactions", `{"labels":{"phone":"15550200001"},` + parties + `}`, 422, "holds_number", "labels"},
		{"how to complete", "POST", "/v1/interactions/" + id + "/complete", `{"calls":"shout"}`, 422, "unknown", "calls"},
		{"complete nothing", "POST", "/v1/interactions/int_00000000000000000000000000/complete", ``, 404, "not_found", ""},
		{"show nothing", "GET", "/v1/interactions/int_00000000000000000000000000", ``, 404, "not_found", ""},
		{"show a number", "GET", "/v1/interactions/+15550200001", ``, 404, "not_found", ""},
		{"no such call", "GET", "/v1/calls/call_00000000000000000000000000", ``, 404, "not_found", ""},
		{"hang up no call", "POST", "/v1/calls/call_00000000000000000000000000/hangup", ``, 404, "not_found", ""},
		{"limit 0", "GET", "/v1/interactions?limit=0", ``, 422, "out_of_range", "limit"},
		{"limit of words", "GET", "/v1/cdrs?limit=all", ``, 422, "out_of_range", "limit"},
		{"cursor", "GET", "/v1/calls?after=yesterday", ``, 422, "malformed", "after"},
		{"unknown parameter", "GET", "/v1/calls?state=talking", ``, 400, "unknown_parameter", "state"},
		{"parameter twice", "GET", "/v1/calls?limit=1&limit=2", ``, 400, "duplicate_parameter", "limit"},
		{"no such path", "GET", "/v2/calls", ``, 404, "no_such_path", ""},
		{"method", "DELETE", "/v1/interactions/" + id, ``, 405, "method_not_allowed", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, body := h.ask(test.method, test.path, test.body)
			var p admin.Problem
			if err := json.Unmarshal([]byte(body), &p); err != nil {
				t.Fatalf("%v: %s", err, body)
			}
			if r.StatusCode != test.status || p.Status != test.status || p.Code != test.code || p.Field != test.field || p.Title == "" {
				t.Errorf("problem = %d %+v", r.StatusCode, p)
			}
			if got := r.Header.Get("Content-Type"); got != "application/problem+json" {
				t.Errorf("content type = %s", got)
			}
		})
	}
	if len(h.store.interactions) != 1 {
		t.Errorf("%d interactions after bad requests", len(h.store.interactions))
	}
}

func TestWhatTheStoreSaysBecomesAProblem(t *testing.T) {
	for _, test := range []struct {
		err    error
		status int
		code   string
		party  string
	}{
		{&mapping.ExhaustedError{Pool: "default", Blocking: mapping.SideB, Size: 2}, 409, "pool_exhausted", "b"},
		{mapping.ErrUnavailable, 503, "store_unavailable", ""},
		{context.DeadlineExceeded, 503, "timeout", ""},
		{errors.New("secret of the house"), 500, "internal", ""},
	} {
		h := open(t)
		h.store.broken = test.err
		_, err := h.client.Create(context.Background(), draft("+15550200001", "+15550200002"))
		var p *admin.Problem
		if !errors.As(err, &p) || p.Status != test.status || p.Code != test.code || p.BlockingParty != test.party {
			t.Errorf("%v: %#v", test.err, err)
		}
		if strings.Contains(err.Error(), "secret") {
			t.Errorf("the client was told %v", err)
		}
	}
}

func TestListsComeInPages(t *testing.T) {
	h := open(t)
	for range 5 {
		h.create("")
	}
	var seen []string
	cursor := admin.Cursor{Limit: 2}
	for pages := 1; ; pages++ {
		page, err := h.client.Interactions(context.Background(), cursor)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range page.Data {
			seen = append(seen, i.ID)
		}
		if page.Next == "" {
			if pages != 3 {
				t.Errorf("%d pages", pages)
			}
			break
		}
		cursor.After = page.Next
	}
	if len(seen) != 5 {
		t.Errorf("saw %q", seen)
	}
	if _, body := h.ask("GET", "/v1/calls", ""); strings.TrimSpace(body) != `{"data":[],"next":""}` {
		t.Errorf("no calls = %s", body)
	}
}

func TestAnInteractionIsFoundByItsExternalID(t *testing.T) {
	h := open(t)
	h.create("ride-1")
	want := h.create("ride 2 & more")
	page, err := h.client.ByExternalID(context.Background(), "ride 2 & more")
	if err != nil || len(page.Data) != 1 || page.Data[0].ID != want.ID {
		t.Errorf("found %+v, %v", page, err)
	}
	page, err = h.client.ByExternalID(context.Background(), "ride-3")
	if err != nil || len(page.Data) != 0 {
		t.Errorf("found %+v, %v", page, err)
	}
}

func TestCompleteHidesBeforeItHangsUp(t *testing.T) {
	h := open(t)
	i := h.create("")
	id := interactionID(t, i)
	h.calls.add(sip.CallInfo{ID: mapping.ID{1}, Interaction: id}, sip.CallInfo{ID: mapping.ID{2}, Interaction: id},
		sip.CallInfo{ID: mapping.ID{3}, Interaction: mapping.ID{9}})
	h.store.completing = func() {
		if h.calls.LiveCalls(id) != 2 {
			t.Error("calls were ended before the interaction was hidden: a new one could begin behind them")
		}
	}
	got, err := h.client.Complete(context.Background(), i.ID, admin.Completion{Reason: "delivered"})
	if err != nil || got != (admin.Completed{State: "completed", CallsEnded: 2}) {
		t.Errorf("%+v, %v", got, err)
	}
	if len(h.calls.Calls()) != 1 {
		t.Errorf("live calls = %+v", h.calls.Calls())
	}
	shown, err := h.client.Interaction(context.Background(), i.ID)
	if err != nil || shown.State != "completed" || shown.Reason != "delivered" || !shown.CompletedAt.Equal(noon.Truncate(time.Millisecond)) {
		t.Errorf("%+v, %v", shown, err)
	}
}

func TestHangupEndsOneCallOnly(t *testing.T) {
	h := open(t)
	h.calls.add(sip.CallInfo{ID: mapping.ID{1}}, sip.CallInfo{ID: mapping.ID{2}})
	got, err := h.client.Hangup(context.Background(), mapping.ID{1}.Text(mapping.KindCall))
	if err != nil || got != (admin.HungUp{CallsEnded: 1}) {
		t.Errorf("%+v, %v", got, err)
	}
	if live := h.calls.Calls(); len(live) != 1 || live[0].ID != (mapping.ID{2}) {
		t.Errorf("live calls = %+v", live)
	}
}

func TestADrainingInteractionEndsWithItsCalls(t *testing.T) {
	h := open(t)
	i := h.create("")
	id := interactionID(t, i)
	h.calls.add(sip.CallInfo{ID: mapping.ID{1}, Interaction: id})
	complete := func(calls string) admin.Completed {
		got, err := h.client.Complete(context.Background(), i.ID, admin.Completion{Calls: calls})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := complete("drain"); got != (admin.Completed{State: "draining"}) {
		t.Errorf("drain = %+v", got)
	}
	if shown, err := h.client.Interaction(context.Background(), i.ID); err != nil || shown.State != "draining" {
		t.Errorf("%+v, %v", shown, err)
	}
	if got := complete("hangup"); got != (admin.Completed{State: "completed", CallsEnded: 1}) {
		t.Errorf("hangup = %+v", got)
	}
	if got := complete("drain"); got != (admin.Completed{State: "completed"}) {
		t.Errorf("drain again = %+v", got)
	}
}

func TestACommitThatFailsEndsTheCallsAllTheSame(t *testing.T) {
	h := open(t)
	i := h.create("")
	h.calls.add(sip.CallInfo{ID: mapping.ID{1}, Interaction: interactionID(t, i)})
	h.store.broken = mapping.ErrUnavailable
	if _, err := h.client.Complete(context.Background(), i.ID, admin.Completion{}); err == nil {
		t.Error("acknowledged what was not committed")
	}
	if len(h.calls.Calls()) != 0 {
		t.Error("the call goes on")
	}
}

func TestACallIsShownAsLongAsItIsKnown(t *testing.T) {
	h := open(t)
	live := mapping.NewID(noon, [10]byte{1})
	over := mapping.NewID(noon, [10]byte{2})
	closing := mapping.NewID(noon, [10]byte{3})
	h.calls.add(sip.CallInfo{ID: live, Interaction: mapping.ID{7}, CallerSide: mapping.SideB, DID: "+15550100001", Shown: "+15550100000",
		State: "talking", StartedAt: noon, AnsweredAt: noon.Add(time.Second), TrunkIn: "carrier", TrunkOut: "carrier"})
	h.store.cdrs = []mapping.CDR{
		{Call: over, DID: "+15550100001", AdmittedAt: noon, EndedAt: noon, Outcome: mapping.OutcomeRefused, Refusal: mapping.RefusalUnknown, EndedBy: mapping.EndedByPolicy, Status: 404},
		{Call: closing, AdmittedAt: noon, Outcome: mapping.OutcomeLive},
	}
	for id, want := range map[mapping.ID]string{live: "talking", over: "ended", closing: "ending"} {
		got, err := h.client.Call(context.Background(), id.Text(mapping.KindCall))
		if err != nil || got.State != want {
			t.Errorf("%+v, %v; want %s", got, err, want)
		}
	}
	page, err := h.client.Calls(context.Background(), admin.Cursor{})
	if err != nil || len(page.Data) != 1 || page.Data[0].CallerSide != "b" || !page.Data[0].AnsweredAt.After(page.Data[0].StartedAt.Time) {
		t.Errorf("calls = %+v, %v", page, err)
	}
	cdrs, err := h.client.CDRs(context.Background(), admin.Cursor{Limit: 1})
	if err != nil || len(cdrs.Data) != 1 || cdrs.Data[0].Refusal != "unknown" || cdrs.Data[0].Status != 404 || cdrs.Next == "" {
		t.Errorf("cdrs = %+v, %v", cdrs, err)
	}
}

func TestADaemonThatIsNotThereIsUnreachable(t *testing.T) {
	_, err := admin.NewClient(t.TempDir()+"/none").Calls(context.Background(), admin.Cursor{})
	var unreachable *admin.UnreachableError
	if !errors.As(err, &unreachable) || !strings.Contains(err.Error(), "/none: dial unix") {
		t.Errorf("error = %v", err)
	}
}

func TestALiveCallShowsHowItSounds(t *testing.T) {
	h := open(t)
	var sound media.Stats
	sound.Legs[0].In = media.Traffic{Packets: 500, Bytes: 86000}
	sound.Legs[0].Dropped[1] = 3
	sound.Legs[1].Heard = media.Quality{Expected: 100, Lost: 7, Jitter: 2500 * time.Microsecond}
	h.calls.add(sip.CallInfo{ID: mapping.ID{1}, State: "talking", Sound: &sound}, sip.CallInfo{ID: mapping.ID{2}, State: "routing"})
	got, err := h.client.Call(context.Background(), mapping.ID{1}.Text(mapping.KindCall))
	if err != nil || got.Sound == nil {
		t.Fatalf("%+v, %v", got, err)
	}
	if a := got.Sound.A; a.PacketsIn != 500 || a.BytesIn != 86000 || a.Dropped != 3 {
		t.Errorf("leg A: %+v", a)
	}
	if b := got.Sound.B.Heard; b.Expected != 100 || b.Lost != 7 || b.JitterMS != 2.5 {
		t.Errorf("leg B: %+v", b)
	}
	if got, err := h.client.Call(context.Background(), mapping.ID{2}.Text(mapping.KindCall)); err != nil || got.Sound != nil {
		t.Errorf("a call without sound: %+v, %v", got.Sound, err)
	}
}

func TestARequestWithAKeyCanBeSentAgain(t *testing.T) {
	h := withStore(t, 50)
	send := func(key, body string) (int, string) {
		request, err := http.NewRequest("POST", "http://maskd/v1/interactions", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header["Idempotency-Key"] = strings.Split(key, "|")
		r, answer := h.send(request)
		return r.StatusCode, answer
	}
	const ride, other = `{"parties":{"a":{"numbers":["+15550200001"]},"b":{"numbers":["+15550200002"]}}}`,
		`{"parties":{"a":{"numbers":["+15550200001"]},"b":{"numbers":["+15550200003"]}}}`
	status, first := send("8e03978e", ride)
	again, second := send(`"8e03978e"`, ride)
	if status != 201 || again != 201 || first != second {
		t.Errorf("%d %s%d %s", status, first, again, second)
	}
	for key, want := range map[string]string{
		"8e03978e":               `"code":"idempotency_key_reused","field":"Idempotency-Key"`,
		"one|two":                `"code":"malformed","field":"Idempotency-Key"`,
		`""`:                     `"code":"malformed","field":"Idempotency-Key"`,
		strings.Repeat("k", 256): `"code":"too_long","field":"Idempotency-Key"`,
	} {
		if status, answer := send(key, other); status != 422 || !strings.Contains(answer, want) {
			t.Errorf("%s: %d %s", key, status, answer)
		}
	}
}
