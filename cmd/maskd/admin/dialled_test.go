package admin_test

import (
	"strings"
	"testing"

	"maskd/cmd/maskd/admin"
	"maskd/mapping"
)

// What somebody dialled is shown if it is our DID, or was: who dials a number, or is
// sent to us for another's, leaves it in no list.
func TestWhatWasDialledMayBeANumber(t *testing.T) {
	e := openEstate(t)
	h := e.settle("acme", 1)
	caller, err := mapping.ParseNumber("+919876543210")
	if err != nil {
		t.Fatal(err)
	}
	for n, row := range []struct {
		did         mapping.DID
		interaction mapping.ID
		redirected  bool
		want        string
	}{
		{did: "+442079460123", want: "+*******23"},
		{did: "", want: "none"},
		{did: "+15550101000", want: "+15550101000"}, // of a pool
		{did: "+15550190000", interaction: interactionID(t, h.interaction), want: "+15550190000"}, // of a pool once
		{did: "+15550190001", redirected: true, want: "+15550190001"},
	} {
		call := mapping.NewID(noon, [10]byte{77, byte(n)})
		e.db.Record(mapping.CDR{Call: call, Tenant: "acme", Interaction: row.interaction, Redirected: row.redirected, Caller: caller,
			DID: row.did, AdmittedAt: noon, EndedAt: noon, Outcome: mapping.OutcomeRefused})
		if err := e.db.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		shown, err := e.client.Call(t.Context(), call.Text(mapping.KindCall))
		if err != nil || shown.DID != row.want {
			t.Errorf("%d: shown as %s, want %s: %v", n, shown.DID, row.want, err)
		}
		listed, err := e.client.CDRs(t.Context(), admin.Cursor{Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range listed.Data {
			if c.Call == shown.ID && c.DID != row.want {
				t.Errorf("%d: listed as %s, want %s", n, c.DID, row.want)
			}
		}
	}
	for _, path := range []string{"/v1/cdrs", "/v1/calls"} {
		if _, body := e.ask("GET", path, ""); strings.Contains(body, "2079460123") {
			t.Errorf("%s: %s", path, body)
		}
	}
}
