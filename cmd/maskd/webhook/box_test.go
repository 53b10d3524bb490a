package webhook

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"go.uber.org/zap"

	"maskd/cmd/maskd/post"
	"maskd/mapping"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// box is an outbox in memory, of one tenant.
type box struct {
	mu       sync.Mutex
	from     uint64 // events up to this one are forgotten
	events   []mapping.Event
	stir     chan struct{}
	progress map[string]mapping.Progress
	notes    int  // of progress
	broken   bool // nothing can be noted
}

func newBox() *box {
	return &box{stir: make(chan struct{}), progress: make(map[string]mapping.Progress)}
}

// happen puts events of these types into the box.
func (b *box) happen(types ...mapping.EventType) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, t := range types {
		seq := b.from + uint64(len(b.events)) + 1
		b.events = append(b.events, mapping.Event{
			ID: mapping.NewID(time.Now(), [10]byte{9: byte(seq)}), Seq: seq, At: time.Now(), Type: t, Tenant: mapping.DefaultTenant,
			Interaction: mapping.NewID(time.Now(), [10]byte{1}),
		})
	}
	close(b.stir)
	b.stir = make(chan struct{})
}

// forget removes all that has happened.
func (b *box) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.from, b.events = b.from+uint64(len(b.events)), nil
}

func (b *box) Events(of mapping.Tenant, after uint64, limit int) ([]mapping.Event, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case of != mapping.DefaultTenant:
		return nil, nil
	case after < b.from:
		return nil, mapping.ErrForgotten
	case after > b.from+uint64(len(b.events)):
		return nil, &mapping.InvalidError{Field: "after"}
	}
	left := b.events[after-b.from:]
	return left[:min(limit, len(left))], nil
}

func (b *box) EventsPosted(mapping.Tenant) <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.stir
}

func (b *box) EventRange(mapping.Tenant) (oldest, next uint64, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.from + 1, b.from + uint64(len(b.events)) + 1, nil
}

func (b *box) Progress(endpoint string) (mapping.Progress, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p, ok := b.progress[endpoint]
	if !ok {
		return p, mapping.ErrNotFound
	}
	return p, nil
}

func (b *box) SetProgress(_ context.Context, endpoint string, p mapping.Progress) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.broken {
		return mapping.ErrUnavailable
	}
	b.progress[endpoint] = p
	b.notes++
	return nil
}

func (b *box) KeepProgress(_ context.Context, endpoints []string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for name := range b.progress {
		kept := false
		for _, e := range endpoints {
			kept = kept || e == name
		}
		if !kept {
			delete(b.progress, name)
		}
	}
	return nil
}

// noted is how far an endpoint has been told, as the box has it.
func (b *box) noted(endpoint string) mapping.Progress {
	p, _ := b.Progress(endpoint)
	return p
}

func (b *box) put(endpoint string, p mapping.Progress) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.progress[endpoint] = p
}

func (b *box) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.notes
}

func (b *box) spoil(broken bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.broken = broken
}

// attempt is a message that somebody was sent.
type attempt struct {
	at time.Time
	id string
}

// receiver answers what it is sent with what it is told to answer.
type receiver struct {
	mu     sync.Mutex
	answer func(n int) int // the status for the nth attempt, from 1 on; 0: none ever comes
	got    []attempt
}

func (r *receiver) Post(ctx context.Context, id string, _ []byte) (*http.Response, error) {
	r.mu.Lock()
	r.got = append(r.got, attempt{time.Now(), id})
	status := r.answer(len(r.got))
	r.mu.Unlock()
	if status == 0 {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if status < 0 {
		return nil, errors.New("connection refused")
	}
	return &http.Response{StatusCode: status, Body: io.NopCloser(bytes.NewReader(nil))}, nil
}

// say has it answer so from now on.
func (r *receiver) say(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = func(int) int { return status }
}

func (r *receiver) Close() {}

func (r *receiver) attempts() []attempt {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]attempt(nil), r.got...)
}

func always(status int) *receiver { return &receiver{answer: func(int) int { return status }} }

// staffed is an office whose endpoints are these receivers, by name.
func staffed(b *box, receivers map[string]*receiver) *Office {
	o := Open(b, zap.NewNop())
	o.hire = func(e Endpoint) sender { return receivers[e.Name] }
	return o
}

func endpoint(name string, types ...mapping.EventType) Endpoint {
	return Endpoint{Name: name, URL: "https://" + name + ".example/secret-path", Tenant: mapping.DefaultTenant, Types: types}
}

const secret = "whsec_bWFza2QgZGVjaXNpb24gaG9vayB0ZXN0IGtleSE="

func key(t testing.TB) post.Key {
	t.Helper()
	k, err := post.ParseKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func set(t *testing.T, o *Office, start bool, endpoints ...Endpoint) {
	t.Helper()
	if err := o.Set(endpoints, start); err != nil {
		t.Fatal(err)
	}
}
