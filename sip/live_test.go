package sip

import (
	"math/rand/v2"
	"slices"
	"testing"

	"maskd/mapping"
	"maskd/sip/edge"
)

// In whatever order calls come, go, and turn out to be of another interaction: who asks
// finds those of an interaction, each once, and nothing is left of those that are gone.
func TestEveryCallIsFoundByItsInteraction(t *testing.T) {
	ids := []mapping.ID{{1}, {2}, {3}}
	for seed := range uint64(300) {
		chance := rand.New(rand.NewPCG(seed, 0))
		r, bound := newLive(func() uint64 { return 0 }), make(map[*call]mapping.ID)
		calls := make([]*call, 6)
		for i := range calls {
			calls[i] = &call{id: mapping.ID{9, byte(i)}}
			r.add(calls[i], len(calls))
		}
		for len(calls) > 0 {
			i := chance.IntN(len(calls))
			c := calls[i]
			if chance.IntN(4) > 0 {
				bound[c] = ids[chance.IntN(len(ids))]
				r.bind(c, &mapping.Route{Interaction: bound[c]}, 100)
			} else {
				r.drop(c)
				delete(bound, c)
				calls = slices.Delete(calls, i, i+1)
			}
			for _, id := range ids {
				of := r.of(id)
				for _, c := range of {
					if bound[c] != id {
						t.Fatalf("a call of %x is found by %x", bound[c], id)
					}
				}
				want := 0
				for _, has := range bound {
					if has == id {
						want++
					}
				}
				if len(of) != want {
					t.Fatalf("%d calls of %x are found, and there are %d", len(of), id, want)
				}
			}
		}
		if len(r.byInteraction)+len(r.calls) != 0 {
			t.Fatalf("calls are left: %d interactions, %d calls", len(r.byInteraction), len(r.calls))
		}
	}
}

// A caller's calls to a DID are counted while they are more than a goodbye; neither are those
// of others, nor his own to another DID.
func TestWhichCallsAreAlike(t *testing.T) {
	route := &mapping.Route{Interaction: mapping.ID{1}}
	own := edge.Identity{DID: riderDID, Caller: customer.number()}
	others, elsewhere := own, own
	others.Caller, elsewhere.DID = rider.number(), customerDID
	for _, tt := range []struct {
		name  string
		of    edge.Identity
		state string
		want  mapping.Refusal
	}{
		{"his own", own, "talking", mapping.RefusalLoop},
		{"one that ends", own, ending, 0},
		{"another's", others, "talking", 0},
		{"to another DID", elsewhere, "talking", 0},
	} {
		r := newLive(func() uint64 { return 0 })
		before := &call{id: mapping.ID{9, 1}, identity: tt.of}
		before.board.info.State = tt.state
		r.bind(before, route, 1)
		if got, _ := r.bind(&call{id: mapping.ID{9, 2}, identity: own}, route, 1); got != tt.want {
			t.Errorf("beside %s: refused for %v, want %v", tt.name, got, tt.want)
		}
	}
}
