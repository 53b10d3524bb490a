package webhook

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"go.uber.org/zap"

	"maskd/mapping"
)

const (
	// attemptTime bounds an attempt, answer included.
	attemptTime = 15 * time.Second
	// maxAnswer is how much of an answer's body is read, so that its connection can
	// be used again. What it says is dropped.
	maxAnswer = 4 << 10
	// round is how many events are read from the outbox at once.
	round = 100
	// noteEvery is how often it is noted how far an endpoint was told while there is
	// more to tell: a commit for each event would be one too many.
	noteEvery = time.Second
	// lookEvery is how often the outbox is looked at though nothing was posted: what
	// could not be read then may be now.
	lookEvery = time.Minute
)

// courier tells one endpoint: one event at a time, in their order.
type courier struct {
	// Immutable.
	endpoint Endpoint
	sender   sender
	outbox   Outbox
	log      *zap.Logger
	stop     context.CancelFunc
	stopped  chan struct{}
	nudge    chan struct{} // holds one wish that it be tried now

	// The goroutine's own.
	failures int // in a row
	noted    time.Time
	dirty    bool // it has come further than is noted

	mu  sync.Mutex
	now Standing
}

// employ makes a courier that goes on from there.
func employ(e Endpoint, s sender, outbox Outbox, from mapping.Progress, log *zap.Logger) *courier {
	ctx, stop := context.WithCancel(context.Background())
	c := &courier{
		endpoint: e, sender: s, outbox: outbox, log: log, stop: stop, stopped: make(chan struct{}), nudge: make(chan struct{}, 1),
		now: Standing{Name: e.Name, Site: e.site(), Tenant: e.Tenant, Types: e.Types, Progress: from},
	}
	go c.run(ctx)
	return c
}

// dismiss stops the courier and waits for it.
func (c *courier) dismiss() {
	c.stop()
	<-c.stopped
	c.sender.Close()
}

// resume has the endpoint be tried now.
func (c *courier) resume() {
	select {
	case c.nudge <- struct{}{}:
	default:
	}
}

func (c *courier) standing() Standing {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *courier) update(change func(*Standing)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(&c.now)
}

// progress is how far it has come; only the goroutine changes it.
func (c *courier) progress() mapping.Progress { return c.standing().Progress }

func (c *courier) run(ctx context.Context) {
	defer close(c.stopped)
	for ctx.Err() == nil {
		posted := c.outbox.EventsPosted(c.endpoint.Tenant)
		events := c.next()
		if c.progress().Disabled() {
			c.rest(ctx, events)
			continue
		}
		for n := range events {
			c.tell(ctx, &events[n])
			if c.progress().After < events[n].Seq { // stopped, or disabled
				break
			}
		}
		if len(events) == 0 {
			c.note()
			c.update(func(s *Standing) { s.Waiting = time.Time{} })
			c.wait(ctx, posted, lookEvery)
		}
	}
	c.note()
}

// next reads events that are to be told.
func (c *courier) next() []mapping.Event {
	after := c.progress().After
	events, err := c.outbox.Events(c.endpoint.Tenant, after, round)
	var beyond *mapping.InvalidError
	switch {
	case err == nil:
		return events
	case errors.Is(err, mapping.ErrForgotten) || errors.As(err, &beyond):
		c.jump(after)
		events, _ = c.outbox.Events(c.endpoint.Tenant, c.progress().After, round)
		return events
	default:
		c.log.Error("events can't be read", zap.Error(err))
	}
	return nil
}

// jump goes on with what there is: events have grown too old while the endpoint took
// none, or an older copy of the store was put back.
func (c *courier) jump(after uint64) {
	oldest, next, err := c.outbox.EventRange(c.endpoint.Tenant)
	if err != nil {
		c.log.Error("events can't be read", zap.Error(err))
		return
	}
	to := oldest - 1
	if after >= next {
		to = next - 1
	}
	c.log.Error("events are lost to a webhook: they are not kept any more", zap.Uint64("after", after), zap.Uint64("goes_on_after", to))
	c.set(func(p mapping.Progress) mapping.Progress { p.After = to; return p })
}

// set changes how far the endpoint has been told, to be noted.
func (c *courier) set(to func(mapping.Progress) mapping.Progress) {
	c.update(func(s *Standing) { s.Progress = to(s.Progress) })
	c.dirty = true
}

// rest waits until a disabled endpoint is to be tried again.
func (c *courier) rest(ctx context.Context, events []mapping.Event) {
	c.note()
	if len(events) > 0 {
		c.update(func(s *Standing) { s.Waiting, s.NextTry = events[0].At, time.Time{} })
	}
	if c.wait(ctx, nil, 0) {
		c.failures = 0
		c.set(mapping.Progress.Resumed)
		c.note()
		c.log.Info("webhook resumed")
	}
}

// wait waits for one of these: events, a nudge (true), or that the time is over if
// there is one.
func (c *courier) wait(ctx context.Context, posted <-chan struct{}, limit time.Duration) (nudged bool) {
	var over <-chan time.Time
	if limit > 0 {
		timer := time.NewTimer(limit)
		defer timer.Stop()
		over = timer.C
	}
	select {
	case <-c.nudge:
		return true
	case <-posted:
	case <-over:
	case <-ctx.Done():
	}
	return false
}

// tell has the endpoint take an event, however often it must be tried; or returns
// because it is disabled or the courier is stopped.
func (c *courier) tell(ctx context.Context, e *mapping.Event) {
	if !c.endpoint.wants(e.Type) {
		c.set(func(p mapping.Progress) mapping.Progress { return p.Delivered(e.Seq) })
		return
	}
	c.update(func(s *Standing) { s.Waiting = e.At })
	for {
		status, err := c.attempt(ctx, e)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil && status/100 == 2:
			c.taken(e, status)
			return
		}
		if c.refused(status, err) {
			return
		}
		c.wait(ctx, nil, max(time.Until(c.standing().NextTry), time.Millisecond))
	}
}

// attempt sends an event once. Its id is that of the event, so that who gets it twice
// can tell.
func (c *courier) attempt(ctx context.Context, e *mapping.Event) (status int, err error) {
	body, err := encode(*e)
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, attemptTime)
	defer cancel()
	res, err := c.sender.Post(ctx, e.ID.Text(mapping.KindEvent), body)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	_, _ = io.CopyN(io.Discard, res.Body, maxAnswer) // who has said 200 has it, whatever else he says
	return res.StatusCode, nil
}

func (c *courier) taken(e *mapping.Event, status int) {
	failed := c.failures > 0
	c.failures = 0
	c.set(func(p mapping.Progress) mapping.Progress { return p.Delivered(e.Seq) })
	c.update(func(s *Standing) { s.Status, s.NextTry, s.Delivered = status, time.Time{}, s.Delivered+1 })
	if failed || time.Since(c.noted) >= noteEvery {
		c.note()
	}
	if failed {
		c.log.Info("webhook takes events again")
	}
}

// refused notes a failure, and reports whether that was the last attempt.
func (c *courier) refused(status int, err error) (disabled bool) {
	at := time.Now()
	first := c.failures == 0
	c.failures++
	c.set(func(p mapping.Progress) mapping.Progress { return p.Failed(status == http.StatusGone, at) })
	c.update(func(s *Standing) {
		s.Status, s.Failed, s.NextTry = status, s.Failed+1, at.Add(delay(c.failures, rand.Float64()))
	})
	disabled = c.progress().Disabled()
	if first || disabled {
		c.note()
	}
	switch {
	case disabled:
		c.log.Error("webhook disabled: it is told nothing until maskd webhook resume or a reload", zap.Int("status", status), zap.Error(err))
	case first:
		c.log.Warn("webhook takes no events: it is tried again", zap.Int("status", status), zap.Error(err))
	}
	return disabled
}

// note writes down how far the endpoint has been told.
func (c *courier) note() {
	if !c.dirty {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), noteTime)
	defer cancel()
	if err := c.outbox.SetProgress(ctx, c.endpoint.Name, c.progress()); err != nil {
		c.log.Error("progress of webhook not noted: events will be sent again", zap.Error(err))
		return
	}
	c.dirty, c.noted = false, time.Now()
}
