package admin_test

import (
	"context"
	"strings"
	"testing"

	"maskd/cmd/maskd/admin"
	"maskd/mapping"
)

// Promise 1, for the admin API: whatever is sent to it, no response and no
// line of the log, at any level, holds a number that was given.
func TestNoResponseAndNoLogHoldsANumber(t *testing.T) {
	h := open(t)
	const a, b = "+15550200001", "+919876543210"
	given := `"parties":{"a":{"numbers":["` + a + `"]},"b":{"numbers":["+91 98765-43210"]}}`
	number, err := mapping.ParseNumber(a)
	if err != nil {
		t.Fatal(err)
	}
	h.store.cdrs = []mapping.CDR{{Call: mapping.NewID(noon, [10]byte{1}), Caller: number, Target: number, Outcome: mapping.OutcomeBusy}}

	var said strings.Builder
	say := func(method, path, body string) {
		r, answer := h.ask(method, path, body)
		for name, values := range r.Header {
			said.WriteString(name + strings.Join(values, " "))
		}
		said.WriteString(answer)
	}
	say("POST", "/v1/interactions", `{"external_id":"one",`+given+`}`)
	say("POST", "/v1/interactions", `{"external_id":"one",`+given+`}`)
	say("POST", "/v1/interactions", `{"external_id":"one","pool":"p",`+given+`}`)
	say("POST", "/v1/interactions", `{"external_id":"`+a+`",`+given+`}`)
	say("POST", "/v1/interactions", `{"labels":{"`+a+`":"x"},`+given+`}`)
	say("POST", "/v1/interactions", `{"mode":"`+a+`",`+given+`}`)
	say("POST", "/v1/interactions", `{"`+a+`":"x",`+given+`}`)
	say("POST", "/v1/interactions", `{"ttl_seconds":15550200001999999999999,`+given+`}`)
	say("POST", "/v1/interactions", `{"parties":{"a":{"numbers":[15550200001]}}}`)
	say("POST", "/v1/interactions", `{"parties":{"a":{"numbers":["`+a+`","15550200001"]}}}`)
	say("POST", "/v1/interactions", `{"parties":{"a":{"numbers":["`+a+`","`+a+`"]},"b":{"numbers":["`+b+`"]}}}`)
	say("POST", "/v1/interactions", a)
	say("GET", "/v1/interactions", "")
	say("GET", "/v1/interactions?external_id=15550200001", "")
	say("GET", "/v1/interactions?after="+a, "")
	say("GET", "/v1/interactions?15550200001=x", "")
	say("GET", "/v1/interactions?limit=15550200001", "")
	say("GET", "/v1/interactions/"+a, "")
	say("GET", "/"+a, "")
	say("PUT", "/v1/interactions/"+a, "")
	say("X15550200001", "/v1/cdrs", "")
	say("GET", "/v1/calls/"+a, "")
	say("GET", "/v1/cdrs", "")
	say("POST", "/v1/interactions/"+a+"/complete", `{"calls":"`+a+`"}`)
	i := h.create("two")
	say("POST", "/v1/interactions/"+i.ID+"/complete", `{"calls":"`+a+`"}`)
	say("POST", "/v1/interactions/"+i.ID+"/complete", `{"calls":"hangup"}`)
	h.store.broken = mapping.ErrUnavailable
	if _, err := h.client.Create(context.Background(), draft(a, b)); err == nil {
		t.Error("created in a broken store")
	}
	h.close()

	if !strings.Contains(said.String(), "+*******01") || !strings.Contains(h.log.String(), "interaction created") {
		t.Error("the test did not see what it should")
	}
	for _, digits := range []string{"5550200001", "9876543210", "987654", "98765-4", "5550200002"} {
		if at := strings.Index(said.String(), digits); at >= 0 {
			t.Errorf("a response holds a number: %s", around(said.String(), at))
		}
		if at := strings.Index(h.log.String(), digits); at >= 0 {
			t.Errorf("the log holds a number: %s", around(h.log.String(), at))
		}
	}
}

func around(s string, at int) string { return s[max(0, at-80):min(len(s), at+30)] }

var _ admin.Store = (*memory)(nil)
