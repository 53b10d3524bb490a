package mapping_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"maskd/mapping"
)

const ownDID = "+15550100000"

func owned(n mapping.Number) bool { return mapping.DID(ownDID).Is(n) }

// good is a draft that holds all there is to ask for.
func good(t testing.TB) mapping.Draft {
	return mapping.Draft{
		ExternalID: "ride-1", Mode: mapping.ModePair, Numbering: mapping.NumberingShared, Pool: "north",
		A: []mapping.Number{number(t, "+4915112345678"), number(t, "+4915112345679")},
		B: []mapping.Number{number(t, "+919812345678")}, TTL: time.Hour,
		Sticky: mapping.StickyPrefer, Direction: mapping.DirectionAToB,
		Life:   mapping.Life{StartsAt: noon.Add(time.Hour), Expiry: mapping.ExpirySliding, MaxTTL: 2 * time.Hour, Callback: time.Minute, CompleteAfter: 3},
		Limits: mapping.Limits{CallTime: time.Hour, Warn: []time.Duration{time.Minute, 10 * time.Second}, Warned: mapping.AudienceB, AtOnce: 2, Calls: 9},
		WishA:  mapping.Wish{Prefer: []mapping.Preference{"+49151", mapping.PreferLocal}, Strict: true},
		WishB:  mapping.Wish{Prefer: []mapping.Preference{"+15550100001"}},
		HuntA:  mapping.Hunt{Ring: mapping.RingAll, RingTime: 45 * time.Second, Fallback: number(t, "+4915112345680")},
		HuntB:  mapping.Hunt{Ring: mapping.RingSequence, RingTime: 30 * time.Second},
		Labels: map[string]string{"city": "Pune"},
	}
}

func many(t testing.TB, n int) []mapping.Number {
	var numbers []mapping.Number
	for i := range n {
		numbers = append(numbers, number(t, fmt.Sprintf("+1555020%04d", i)))
	}
	return numbers
}

func labels(n int) map[string]string {
	all := make(map[string]string)
	for i := range n {
		all[fmt.Sprint("label", i)] = "x"
	}
	return all
}

func TestValidateNamesFieldAndCode(t *testing.T) {
	tests := []struct {
		name        string
		change      func(*mapping.Draft)
		field, code string
	}{
		{"external id too long", func(d *mapping.Draft) { d.ExternalID = strings.Repeat("x", 129) }, "external_id", "too_long"},
		{"life not given", func(d *mapping.Draft) { d.TTL = 0 }, "ttl_seconds", "out_of_range"},
		{"life negative", func(d *mapping.Draft) { d.TTL = -time.Hour }, "ttl_seconds", "out_of_range"},
		{"life under a minute", func(d *mapping.Draft) { d.TTL = mapping.MinTTL - 1 }, "ttl_seconds", "out_of_range"},
		{"life over a year", func(d *mapping.Draft) { d.Life.MaxTTL, d.TTL = 0, mapping.MaxTTL+1 }, "ttl_seconds", "out_of_range"},
		{"call of a second", func(d *mapping.Draft) { d.Limits.CallTime = time.Second }, "max_call_seconds", "out_of_range"},
		{"call of two days", func(d *mapping.Draft) { d.Limits.CallTime = 48 * time.Hour }, "max_call_seconds", "out_of_range"},
		{"warning of nothing", func(d *mapping.Draft) { d.Limits.CallTime = 0 }, "warn_seconds", "not_allowed"},
		{"warning before the call", func(d *mapping.Draft) { d.Limits.CallTime = time.Minute }, "warn_seconds", "out_of_range"},
		{"warnings out of order", func(d *mapping.Draft) { d.Limits.Warn = []time.Duration{time.Second, time.Minute} }, "warn_seconds", "out_of_range"},
		{"too many warnings", func(d *mapping.Draft) { d.Limits.Warn = []time.Duration{5e9, 4e9, 3e9, 2e9, 1e9} }, "warn_seconds", "out_of_range"},
		{"calls at once below zero", func(d *mapping.Draft) { d.Limits.AtOnce = -1 }, "max_calls_at_once", "out_of_range"},
		{"calls in all above the bound", func(d *mapping.Draft) { d.Limits.Calls = mapping.MaxCalls + 1 }, "max_calls", "out_of_range"},
		{"too many labels", func(d *mapping.Draft) { d.Labels = labels(17) }, "labels", "too_many"},
		{"label without a key", func(d *mapping.Draft) { d.Labels = map[string]string{"": "x"} }, "labels", "too_long"},
		{"label's key too long", func(d *mapping.Draft) { d.Labels = map[string]string{strings.Repeat("k", 65): ""} }, "labels", "too_long"},
		{"label's value too long", func(d *mapping.Draft) { d.Labels = map[string]string{"k": strings.Repeat("v", 65)} }, "labels", "too_long"},
		{"A without a number", func(d *mapping.Draft) { d.A = nil }, "parties.a.numbers", "missing"},
		{"B without a number", func(d *mapping.Draft) { d.B = []mapping.Number{} }, "parties.b.numbers", "missing"},
		{"A of nine numbers", func(d *mapping.Draft) { d.A = many(t, 9) }, "parties.a.numbers", "too_many"},
		{"B of nine numbers", func(d *mapping.Draft) { d.B = many(t, 9) }, "parties.b.numbers", "too_many"},
		{"A's second number is no number", func(d *mapping.Draft) { d.A[1] = mapping.Number{} }, "parties.a.numbers[1]", "missing"},
		{"A's second number is our own DID", func(d *mapping.Draft) { d.A[1] = number(t, ownDID) }, "parties.a.numbers[1]", "own_did"},
		{"B's number is our own DID", func(d *mapping.Draft) { d.B[0] = number(t, ownDID) }, "parties.b.numbers[0]", "own_did"},
		{"a number twice in A", func(d *mapping.Draft) { d.A[1] = d.A[0] }, "parties.a.numbers[1]", "duplicate"},
		{"at most shorter than the life", func(d *mapping.Draft) { d.Life.MaxTTL = d.TTL - 1 }, "max_ttl_seconds", "out_of_range"},
		{"at most over a year", func(d *mapping.Draft) { d.Life.MaxTTL = mapping.MaxTTL + 1 }, "max_ttl_seconds", "out_of_range"},
		{"callback over a week", func(d *mapping.Draft) { d.Life.Callback = mapping.MaxCallback + 1 }, "callback_seconds", "out_of_range"},
		{"callback negative", func(d *mapping.Draft) { d.Life.Callback = -1 }, "callback_seconds", "out_of_range"},
		{"calls negative", func(d *mapping.Draft) { d.Life.CompleteAfter = -1 }, "complete_after_calls", "out_of_range"},
		{"nine preferences", func(d *mapping.Draft) { d.WishA.Prefer = slices.Repeat(d.WishA.Prefer, 5) }, "parties.a.prefer", "too_many"},
		{"a preference of words", func(d *mapping.Draft) { d.WishB.Prefer[0] = "near" }, "parties.b.prefer", "malformed"},
		{"a preference without plus", func(d *mapping.Draft) { d.WishB.Prefer[0] = "49" }, "parties.b.prefer", "malformed"},
		{"a preference of no digits", func(d *mapping.Draft) { d.WishB.Prefer[0] = "+" }, "parties.b.prefer", "malformed"},
		{"a preference of too many digits", func(d *mapping.Draft) { d.WishB.Prefer[0] = "+1234567890123456" }, "parties.b.prefer", "malformed"},
		{"strict about nothing", func(d *mapping.Draft) { d.WishA.Prefer = nil }, "parties.a.strict", "missing"},
		{"a PIN on both sides", func(d *mapping.Draft) { d.PINA.Given, d.PINB.Given = pin(t, "482913"), pin(t, "482913") }, "parties.b.pin", "same_party"},
		{"A rung too shortly", func(d *mapping.Draft) { d.HuntA.RingTime = mapping.MinRingTime - 1 }, "parties.a.ring_seconds", "out_of_range"},
		{"A rung at once for over three minutes with its fallback", func(d *mapping.Draft) { d.HuntA.RingTime = mapping.MaxRingTime/2 + 1 }, "parties.a.ring_seconds", "out_of_range"},
		{"A rung in turn for over three minutes", func(d *mapping.Draft) { d.HuntA.Ring, d.HuntA.RingTime = mapping.RingSequence, mapping.MaxRingTime/3+1 }, "parties.a.ring_seconds", "out_of_range"},
		{"B rung for over three minutes", func(d *mapping.Draft) { d.HuntB.RingTime = mapping.MaxRingTime + 1 }, "parties.b.ring_seconds", "out_of_range"},
		{"a fallback that is our own DID", func(d *mapping.Draft) { d.HuntB.Fallback = number(t, ownDID) }, "parties.b.fallback", "own_did"},
		{"a fallback that is rung already", func(d *mapping.Draft) { d.HuntA.Fallback = d.A[1] }, "parties.a.fallback", "duplicate"},
		{"a fallback on the other side", func(d *mapping.Draft) { d.HuntA.Fallback = d.B[0] }, "parties.a.fallback", "same_party"},
		{"a number on both sides", func(d *mapping.Draft) { d.B = []mapping.Number{d.B[0], d.A[1]} }, "parties.b.numbers", "same_party"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := good(t)
			tt.change(&d)
			var invalid *mapping.InvalidError
			if err := d.Validate(owned); !errors.As(err, &invalid) {
				t.Fatalf("Validate = %v, want an InvalidError", err)
			}
			if invalid.Field != tt.field || invalid.Code != tt.code {
				t.Errorf("got %s %s, want %s %s", invalid.Field, invalid.Code, tt.field, tt.code)
			}
			if invalid.Reason == "" || shows(invalid.Error()) {
				t.Errorf("reason %q is empty or quotes a number", invalid.Reason)
			}
		})
	}
}

func TestValidateTakesTheBounds(t *testing.T) {
	tests := []struct {
		name   string
		change func(*mapping.Draft)
	}{
		{"a draft that asks for everything", func(*mapping.Draft) {}},
		{"no external id", func(d *mapping.Draft) { d.ExternalID = "" }},
		{"external id of 128 bytes", func(d *mapping.Draft) { d.ExternalID = strings.Repeat("x", 128) }},
		{"a minute", func(d *mapping.Draft) { d.TTL = mapping.MinTTL }},
		{"a year", func(d *mapping.Draft) { d.TTL, d.Life.MaxTTL = mapping.MaxTTL, mapping.MaxTTL }},
		{"no labels", func(d *mapping.Draft) { d.Labels = nil }},
		{"16 labels", func(d *mapping.Draft) { d.Labels = labels(16) }},
		{"label of 64 bytes", func(d *mapping.Draft) {
			d.Labels = map[string]string{strings.Repeat("k", 64): strings.Repeat("v", 64)}
		}},
		{"eight numbers", func(d *mapping.Draft) { d.A = many(t, 8) }},
		{"eight numbers in turn and a fallback", func(d *mapping.Draft) {
			d.A, d.HuntA.Ring, d.HuntA.RingTime = many(t, 8), mapping.RingSequence, 0
		}},
		{"rung for three minutes", func(d *mapping.Draft) { d.HuntB.RingTime = mapping.MaxRingTime }},
		{"rung for five seconds", func(d *mapping.Draft) { d.HuntB.RingTime = mapping.MinRingTime }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := good(t)
			tt.change(&d)
			if err := d.Validate(owned); err != nil {
				t.Errorf("Validate = %v", err)
			}
		})
	}
}

func TestWithDefaultsFillsOnlyWhatIsMissing(t *testing.T) {
	d := mapping.Draft{}.WithDefaults()
	if d.Mode != mapping.ModePair || d.Numbering != mapping.NumberingPerParty || d.Pool != mapping.DefaultPool || d.TTL != mapping.DefaultTTL {
		t.Errorf("defaults %v %v %q %v", d.Mode, d.Numbering, d.Pool, d.TTL)
	}
	full := good(t)
	i := full.Bind(mapping.ID{}, "", "", noon)
	if !full.WithDefaults().Matches(&i) {
		t.Error("a default replaced what was asked for")
	}
}

func TestBindGivesEachPartyItsDID(t *testing.T) {
	d := good(t)
	i := d.Bind(mapping.ID{7}, "+15550100001", "+15550100002", noon)
	if i.ID != (mapping.ID{7}) || i.A.DID != "+15550100001" || i.B.DID != "+15550100002" {
		t.Errorf("id %x, DIDs %s and %s", i.ID, i.A.DID, i.B.DID)
	}
	begin := d.Life.StartsAt
	if !i.CreatedAt.Equal(noon) || !i.ExpiresAt.Equal(begin.Add(time.Hour)) || i.State(noon) != mapping.StateScheduled || i.State(begin) != mapping.StateActive {
		t.Errorf("from %v to %v", i.CreatedAt, i.ExpiresAt)
	}
	if i.SideOf("+15550100001", d.A[1]) != mapping.SideA || i.SideOf("+15550100002", d.B[0]) != mapping.SideB {
		t.Error("the parties are on the wrong sides")
	}
}

// A second create with one external id is the same request only if it asks for
// the same in everything.
func TestMatchesOnlyTheSameRequest(t *testing.T) {
	made := func() mapping.Interaction {
		d := good(t)
		d.Labels = maps.Clone(d.Labels)
		return d.Bind(mapping.ID{1}, "+15550100001", "+15550100002", noon)
	}
	tests := []struct {
		name   string
		change func(*mapping.Draft)
		want   bool
	}{
		{"the same", func(*mapping.Draft) {}, true},
		{"equal labels in another map", func(d *mapping.Draft) { d.Labels = map[string]string{"city": "Pune"} }, true},
		{"another external id", func(d *mapping.Draft) { d.ExternalID = "ride-2" }, false},
		{"a longer call", func(d *mapping.Draft) { d.Limits.CallTime *= 2 }, false},
		{"another warning", func(d *mapping.Draft) { d.Limits.Warn = d.Limits.Warn[:1] }, false},
		{"others warned", func(d *mapping.Draft) { d.Limits.Warned = mapping.AudienceBoth }, false},
		{"more calls", func(d *mapping.Draft) { d.Limits.Calls++ }, false},
		{"more calls at once", func(d *mapping.Draft) { d.Limits.AtOnce++ }, false},
		{"another mode", func(d *mapping.Draft) { d.Mode = 9 }, false},
		{"another numbering", func(d *mapping.Draft) { d.Numbering = mapping.NumberingPerParty }, false},
		{"another pool", func(d *mapping.Draft) { d.Pool = "south" }, false},
		{"another life", func(d *mapping.Draft) { d.TTL += time.Second }, false},
		{"one number more", func(d *mapping.Draft) { d.B = append(d.B, number(t, "+15550200009")) }, false},
		{"numbers in another order", func(d *mapping.Draft) { slices.Reverse(d.A) }, false},
		{"parties exchanged", func(d *mapping.Draft) { d.A, d.B = d.B, d.A }, false},
		{"a PIN", func(d *mapping.Draft) { d.PINA.Given = pin(t, "482913") }, false},
		{"a PIN that is drawn", func(d *mapping.Draft) { d.PINB.Draw = true }, false},
		{"another label", func(d *mapping.Draft) { d.Labels = map[string]string{"city": "Goa"} }, false},
		{"no label", func(d *mapping.Draft) { d.Labels = nil }, false},
		{"another stickiness", func(d *mapping.Draft) { d.Sticky = mapping.StickyPin }, false},
		{"another preference of A", func(d *mapping.Draft) { d.WishA.Prefer = d.WishA.Prefer[:1] }, false},
		{"another direction", func(d *mapping.Draft) { d.Direction = mapping.DirectionBoth }, false},
		{"the same start in another zone", func(d *mapping.Draft) { d.Life.StartsAt = d.Life.StartsAt.In(time.FixedZone("IST", 19800)) }, true},
		{"another start", func(d *mapping.Draft) { d.Life.StartsAt = noon }, false},
		{"another callback", func(d *mapping.Draft) { d.Life.Callback++ }, false},
		{"A rung otherwise", func(d *mapping.Draft) { d.HuntA.Ring = mapping.RingSequence }, false},
		{"another fallback", func(d *mapping.Draft) { d.HuntA.Fallback = number(t, "+4915112345681") }, false},
		{"B rung for longer", func(d *mapping.Draft) { d.HuntB.RingTime++ }, false},
		{"B strict", func(d *mapping.Draft) { d.WishB.Strict = true }, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, i := good(t), made()
			tt.change(&d)
			if got := d.Matches(&i); got != tt.want {
				t.Errorf("Matches = %t, want %t", got, tt.want)
			}
		})
	}
}
