package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"maskd/cmd/maskd/admin"
	"maskd/cmd/maskd/webhook"
)

// inbox is an integrator's receiver of events.
type inbox struct {
	mu     sync.Mutex
	closed bool // it takes none
	tried  int
	bodies []string
	got    []webhook.Message // each once, in the order in which they came first
}

func (b *inbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var m webhook.Message
	err := json.Unmarshal(body, &m)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tried++
	b.bodies = append(b.bodies, string(body))
	if b.closed || err != nil || r.Header.Get("Webhook-Id") != m.ID {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	if !slices.ContainsFunc(b.got, func(o webhook.Message) bool { return o.ID == m.ID }) {
		b.got = append(b.got, m)
	}
}

func (b *inbox) close(closed bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = closed
}

func (b *inbox) look() (tried int, types, ids []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, m := range b.got {
		types, ids = append(types, m.Type), append(ids, m.ID)
	}
	return b.tried, types, ids
}

const eventKey = "whsec_bWFza2QgZGVjaXNpb24gaG9vayB0ZXN0IGtleSE=\n"

// TestWebhooksEndToEnd tells a receiver what happens on UDP and the admin socket,
// while it is away and the daemon is killed.
func TestWebhooksEndToEnd(t *testing.T) {
	t.Parallel()
	box := &inbox{}
	server := httptest.NewServer(box)
	defer server.Close()
	s := newSite(t, line{name: "told", transport: "udp"})
	s.write(t, "events.key", eventKey)
	without := s.configuration()
	s.write(t, "maskd.yaml", without+"webhooks: [{name: dispatch, url: \""+server.URL+"/secret-path\", key_file: events.key}]\n")
	s.start(t)
	l := s.line("told")
	a, b := l.number('a', 0), l.number('b', 0)
	box.close(true)
	pair := s.connect(t, l, a, b, "--external-id", "order-canary", "--label", "city=label-canary")
	caller, callee := s.phoneOf(t, l.caller, a), s.phoneOf(t, l.callee, b)
	caller.Invite(pair.Parties.A.Dial)
	awaits(t, callee, "INVITE")
	callee.Respond(486, "Busy Here")
	awaits(t, caller, "486")
	s.maskd(t, "", "interaction", "complete", pair.ID)
	await(t, "the call's record", func() bool { return len(s.cdrs(t, l)) == 1 && s.cdrs(t, l)[0].Outcome == "busy" })
	await(t, "an attempt", func() bool { tried, _, _ := box.look(); return tried > 0 })
	s.kill()

	box.close(false)
	s.start(t)
	want := []string{"interaction.created", "call.started", "call.ended", "interaction.completed"}
	sorted := slices.Sorted(slices.Values(want)) // the last two are told in the order of their commits
	await(t, "the events", func() bool { _, types, _ := box.look(); return len(types) == len(want) })
	if _, types, _ := box.look(); !slices.Equal(types[:2], want[:2]) || !slices.Equal(slices.Sorted(slices.Values(types)), sorted) {
		t.Errorf("told of %q", types)
	}
	s.kill() // perhaps before it is noted how far it came
	s.start(t)
	s.connect(t, l, a, b)
	await(t, "one more", func() bool { _, types, _ := box.look(); return len(types) == len(want)+1 })

	listed := read[admin.EventPage](t, s.maskd(t, "", "event", "list", "--json"))
	var ids []string
	for n, m := range listed.Data {
		if ids = append(ids, m.ID); m.Seq != uint64(n+1) {
			t.Errorf("event %d is the %dth", m.Seq, n+1)
		}
	}
	if _, _, got := box.look(); !slices.Equal(got, ids) {
		t.Errorf("told of %q, not of %q", got, ids)
	}
	if said := string(s.maskd(t, "", "webhook", "list")); !strings.Contains(said, "dispatch") || !strings.Contains(said, "delivering") || strings.Contains(said, "secret-path") {
		t.Errorf("the webhook is shown as\n%s", said)
	}
	s.write(t, "maskd.yaml", without)
	s.maskd(t, "", "reload", "--json")
	s.maskd(t, "", "interaction", "complete", read[admin.Page[admin.Interaction]](t, s.maskd(t, "", "interaction", "list", "--json")).Data[1].ID)
	s.stop(t)
	if _, types, _ := box.look(); len(types) != len(want)+1 {
		t.Errorf("who is not configured any more is told of %q", types)
	}
	for _, secret := range []string{a[1:], b[1:], "canary", pair.Parties.A.Ref} {
		if strings.Contains(strings.Join(box.bodies, "\n"), secret) {
			t.Errorf("%s was told", secret)
		}
	}
	if strings.Contains(s.log.String(), "secret-path") {
		t.Error("the log holds the webhook's URL")
	}
}

// TestAWebhookThatHangsDelaysNoCall has a crowd of endpoints that never answer, while
// interactions are made and calls are placed (promise 7). Were any of these to wait
// for an endpoint, it would for 15 s each.
func TestAWebhookThatHangsDelaysNoCall(t *testing.T) {
	t.Parallel()
	over := make(chan struct{})
	var asked sync.Map
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked.Store(r.URL.Path, true)
		<-over
	}))
	defer server.Close()
	defer close(over)
	const many = 16
	s := newSite(t, line{name: trialLine, transport: "udp"})
	s.write(t, "events.key", eventKey)
	var hooks []string
	for n := range many {
		hooks = append(hooks, fmt.Sprintf("{name: w%d, url: \"%s/%[1]d\", key_file: events.key}", n, server.URL))
	}
	s.write(t, "maskd.yaml", s.configuration()+"webhooks: ["+strings.Join(hooks, ", ")+"]\n")
	s.start(t)
	l := s.line(trialLine)
	gone, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	told := &ledger{entries: make(map[string]entry)}
	var dials []string
	for n := range 100 {
		draft := admin.Draft{Pool: l.name}
		draft.Parties.A.Numbers = []admin.PlainNumber{admin.PlainNumber(l.number('a', n))}
		draft.Parties.B.Numbers = []admin.PlainNumber{admin.PlainNumber(l.number('b', n))}
		i, err := s.client().Create(gone, draft)
		if err != nil {
			t.Fatal(err)
		}
		dials = append(dials, i.Parties.A.Dial)
		told.note(i.ID, entry{})
	}
	s.busyGateway(t)
	conn := bind(t, l.caller)
	for n, did := range dials {
		if status := dial(t, conn, s.addr(1), l.number('a', n), did); status != 486 {
			t.Errorf("call %d is answered %d", n, status)
		}
	}
	await(t, "all of them to be told something", func() bool {
		n := 0
		asked.Range(func(any, any) bool { n++; return true })
		return n == many
	})
	for id := range told.entries {
		if _, err := s.client().Complete(gone, id, admin.Completion{}); err != nil {
			t.Fatal(err)
		}
	}
	s.stop(t)
}
