package webhook

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"maskd/cmd/maskd/post"
	"maskd/cmd/maskd/post/posttest"
	"maskd/mapping"
)

// TestTheReceiverOfTheREADME has code that is none of ours check the signatures.
func TestTheReceiverOfTheREADME(t *testing.T) {
	url, says := posttest.Receiver(t, "../../../README.md", "import http.server, json, sys", secret)
	b := newBox()
	o := Open(b, zap.NewNop())
	defer o.Close()
	set(t, o, true, Endpoint{Name: "a", URL: url, Key: key(t), Tenant: mapping.DefaultTenant})
	b.happen(created, ended, mapping.EventPoolExhausted)
	for _, want := range []string{"interaction.created", "call.ended", "pool.exhausted"} {
		if !says.Scan() || says.Text() != want {
			t.Fatalf("it heard of %q, not %s", says.Text(), want)
		}
	}
	stranger, err := post.ParseKey("whsec_" + strings.Repeat("A", 32))
	if err != nil {
		t.Fatal(err)
	}
	forger := post.New(post.Options{URL: url, Key: stranger})
	defer forger.Close()
	res, err := forger.Post(t.Context(), "evt_1", []byte(`{"type":"call.ended"}`))
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusUnauthorized {
		t.Errorf("another key: %d", res.StatusCode)
	}
}

// What an event is told as, and that the same is told again.
func TestWhatAnEndpointIsTold(t *testing.T) {
	at := time.Date(2026, 11, 22, 8, 5, 1, 220_000_000, time.UTC)
	id := mapping.NewID(at, [10]byte{1})
	rest := strings.TrimPrefix(id.Text(mapping.KindEvent), "evt_")
	for want, e := range map[string]mapping.Event{
		`{"id":"evt_ID","seq":17,"type":"call.ended","timestamp":"2026-11-22T08:05:01.220Z","data":{"interaction":"int_ID","call":"call_ID",` +
			`"did":"+15550100000","caller_side":"a","outcome":"no_answer","ended_by":"timeout","talked_seconds":0}}`: {
			Type: mapping.EventCallEnded, Interaction: id, Call: id, DID: "+15550100000", CallerSide: mapping.SideA,
			Outcome: mapping.OutcomeNoAnswer, EndedBy: mapping.EndedByTimeout,
		},
		`{"id":"evt_ID","seq":17,"type":"recording.ready","timestamp":"2026-11-22T08:05:01.220Z","data":{"interaction":"int_ID","call":"call_ID","recording":"rec_ID"}}`: {
			Type: mapping.EventRecordingReady, Interaction: id, Call: id,
		},
		`{"id":"evt_ID","seq":17,"type":"number.changed","timestamp":"2026-11-22T08:05:01.220Z","tenant":"acme","data":{"did":"+15550100000",` +
			`"until":"2026-11-22T08:05:01.220Z","standing":"quarantined","pool":"p"}}`: {
			Type: mapping.EventNumberChanged, Tenant: "acme", DID: "+15550100000", Standing: mapping.StandingQuarantined, Until: at, Pool: "p",
		},
	} {
		e.ID, e.Seq, e.At = id, 17, at
		if e.Tenant == "" {
			e.Tenant = mapping.DefaultTenant
		}
		body, err := encode(e)
		if got := strings.ReplaceAll(string(body), rest, "ID"); err != nil || got != want {
			t.Errorf("told\n%s, not\n%s", got, want)
		}
	}
}

// served is an office that tells one endpoint of HTTP.
func served(t *testing.T, b *box, handler http.HandlerFunc) *Office {
	t.Helper()
	server := httptest.NewServer(handler)
	o := Open(b, zap.NewNop())
	t.Cleanup(func() { o.Close(); server.Close() })
	set(t, o, true, Endpoint{Name: "a", URL: server.URL + "/secret-path", Key: key(t), Tenant: mapping.DefaultTenant})
	return o
}

// become waits until the endpoint is as wanted.
func become(t *testing.T, o *Office, what string, is func(Standing) bool) Standing {
	t.Helper()
	for range 1000 {
		if s := o.Standings()[0]; is(s) {
			return s
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("it is not %s: %+v", what, o.Standings()[0])
	return Standing{}
}

// Whatever an endpoint says with its 200 is read for a while and dropped.
func TestWhatAnEndpointAnswersIsBounded(t *testing.T) {
	b, cut := newBox(), make(chan struct{}, 2)
	o := served(t, b, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		for {
			if _, err := w.Write(make([]byte, 1<<16)); err != nil {
				cut <- struct{}{}
				return
			}
		}
	})
	b.happen(created, ended)
	become(t, o, "told of both", func(s Standing) bool { return s.Delivered == 2 })
	<-cut
	<-cut
}

func TestARedirectionTakesNoEvent(t *testing.T) {
	b := newBox()
	o := served(t, b, http.RedirectHandler("/elsewhere", http.StatusPermanentRedirect).ServeHTTP)
	b.happen(created)
	s := become(t, o, "failing", func(s Standing) bool { return s.State() == StateFailing })
	if s.Status != http.StatusPermanentRedirect || s.Failed != 1 || s.Delivered != 0 {
		t.Errorf("%+v", s)
	}
	if strings.Contains(s.Site, "secret") {
		t.Errorf("the path is shown: %s", s.Site)
	}
}
