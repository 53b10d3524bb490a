package sip

import (
	"iter"
	"slices"
	"sync"

	"maskd/mapping"
)

// live is the registry of live calls, by id and by interaction. Who waits for
// it waits until every call that was ever added has been dropped.
type live struct {
	over          sync.WaitGroup
	mu            sync.RWMutex
	closed        bool
	calls         map[mapping.ID]*call
	byInteraction map[mapping.ID]*call // the last of each; see kinship
	census        census
	counted       func() uint64 // changes when a call is counted to those in all
}

// kinship is what a call has to do with others of its interaction. It is guarded by
// the mutex of [live].
type kinship struct {
	bound       bool // it has one
	interaction mapping.ID
	before      *call // of the same, and bound before it; nil: none
}

// kin yields the calls of an interaction. The caller holds mu.
func (r *live) kin(interaction mapping.ID) iter.Seq[*call] {
	return func(yield func(*call) bool) {
		for c := r.byInteraction[interaction]; c != nil && yield(c); c = c.kin.before {
		}
	}
}

// join makes a call known as one of an interaction, in place of the one it was bound to. The caller holds mu.
func (r *live) join(c *call, interaction mapping.ID) {
	r.part(c)
	c.kin = kinship{bound: true, interaction: interaction, before: r.byInteraction[interaction]}
	r.byInteraction[interaction] = c
}

// part undoes join, if that was. The caller holds mu.
func (r *live) part(c *call) {
	if !c.kin.bound {
		return
	}
	last := r.byInteraction[c.kin.interaction]
	switch {
	case last != c:
		for last.kin.before != c {
			last = last.kin.before
		}
		last.kin.before = c.kin.before
	case c.kin.before != nil:
		r.byInteraction[c.kin.interaction] = c.kin.before
	default:
		delete(r.byInteraction, c.kin.interaction)
	}
	c.kin = kinship{}
}

func newLive(counted func() uint64) *live {
	return &live{
		counted:       counted,
		calls:         make(map[mapping.ID]*call),
		byInteraction: make(map[mapping.ID]*call),
		census:        newCensus(),
	}
}

// add adds a call; false if no more are taken, or there are too many.
func (r *live) add(c *call, most int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed || len(r.calls) >= most {
		return false
	}
	r.over.Add(1)
	r.calls[c.id] = c
	return true
}

// close takes no more calls.
func (r *live) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
}

func (r *live) isClosed() bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.closed
}

// bind makes the call known as one of the interaction that it is routed by, and
// counts it to what it counts to. It is refused if one of its quotas is full, or
// if its caller has so many to the same DID already that they must be one, going
// in circles. If a call was counted to those in all since the route was made, it is
// told that the route is stale: what is left may be less.
func (r *live) bind(c *call, route *mapping.Route, most int) (full mapping.Refusal, stale bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if mapping.InAll(route.Quotas) && r.counted() != route.Counted {
		return 0, true
	}
	alike := 0
	for other := range r.kin(route.Interaction) {
		same := other.identity.DID == c.identity.DID && other.identity.Caller == c.identity.Caller
		if same && !other.board.ends() {
			alike++
		}
	}
	if alike >= most {
		return mapping.RefusalLoop, false
	}
	if full := r.census.enter(c, route.Quotas); full != 0 {
		return full, false
	}
	r.join(c, route.Interaction)
	return 0, false
}

// enter counts a call to more than it was bound with, as [live.bind] does.
func (r *live) enter(c *call, quotas []mapping.Quota, counted uint64) (full mapping.Refusal, stale bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if mapping.InAll(quotas) && r.counted() != counted {
		return 0, true
	}
	return r.census.enter(c, quotas), false
}

// spare counts a call no more to what counts a number.
func (r *live) spare(c *call, n mapping.Number) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.census.spare(c, n)
}

// record has the final record of a call written, and counts it no more here: there is
// no moment at which it is counted twice, or not at all.
func (r *live) record(c *call, write func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	write()
	r.census.leave(c, false)
}

// leave counts a call that ends no more, but to the calls in all if it counts
// there.
func (r *live) leave(c *call, counts bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.census.leave(c, counts)
}

func (r *live) drop(c *call) {
	defer r.over.Done()
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.calls, c.id)
	r.census.leave(c, false)
	r.part(c)
}

func (r *live) size() int {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return len(r.calls)
}

func (r *live) all() []*call {
	r.mu.RLock()
	defer r.mu.RUnlock()
	calls := make([]*call, 0, len(r.calls))
	for _, c := range r.calls {
		calls = append(calls, c)
	}
	return calls
}

func (r *live) of(interaction mapping.ID) []*call {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.Collect(r.kin(interaction))
}

// count returns how many calls of the interaction are not ending already.
func (r *live) count(interaction mapping.ID) int {
	n := 0
	for _, c := range r.of(interaction) {
		if !c.board.ends() {
			n++
		}
	}
	return n
}

func (r *live) find(id mapping.ID) (*call, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	c, ok := r.calls[id]
	return c, ok
}
