package resolve

import (
	"net/netip"
	"testing"

	"pgregory.net/rapid"
)

// weighted returns candidates of one rank, each with an address of its own.
func weighted(rank uint32, weights ...uint16) []Candidate {
	cs := make([]Candidate, len(weights))
	for i, w := range weights {
		addr := netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, byte(rank), byte(i)}), 5060)
		cs[i] = Candidate{Rank: rank, Weight: w, Transport: UDP, Addrs: []netip.AddrPort{addr}}
	}
	return cs
}

// Each candidate is first in as many of all possible draws as its weight is of
// the sum: counted, not sampled. The weightless have the chance of a weight of
// 1 together (RFC 2782: from 0 to the sum, both included).
func TestTheChanceOfACandidateIsItsWeight(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		weights := rapid.SliceOfN(rapid.Uint16Range(0, 9), 2, 6).Draw(t, "weights")
		cs := weighted(1, weights...)
		total := uint32(0)
		Order(nil, cs, func(n uint32) uint32 { total = max(total, n); return 0 }) // the first draw has the most
		first := make(map[netip.AddrPort]uint32)
		for at := range total {
			asked := false
			got := Order(nil, cs, func(uint32) uint32 {
				if asked {
					return 0
				}
				asked = true
				return at
			})
			first[got[0].Addr]++
		}
		sum, weightless := uint32(0), uint32(0)
		for _, w := range weights {
			sum += uint32(w)
			if w == 0 {
				weightless++
			}
		}
		for i, w := range weights {
			want := uint32(w) * max(weightless, 1)
			if w == 0 {
				want = 1
			}
			if got := first[cs[i].Addrs[0]]; got != want {
				t.Fatalf("weight %d of %v is first in %d of %d draws, want %d", w, weights, got, total, want)
			}
		}
		if want := sum*max(weightless, 1) + weightless; total != want {
			t.Fatalf("%v: %d draws, want %d", weights, total, want)
		}
	})
}

func TestEveryTargetIsTriedOnceAndInRank(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var cs []Candidate
		for rank := range uint32(rapid.IntRange(0, 3).Draw(t, "ranks")) {
			cs = append(cs, weighted(rank, rapid.SliceOfN(rapid.Uint16(), 1, 5).Draw(t, "weights")...)...)
		}
		below := func(n uint32) uint32 { return rapid.Uint32Range(0, n-1).Draw(t, "draw") }
		got := Order(nil, cs, below)
		seen := make(map[netip.AddrPort]bool)
		last := byte(0)
		for _, target := range got {
			rank := target.Addr.Addr().As4()[2]
			if seen[target.Addr] || rank < last {
				t.Fatalf("%v is tried again, or behind rank %d", target.Addr, last)
			}
			seen[target.Addr], last = true, rank
		}
		if len(got) != len(cs) {
			t.Fatalf("%d of %d are tried", len(got), len(cs))
		}
	})
}

func TestWithoutAChoiceNothingIsDrawn(t *testing.T) {
	cs := append(weighted(1, 7), weighted(2, 0)...)
	Order(nil, cs, func(uint32) uint32 { t.Error("drawn"); return 0 })
}

func BenchmarkOrder(b *testing.B) {
	cs := append(weighted(1, 10, 20, 0), weighted(2, 5, 5)...)
	dst := make([]Target, 0, 8)
	b.ReportAllocs()
	for b.Loop() {
		dst = Order(dst[:0], cs, func(uint32) uint32 { return 3 })
	}
}
