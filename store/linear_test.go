package store

import (
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
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
	pair int         // whose interactions these are; no two pairs have a number in common
	did  mapping.DID // none of a create that is refused, and of a sweep
	id   mapping.ID  // with complete
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

// specification is a store where everything happens at one instant to a pair's
// interaction on a DID, which is its state; none if there is none.
func specification() porcupine.Model {
	return porcupine.Model{
		Partition: byPairAndDID,
		Init:      func() any { return told{} },
		Step: func(state, input, output any) (bool, any) {
			held, in, out := state.(told), input.(asked), output.(told)
			connects := in.at.Before(held.expires)
			switch {
			case in.what == create:
				return !connects, out
			case in.what == lookup && connects:
				return out.id == held.id, held
			case in.what == lookup:
				return out.id.IsZero(), held
			case in.what == complete && in.id != held.id, in.what == sweep && connects:
				return true, held
			default:
				return true, told{}
			}
		},
	}
}

// key parts a history: what happens to one of them says nothing of another. Nor is a
// sweep one instant of all DIDs, nor a create that is refused about any: it may be for
// those that are held but not live yet, or any more.
type key struct {
	pair int
	did  mapping.DID
}

func byPairAndDID(history []porcupine.Operation) (parts [][]porcupine.Operation) {
	sorted := make(map[key][]porcupine.Operation)
	for _, op := range history {
		if in := op.Input.(asked); in.did != "" {
			sorted[key{in.pair, in.did}] = append(sorted[key{in.pair, in.did}], op)
		}
	}
	for of, part := range sorted {
		for _, op := range history {
			if op.Input.(asked).what == sweep {
				part = append(part, op)
			}
		}
		sorted[of] = part
	}
	return slices.Collect(maps.Values(sorted))
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
	made    [pairs][]told
}

// do carries out one operation and keeps it.
func (w *workshop) do(t *testing.T, client int, random *rand.Rand) {
	in := w.choose(t, random)
	op := porcupine.Operation{ClientId: client, Call: time.Since(w.begun).Nanoseconds()}
	var out told
	switch in.what {
	case create:
		d := ride(t, in.pair, in.pair)
		d.Numbering, d.TTL = mapping.NumberingShared, mapping.MinTTL
		i, _, err := w.db.Create(context.Background(), d, in.at)
		var exhausted *mapping.ExhaustedError
		if err == nil {
			out = told{id: i.ID, did: i.A.DID, expires: i.ExpiresAt}
			in.did = out.did
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
	op.Input, op.Output, op.Return = in, out, time.Since(w.begun).Nanoseconds()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.history = append(w.history, op)
	if in.what == create && !out.id.IsZero() {
		w.made[in.pair] = append(w.made[in.pair], out)
	}
}

// choose draws an operation. Most look up; the clock goes on by up to a second.
func (w *workshop) choose(t *testing.T, random *rand.Rand) asked {
	in := asked{what: lookup, pair: random.IntN(pairs), at: noon.Add(time.Duration(w.clock.Add(random.Int64N(1000))) * time.Millisecond)}
	all := dids(t, linearPool)
	w.mu.Lock()
	defer w.mu.Unlock()
	switch n := random.IntN(20); {
	case n < 5:
		in.what = create
	case n < 8 && len(w.made[in.pair]) > 0:
		in.what = complete
		latest := w.made[in.pair][max(0, len(w.made[in.pair])-3):]
		chosen := latest[random.IntN(len(latest))]
		in.id, in.did = chosen.id, chosen.did
	case n == 8:
		in.what = sweep
	default:
		in.did = all[random.IntN(len(all))]
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
	begin := porcupine.Operation{Input: asked{what: create, did: made.did, at: at.Add(time.Hour)}, Output: made}
	end := porcupine.Operation{Input: asked{what: complete, did: made.did, id: made.id}, Output: told{}}
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
