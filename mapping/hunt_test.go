package mapping_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"maskd/mapping"
)

func TestWhoIsRungAndForHowLong(t *testing.T) {
	numbers, last := many(t, 3), number(t, "+15550209999")
	for _, test := range []struct {
		name     string
		numbers  int
		hunt     mapping.Hunt
		rung     int
		together int
		each     time.Duration
		total    time.Duration
	}{
		{"one", 1, mapping.Hunt{}, 1, 1, time.Minute, time.Minute},
		{"one and a fallback", 1, mapping.Hunt{Fallback: last}, 2, 1, time.Minute, 2 * time.Minute},
		{"three in turn", 3, mapping.Hunt{}, 3, 1, 20 * time.Second, time.Minute},
		{"three in turn and a fallback", 3, mapping.Hunt{Fallback: last}, 4, 1, 20 * time.Second, 80 * time.Second},
		{"three at once", 3, mapping.Hunt{Ring: mapping.RingAll}, 3, 3, time.Minute, time.Minute},
		{"three at once and a fallback", 3, mapping.Hunt{Ring: mapping.RingAll, RingTime: 9 * time.Second, Fallback: last}, 4, 3, 9 * time.Second, 18 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			hunt := test.hunt.WithDefaults(test.numbers)
			route := mapping.Route{Target: numbers[0], Targets: numbers[:test.numbers], Hunt: hunt}
			rung, together := route.Numbers()
			want := slices.Clone(numbers[:test.numbers])
			if !hunt.Fallback.IsZero() {
				want = append(want, last)
			}
			if !slices.Equal(rung, want) || len(rung) != test.rung || together != test.together {
				t.Errorf("%d are rung, %d at once", len(rung), together)
			}
			if hunt.RingTime != test.each || hunt.Total(test.numbers) != test.total {
				t.Errorf("each for %v, all for %v", hunt.RingTime, hunt.Total(test.numbers))
			}
			if hunt.WithDefaults(test.numbers) != hunt {
				t.Error("a default replaced what was decided")
			}
		})
	}
	if !slices.Equal(numbers, many(t, 3)) {
		t.Error("the route's numbers were changed")
	}
}

func TestWhatHasBecomeOurDIDIsNotRung(t *testing.T) {
	ours, theirs := mapping.Hunt{Fallback: number(t, ownDID)}, mapping.Hunt{Fallback: number(t, "+4915112345678")}
	if !ours.Without(owned).Fallback.IsZero() || theirs.Without(owned) != theirs {
		t.Error("our own DID would be rung, or somebody's number not")
	}
}

func TestRingIsReadAsItIsWritten(t *testing.T) {
	for _, ring := range []mapping.Ring{mapping.RingSequence, mapping.RingAll} {
		if read, ok := mapping.ParseRing(ring.String()); !ok || read != ring {
			t.Errorf("%s is read as %s, %t", ring, read, ok)
		}
	}
	if ring, ok := mapping.ParseRing(""); !ok || ring != mapping.RingSequence {
		t.Errorf("nothing is read as %s, %t", ring, ok)
	}
	if _, ok := mapping.ParseRing("random"); ok {
		t.Error("an order that there is not is read")
	}
}

func TestItIsExplainedHowSeveralAreRung(t *testing.T) {
	last := number(t, "+15550209999")
	for _, test := range []struct {
		numbers int
		hunt    mapping.Hunt
		want    string
	}{
		{1, mapping.Hunt{}, "sees +15550100002"},
		{3, mapping.Hunt{}, "sees +15550100002: 3 numbers in sequence, 20 s each"},
		{3, mapping.Hunt{Fallback: last}, ": 4 numbers in sequence, 20 s each"},
		{3, mapping.Hunt{Ring: mapping.RingAll}, ": 3 numbers at once, 60 s"},
		{3, mapping.Hunt{Ring: mapping.RingAll, Fallback: last}, ": 3 numbers at once, 60 s, and then another"},
	} {
		evidence := mapping.Evidence{Pool: "default", Route: mapping.Route{Caller: mapping.SideA, Show: "+15550100002",
			Trunk: "carrier", Targets: many(t, test.numbers), Hunt: test.hunt.WithDefaults(test.numbers)}}
		step := evidence.Explain()[mapping.CheckTarget-1]
		if step.Check != mapping.CheckTarget || !strings.HasSuffix(step.Finding, test.want) {
			t.Errorf("%s: %q, want %q", step.Check, step.Finding, test.want)
		}
	}
}
