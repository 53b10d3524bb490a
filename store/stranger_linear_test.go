package store

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"maskd/mapping"
)

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

// unexpired is what a sweep leaves: who asks after it with an earlier time meets it all the same.
func (u users) unexpired(at time.Time) users {
	next := users{all: make(map[mapping.ID]time.Time, len(u.all))}
	for id, expires := range u.all {
		if at.Before(expires) {
			next.all[id] = expires
		}
	}
	if at.Before(u.open.expires) {
		next.open = u.open
	}
	return next
}

func (u users) reached(at time.Time) mapping.ID {
	if at.Before(u.open.expires) {
		return u.open.id
	}
	return mapping.ID{}
}

// ofStrangers is the specification of what strangers meet on DIDs that are either one
// party's, whom anybody reaches, or shared by pairs.
func ofStrangers() porcupine.Model {
	return porcupine.Model{
		Partition: byDID,
		Init:      func() any { return users{} },
		Step: func(state, input, output any) (bool, any) {
			u, in, out := state.(users), input.(asked), output.(told)
			switch in.what {
			case create:
				if in.open {
					return u.live(in.at) == 0, u.with(out, true)
				}
				return u.reached(in.at).IsZero(), u.with(out, false)
			case lookup:
				return out.id == u.reached(in.at), u
			case sweep:
				return true, u.unexpired(in.at)
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

// byDID parts a history. A create that was refused has no DID, and says nothing; a sweep
// comes to all of them.
func byDID(history []porcupine.Operation) [][]porcupine.Operation {
	parts := make(map[mapping.DID][]porcupine.Operation)
	var sweeps []porcupine.Operation
	for _, op := range history {
		switch in := op.Input.(asked); {
		case in.what == sweep:
			sweeps = append(sweeps, op)
		case in.did != "":
			parts[in.did] = append(parts[in.did], op)
		}
	}
	all := make([][]porcupine.Operation, 0, len(parts))
	for _, part := range parts {
		all = append(all, append(part, sweeps...))
	}
	return all
}

// TestWhoAnswersStrangersIsLinearizable: a DID that anybody may call is one
// interaction's from the answer to its create to that to its complete, and
// strangers reach nobody else, whatever is asked at once.
func TestWhoAnswersStrangersIsLinearizable(t *testing.T) {
	stranger := number(t, "+4930123456")
	w := &workshop{
		model: ofStrangers(), seed: 11,
		choose: func(w *workshop, in *asked, random *rand.Rand) {
			in.pair = 0 // all are alike
			switch n := random.IntN(20); {
			case n < 7:
				in.what, in.open = create, n < 6
			case n < 13 && w.latest(in, 4, random):
			case n == 13:
				in.what = sweep
			default:
				in.did = w.dids[random.IntN(linearPool)]
			}
		},
		draft: func(in *asked, random *rand.Rand) mapping.Draft {
			d := ride(t, random.IntN(1000), random.IntN(1000))
			if d.Numbering, d.TTL = mapping.NumberingShared, mapping.MinTTL; in.open {
				d.Mode, d.B = mapping.ModeOpen, nil
			}
			return d
		},
		caller: func(*asked) mapping.Number { return stranger },
	}
	w.work(t)
	w.showsStrangers(t)
	w.findsFaultsOfStrangers(t)
	(&model{db: w.db}).countsLines(t)
	w.close(t)
}

// showsStrangers sees that the history has what it is to be checked for.
func (w *workshop) showsStrangers(t *testing.T) {
	var reached, nobody, open, pairs int
	for _, op := range w.history {
		switch in, none := op.Input.(asked), op.Output.(told).id.IsZero(); {
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

// findsFaultsOfStrangers plants one in the history at a time.
func (w *workshop) findsFaultsOfStrangers(t *testing.T) {
	at := w.now().Add(time.Hour)
	did := mapping.DID("+15550100000")
	op := func(in asked, out told) porcupine.Operation {
		in.did, in.at = did, at
		return porcupine.Operation{Input: in, Output: out}
	}
	one := told{id: mapping.ID{1}, did: did, expires: at.Add(time.Hour)}
	two := told{id: mapping.ID{2}, did: did, expires: at.Add(time.Hour)}
	open, pair := op(asked{what: create, open: true}, one), op(asked{what: create}, two)
	hit, end := op(asked{what: lookup}, one), op(asked{what: complete, id: one.id}, told{})
	for what, ops := range map[string][]porcupine.Operation{
		"a pair on a DID that anybody may call": {open, pair},
		"a DID that a pair has, for anybody":    {pair, open},
		"one DID for anybody twice":             {open, op(asked{what: create, open: true}, two)},
		"a stranger after the complete":         {open, hit, end, hit},
		"a stranger who reaches another":        {open, op(asked{what: lookup}, two)},
		"a stranger who reaches nobody":         {open, op(asked{what: lookup}, told{})},
	} {
		w.plant(t, what, ops...)
	}
}
