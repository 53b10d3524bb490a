package mapping_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"maskd/mapping"
)

// A policy chooses the DIDs of the next interaction of two parties.
type policy func(size int, a, b *usage, at int) (mapping.Choice, error)

// usage is what one party has had of a pool. Time is in minutes.
type usage struct {
	cursor  int
	endedAt []int // by DID: when the party's last interaction on it ends; never used is long ago
}

const longAgo = -1 << 30

func newUsage(size int) *usage { return &usage{endedAt: slices.Repeat([]int{longAgo}, size)} }

func (u *usage) free(at int) func(int) bool { return func(i int) bool { return u.endedAt[i] <= at } }

// cursors is the product's policy: each party's search begins behind its last DID.
func cursors(size int, a, b *usage, at int) (mapping.Choice, error) {
	choice, err := mapping.Allocate(mapping.NumberingPerParty, size,
		mapping.Availability{Cursor: a.cursor, Free: a.free(at)},
		mapping.Availability{Cursor: b.cursor, Free: b.free(at)})
	a.cursor, b.cursor = choice.A+1, choice.B+1
	return choice, err
}

// firstFree is the fault: every search begins at the first DID.
func firstFree(size int, a, b *usage, at int) (mapping.Choice, error) {
	return mapping.Allocate(mapping.NumberingPerParty, size,
		mapping.Availability{Free: a.free(at)}, mapping.Availability{Free: b.free(at)})
}

// leastRecent is the best there is: each party is given the free DID that has
// rested longest, at the price of a record for every (party, DID).
func leastRecent(_ int, a, b *usage, at int) (mapping.Choice, error) {
	first := a.oldest(at, -1)
	second := b.oldest(at, first)
	if first < 0 || second < 0 {
		return mapping.Choice{}, &mapping.ExhaustedError{}
	}
	return mapping.Choice{A: first, B: second}, nil
}

func (u *usage) oldest(at, avoid int) int {
	best := -1
	for i, ended := range u.endedAt {
		if i != avoid && ended <= at && (best < 0 || ended < u.endedAt[best]) {
			best = i
		}
	}
	return best
}

// setting is a driver who begins an interaction with some rider every minute.
type setting struct {
	size   int     // DIDs in the pool
	load   float64 // mean share of the pool on which the driver has a live interaction
	steady bool    // whether interactions last equally long, or their lengths are exponential
}

func (s setting) String() string {
	life := "exponential"
	if s.steady {
		life = "steady"
	}
	return fmt.Sprintf("%3d DIDs, %2.0f %% live, %-11s", s.size, 100*s.load, life)
}

const (
	interactions = 10_000
	riders       = 300
)

// reuseAges plays the setting and returns, ascending, how many minutes each DID
// had rested when the driver was given it again.
func (s setting) reuseAges(choose policy) []int {
	random := rand.New(rand.NewPCG(1, 2))
	driver, others := newUsage(s.size), make([]*usage, riders)
	for i := range others {
		others[i] = newUsage(s.size)
	}
	var ages []int
	for at := range interactions {
		rider, length := others[random.IntN(riders)], s.load*float64(s.size)
		if !s.steady {
			length *= random.ExpFloat64()
		}
		choice, err := choose(s.size, driver, rider, at)
		if err != nil {
			continue
		}
		if ended := driver.endedAt[choice.A]; ended != longAgo {
			ages = append(ages, at-ended)
		}
		driver.endedAt[choice.A], rider.endedAt[choice.B] = at+1+int(length), at+1+int(length)
	}
	slices.Sort(ages)
	return ages
}

// rank returns the age that the given share of the reuses stay below. The mean
// would tell nothing: all the rest that a pool can give is spent by any policy
// that uses every DID, and what differs is how evenly.
func rank(ages []int, share float64) int { return ages[int(share*float64(len(ages)))] }

var settings = []setting{
	{10, 0.1, true}, {10, 0.3, false}, {30, 0.1, false}, {30, 0.3, false},
	{100, 0.05, true}, {100, 0.05, false}, {100, 0.3, false}, {100, 0.5, false}, {300, 0.02, false},
}

// sparse is the load up to which the cursor keeps 90 % for the unlucky too.
// Above it, one integer can't know that a long interaction ended just before
// the cursor came by; the table in the log says what that costs.
const sparse = 0.05

// Who redials from the call log must reach nobody for as long as the pool
// allows, and not a stranger (promise 3).
func TestReuseIsAlmostAsLateAsThePoolAllows(t *testing.T) {
	for _, s := range settings {
		best, ours := s.reuseAges(leastRecent), s.reuseAges(cursors)
		t.Logf("%v: rest in minutes, median %3d (least recently used %3d), 5 %% below %3d (%3d), least %3d (%3d)",
			s, rank(ours, 0.5), rank(best, 0.5), rank(ours, 0.05), rank(best, 0.05), ours[0], best[0])
		if share := share(ours, best, 0.5); share < 0.9 {
			t.Errorf("%v: the median is %.2f of least recently used, want 0.9", s, share)
		}
		if share := share(ours, best, 0.05); s.load <= sparse && share < 0.9 {
			t.Errorf("%v: the 5th percentile is %.2f of least recently used, want 0.9", s, share)
		}
	}
}

func share(ages, best []int, at float64) float64 {
	return float64(rank(ages, at)) / float64(rank(best, at))
}

// The property above must be able to fail: giving the first free DID does.
func TestFirstFreeWouldReuseMuchSooner(t *testing.T) {
	for _, s := range settings {
		best, fault := s.reuseAges(leastRecent), s.reuseAges(firstFree)
		t.Logf("%v: rest in minutes, median %3d (least recently used %3d)", s, rank(fault, 0.5), rank(best, 0.5))
		if share := share(fault, best, 0.5); share > 0.1 {
			t.Errorf("%v: the fault is hardly seen: the median is %.2f of least recently used", s, share)
		}
	}
}
