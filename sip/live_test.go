package sip

import (
	"math/rand/v2"
	"slices"
	"testing"

	"maskd/mapping"
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
