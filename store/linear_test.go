package store

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"maskd/mapping"
)

// What a client may ask of the store, each at a time by the clients' clock.
type asked struct {
	what what
	pair int // whose interactions these are; no two pairs have a number in common
	did  mapping.DID
	id   mapping.ID // with complete
	at   time.Time
}

type what int

const (
	create what = iota + 1
	lookup
	complete
	sweep // of every pair
)

// told is what the store answered: the interaction that was made or that
// connects, or none.
type told struct {
	id      mapping.ID
	did     mapping.DID
	expires time.Time
}

// holdings is what a pair has, by DID: the specification's state. An interaction
// that is completed is none.
type holdings map[mapping.DID]told

func (h holdings) with(t told) holdings {
	next := make(holdings, len(h)+1)
	for did, held := range h {
		next[did] = held
	}
	next[t.did] = t
	return next
}

func (h holdings) connects(did mapping.DID, at time.Time) mapping.ID {
	if held := h[did]; at.Before(held.expires) {
		return held.id
	}
	return mapping.ID{}
}

// specification is a store where everything happens at one instant.
func specification() porcupine.Model {
	return porcupine.Model{
		Partition: byPair,
		Init:      func() any { return holdings{} },
		Step: func(state, input, output any) (bool, any) {
			h, in, out := state.(holdings), input.(asked), output.(told)
			switch in.what {
			case create:
				// One that is refused may be for DIDs that are held but not live yet, or any more.
				if out.id.IsZero() {
					return true, h
				}
				return h.connects(out.did, in.at).IsZero(), h.with(out)
			case lookup:
				return out.id == h.connects(in.did, in.at), h
			case complete:
				for did, held := range h {
					if held.id == in.id {
						return true, h.with(told{did: did})
					}
				}
				return true, h
			default:
				for did := range h {
					if h.connects(did, in.at).IsZero() {
						h = h.with(told{did: did})
					}
				}
				return true, h
			}
		},
		Equal: func(a, b any) bool {
			one, other := a.(holdings), b.(holdings)
			for did := range one {
				if one[did] != other[did] {
					return false
				}
			}
			for did := range other {
				if one[did] != other[did] {
					return false
				}
			}
			return true
		},
	}
}

func byPair(history []porcupine.Operation) [][]porcupine.Operation {
	parts := make([][]porcupine.Operation, pairs)
	for _, op := range history {
		in := op.Input.(asked)
		for n := range parts {
			if in.what == sweep || in.pair == n {
				parts[n] = append(parts[n], op)
			}
		}
	}
	return parts
}

const (
	pairs         = 3
	linearClients = 8
	linearChanges = 250 // of each client
	linearPool    = 2
)

// workshop is what the clients share.
type workshop struct {
	db    *DB
	begun time.Time
	clock atomic.Int64 // milliseconds after noon

	mu      sync.Mutex
	history []porcupine.Operation
	made    [pairs][]mapping.ID
}

// do carries out one operation and keeps it.
func (w *workshop) do(t *testing.T, client int, random *rand.Rand) {
	in := w.choose(t, random)
	op := porcupine.Operation{ClientId: client, Input: in, Call: time.Since(w.begun).Nanoseconds()}
	var out told
	switch in.what {
	case create:
		d := ride(t, in.pair, in.pair)
		d.Numbering, d.TTL = mapping.NumberingShared, mapping.MinTTL
		i, _, err := w.db.Create(context.Background(), d, in.at)
		var exhausted *mapping.ExhaustedError
		if err == nil {
			out = told{id: i.ID, did: i.A.DID, expires: i.ExpiresAt}
		} else if !errors.As(err, &exhausted) {
			t.Errorf("create: %v", err)
		}
	case lookup:
		if route, refusal := w.db.Resolve(in.did, rider(t, in.pair), in.at); refusal == 0 {
			out.id = route.Interaction
		}
	case complete:
		if _, err := w.db.Complete(context.Background(), in.id, "", in.at); err != nil {
			t.Errorf("complete: %v", err)
		}
	default:
		w.db.Sweep(in.at)
	}
	op.Output, op.Return = out, time.Since(w.begun).Nanoseconds()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.history = append(w.history, op)
	if in.what == create && !out.id.IsZero() {
		w.made[in.pair] = append(w.made[in.pair], out.id)
	}
}

// choose draws an operation. Most look up; the clock goes on by up to a second.
func (w *workshop) choose(t *testing.T, random *rand.Rand) asked {
	in := asked{what: lookup, pair: random.IntN(pairs), at: noon.Add(time.Duration(w.clock.Add(random.Int64N(1000))) * time.Millisecond)}
	all := dids(t, linearPool)
	in.did = all[random.IntN(len(all))]
	w.mu.Lock()
	defer w.mu.Unlock()
	switch n := random.IntN(20); {
	case n < 5:
		in.what = create
	case n < 8 && len(w.made[in.pair]) > 0:
		in.what = complete
		latest := w.made[in.pair][max(0, len(w.made[in.pair])-3):]
		in.id = latest[random.IntN(len(latest))]
	case n == 8:
		in.what = sweep
	}
	return in
}

// TestStoreIsLinearizable: whatever clients ask at once, the answers are those
// of some order in which each happens at an instant between being asked and
// being answered. So after an acknowledged complete no look-up connects.
func TestStoreIsLinearizable(t *testing.T) {
	o := optionsIn(t, t.TempDir(), linearPool)
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	w := &workshop{db: db, begun: time.Now()}
	var running sync.WaitGroup
	for client := range linearClients {
		running.Go(func() {
			random := rand.New(rand.NewPCG(uint64(client), 7))
			for range linearChanges {
				w.do(t, client, random)
			}
		})
	}
	running.Wait()
	if !porcupine.CheckOperations(specification(), w.history) {
		t.Error("the answers are those of no order")
	}
	w.countsSomething(t)
	w.findsFaults(t)
	at := noon.Add(time.Duration(w.clock.Load()) * time.Millisecond)
	if err := errors.Join(db.Check(t.Context(), at), db.Close()); err != nil {
		t.Error(err)
	}
}

// countsSomething sees that the history has what it is to be checked for.
func (w *workshop) countsSomething(t *testing.T) {
	var hits, misses, made, refused int
	for _, op := range w.history {
		switch in, none := op.Input.(asked), op.Output.(told).id.IsZero(); {
		case in.what == lookup && none:
			misses++
		case in.what == lookup:
			hits++
		case in.what == create && none:
			refused++
		case in.what == create:
			made++
		}
	}
	t.Logf("%d look-ups connect, %d don't; %d creates, %d refused", hits, misses, made, refused)
	if hits < 50 || misses < 50 || made < 50 {
		t.Error("the history shows too little")
	}
}

// findsFaults plants one in the history at a time: a look-up after an
// acknowledged complete that connects, and one that misses what is live.
func (w *workshop) findsFaults(t *testing.T) {
	last := w.history[len(w.history)-1].Return
	at := noon.Add(time.Duration(w.clock.Load()) * time.Millisecond)
	plant := func(what string, ops ...porcupine.Operation) {
		history := append([]porcupine.Operation(nil), w.history...)
		for n, op := range ops {
			op.Call, op.Return = last+int64(2*n)+1e9, last+int64(2*n)+1e9+1
			history = append(history, op)
		}
		if porcupine.CheckOperations(specification(), history) {
			t.Errorf("%s is not found", what)
		}
	}
	made := told{id: mapping.ID{1}, did: "+15550100000", expires: at.Add(2 * time.Hour)}
	begin := porcupine.Operation{Input: asked{what: create, at: at.Add(time.Hour)}, Output: made}
	end := porcupine.Operation{Input: asked{what: complete, id: made.id}, Output: told{}}
	hit := porcupine.Operation{Input: asked{what: lookup, did: made.did, at: at.Add(time.Hour)}, Output: told{id: made.id}}
	miss := hit
	miss.Output = told{}
	late := hit
	late.Input = asked{what: lookup, did: made.did, at: made.expires}
	twice := begin
	twice.Output = told{id: mapping.ID{2}, did: made.did, expires: made.expires}
	plant("a look-up that connects after a complete", begin, hit, end, hit)
	plant("a look-up that misses what is live", begin, miss)
	plant("a look-up that connects after the end", begin, late)
	plant("a DID given twice", begin, twice)
}
