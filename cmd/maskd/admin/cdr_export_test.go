package admin_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"maskd/cmd/maskd/admin"
	"maskd/mapping"
)

// secondApart gives the store so many records of calls, admitted a second after each other
// from noon on, every third of acme.
func (h *house) secondApart(calls int) {
	for n := range calls {
		at := noon.Add(time.Duration(n) * time.Second)
		c := mapping.CDR{Call: mapping.NewID(at, [10]byte{byte(n)}), AdmittedAt: at, EndedAt: at, Outcome: mapping.OutcomeBusy, Tenant: mapping.DefaultTenant}
		if n%3 == 0 {
			c.Tenant = "acme"
		}
		h.store.cdrs = append(h.store.cdrs, c)
	}
}

// exported are the calls of an export, by how many seconds after noon they were admitted.
func (h *house) exported(asked admin.CDRExport) (calls []int, err error) {
	h.Helper()
	var text bytes.Buffer
	err = h.client.ExportCDRs(h.Context(), asked, &text)
	for line := range strings.Lines(text.String()) {
		var c admin.CDR
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			h.Fatalf("%v in %q", err, line)
		}
		calls = append(calls, int(c.AdmittedAt.Sub(noon).Round(time.Second)/time.Second))
	}
	return calls, err
}

func secondsFrom(first, last, step int) (all []int) {
	for n := first; n <= last; n += step {
		all = append(all, n)
	}
	return all
}

// whyExport is a reason.
var whyExport = admin.Why{Reason: "the bill of November"}

// All records of a time are there once, in their order, and exports of a time after the
// other neither leave one out nor have one twice.
func TestAnExportHasTheRecordsOfItsTime(t *testing.T) {
	h := open(t)
	h.secondApart(2500)
	at := func(seconds float64) admin.Time {
		return admin.Time{Time: noon.Add(time.Duration(seconds * float64(time.Second)))}
	}
	for name, test := range map[string]struct {
		since, until admin.Time
		want         []int
	}{
		"all":               {want: secondsFrom(0, 2499, 1)},
		"from the start":    {until: at(1200), want: secondsFrom(0, 1199, 1)},
		"then":              {since: at(1200), until: at(2000), want: secondsFrom(1200, 1999, 1)},
		"to the end":        {since: at(2000), want: secondsFrom(2000, 2499, 1)},
		"within a second":   {since: at(7.5), until: at(8.5), want: []int{8}},
		"less than a milli": {since: at(7.0001), until: at(8.0001), want: []int{7}},
		"a page whole":      {since: at(500), until: at(1500), want: secondsFrom(500, 1499, 1)},
		"before there was":  {until: at(-10)},
		"after it":          {since: at(9999)},
		"from before time":  {since: admin.Time{Time: time.Unix(-5, 0)}, until: at(2), want: []int{0, 1}},
	} {
		got, err := h.exported(admin.CDRExport{Since: test.since, Until: test.until, Why: whyExport})
		if err != nil || !slices.Equal(got, test.want) {
			t.Errorf("%s: %d calls, want %d: %v", name, len(got), len(test.want), err)
		}
	}
}

// A line is what the list has of the call.
func TestALineOfAnExportIsThatOfTheList(t *testing.T) {
	h := open(t)
	number, err := mapping.ParseNumber("+919876543210")
	if err != nil {
		t.Fatal(err)
	}
	h.store.cdrs = []mapping.CDR{{Call: mapping.NewID(noon, [10]byte{1}), Caller: number, Target: number, DID: "+15550100001", AdmittedAt: noon, Outcome: mapping.OutcomeLive}}
	_, list := h.ask("GET", "/v1/cdrs", "")
	r, export := h.ask("POST", "/v1/cdrs/export", `{"reason":"the bill of November"}`)
	if want := strings.TrimSuffix(strings.TrimPrefix(list, `{"data":[`), `],"next":""}`+"\n") + "\n"; export != want || r.Header.Get("Content-Type") != "application/x-ndjson" {
		t.Errorf("%s\nexported as %s, want %s", r.Header.Get("Content-Type"), export, want)
	}
}

// Whoever gets the records is in the audit log before, and why.
func TestAnExportOfRecordsIsToldOfBeforeItIsSent(t *testing.T) {
	l := &ledger{}
	h := newHouse(t)
	h.launch(admin.Options{Store: h.store, Ledger: l})
	h.secondApart(1)
	for _, test := range []struct{ body, code, field string }{
		{`{}`, "too_short", "reason"},
		{`{"reason":"for +919876543210, of course"}`, "", "reason"},
		{`{"reason":"the bill of November","since":"2026-11-22T00:00:00Z","until":"2026-11-22T00:00:00Z"}`, "out_of_range", "until"},
		{`{"reason":"the bill of November","limit":5}`, "unknown_field", "limit"},
		{`{"reason":"the bill of November","since":"yesterday"}`, "bad_json", ""},
		{``, "bad_json", ""},
	} {
		r, body := h.ask("POST", "/v1/cdrs/export", test.body)
		if r.StatusCode < 400 || !strings.Contains(body, test.code) || !strings.Contains(body, test.field) || strings.Contains(body, "9876543210") {
			t.Errorf("%s: %d %s", test.body, r.StatusCode, body)
		}
	}
	if told := l.all(); len(told) != 6 || !strings.HasPrefix(told[0], "cdr.export refused") {
		t.Errorf("the log was told of what is refused: %q", told)
	}
	if got, err := h.exported(admin.CDRExport{Why: whyExport}); err != nil || len(got) != 1 {
		t.Errorf("%d calls, %v", len(got), err)
	}
	if told := l.all(); len(told) != 1 || told[0] != `cdr.export done admin "the bill of November"` {
		t.Errorf("the log was told of %v", told)
	}
	l.mu.Lock()
	l.broken = errors.New("the disk is full")
	l.mu.Unlock()
	if got, err := h.exported(admin.CDRExport{Why: whyExport}); err == nil || len(got) > 0 {
		t.Errorf("though it could not be told: %d calls, %v", len(got), err)
	}
}

// An auditor of a tenant exports its calls, and none of another.
func TestATenantExportsItsOwnRecords(t *testing.T) {
	h := open(t)
	h.secondApart(3100)
	h.as(mapping.RoleAuditor, "acme")
	if got, err := h.exported(admin.CDRExport{Why: whyExport}); err != nil || !slices.Equal(got, secondsFrom(0, 3099, 3)) {
		t.Errorf("%d calls, %v", len(got), err)
	}
	h.as(mapping.RoleAdmin, "")
	h.client = h.client.For("acme")
	if got, err := h.exported(admin.CDRExport{Why: whyExport}); err != nil || len(got) != 1034 {
		t.Errorf("who acts for it: %d calls, %v", len(got), err)
	}
}

// failing is a store that fails at the page after the given call.
type failing struct {
	*memory
	at mapping.ID
}

func (f failing) CDRsOf(of mapping.Tenant, after mapping.ID, limit int) ([]mapping.CDR, error) {
	if after == f.at {
		return nil, errors.New("a page is damaged")
	}
	return f.memory.CDRsOf(of, after, limit)
}

// What breaks off is not taken for all.
func TestAnExportThatBreaksOffIsAnError(t *testing.T) {
	for name, test := range map[string]struct{ fails, sent int }{"at once": {-1, 0}, "later": {1999, 2000}} {
		h := newHouse(t)
		h.secondApart(2500)
		store := failing{memory: h.store}
		if test.fails >= 0 {
			store.at = h.store.cdrs[test.fails].Call
		}
		h.start(store)
		got, err := h.exported(admin.CDRExport{Why: whyExport})
		if err == nil || len(got) > test.sent {
			t.Errorf("%s: %d calls, %v", name, len(got), err)
		}
	}
}

// full is a disk that is.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

// That what is exported can't be kept is not said to be the daemon's failure.
func TestAnExportThatCantBeKeptSaysSo(t *testing.T) {
	h := open(t)
	h.secondApart(1)
	err := h.client.ExportCDRs(t.Context(), admin.CDRExport{Why: whyExport}, full{})
	if err == nil || err.Error() != "export call detail records: no space left" {
		t.Error(err)
	}
}
