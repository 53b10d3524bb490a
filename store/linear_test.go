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
	open bool        // with create: anybody may call
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
	// What they do.
	model  porcupine.Model
	seed   uint64
	choose func(w *workshop, in *asked, random *rand.Rand) // mu is held
	draft  func(in *asked, random *rand.Rand) mapping.Draft
	caller func(in *asked) mapping.Number

	db    *DB
	begun time.Time
	clock atomic.Int64 // milliseconds after noon
	dids  []mapping.DID

	mu      sync.Mutex
	history []porcupine.Operation
	made    [pairs][]told
}

// work has all clients ask at once, and sees that the answers are those of some order.
func (w *workshop) work(t *testing.T) {
	t.Helper()
	db, err := Open(optionsIn(t, t.TempDir(), linearPool), noon)
	if err != nil {
		t.Fatal(err)
	}
	w.db, w.begun, w.dids = db, time.Now(), dids(t, linearPool)
	var running sync.WaitGroup
	for client := range linearClients {
		running.Go(func() {
			random := rand.New(rand.NewPCG(uint64(client), w.seed))
			for range linearChanges {
				w.do(t, client, random)
			}
		})
	}
	running.Wait()
	if !porcupine.CheckOperations(w.model, w.history) {
		t.Error("the answers are those of no order")
	}
}

// close checks the store, at the time that the clock has come to.
func (w *workshop) close(t *testing.T) {
	t.Helper()
	if err := errors.Join(w.db.Check(t.Context(), w.now()), w.db.Close()); err != nil {
		t.Error(err)
	}
}

func (w *workshop) now() time.Time { return noon.Add(time.Duration(w.clock.Load()) * time.Millisecond) }

// do carries out one operation and keeps it. The clock goes on by up to a second.
func (w *workshop) do(t *testing.T, client int, random *rand.Rand) {
	in := asked{what: lookup, pair: random.IntN(pairs), at: noon.Add(time.Duration(w.clock.Add(random.Int64N(1000))) * time.Millisecond)}
	w.mu.Lock()
	w.choose(w, &in, random)
	w.mu.Unlock()
	op := porcupine.Operation{ClientId: client, Call: time.Since(w.begun).Nanoseconds()}
	time.Sleep(time.Duration(random.IntN(1000)) * time.Microsecond) // others go first, whose clock is ahead
	out := w.ask(t, &in, random)
	op.Input, op.Output, op.Return = in, out, time.Since(w.begun).Nanoseconds()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.history = append(w.history, op)
	if in.what == create && !out.id.IsZero() {
		w.made[in.pair] = append(w.made[in.pair], out)
	}
}

// ask asks the store. A create learns its DID.
func (w *workshop) ask(t *testing.T, in *asked, random *rand.Rand) (out told) {
	switch in.what {
	case create:
		i, _, err := w.db.Create(context.Background(), w.draft(in, random), in.at)
		var exhausted *mapping.ExhaustedError
		if err == nil {
			out = told{id: i.ID, did: i.A.DID, expires: i.ExpiresAt}
			in.did = out.did
		} else if !errors.As(err, &exhausted) {
			t.Errorf("create: %v", err)
		}
	case lookup:
		if route, refusal := w.db.Resolve(in.did, w.caller(in), in.at); refusal == 0 {
			out.id = route.Interaction
		}
	case complete:
		if _, err := w.db.Complete(context.Background(), in.id, "", in.at); err != nil {
			t.Errorf("complete: %v", err)
		}
	default:
		w.db.Sweep(in.at)
	}
	return out
}

// latest chooses one of the last so many that the pair has made to be completed; false if
// there is none.
func (w *workshop) latest(in *asked, of int, random *rand.Rand) bool {
	made := w.made[in.pair]
	if len(made) == 0 {
		return false
	}
	made = made[max(0, len(made)-of):]
	chosen := made[random.IntN(len(made))]
	in.what, in.id, in.did = complete, chosen.id, chosen.did
	return true
}

// plant adds operations to the history of which each ends before the next, and sees that
// they are found.
func (w *workshop) plant(t *testing.T, what string, ops ...porcupine.Operation) {
	t.Helper()
	history, last := slices.Clone(w.history), w.history[len(w.history)-1].Return
	for n, op := range ops {
		op.Call, op.Return = last+int64(2*n)+1e9, last+int64(2*n)+1e9+1
		history = append(history, op)
	}
	if porcupine.CheckOperations(w.model, history) {
		t.Errorf("%s is not found", what)
	}
}

// TestStoreIsLinearizable: whatever clients ask at once, the answers are those
// of some order in which each happens at an instant between being asked and
// being answered. So after an acknowledged complete no look-up connects.
func TestStoreIsLinearizable(t *testing.T) {
	w := &workshop{
		model: specification(), seed: 7,
		choose: func(w *workshop, in *asked, random *rand.Rand) {
			switch n := random.IntN(20); {
			case n < 5:
				in.what = create
			case n < 8 && w.latest(in, 3, random):
			case n == 8:
				in.what = sweep
			default:
				in.did = w.dids[random.IntN(linearPool)]
			}
		},
		draft: func(in *asked, _ *rand.Rand) mapping.Draft {
			d := ride(t, in.pair, in.pair)
			d.Numbering, d.TTL = mapping.NumberingShared, mapping.MinTTL
			return d
		},
		caller: func(in *asked) mapping.Number { return rider(t, in.pair) },
	}
	w.work(t)
	w.showsPairs(t)
	w.findsFaults(t)
	w.close(t)
}

// showsPairs sees that the history has what it is to be checked for.
func (w *workshop) showsPairs(t *testing.T) {
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
	at := w.now()
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
	w.plant(t, "a look-up that connects after a complete", begin, hit, end, hit)
	w.plant(t, "a look-up that misses what is live", begin, miss)
	w.plant(t, "a look-up that connects after the end", begin, late)
	w.plant(t, "a DID given twice", begin, twice)
}
