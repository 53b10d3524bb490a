package admin

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"maskd/cmd/maskd/webhook"
	"maskd/mapping"
)

// Events is what the API needs of the outbox.
type Events interface {
	Events(of mapping.Tenant, after uint64, limit int) ([]mapping.Event, error)
	EventsPosted(of mapping.Tenant) <-chan struct{}
	EventRange(of mapping.Tenant) (oldest, next uint64, err error)
}

// EventPage is events of one tenant, in their order.
type EventPage struct {
	Data []webhook.Message `json:"data"`
	Next string            `json:"next"` // ask for what is after this; always there, for who asks again
}

// maxWait is how long somebody may wait for an event, and maxWaiters how many at
// once: each has a connection and a goroutine.
const (
	maxWait    = 60 * time.Second
	maxWaiters = 64
)

// waiters are the places of those that wait.
type waiters chan struct{}

func (s *Server) routeEvents(mux router) {
	if s.events != nil {
		mux.Handle("GET /v1/events", patiently(s.answer(s.listEvents)))
	}
	if s.webhooks != nil {
		mux.Handle("GET /v1/webhooks", s.list(s.listWebhooks))
		mux.Handle("POST /v1/webhooks/{name}/resume", s.answer(s.resumeWebhook))
	}
}

// patiently gives a handler the time to wait in.
func patiently(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		control, until := http.NewResponseController(w), time.Now().Add(maxWait+writeTimeout)
		// A connection without deadlines has none to miss.
		_, _ = control.SetReadDeadline(until), control.SetWriteDeadline(until)
		h.ServeHTTP(w, r)
	})
}

// eventQuery is what somebody asks for.
type eventQuery struct {
	of    mapping.Tenant
	after uint64
	limit int
	wait  time.Duration
}

// listEvents answers with events that come after one, or waits for the first.
func (s *Server) listEvents(r *http.Request) (int, any, error) {
	q, err := s.readEventQuery(r)
	if err != nil {
		return 0, nil, err
	}
	if q.wait > 0 {
		select {
		case s.waiters <- struct{}{}:
			defer func() { <-s.waiters }()
		default:
			return 0, nil, tooMany("requests that wait for events", time.Second)
		}
	}
	a := askerOf(r)
	over := time.NewTimer(q.wait)
	defer over.Stop()
	for {
		posted := s.events.EventsPosted(q.of)
		page, last, err := s.readEvents(r, q)
		if err != nil {
			return 0, nil, err
		}
		looked := last > q.after // at events, if only at some that are not for him
		if a.mayBeOther() {
			return http.StatusOK, EventPage{Data: []webhook.Message{}, Next: strconv.FormatUint(q.after, 10)}, nil
		}
		if q.after = last; len(page.Data) > 0 || q.wait == 0 && !looked {
			return http.StatusOK, page, nil
		}
		if looked {
			continue
		}
		select {
		case <-posted:
			continue
		case <-a.until:
		case <-over.C:
		case <-s.life.Done():
		case <-r.Context().Done():
		}
		return http.StatusOK, page, nil
	}
}

func (s *Server) readEventQuery(r *http.Request) (q eventQuery, err error) {
	query, err := readQuery(r, "after", "limit", "wait_seconds", "tenant")
	if err != nil {
		return q, err
	}
	if q.of, err = s.whoseEvents(r, query); err != nil {
		return q, err
	}
	if q.limit, err = readLimit(query); err != nil {
		return q, err
	}
	if text := query.Get("wait_seconds"); text != "" {
		seconds, err := strconv.ParseUint(text, 10, 8)
		if q.wait = time.Duration(seconds) * time.Second; err != nil || q.wait > maxWait {
			return q, invalidField("wait_seconds", "out_of_range", "from 0 to 60")
		}
	}
	if text := query.Get("after"); text != "" {
		if q.after, err = strconv.ParseUint(text, 10, 63); err != nil {
			return q, invalidField("after", "malformed", "expected the seq of an event, such as the next of the page before")
		}
		return q, nil
	}
	oldest, _, err := s.events.EventRange(q.of)
	q.after = max(oldest, 1) - 1
	return q, err
}

// whoseEvents is the tenant whose events are asked for: each has a sequence of its
// own. Who sees all tenants says which he means, or means the default one.
func (s *Server) whoseEvents(r *http.Request, query url.Values) (mapping.Tenant, error) {
	a, named := askerOf(r), mapping.Tenant(query.Get("tenant"))
	if named == "" || named == a.tenant() {
		return a.tenant(), nil
	}
	if _, known := s.access.Load().Quotas[named]; a.scope != "" || !known {
		return "", invalidField("tenant", "unknown", "there is no such tenant here")
	}
	return named, nil
}

// readEvents reads a page, and the number of the last event that was looked at. Who
// creates interactions sees what becomes of them, and nothing of our DIDs and pools.
func (s *Server) readEvents(r *http.Request, q eventQuery) (p EventPage, last uint64, err error) {
	if err := s.takePlace(r); err != nil {
		return p, 0, err
	}
	defer s.leavePlace()
	events, err := s.events.Events(q.of, q.after, q.limit)
	if err != nil {
		return p, 0, err
	}
	p.Data, last = make([]webhook.Message, 0, len(events)), q.after
	for _, e := range events {
		last = e.Seq
		if askerOf(r).role != mapping.RoleIntegrator || !e.Interaction.IsZero() {
			p.Data = append(p.Data, webhook.View(e))
		}
	}
	p.Next = strconv.FormatUint(last, 10)
	return p, last, nil
}
