package admin_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"maskd/mapping"
	"maskd/sip"
)

func TestACallIsBegunOverTheAPI(t *testing.T) {
	h := open(t)
	i := h.create("")
	id, err := mapping.ParseID(mapping.KindInteraction, i.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		body string
		want sip.Origination
	}{
		{"", sip.Origination{Interaction: id, From: mapping.SideA}},
		{"{}", sip.Origination{Interaction: id, From: mapping.SideA}},
		{`{"from": "b", "confirm": true}`, sip.Origination{Interaction: id, From: mapping.SideB, Confirm: true}},
	} {
		r, body := h.ask("POST", "/v1/interactions/"+i.ID+"/call", row.body)
		if r.StatusCode != http.StatusAccepted || !strings.Contains(body, `{"id":"call_`) {
			t.Errorf("%s: %d %s", row.body, r.StatusCode, body)
		}
		if got := h.calls.begun[len(h.calls.begun)-1]; got != row.want {
			t.Errorf("%s: asked for %+v", row.body, got)
		}
	}
}

func TestACallThatIsNotBegunSaysWhy(t *testing.T) {
	h := open(t)
	i := h.create("")
	for _, row := range []struct {
		path, body string
		refusing   error
		status     int
		want       string
	}{
		{i.ID, `{"from": "c"}`, nil, 422, `"code":"unknown","field":"from"`},
		{i.ID, `{"whom": "b"}`, nil, 400, `"field":"whom"`},
		{"int_00000000000000000000000000", "", nil, 404, `"code":"not_found"`},
		{i.ID, "", &sip.RefusedError{Refusal: mapping.RefusalDirection}, 409, `"code":"call_refused","detail":"direction: this party may not call the other"`},
		{i.ID, "", &sip.RefusedError{Refusal: mapping.RefusalCompleted}, 409, `"detail":"completed: the interaction is complete"`},
		{i.ID, "", &sip.RefusedError{Refusal: mapping.RefusalLoop}, 409, `"code":"too_many_calls"`},
		{i.ID, "", sip.ErrDraining, 503, `"code":"draining"`},
		{i.ID, "", fmt.Errorf("%w: trunk", sip.ErrFull), 503, `"code":"full"`},
		{i.ID, "", sip.ErrTrunk, 409, `"code":"trunk_gone"`},
	} {
		h.calls.refusing = row.refusing
		r, body := h.ask("POST", "/v1/interactions/"+row.path+"/call", row.body)
		if r.StatusCode != row.status || !strings.Contains(body, row.want) {
			t.Errorf("%s %v: %d %s", row.body, row.refusing, r.StatusCode, body)
		}
	}
	if len(h.calls.begun) != 0 {
		t.Errorf("begun: %+v", h.calls.begun)
	}
}

// A request that is sent again rings nobody twice.
func TestARequestForACallIsCarriedOutOnce(t *testing.T) {
	h := open(t)
	i, other := h.create(""), h.create("")
	ask := func(id, key, body string) (int, string) {
		request, err := http.NewRequest("POST", "http://maskd/v1/interactions/"+id+"/call", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Idempotency-Key", key)
		response, answer := h.send(request)
		return response.StatusCode, answer
	}
	h.calls.refusing = sip.ErrFull
	if status, answer := ask(i.ID, "k", ""); status != 503 {
		t.Errorf("without a line: %d %s", status, answer)
	}
	h.calls.refusing = nil
	var answers []string
	for range 3 {
		status, answer := ask(i.ID, "k", "")
		if status != 202 {
			t.Errorf("%d %s", status, answer)
		}
		answers = append(answers, answer)
	}
	if len(slices.Compact(answers)) != 1 || len(h.calls.begun) != 1 {
		t.Errorf("%d calls were begun: %q", len(h.calls.begun), answers)
	}
	if status, answer := ask(i.ID, "k", `{"from": "b"}`); status != 422 || !strings.Contains(answer, "idempotency_key_reused") {
		t.Errorf("with another body: %d %s", status, answer)
	}
	if status, answer := ask(other.ID, "k", ""); status != 202 || len(h.calls.begun) != 2 {
		t.Errorf("for another interaction: %d %s", status, answer)
	}
	if status, answer := ask(i.ID, strings.Repeat("k", 256), ""); status != 422 || !strings.Contains(answer, "too_long") {
		t.Errorf("with a long key: %d %s", status, answer)
	}
}
