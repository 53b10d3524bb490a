package mapping_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"maskd/mapping"
)

func TestAQuarantineEndsByItself(t *testing.T) {
	until := noon.Add(time.Hour)
	tests := []struct {
		name   string
		c      mapping.Condition
		at     time.Time
		want   mapping.Standing
		freeAt time.Time
		known  bool
	}{
		{"nothing was said", mapping.Condition{}, noon, mapping.StandingActive, time.Time{}, true},
		{"in quarantine", mapping.Condition{Standing: mapping.StandingQuarantined, Until: until}, until.Add(-1), mapping.StandingQuarantined, until, true},
		{"at its end", mapping.Condition{Standing: mapping.StandingQuarantined, Until: until}, until, mapping.StandingActive, time.Time{}, true},
		{"without an end", mapping.Condition{Standing: mapping.StandingQuarantined}, until, mapping.StandingQuarantined, time.Time{}, false},
		{"draining", mapping.Condition{Standing: mapping.StandingDraining}, noon, mapping.StandingDraining, time.Time{}, false},
		{"retired", mapping.Condition{Standing: mapping.StandingRetired}, noon, mapping.StandingRetired, time.Time{}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.c.At(tt.at); got != tt.want {
				t.Errorf("At = %v, want %v", got, tt.want)
			}
			if at, known := tt.c.FreeAt(tt.at); !at.Equal(tt.freeAt) || known != tt.known {
				t.Errorf("FreeAt = %v, %t", at, known)
			}
		})
	}
}

func TestOrdersThatCantBe(t *testing.T) {
	for name, c := range map[string]struct {
		o           mapping.Order
		field, code string
	}{
		"no standing":               {mapping.Order{}, "standing", "unknown"},
		"a standing there is not":   {mapping.Order{Standing: 9}, "standing", "unknown"},
		"a reason too long":         {mapping.Order{Standing: mapping.StandingDraining, Reason: strings.Repeat("x", 257)}, "reason", "too_long"},
		"a drain with an end":       {mapping.Order{Standing: mapping.StandingDraining, Until: noon.Add(1)}, "until", "not_allowed"},
		"a quarantine that is over": {mapping.Order{Standing: mapping.StandingQuarantined, Until: noon}, "until", "past"},
	} {
		var invalid *mapping.InvalidError
		if err := c.o.Validate(noon); !errors.As(err, &invalid) || invalid.Field != c.field || invalid.Code != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	good := mapping.Order{Standing: mapping.StandingQuarantined, Until: noon.Add(1), Reason: strings.Repeat("x", 256)}
	if err := good.Validate(noon); err != nil {
		t.Error(err)
	}
}

// Over many interactions a new DID takes as many of its turns as its share is.
func TestTheShareOfANewDIDGrows(t *testing.T) {
	const warmUp, turns = 10 * 24 * time.Hour, 20_000
	c := mapping.Condition{AddedAt: noon}
	for days, want := range map[int]float64{0: 0, 1: 0.1, 5: 0.5, 9: 0.9, 10: 1, 99: 1} {
		at, taken := noon.Add(time.Duration(days)*24*time.Hour), 0
		for n := range turns {
			id := mapping.NewID(at, [10]byte{7: byte(n >> 16), 8: byte(n >> 8), 9: byte(n)})
			if !c.Passes(id, "+15550100000", warmUp, at) {
				taken++
			}
		}
		if got := float64(taken) / turns; math.Abs(got-want) > 0.015 {
			t.Errorf("after %d days of 10: share %.3f, want %.1f", days, got, want)
		}
	}
	if (mapping.Condition{}).Passes(mapping.ID{}, "+15550100000", warmUp, noon) {
		t.Error("a DID that is not new lets its turn pass")
	}
}

func TestOnlyWhatJoinsAPoolIsNew(t *testing.T) {
	pools, err := mapping.NewPools([]mapping.Pool{
		{Name: "warm", DIDs: []mapping.DID{"+15550100000", "+15550100001"}, Policy: mapping.Policy{WarmUp: time.Hour}},
		{Name: "plain", DIDs: []mapping.DID{"+15550100002"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	first := pools.Newcomers(nil, noon)
	if len(first) != 2 || !first["+15550100000"].AddedAt.IsZero() {
		t.Errorf("of a pool that nobody knew: %+v", first)
	}
	delete(first, "+15550100001")
	if later := pools.Newcomers(first, noon); len(later) != 1 || !later["+15550100001"].AddedAt.Equal(noon) {
		t.Errorf("of a pool with one that was known: %+v", later)
	}
}
