package mapping_test

import (
	"testing"

	"maskd/mapping"
)

// ordered sees that each DID is wanted more than the next; a "-" is behind the
// last one that may be given at all, "=" between two that are alike.
func ordered(t *testing.T, r mapping.Ranking, dids ...mapping.DID) {
	t.Helper()
	last, alike, never := -1, false, false
	for _, did := range dids {
		switch did {
		case "-":
			never = true
			continue
		case "=":
			alike = true
			continue
		}
		rank := r.Of(did)
		switch {
		case never && rank >= 0:
			t.Errorf("%s has rank %d and should never be given", did, rank)
		case !never && rank < 0:
			t.Errorf("%s is never given", did)
		case !never && alike != (rank == last), !never && rank < last:
			t.Errorf("%s has rank %d after %d", did, rank, last)
		}
		last, alike = rank, false
	}
}

func TestRanking(t *testing.T) {
	const london, leeds, pune, delhi, york = "+442079460000", "+441134960000", "+912025500000", "+911145500000", "+12125550100"
	reserved := func(did mapping.DID) bool { return did == london }
	fresh := func(did mapping.DID) bool { return did == leeds }
	wish := func(strict bool, prefer ...mapping.Preference) mapping.Wish {
		return mapping.Wish{Prefer: prefer, Strict: strict}
	}
	ofLondon := number(t, "+442079461234")
	tests := []struct {
		name string
		r    mapping.Ranking
		want []mapping.DID
	}{
		{"no wish", mapping.Ranking{}, []mapping.DID{london, "=", pune}},
		{"a region", mapping.Ranking{Wish: wish(false, "+91")}, []mapping.DID{pune, "=", delhi, london, "=", york}},
		{"a region, strict", mapping.Ranking{Wish: wish(true, "+91")}, []mapping.DID{pune, "=", delhi, "-", london, york}},
		{"ordered fallback", mapping.Ranking{Wish: wish(true, "+9111", "+91", "+1")}, []mapping.DID{delhi, pune, york, "-", london}},
		{"one DID, then its country", mapping.Ranking{Wish: wish(true, pune, "+91")}, []mapping.DID{pune, delhi, "-", london}},
		{"local: the longest prefix", mapping.Ranking{Number: ofLondon, Wish: wish(false, mapping.PreferLocal)},
			[]mapping.DID{london, leeds, pune, "=", york}},
		{"local, strict: the country at least", mapping.Ranking{Number: ofLondon, Wish: wish(true, mapping.PreferLocal)},
			[]mapping.DID{london, leeds, "-", pune, "+432079460000", york}},
		{"local, then another region", mapping.Ranking{Number: ofLondon, Wish: wish(true, mapping.PreferLocal, "+1")},
			[]mapping.DID{london, leeds, york, "-", pune}},
		{"reserved", mapping.Ranking{Reserved: reserved}, []mapping.DID{leeds, "=", pune, "-", london}},
		{"reserved, in a region that is wanted", mapping.Ranking{Reserved: reserved, Wish: wish(false, "+44")}, []mapping.DID{leeds, pune, "-", london}},
		{"reserved and named", mapping.Ranking{Reserved: reserved, Wish: wish(false, london)}, []mapping.DID{london, leeds, "=", pune}},
		{"prefer what they had", mapping.Ranking{Sticky: mapping.StickyPrefer, Earlier: pune}, []mapping.DID{pune, london, "=", leeds}},
		{"prefer what they had to any wish", mapping.Ranking{Sticky: mapping.StickyPrefer, Earlier: pune, Wish: wish(true, "+44")},
			[]mapping.DID{pune, london, "-", york}},
		{"avoid what they had", mapping.Ranking{Sticky: mapping.StickyAvoid, Earlier: pune, Wish: wish(false, "+91")}, []mapping.DID{delhi, london, pune}},
		{"pin what they had", mapping.Ranking{Sticky: mapping.StickyPin, Earlier: pune}, []mapping.DID{pune, "-", london}},
		{"pin, and they had nothing", mapping.Ranking{Sticky: mapping.StickyPin}, []mapping.DID{pune, "=", london}},
		{"new and had its share", mapping.Ranking{WarmUp: fresh}, []mapping.DID{london, "=", pune, leeds}},
		{"new, had its share, of the region wanted", mapping.Ranking{WarmUp: fresh, Wish: wish(false, "+44")}, []mapping.DID{london, pune, leeds}},
		{"new, had its share, named", mapping.Ranking{WarmUp: fresh, Wish: wish(false, leeds)}, []mapping.DID{leeds, pune}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { ordered(t, tt.r, tt.want...) })
	}
}

func TestPoolsKnowWhatIsReserved(t *testing.T) {
	pool := mapping.Pool{Name: "north", DIDs: []mapping.DID{"+15550100000", "+15550100001"}, Reserved: []mapping.DID{"+15550100001"}}
	pools, err := mapping.NewPools([]mapping.Pool{pool})
	if err != nil {
		t.Fatal(err)
	}
	if pools.Reserved("+15550100000") || !pools.Reserved("+15550100001") {
		t.Error("the wrong DID is reserved")
	}
	pool.Reserved = []mapping.DID{"+15550100002"}
	if _, err := mapping.NewPools([]mapping.Pool{pool}); err == nil {
		t.Error("a DID is reserved that the pool does not have")
	}
}
