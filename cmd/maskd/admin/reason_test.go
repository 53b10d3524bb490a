package admin_test

import (
	"encoding/json"
	"strings"
	"testing"

	"maskd/cmd/maskd/admin"
	"maskd/mapping"
	"maskd/media/recording"
)

// Wherever a reason is given, it is refused if it holds the number of somebody whom it
// is about, in whatever spelling, or anything that reads as a number; and nothing of it
// is said back or logged.
func TestNoReasonHoldsANumber(t *testing.T) {
	e := openEstate(t)
	d := draft("+15550200001", "+919876543210")
	d.Parties.B.Fallback = "+442079460123"
	i, err := e.client.Create(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	tape := mapping.NewID(noon, [10]byte{1}).Text(mapping.KindRecording)
	e.shelf[tape] = recording.Manifest{ID: tape, Interaction: i.ID, Parts: []recording.Part{{Format: "wav"}}}
	paths := map[string]string{ // and what more is in the body
		"/v1/interactions/" + i.ID + "/complete":     "",
		"/v1/interactions/" + i.ID + "/hold":         "",
		"/v1/interactions/" + i.ID + "/release":      "",
		"/v1/interactions/" + i.ID + "/erase":        "",
		"/v1/interactions/" + i.ID + "/reveal":       "",
		"/v1/recordings/" + tape + "/parts/wav":      "",
		"/v1/subjects/find":                          `,"number":"+919876543210"`,
		"/v1/subjects/export":                        `,"number":"+919876543210"`,
		"/v1/subjects/erase":                         `,"number":"+919876543210"`,
		"/v1/blocks":                                 `,"number":"+919876543210"`,
		"/v1/blocks:remove":                          `,"interaction":"` + i.ID + `"`,
		"/v1/numbers/" + i.Parties.A.Dial + "/drain": "",
		"/v1/keys/rotate":                            "",
	}
	about := []string{"he is +919876543210, you know", "he is 98765 43210, you know", "his number ends in 654-3210"}
	anybody := []string{"somebody at 09812345678", "somebody at +1 (555) 020-0099"}
	for path, more := range paths {
		reasons := append([]string(nil), anybody...)
		if !strings.Contains(path, "keys") && !strings.Contains(path, "numbers") {
			reasons = append(reasons, about...)
		}
		for _, reason := range reasons {
			text, err := json.Marshal(reason)
			if err != nil {
				t.Fatal(err)
			}
			r, body := e.ask("POST", path, `{"reason":`+string(text)+more+`}`)
			if r.StatusCode != 422 || !strings.Contains(body, `"code":"holds_number","field":"reason"`) {
				t.Errorf("%s with %q: %d %s", path, reason, r.StatusCode, body)
			}
		}
	}
	if r, body := e.ask("POST", "/v1/interactions/"+i.ID+"/erase", `{"reason":"as +44 20 7946 0123 asks"}`); r.StatusCode != 422 {
		t.Errorf("the number of a fallback: %d %s", r.StatusCode, body)
	}
	if after, err := e.client.Interaction(t.Context(), i.ID); err != nil || after.State != "active" || after.Held {
		t.Errorf("it is %+v, %v", after, err)
	}
}

// A name that an integrator gives is shown to many, and holds no number of a party
// either, with its country code or without.
func TestNoNameHoldsANumber(t *testing.T) {
	e := openEstate(t)
	for field, with := range map[string]func(*admin.Draft){
		"external_id": func(d *admin.Draft) { d.ExternalID = "rider-98765-43210" },
		"labels":      func(d *admin.Draft) { d.Labels = map[string]string{"customer": "09876543210"} },
	} {
		d := draft("+15550200001", "+919876543210")
		with(&d)
		if _, err := e.client.Create(t.Context(), d); err == nil || !strings.Contains(err.Error(), field+": holds a party's number") {
			t.Errorf("%s: %v", field, err)
		}
	}
	d := draft("+15550200001", "+919876543210")
	d.ExternalID, d.Labels = "ride-20261122-000471", map[string]string{"at": "2026-11-22T10:11:12Z"}
	if _, err := e.client.Create(t.Context(), d); err != nil {
		t.Error(err)
	}
}
