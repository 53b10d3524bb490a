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

// What a client may ask of a store in which DIDs are either one party's, whom
// anybody reaches, or shared by pairs.
type strange struct {
	what what
	open bool // with create: anybody may call
	did  mapping.DID
	id   mapping.ID // with complete
	at   time.Time
}

// users is who has a DID: the specification's state. One that anybody may call
// has one user.
type users struct {
	open told                     // none: the zero told
	all  map[mapping.ID]time.Time // and pairs
}

func (u users) live(at time.Time) (n int) {
	for _, expires := range u.all {
		if at.Before(expires) {
			n++
		}
	}
	return n
}

func (u users) with(out told, open bool) users {
	next := users{open: u.open, all: make(map[mapping.ID]time.Time, len(u.all)+1)}
	for id, expires := range u.all {
		next.all[id] = expires
	}
	next.all[out.id] = out.expires
	if open {
		next.open = out
	}
	return next
}

func (u users) without(id mapping.ID) users {
	next := users{open: u.open, all: make(map[mapping.ID]time.Time, len(u.all))}
	for other, expires := range u.all {
		if other != id {
			next.all[other] = expires
		}
	}
	if u.open.id == id {
		next.open = told{}
	}
	return next
}

func (u users) reached(at time.Time) mapping.ID {
	if at.Before(u.open.expires) {
		return u.open.id
	}
	return mapping.ID{}
}

// ofStrangers is the specification of what strangers meet.
func ofStrangers() porcupine.Model {
	return porcupine.Model{
		Partition: byDID,
		Init:      func() any { return users{} },
		Step: func(state, input, output any) (bool, any) {
			u, in, out := state.(users), input.(strange), output.(told)
			switch in.what {
			case create:
				if in.open {
					return u.live(in.at) == 0, u.with(out, true)
				}
				return u.reached(in.at).IsZero(), u.with(out, false)
			case lookup:
				return out.id == u.reached(in.at), u
			default:
				return true, u.without(in.id)
			}
		},
		Equal: func(a, b any) bool {
			one, other := a.(users), b.(users)
			if one.open != other.open || len(one.all) != len(other.all) {
				return false
			}
			for id, expires := range one.all {
				if other.all[id] != expires {
					return false
				}
			}
			return true
		},
	}
}

// byDID parts a history. A create that was refused has no DID, and says nothing.
func byDID(history []porcupine.Operation) [][]porcupine.Operation {
	parts := make(map[mapping.DID][]porcupine.Operation)
	for _, op := range history {
		if did := op.Input.(strange).did; did != "" {
			parts[did] = append(parts[did], op)
		}
	}
	all := make([][]porcupine.Operation, 0, len(parts))
	for _, part := range parts {
		all = append(all, part)
	}
	return all
}

// crossroads is what the clients share.
type crossroads struct {
	db    *DB
	begun time.Time
	clock atomic.Int64 // milliseconds after noon

	mu      sync.Mutex
	history []porcupine.Operation
	made    []told
}

func (c *crossroads) do(t *testing.T, client int, random *rand.Rand) {
	in := c.choose(t, random)
	op := porcupine.Operation{ClientId: client, Call: time.Since(c.begun).Nanoseconds()}
	var out told
	switch in.what {
	case create:
		d := ride(t, random.IntN(1000), random.IntN(1000))
		if d.Numbering, d.TTL = mapping.NumberingShared, mapping.MinTTL; in.open {
			d.Mode, d.B = mapping.ModeOpen, nil
		}
		i, _, err := c.db.Create(context.Background(), d, in.at)
		var exhausted *mapping.ExhaustedError
		if err == nil {
			out = told{id: i.ID, did: i.A.DID, expires: i.ExpiresAt}
			in.did = i.A.DID
		} else if !errors.As(err, &exhausted) {
			t.Errorf("create: %v", err)
		}
	case lookup:
		if route, refusal := c.db.Resolve(in.did, number(t, "+4930123456"), in.at); refusal == 0 {
			out.id = route.Interaction
		}
	case complete:
		if _, err := c.db.Complete(context.Background(), in.id, "", in.at); err != nil {
			t.Errorf("complete: %v", err)
		}
	default:
		c.db.Sweep(in.at)
	}
	op.Input, op.Output, op.Return = in, out, time.Since(c.begun).Nanoseconds()
	c.mu.Lock()
	defer c.mu.Unlock()
	if in.what != sweep {
		c.history = append(c.history, op)
	}
	if in.what == create && !out.id.IsZero() {
		c.made = append(c.made, out)
	}
}

// choose draws an operation. The clock goes on by up to a second.
func (c *crossroads) choose(t *testing.T, random *rand.Rand) strange {
	in := strange{what: lookup, at: noon.Add(time.Duration(c.clock.Add(random.Int64N(1000))) * time.Millisecond)}
	all := dids(t, linearPool)
	c.mu.Lock()
	defer c.mu.Unlock()
	switch n := random.IntN(20); {
	case n < 7:
		in.what, in.open = create, n < 6
	case n < 13 && len(c.made) > 0:
		in.what = complete
		latest := c.made[max(0, len(c.made)-4):]
		chosen := latest[random.IntN(len(latest))]
		in.id, in.did = chosen.id, chosen.did
	case n == 13:
		in.what = sweep
	default:
		in.did = all[random.IntN(len(all))]
	}
	return in
}

// TestWhoAnswersStrangersIsLinearizable: a DID that anybody may call is one
// interaction's from the answer to its create to that to its complete, and
// strangers reach nobody else, whatever is asked at once.
func TestWhoAnswersStrangersIsLinearizable(t *testing.T) {
	db, err := Open(optionsIn(t, t.TempDir(), linearPool), noon)
	if err != nil {
		t.Fatal(err)
	}
	c := &crossroads{db: db, begun: time.Now()}
	var running sync.WaitGroup
	for client := range linearClients {
		running.Go(func() {
			random := rand.New(rand.NewPCG(uint64(client), 11))
			for range linearChanges {
				c.do(t, client, random)
			}
		})
	}
	running.Wait()
	if !porcupine.CheckOperations(ofStrangers(), c.history) {
		t.Error("the answers are those of no order")
	}
	c.countsSomething(t)
	c.findsFaults(t)
	at := noon.Add(time.Duration(c.clock.Load()) * time.Millisecond)
	(&model{db: db}).countsLines(t)
	if err := errors.Join(db.Check(t.Context(), at), db.Close()); err != nil {
		t.Error(err)
	}
}

// countsSomething sees that the history has what it is to be checked for.
func (c *crossroads) countsSomething(t *testing.T) {
	var reached, nobody, open, pairs int
	for _, op := range c.history {
		switch in, none := op.Input.(strange), op.Output.(told).id.IsZero(); {
		case in.what == lookup && none:
			nobody++
		case in.what == lookup:
			reached++
		case in.what == create && !none && in.open:
			open++
		case in.what == create && !none:
			pairs++
		}
	}
	t.Logf("%d strangers reach somebody, %d nobody; %d open, %d pairs", reached, nobody, open, pairs)
	if reached < 50 || nobody < 50 || open < 10 || pairs < 10 {
		t.Error("the history shows too little")
	}
}

// findsFaults plants one in the history at a time.
func (c *crossroads) findsFaults(t *testing.T) {
	last := c.history[len(c.history)-1].Return
	at := noon.Add(time.Duration(c.clock.Load())*time.Millisecond + time.Hour)
	did := mapping.DID("+15550100000")
	op := func(in strange, out told) porcupine.Operation {
		in.did, in.at = did, at
		return porcupine.Operation{Input: in, Output: out}
	}
	one := told{id: mapping.ID{1}, did: did, expires: at.Add(time.Hour)}
	two := told{id: mapping.ID{2}, did: did, expires: at.Add(time.Hour)}
	open, pair := op(strange{what: create, open: true}, one), op(strange{what: create}, two)
	hit, end := op(strange{what: lookup}, one), op(strange{what: complete, id: one.id}, told{})
	for what, ops := range map[string][]porcupine.Operation{
		"a pair on a DID that anybody may call": {open, pair},
		"a DID that a pair has, for anybody":    {pair, open},
		"one DID for anybody twice":             {open, op(strange{what: create, open: true}, two)},
		"a stranger after the complete":         {open, hit, end, hit},
		"a stranger who reaches another":        {open, op(strange{what: lookup}, two)},
		"a stranger who reaches nobody":         {open, op(strange{what: lookup}, told{})},
	} {
		history := append([]porcupine.Operation(nil), c.history...)
		for n, op := range ops {
			op.Call, op.Return = last+int64(2*n)+1e9, last+int64(2*n)+1e9+1
			history = append(history, op)
		}
		if porcupine.CheckOperations(ofStrangers(), history) {
			t.Errorf("%s is not found", what)
		}
	}
}
