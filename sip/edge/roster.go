package edge

import (
	"encoding/binary"
	"io"
	"maps"
	"net/netip"
	"slices"
	"sync"
	"time"

	"maskd/sip/resolve"
)

// maxTargets is how many targets one call tries: with a few seconds each, more
// than a caller waits for.
const maxTargets = 8

// roster is a trunk's targets: where its gateways are, and how each is.
type roster struct {
	// Never changed.
	trunk      *Trunk
	candidates func(resolve.Service) []resolve.Candidate
	reach      func(Network, netip.Addr) bool // there is a listener for it
	random     io.Reader

	mu      sync.Mutex
	known   map[place]health
	unheard []place // targets that can't be used

	// Safe for use by many goroutines; the same over reloads.
	received *tally // final responses to our INVITEs
	sent     *tally // final responses to theirs
}

// newRoster makes the roster of a trunk.
func (e *Edge) newRoster(trunk *Trunk) *roster {
	reach := func(n Network, addr netip.Addr) bool {
		_, ok := e.listenerFor(trunk, n, addr)
		return ok
	}
	return &roster{trunk: trunk, candidates: e.candidates, random: e.cfg.Random, reach: reach,
		known: make(map[place]health), received: new(tally), sent: new(tally)}
}

func (e *Edge) candidates(s resolve.Service) []resolve.Candidate { return e.peers().book.Candidates(s) }

func (e *Edge) rosterOf(t *Trunk) *roster { return t.roster }

// inherit takes over what a roster before this one, of the same trunk, knows
// of its targets, and goes on with its counts.
func (r *roster) inherit(before *roster) {
	before.mu.Lock()
	defer before.mu.Unlock()
	r.known, r.unheard = maps.Clone(before.known), slices.Clone(before.unheard)
	r.received, r.sent = before.received, before.sent
}

// targets returns where a call goes, in the order in which it tries: gateways
// as configured, each as DNS orders it, those in doubt behind all others.
func (r *roster) targets(now time.Time) []Target {
	all := r.order(r.below)
	if len(all) < 2 {
		return all
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	slices.SortStableFunc(all, func(a, b Target) int { return r.doubt(a, now) - r.doubt(b, now) })
	if first := all[0]; r.doubt(first, now) == 0 {
		r.known[first.place()] = r.health(first).tried(now)
	}
	return all[:min(len(all), maxTargets)]
}

func (r *roster) doubt(t Target, now time.Time) int {
	if r.health(t).doubtful(now) {
		return 1
	}
	return 0
}

// order returns all targets that can be used, each once, by preference.
func (r *roster) order(below func(uint32) uint32) []Target {
	var room [maxTargets]Target
	all := room[:0]
	r.each(below, func(t Target) {
		same := func(other Target) bool { return other.place() == t.place() }
		if r.usable(t) && !slices.ContainsFunc(all, same) {
			all = append(all, t)
		}
	})
	return slices.Clone(all) // mostly one: a call keeps them
}

// each calls f with every target of the trunk, by preference.
func (r *roster) each(below func(uint32) uint32, f func(Target)) {
	for _, g := range r.trunk.Gateways {
		r.eachOf(g, below, f)
	}
}

// eachOf calls f with every target of one gateway, by preference.
func (r *roster) eachOf(g Gateway, below func(uint32) uint32, f func(Target)) {
	var scratch [maxTargets]resolve.Target
	for _, at := range resolve.Order(scratch[:0], r.candidates(g.service()), below) {
		f(Target{Gateway: g, Network: networkOf(at.Transport), Addr: at.Addr})
	}
}

// at returns where a gateway is reached: its first target that is in no doubt,
// or else its first; false if none can be used.
func (r *roster) at(g Gateway, now time.Time) (best Target, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.eachOf(g, asListed, func(t Target) {
		if r.usable(t) && (!ok || r.doubt(best, now) > r.doubt(t, now)) {
			best, ok = t, true
		}
	})
	return best, ok
}

// asListed draws nothing: for whoever looks at all targets, and sends no call.
func asListed(uint32) uint32 { return 0 }

// usable reports whether we can send to the target, and would hear its answer.
func (r *roster) usable(t Target) bool {
	return r.trunk.accepts(t.Addr.Addr()) && r.reach(t.Network, t.Addr.Addr())
}

// health returns what is known of a target; call it with the lock held.
func (r *roster) health(t Target) health {
	if h, ok := r.known[t.place()]; ok {
		return h
	}
	return newHealth()
}

// called notes what came of an INVITE to the target.
func (r *roster) called(t Target, what report, now time.Time) {
	jitter := 0.0
	if what.verb != answered {
		jitter = r.jitter()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.known[t.place()] = r.health(t).called(what, now, jitter)
}

// probed notes what came of an OPTIONS to the target.
func (r *roster) probed(t Target, what report, now time.Time) (before, after TargetState) {
	r.mu.Lock()
	defer r.mu.Unlock()
	h := r.health(t)
	before = h.state
	h = h.probed(what, now)
	r.known[t.place()] = h
	return before, h.state
}

// due returns the targets to probe now, and forgets those that DNS no longer
// names.
func (r *roster) due(now time.Time) (due []Target) {
	all := r.order(asListed)
	r.mu.Lock()
	defer r.mu.Unlock()
	present := make(map[place]bool, len(all))
	for _, t := range all {
		present[t.place()] = true
		if h := r.health(t); r.trunk.Probe > 0 && !now.Before(h.next) {
			r.known[t.place()] = h.scheduled(now, r.trunk.Probe, r.jitter())
			due = append(due, t)
		}
	}
	for p := range r.known {
		if !present[p] {
			delete(r.known, p)
		}
	}
	return due
}

// lost returns the targets that can't be used, though DNS names them, and that
// could or were not there when it was asked before.
func (r *roster) lost() (lost []Target) {
	var unheard []place
	r.mu.Lock()
	defer r.mu.Unlock()
	r.each(asListed, func(t Target) {
		if r.usable(t) {
			return
		}
		unheard = append(unheard, t.place())
		if !slices.Contains(r.unheard, t.place()) {
			lost = append(lost, t)
		}
	})
	r.unheard = unheard
	return lost
}

// below returns a random number below n, with a bias that nobody can measure.
func (r *roster) below(n uint32) uint32 {
	var raw [8]byte
	_, _ = io.ReadFull(r.random, raw[:])
	return uint32(binary.BigEndian.Uint64(raw[:]) % uint64(n))
}

// jitter returns a random number from 0 to 1.
func (r *roster) jitter() float64 { return float64(r.below(1<<16)) / (1 << 16) }
