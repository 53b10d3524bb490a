package admin_test

import (
	"fmt"
	"strings"
	"testing"

	"maskd/cmd/maskd/admin"
)

// A PIN is shown to who creates the interaction, and to nobody afterwards.
func TestAPINIsShownOnce(t *testing.T) {
	h := open(t)
	const given = "73051984"
	body := `{"external_id":"r","parties":{"a":{"numbers":["+15550200001"],"pin":"` + given + `"},"b":{"numbers":["+15550200002"],"pin":"generate"}}}`
	r, created := h.ask("POST", "/v1/interactions", body)
	if r.StatusCode != 201 || !strings.Contains(created, `"pin":"`+given+`"`) {
		t.Fatalf("%d %s", r.StatusCode, created)
	}
	i := h.store.interactions[0]
	drawn := i.B.PIN.Reveal()
	if drawn == "" || !strings.Contains(created, `"pin":"`+drawn+`"`) {
		t.Errorf("the PIN that was drawn is not shown: %s", created)
	}
	id := strings.Split(created, `"`)[3]
	for _, later := range [][3]string{
		{"POST", "/v1/interactions", body},
		{"GET", "/v1/interactions/" + id, ""},
		{"GET", "/v1/interactions", ""},
		{"GET", "/v1/interactions?external_id=r", ""},
		{"POST", "/v1/interactions/" + id + "/complete", ""},
		{"POST", "/v1/interactions", strings.Replace(body, given, given+"x", 1)},
		{"POST", "/v1/interactions", strings.Replace(body, given, given+"0", 1)},
	} {
		_, said := h.ask(later[0], later[1], later[2])
		if strings.Contains(said, given) || strings.Contains(said, drawn) {
			t.Errorf("%s %s shows a PIN: %s", later[0], later[1], said)
		}
	}
	if _, said := h.ask("GET", "/v1/interactions/"+id, ""); strings.Count(said, `"has_pin":true`) != 2 {
		t.Errorf("it is not told that there are PINs: %s", said)
	}
	h.close()
	if log := h.log.String(); strings.Contains(log, given) || strings.Contains(log, drawn) {
		t.Error("the log holds a PIN")
	}
}

func TestAPlainPINIsNotPrinted(t *testing.T) {
	party := admin.Party{PIN: "482913"}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		if said := fmt.Sprintf(verb, party); strings.Contains(said, "482913") || strings.Contains(said, "343832393133") {
			t.Errorf("%s prints %s", verb, said)
		}
	}
}
