package admin_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"maskd/cmd/maskd/admin"
	"maskd/mapping"
	"maskd/media/recording"
	"maskd/sip"
	"maskd/store"
)

// estate is the API over a store with two tenants, a pool of each, and a pool that
// is nobody else's.
type estate struct {
	*house
	db    *store.DB
	shelf shelf
}

// shelf is recordings of which nobody hears anything, by id.
type shelf map[string]recording.Manifest

func (s shelf) List() ([]string, error) { return slices.Sorted(maps.Keys(s)), nil }

func (s shelf) Manifest(id string) (recording.Manifest, error) {
	if m, ok := s[id]; ok {
		return m, nil
	}
	return recording.Manifest{}, fs.ErrNotExist
}

func (s shelf) Of(interaction string) (found []recording.Manifest, err error) {
	for _, id := range slices.Sorted(maps.Keys(s)) {
		if s[id].Interaction == interaction {
			found = append(found, s[id])
		}
	}
	return found, nil
}

func (s shelf) Remove(m recording.Manifest) error {
	delete(s, m.ID)
	return nil
}

func (s shelf) Open(recording.Manifest, string) (io.ReadCloser, error) {
	return io.NopCloser(strings.NewReader("sealed")), nil
}

func (s shelf) Verify(recording.Manifest) error { return nil }

// openPoolsOfTenants opens a store with two tenants.
func openPoolsOfTenants(t *testing.T) *store.DB {
	t.Helper()
	var pools []mapping.Pool
	for n, name := range []string{"default", "acme", "zeta"} {
		pools = append(pools, mapping.Pool{Name: name, Trunk: "carrier", DIDs: []mapping.DID{
			mapping.DID(fmt.Sprintf("+1555010%d000", n)), mapping.DID(fmt.Sprintf("+1555010%d001", n))}})
	}
	let, err := mapping.NewPools(pools, mapping.Tenancy{Tenant: "acme", Pools: []string{"acme"}, Allowance: mapping.Allowance{MaxLive: 2}},
		mapping.Tenancy{Tenant: "zeta", Pools: []string{"zeta"}})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	db, err := store.Open(store.Options{Path: filepath.Join(dir, "db"), RootKey: filepath.Join(dir, "key"), Pools: let}, noon)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Check(context.Background(), noon); err != nil {
			t.Error(err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func openEstate(t *testing.T) *estate { return openEstateWith(t, admin.Options{}) }

func openEstateWith(t *testing.T, o admin.Options) *estate {
	t.Helper()
	db := openPoolsOfTenants(t)
	e := &estate{house: newHouse(t), db: db}
	t.Cleanup(e.close)
	e.shelf = make(shelf)
	if o.Ledger == nil {
		o.Ledger = db
	}
	o.Store, o.Numbers, o.Blocks, o.Keys, o.Oblivion, o.Recordings, o.Events = db, db, db, db, db, e.shelf, db
	o.Webhooks = endpoints{{Name: "of-acme", Tenant: "acme"}, {Name: "of-zeta", Tenant: "zeta"}, {Name: "of-default", Tenant: mapping.DefaultTenant}}
	e.launch(o)
	return e
}

// holding is what a tenant has in a test.
type holding struct {
	interaction admin.Interaction
	live, over  mapping.ID // calls
	recording   mapping.ID // of the one that is over
}

// settle has a tenant create an interaction, with a call that lives and one that is
// over.
func (e *estate) settle(tenant mapping.Tenant, n byte) holding {
	e.Helper()
	e.as(mapping.RoleAdmin, tenant)
	h := holding{e.create("ride-1"), mapping.NewID(noon, [10]byte{n, 1}), mapping.NewID(noon, [10]byte{n, 2}), mapping.NewID(noon, [10]byte{n, 3})}
	id := interactionID(e.T, h.interaction)
	e.calls.add(sip.CallInfo{ID: h.live, Tenant: tenant, Interaction: id, DID: mapping.DID(h.interaction.Parties.A.Dial), StartedAt: noon, State: "talking"})
	caller, err := mapping.ParseNumber("+15550200001")
	if err != nil {
		e.Fatal(err)
	}
	e.db.Record(mapping.CDR{Call: h.over, Tenant: tenant, Interaction: id, DID: mapping.DID(h.interaction.Parties.A.Dial),
		Caller: caller, AdmittedAt: noon, EndedAt: noon, Outcome: mapping.OutcomeBusy})
	if err := e.db.Flush(context.Background()); err != nil {
		e.Fatal(err)
	}
	name := h.recording.Text(mapping.KindRecording)
	e.shelf[name] = recording.Manifest{ID: name, Call: h.over.Text(mapping.KindCall), Interaction: h.interaction.ID,
		Parts: []recording.Part{{File: name, Format: "wav"}}}
	return h
}

// marks are the texts by which a holding would be known.
func (h holding) marks() []string {
	p := h.interaction.Parties
	return []string{"of-" + h.interaction.Effective.Pool, h.interaction.ID, h.live.Text(mapping.KindCall), h.over.Text(mapping.KindCall), h.recording.Text(mapping.KindRecording), p.A.Dial, p.B.Dial, p.A.Ref, p.B.Ref}
}

// Everything that a tenant can ask for is asked for, of all that is another's. It is
// answered as what there is not, and nothing of the other is in any answer.
func TestATenantSeesNothingOfAnother(t *testing.T) {
	e := openEstate(t)
	held := map[mapping.Tenant]holding{"acme": e.settle("acme", 1), "zeta": e.settle("zeta", 2), mapping.DefaultTenant: e.settle(mapping.DefaultTenant, 3)}
	nothing := holding{live: mapping.NewID(noon, [10]byte{9, 9}), over: mapping.NewID(noon, [10]byte{9, 8}), recording: mapping.NewID(noon, [10]byte{9, 6})}
	nothing.interaction.ID = mapping.NewID(noon, [10]byte{9, 7}).Text(mapping.KindInteraction)
	nothing.interaction.Parties.A.Dial = "+15550109999"
	for who := range held {
		for whose, other := range held {
			if who == whose {
				continue
			}
			e.as(mapping.RoleAdmin, who)
			for _, ask := range probes(other) {
				gone := probes(nothing)[ask.name]
				r, body := e.ask(ask.method, ask.path, ask.body)
				want, wanted := e.ask(gone.method, gone.path, gone.body)
				if r.StatusCode != want.StatusCode || body != wanted || strings.HasPrefix(ask.name, "POST") && r.StatusCode < 400 {
					t.Errorf("%s asks %s of %s: %d %s\nof nobody: %d %s", who, ask.name, whose, r.StatusCode, body, want.StatusCode, wanted)
				}
				for _, mark := range other.marks() {
					if strings.Contains(body, mark) {
						t.Errorf("%s asks %s of %s and reads %s: %s", who, ask.name, whose, mark, body)
					}
				}
			}
		}
	}
	for who, own := range held { // and nothing has happened to anybody
		e.as(mapping.RoleAdmin, who)
		for _, path := range []string{"/v1/interactions/" + own.interaction.ID, "/v1/calls/" + own.live.Text(mapping.KindCall), "/v1/calls/" + own.over.Text(mapping.KindCall), "/v1/recordings/" + own.recording.Text(mapping.KindRecording)} {
			if r, body := e.ask("GET", path, ""); r.StatusCode != 200 || strings.Contains(body, "completed") {
				t.Errorf("%s has lost %s: %d %s", who, path, r.StatusCode, body)
			}
		}
		for _, path := range []string{"/v1/interactions", "/v1/calls", "/v1/cdrs", "/v1/recordings", "/v1/pools", "/v1/numbers"} {
			var list struct{ Data []json.RawMessage }
			_, body := e.ask("GET", path, "")
			if err := json.Unmarshal([]byte(body), &list); err != nil || len(list.Data) == 0 || path != "/v1/numbers" && len(list.Data) != 1 {
				t.Errorf("%s lists %s: %s", who, path, body)
			}
		}
	}
}

// The DIDs of a pool that has changed hands: nothing of the call that they still
// connect is told to who has them now.
func TestADIDThatChangesHandsTellsNothingOfItsPast(t *testing.T) {
	e := openEstate(t)
	acme := e.settle("acme", 1)
	moved, err := mapping.NewPools(e.db.Pools(), mapping.Tenancy{Tenant: "zeta", Pools: []string{"zeta", "acme"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.db.SetPools(context.Background(), moved, noon); err != nil {
		t.Fatal(err)
	}
	e.as(mapping.RoleAdmin, "zeta")
	for _, path := range []string{"/v1/calls", "/v1/cdrs", "/v1/lookup"} {
		method, body := "GET", ""
		if path == "/v1/lookup" {
			method, body = "POST", `{"did":"`+acme.interaction.Parties.A.Dial+`","caller":"+15550200001"}`
		}
		r, answer := e.ask(method, path, body)
		if r.StatusCode != 200 || strings.Contains(answer, "int_") || strings.Contains(answer, "call_") {
			t.Errorf("%s: %d %s", path, r.StatusCode, answer)
		}
	}
}

type probe struct{ name, method, path, body string }

// probes asks for a holding by every route there is.
func probes(h holding) map[string]probe {
	all := map[string]probe{}
	for _, r := range rows() {
		if strings.ContainsAny(r.may, "H+") || r.path == "/v1/interactions" && r.method == "POST" {
			continue
		}
		name, body := r.method+" "+r.path, ""
		switch {
		case strings.HasSuffix(r.path, "/extend"), strings.HasSuffix(r.path, "/reopen"):
			body = `{"ttl_seconds":100}`
		case strings.HasSuffix(r.path, "/hours"):
			body = `{"parties":{"a":{}}}`
		case strings.HasSuffix(r.path, "/reveal"):
			body = `{"reason":"a dispute, case 4711"}`
		case strings.HasSuffix(r.path, "/recording"):
			body = `{"do":"pause"}`
		case strings.HasSuffix(r.path, ":batch"):
			body = `{"complete":{"id":"` + h.interaction.ID + `"}}`
			name = "batch"
		case strings.HasSuffix(r.path, "/lookup"):
			body = `{"did":"` + h.interaction.Parties.A.Dial + `","caller":"+15550200001"}`
			name = "lookup"
		case strings.HasSuffix(r.path, "/cdrs/export"):
			body = `{"reason":"the bill of November"}`
			name = "export"
		}
		for suffix, call := range map[string]mapping.ID{" live": h.live, " over": h.over} {
			path := strings.NewReplacer("/interactions/{id}", "/interactions/"+h.interaction.ID,
				"/calls/{id}", "/calls/"+call.Text(mapping.KindCall), "/recordings/{id}", "/recordings/"+h.recording.Text(mapping.KindRecording), "{format}", "wav", "{did}", h.interaction.Parties.A.Dial, "{id}", "rev_x").Replace(r.path)
			all[name+suffix] = probe{name + suffix, r.method, path, body}
		}
	}
	for name, question := range map[string]string{
		"stranger": `","caller":"+15550299999"}`, "withheld": `"}`, "our own DID": `","caller":"+15550100001"}`,
		"a year ago": `","caller":"+15550200001","at":"2025-11-21T12:00:00Z"}`,
	} {
		all[name] = probe{name, "POST", "/v1/lookup", `{"did":"` + h.interaction.Parties.A.Dial + question}
	}
	return all
}

func TestAnAdminOfTheHouseSeesAllOrOne(t *testing.T) {
	e := openEstate(t)
	acme, zeta := e.settle("acme", 1), e.settle("zeta", 2)
	e.as(mapping.RoleAdmin, "")
	for tenant, want := range map[string][]string{"": {acme.interaction.ID, zeta.interaction.ID}, "zeta": {zeta.interaction.ID}, "default": nil} {
		page, err := e.client.For(tenant).Interactions(context.Background(), admin.Cursor{})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, i := range page.Data {
			got = append(got, i.ID)
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("for %q: %v, want %v", tenant, got, want)
		}
	}
	found, err := e.client.For("zeta").ByExternalID(context.Background(), "ride-1")
	if err != nil || len(found.Data) != 1 || found.Data[0].ID != zeta.interaction.ID || found.Data[0].Effective.Tenant != "zeta" {
		t.Errorf("by external id for zeta: %+v, %v", found.Data, err)
	}
	made, err := e.client.For("zeta").Create(context.Background(), draft("+15550200003", "+15550200004"))
	if err != nil || made.Effective.Pool != "zeta" || made.Effective.Tenant != "zeta" {
		t.Errorf("created for zeta: %+v, %v", made.Effective, err)
	}
}

// One number has one reference in all answers to a tenant, and another for the next.
func TestAReferenceIsATenantsOwn(t *testing.T) {
	e := openEstate(t)
	acme, zeta := e.settle("acme", 1), e.settle("zeta", 2)
	ref := acme.interaction.Parties.A.Ref
	if ref == zeta.interaction.Parties.A.Ref {
		t.Error("two tenants have one reference for a number")
	}
	for _, tenant := range []mapping.Tenant{"acme", ""} { // the house sees it as the tenant does
		e.as(mapping.RoleAdmin, tenant)
		for path, body := range map[string]string{"/v1/cdrs": "", "/v1/lookup": `{"did":"` + acme.interaction.Parties.A.Dial + `","caller":"+15550200001"}`} {
			method := http.MethodGet
			if body != "" {
				method = http.MethodPost
			}
			if _, answer := e.ask(method, path, body); !strings.Contains(answer, ref) {
				t.Errorf("%q finds no %s in %s", tenant, ref, answer)
			}
		}
	}
}

func TestATenantsQuotaIsToldAndKept(t *testing.T) {
	e := openEstate(t)
	e.as(mapping.RoleIntegrator, "acme")
	for n := range 3 {
		r, body := e.ask("POST", "/v1/interactions", fmt.Sprintf(`{"parties":{"a":{"numbers":["+1555020001%d"]},"b":{"numbers":["+1555020002%d"]}}}`, n, n))
		if n < 2 && r.StatusCode != 201 || n == 2 && (r.StatusCode != 409 || !strings.Contains(body, `"code":"quota_exceeded"`)) {
			t.Errorf("%d: %d %s", n, r.StatusCode, body)
		}
	}
}

func TestCreatesHaveAPace(t *testing.T) {
	now := noon
	e := openEstateWith(t, admin.Options{Now: func() time.Time { return now }})
	pace := func(tenant mapping.Tenant) {
		e.asWith(mapping.RoleIntegrator, tenant, map[mapping.Tenant]mapping.Allowance{"zeta": {CreatesPerSecond: 2}})
	}
	pace("zeta")
	create := func() (*http.Response, string) { return e.ask("POST", "/v1/interactions", `{"parties":{}}`) }
	for n, want := range []int{422, 422, 429} {
		if r, body := create(); r.StatusCode != want || want == 429 && (r.Header.Get("Retry-After") != "1" || !strings.Contains(body, `"code":"too_many"`)) {
			t.Errorf("%d: %d %v %s", n, r.StatusCode, r.Header, body)
		}
	}
	_, receipts := e.ask("POST", "/v1/interactions:batch", `{"create":{"parties":{}}}`)
	if !strings.Contains(receipts, `"status":429`) {
		t.Errorf("by a batch: %s", receipts)
	}
	pace("acme")
	if r, _ := create(); r.StatusCode != 422 {
		t.Errorf("another tenant: %d", r.StatusCode)
	}
	pace("zeta")
	now = now.Add(500 * time.Millisecond)
	for n, want := range []int{422, 429} {
		if r, _ := create(); r.StatusCode != want {
			t.Errorf("half a second later, %d: %d", n, r.StatusCode)
		}
	}
}

func TestLookUpsHaveAPace(t *testing.T) {
	now := noon
	e := openEstateWith(t, admin.Options{Now: func() time.Time { return now }})
	lookUp := func() int {
		r, _ := e.ask("POST", "/v1/lookup", `{"did":"+15550100000","caller":"+15550200001"}`)
		return r.StatusCode
	}
	for n := range 60 {
		if status := lookUp(); status != 200 {
			t.Fatalf("look-up %d: %d", n, status)
		}
	}
	if status := lookUp(); status != 429 {
		t.Errorf("one more: %d", status)
	}
	now = now.Add(time.Second)
	if first, second := lookUp(), lookUp(); first != 200 || second != 429 {
		t.Errorf("a second later: %d, %d", first, second)
	}
}
