package webhook

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"

	"maskd/cmd/maskd/post"
	"maskd/mapping"
)

// Outbox is what is to be told, and how far it was.
type Outbox interface {
	Events(of mapping.Tenant, after uint64, limit int) ([]mapping.Event, error)
	EventsPosted(of mapping.Tenant) <-chan struct{}
	EventRange(of mapping.Tenant) (oldest, next uint64, err error)
	Progress(endpoint string) (mapping.Progress, error)
	SetProgress(ctx context.Context, endpoint string, p mapping.Progress) error
	KeepProgress(ctx context.Context, endpoints []string) error
}

// sender posts signed messages.
type sender interface {
	Post(ctx context.Context, id string, body []byte) (*http.Response, error)
	Close()
}

// Office sends what the outbox holds to endpoints, each of which has a courier. It is
// safe for use by many goroutines.
type Office struct {
	outbox Outbox
	log    *zap.Logger
	hire   func(Endpoint) sender

	mu       sync.Mutex
	couriers map[string]*courier
}

// Open makes an office that tells nobody yet.
func Open(outbox Outbox, log *zap.Logger) *Office {
	return &Office{outbox: outbox, log: log, couriers: make(map[string]*courier), hire: func(e Endpoint) sender {
		return post.New(post.Options{URL: e.URL, Key: e.Key, Roots: e.Roots, Conns: 1})
	}}
}

// noteTime bounds the wait for a commit of the office's own.
const noteTime = 5 * time.Second

// Set has these endpoints be told from now on, and no others. One that was not told
// before begins with what happens next; one that is disabled is tried again, if it is
// not merely a start.
func (o *Office) Set(endpoints []Endpoint, start bool) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), noteTime)
	defer cancel()
	names := make([]string, len(endpoints))
	for n, e := range endpoints {
		names[n] = e.Name
	}
	for name, c := range o.couriers {
		if n := slices.Index(names, name); n < 0 || !reflect.DeepEqual(c.endpoint, endpoints[n]) {
			c.dismiss()
			delete(o.couriers, name)
		}
	}
	if err := o.outbox.KeepProgress(ctx, names); err != nil {
		return fmt.Errorf("forget webhooks: %w", err)
	}
	for _, e := range endpoints {
		if err := o.set(ctx, e, start); err != nil {
			return fmt.Errorf("webhook %q: %w", e.Name, err)
		}
	}
	return nil
}

func (o *Office) set(ctx context.Context, e Endpoint, start bool) error {
	if c := o.couriers[e.Name]; c != nil {
		c.resume()
		return nil
	}
	p, err := o.outbox.Progress(e.Name)
	if errors.Is(err, mapping.ErrNotFound) || err == nil && p.Tenant != e.Tenant {
		p, err = o.begin(ctx, &e)
	}
	if err != nil {
		return err
	}
	if p.Disabled() && !start {
		p = p.Resumed()
	}
	o.couriers[e.Name] = employ(e, o.hire(e), o.outbox, p, o.log.With(zap.String("webhook", e.Name)))
	return nil
}

// begin notes that an endpoint is told of what happens from now on.
func (o *Office) begin(ctx context.Context, e *Endpoint) (mapping.Progress, error) {
	_, next, err := o.outbox.EventRange(e.Tenant)
	if err != nil {
		return mapping.Progress{}, err
	}
	p := mapping.Progress{Tenant: e.Tenant, After: next - 1}
	return p, o.outbox.SetProgress(ctx, e.Name, p)
}

// Standings returns how the endpoints are, by name.
func (o *Office) Standings() []Standing {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := make([]Standing, 0, len(o.couriers))
	for _, name := range slices.Sorted(maps.Keys(o.couriers)) {
		all = append(all, o.couriers[name].standing())
	}
	return all
}

// Resume has an endpoint be tried again now, if it is disabled or failing; false if
// there is none of that name.
func (o *Office) Resume(name string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	c := o.couriers[name]
	if c == nil {
		return false
	}
	c.resume()
	return true
}

// Close ends all deliveries. How far they came is in the store when it returns.
func (o *Office) Close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for name, c := range o.couriers {
		c.dismiss()
		delete(o.couriers, name)
	}
}
