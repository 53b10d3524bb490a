package admin

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	"maskd/mapping"
)

// Pace is how often something may be done: so many times at once, and after that
// as many in each such time.
type Pace struct {
	Times int
	In    time.Duration
}

// paces bounds how often each of many does something. For each it keeps when the
// next would be due if they came evenly (the generic cell rate algorithm, ITU-T
// I.371).
type paces struct {
	mu  sync.Mutex
	due map[string]time.Time
}

// manyPaces is how many are kept before those that have rested are let go.
const manyPaces = 1024

// take counts one more of who; it returns how long he has to wait if that is too
// many, and does not count it then. A pace of no times bounds nothing.
func (p *paces) take(who string, pace Pace, at time.Time) (wait time.Duration) {
	if pace.Times == 0 {
		return 0
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.due == nil || len(p.due) >= manyPaces {
		p.rested(at)
	}
	every := pace.In / time.Duration(pace.Times)
	due := p.due[who]
	if due.Before(at) {
		due = at
	}
	if wait = due.Sub(at) - (pace.In - every); wait > 0 {
		return wait
	}
	p.due[who] = due.Add(every)
	return 0
}

// rested lets go of those who have all their times again; mu is held.
func (p *paces) rested(at time.Time) {
	busy := make(map[string]time.Time)
	for who, due := range p.due {
		if due.After(at) {
			busy[who] = due
		}
	}
	p.due = busy
}

// tooMany is the problem of who has to wait.
func tooMany(what string, wait time.Duration) error {
	p := newProblem(http.StatusTooManyRequests, "too_many", "", fmt.Sprintf("too many %s: ask again later", what))
	p.RetryAfterSeconds = int((wait + time.Second - 1) / time.Second)
	return p
}

// paceCreates counts a create of the tenant.
func (s *Server) paceCreates(t mapping.Tenant) error {
	pace := Pace{s.access.Load().Quotas[t].CreatesPerSecond, time.Second}
	if wait := s.creates.take(string(t), pace, s.now()); wait > 0 {
		return tooMany("creates of tenant "+string(t), wait)
	}
	return nil
}
