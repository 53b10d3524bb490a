package hook_test

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"maskd/cmd/maskd/hook"
	"maskd/cmd/maskd/post"
	"maskd/mapping"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is more than any test needs: none waits for it.
const patience = time.Minute

const secret = "whsec_bWFza2QgZGVjaXNpb24gaG9vayB0ZXN0IGtleSE="

func key(t testing.TB) post.Key {
	t.Helper()
	k, err := post.ParseKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// ledger keeps how questions went.
type ledger struct {
	mu       sync.Mutex
	outcomes []hook.Outcome
}

func (l *ledger) Asked(o hook.Outcome, took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.outcomes = append(l.outcomes, o)
}

func (l *ledger) last() hook.Outcome {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.outcomes[len(l.outcomes)-1]
}

// served is a client of a hook that answers so.
func served(t *testing.T, timeout time.Duration, answer http.HandlerFunc) (*hook.Client, *ledger) {
	t.Helper()
	server := httptest.NewServer(answer)
	l := &ledger{}
	c := hook.New(hook.Options{URL: server.URL + "/secret-path", Key: key(t), Timeout: timeout, Meter: l})
	t.Cleanup(func() { c.Close(); server.Close() })
	return c, l
}

func says(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }
}

var (
	ride = mapping.NewID(time.UnixMilli(1_800_000_000_000), [10]byte{7})
	call = mapping.Case{
		Matter: mapping.MatterParty, Tenant: mapping.DefaultTenant, Call: ride, Interaction: ride, ExternalID: "ride-1", DID: "+15550100001", Side: mapping.SideA,
		Caller: "num_caller", Targets: []string{"num_first", "num_second"}, Fallback: "num_third", Labels: map[string]string{"city": "Pune"},
		At: time.Date(2026, 11, 22, 3, 4, 5, 6_000_000, time.UTC),
	}
	unknown = mapping.Case{Matter: mapping.MatterUnknown, Tenant: "acme", DID: "+15550100001", At: call.At}
)

func TestWhatTheHookIsAsked(t *testing.T) {
	var got []string
	c, _ := served(t, patience, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = append(got, r.Method+" "+r.URL.Path+" "+string(body))
		says(`{"decision":"refuse"}`)(w, r)
	})
	for _, about := range []mapping.Case{call, unknown} {
		if r, err := c.Rule(t.Context(), about); err != nil || r.Verdict != mapping.VerdictRefuse {
			t.Errorf("%+v, %v", r, err)
		}
	}
	id := strings.TrimPrefix(ride.Text(mapping.KindCall), "call_")
	for n, want := range []string{
		`POST /secret-path {"event":"call","call":"call_` + id + `","interaction":"int_` + id + `","external_id":"ride-1","did":"+15550100001",` +
			`"caller_side":"a","caller":"num_caller","targets":["num_first","num_second"],"fallback":"num_third","labels":{"city":"Pune"},"at":"2026-11-22T03:04:05.006Z"}`,
		`POST /secret-path {"event":"unknown_caller","tenant":"acme","did":"+15550100001","targets":[],"labels":{},"at":"2026-11-22T03:04:05.006Z"}`,
	} {
		if got[n] != want {
			t.Errorf("asked\n%s, not\n%s", got[n], want)
		}
	}
}

func TestWhichAnswersConnect(t *testing.T) {
	id := ride.Text(mapping.KindInteraction)
	for _, row := range []struct {
		answer string
		about  mapping.Case
		want   mapping.Ruling // zero: none
	}{
		{`{"decision":"connect"}`, call, mapping.Ruling{Verdict: mapping.VerdictConnect}},
		{` {"decision": "refuse"} ` + "\n", call, mapping.Ruling{Verdict: mapping.VerdictRefuse}},
		{`{"decision":"connect","target_index":0}`, call, mapping.Ruling{Verdict: mapping.VerdictConnect, Picks: true}},
		{`{"decision":"connect","target_index":1}`, call, mapping.Ruling{Verdict: mapping.VerdictConnect, Picks: true, Target: 1}},
		{`{"decision":"connect","interaction":"` + id + `"}`, unknown, mapping.Ruling{Verdict: mapping.VerdictConnect, Interaction: ride}},
		{`{"decision":"connect","interaction":"` + id + `","side":"b"}`, unknown, mapping.Ruling{Verdict: mapping.VerdictConnect, Interaction: ride, Side: mapping.SideB}},

		{`{"decision":"connect","record":"announce"}`, call, mapping.Ruling{Verdict: mapping.VerdictConnect, Record: mapping.RecordingAnnounce}},
		{`{"decision":"connect","record":"off","target_index":0}`, call, mapping.Ruling{Verdict: mapping.VerdictConnect, Record: mapping.RecordingOff, Picks: true}},

		{`{"decision":"connect","max_call_seconds":600}`, call, mapping.Ruling{Verdict: mapping.VerdictConnect, CallTime: 10 * time.Minute}},
		{`{"decision":"connect","interaction":"` + id + `","max_call_seconds":10}`, unknown, mapping.Ruling{Verdict: mapping.VerdictConnect, Interaction: ride, CallTime: 10 * time.Second}},

		{`{"decision":"fallback"}`, call, mapping.Ruling{Verdict: mapping.VerdictFallback}},
		{`{"decision":"fallback","record":"off"}`, call, mapping.Ruling{Verdict: mapping.VerdictFallback, Record: mapping.RecordingOff}},
		{`{"decision":"fallback","target_index":0}`, call, mapping.Ruling{}},
		{`{"decision":"fallback"}`, unknown, mapping.Ruling{}},
		{`{"decision":"fallback","interaction":"` + id + `"}`, unknown, mapping.Ruling{}},

		{`{"decision":"connect","max_call_seconds":9}`, call, mapping.Ruling{}},
		{`{"decision":"connect","max_call_seconds":0}`, call, mapping.Ruling{}},
		{`{"decision":"connect","max_call_seconds":-600}`, call, mapping.Ruling{}},
		{`{"decision":"connect","max_call_seconds":9223372036854775807}`, call, mapping.Ruling{}},
		{`{"decision":"refuse","max_call_seconds":600}`, call, mapping.Ruling{}},
		{`{"decision":"connect","record":"secretly"}`, call, mapping.Ruling{}},
		{`{"decision":"connect","record":true}`, call, mapping.Ruling{}},
		{`{"decision":"refuse","record":"off"}`, call, mapping.Ruling{}},
		{``, call, mapping.Ruling{}},
		{`connect`, call, mapping.Ruling{}},
		{`"connect"`, call, mapping.Ruling{}},
		{`null`, call, mapping.Ruling{}},
		{`{}`, call, mapping.Ruling{}},
		{`{"decision":""}`, call, mapping.Ruling{}},
		{`{"decision":"Connect"}`, call, mapping.Ruling{}},
		{`{"decision":true}`, call, mapping.Ruling{}},
		{`{"decision":"connect"`, call, mapping.Ruling{}},
		{`{"decision":"connect"}{"decision":"connect"}`, call, mapping.Ruling{}},
		{`{"decision":"connect"} x`, call, mapping.Ruling{}},
		{`{"decision":"connect","number":"+447700900123"}`, call, mapping.Ruling{}},
		{`{"decision":"connect","target_index":2}`, call, mapping.Ruling{}},
		{`{"decision":"connect","target_index":-1}`, call, mapping.Ruling{}},
		{`{"decision":"connect","target_index":"0"}`, call, mapping.Ruling{}},
		{`{"decision":"connect","target_index":0.5}`, call, mapping.Ruling{}},
		{`{"decision":"connect","interaction":"` + id + `"}`, call, mapping.Ruling{}},
		{`{"decision":"connect"}`, unknown, mapping.Ruling{}},
		{`{"decision":"connect","interaction":"call_` + id[4:] + `"}`, unknown, mapping.Ruling{}},
		{`{"decision":"connect","interaction":"` + id + `","side":"c"}`, unknown, mapping.Ruling{}},
		{`{"decision":"connect","note":"` + strings.Repeat("x", 5000) + `"}`, call, mapping.Ruling{}},
		{`{"decision":"connect"}` + strings.Repeat(" ", 5000), call, mapping.Ruling{}},
	} {
		c, l := served(t, patience, says(row.answer))
		got, err := c.Rule(t.Context(), row.about)
		if none := row.want == (mapping.Ruling{}); got != row.want || none != errors.Is(err, hook.ErrAnswer) || !none && err != nil {
			t.Errorf("%.60s: %+v, %v", row.answer, got, err)
		}
		want := map[mapping.Verdict]hook.Outcome{
			mapping.VerdictConnect: hook.OutcomeConnect, mapping.VerdictRefuse: hook.OutcomeRefuse, mapping.VerdictFallback: hook.OutcomeFallback, 0: hook.OutcomeAnswer}[row.want.Verdict]
		if l.last() != want {
			t.Errorf("%.60s: counted as %s", row.answer, l.last())
		}
	}
}

// Nobody but the hook of the configuration is asked, and it answers for itself.
func TestNoOtherStatusIsAnAnswer(t *testing.T) {
	elsewhere := httptest.NewServer(says(`{"decision":"connect"}`))
	defer elsewhere.Close()
	for _, status := range []int{201, 204, 301, 302, 303, 307, 308, 401, 404, 429, 500, 503} {
		c, l := served(t, patience, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", elsewhere.URL)
			w.WriteHeader(status)
			if status != 204 {
				_, _ = io.WriteString(w, `{"decision":"connect"}`)
			}
		})
		if r, err := c.Rule(t.Context(), call); !errors.Is(err, hook.ErrStatus) || r != (mapping.Ruling{}) || l.last() != hook.OutcomeStatus {
			t.Errorf("status %d: %+v, %v", status, r, err)
		}
	}
}

func TestAHookThatIsTooSlow(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"says nothing": func(_ http.ResponseWriter, r *http.Request) { drained(r) },
		"says half": func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, `{"decision":"connect"`)
			_ = http.NewResponseController(w).Flush()
			drained(r)
		},
	} {
		c, l := served(t, 50*time.Millisecond, answer)
		if r, err := c.Rule(t.Context(), call); !errors.Is(err, hook.ErrTimeout) || r != (mapping.Ruling{}) || l.last() != hook.OutcomeTimeout {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}

// drained reads the question, and waits until its asker has gone.
func drained(r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

func TestACallThatEndsIsNotWaitedFor(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c, l := served(t, patience, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		drained(r)
	})
	if _, err := c.Rule(ctx, call); !errors.Is(err, hook.ErrAbandoned) || l.last() != hook.OutcomeAbandoned {
		t.Errorf("%v", err)
	}
}

// A hook that stalls is asked no more than so many questions at once; who can't
// be heard in time is refused.
func TestQuestionsAreBounded(t *testing.T) {
	const bound = 64
	var open, most atomic.Int32
	full, enough := make(chan struct{}), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n := open.Add(1); n > most.Load() {
			most.Store(n)
			if n == bound {
				close(full)
			}
		}
		<-enough
		open.Add(-1)
		says(`{"decision":"connect"}`)(w, r)
	}))
	defer server.Close()
	patient := hook.New(hook.Options{URL: server.URL, Key: key(t), Timeout: patience})
	defer patient.Close()
	var wait sync.WaitGroup
	for range bound + 20 {
		wait.Go(func() {
			if _, err := patient.Rule(t.Context(), call); err != nil {
				t.Error(err)
			}
		})
	}
	<-full
	close(enough)
	wait.Wait()
	if most.Load() != bound {
		t.Errorf("%d were open at once", most.Load())
	}
}

func TestAHookThatIsBusy(t *testing.T) {
	c, l := served(t, time.Millisecond, says(`{"decision":"connect"}`))
	hook.Occupy(c)
	if _, err := c.Rule(t.Context(), call); !errors.Is(err, hook.ErrBusy) || l.last() != hook.OutcomeBusy {
		t.Errorf("%v", err)
	}
}

func TestConnectionsAreUsedAgain(t *testing.T) {
	sources := make(map[string]bool)
	c, _ := served(t, patience, func(w http.ResponseWriter, r *http.Request) {
		sources[r.RemoteAddr] = true
		says(`{"decision":"connect"}`)(w, r)
	})
	for range 10 {
		if _, err := c.Rule(t.Context(), call); err != nil {
			t.Fatal(err)
		}
	}
	if len(sources) != 1 {
		t.Errorf("%d connections for ten questions", len(sources))
	}
}

func TestAHookMustProveItself(t *testing.T) {
	server := httptest.NewTLSServer(says(`{"decision":"connect"}`))
	server.Config.ErrorLog = nil
	defer server.Close()
	trusted := x509.NewCertPool()
	trusted.AddCert(server.Certificate())
	for _, row := range []struct {
		name  string
		roots *x509.CertPool
		good  bool
	}{{"by an authority that we trust", trusted, true}, {"by another", x509.NewCertPool(), false}} {
		l := &ledger{}
		c := hook.New(hook.Options{URL: server.URL, Key: key(t), Timeout: patience, Roots: row.roots, Meter: l})
		_, err := c.Rule(t.Context(), call)
		c.Close()
		if (err == nil) != row.good || !row.good && l.last() != hook.OutcomeUnreachable {
			t.Errorf("%s: %v", row.name, err)
		}
	}
}

// An error goes to the log: it tells neither the URL nor what was answered.
func TestAnErrorTellsNothing(t *testing.T) {
	c, _ := served(t, patience, says(`{"decision":"+447700900123"}`))
	_, malformed := c.Rule(t.Context(), call)
	gone := httptest.NewServer(says(""))
	gone.Close()
	unreachable := hook.New(hook.Options{URL: gone.URL + "/secret-path", Key: key(t), Timeout: patience})
	_, refused := unreachable.Rule(t.Context(), call)
	for _, err := range []error{malformed, refused} {
		if err == nil || strings.Contains(err.Error(), "secret-path") || strings.Contains(err.Error(), "4477") {
			t.Errorf("%v", err)
		}
	}
}

func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{`{"decision":"connect","target_index":1}`, `{"decision":"refuse"}`, `{"decision":"connect","interaction":"int_1","side":"a"}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		for _, about := range []mapping.Case{call, unknown} {
			r, err := hook.Decode([]byte(body), &about)
			if err == nil && !r.Answers(&about) || err != nil && r != (mapping.Ruling{}) {
				t.Errorf("%q: %+v, %v", body, r, err)
			}
		}
	})
}
