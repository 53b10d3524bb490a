package mapping_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"maskd/mapping"
)

func seconds(all ...int) (spans []time.Duration) {
	for _, s := range all {
		spans = append(spans, time.Duration(s)*time.Second)
	}
	return spans
}

// limited is an interaction with all its limits.
func limited(t testing.TB) mapping.Interaction {
	d := good(t)
	d.Life.StartsAt = time.Time{}
	d.Limits = mapping.Limits{CallTime: 10 * time.Minute, Warn: seconds(60, 10), Warned: mapping.AudienceA, AtOnce: 1, Calls: 3}
	return d.WithDefaults().Bind(mapping.NewID(noon, [10]byte{1}), "+15550100001", "+15550100002", noon)
}

func TestALimitComesFromThePoolWhereNoneIsAskedFor(t *testing.T) {
	pool := mapping.Pool{Policy: mapping.Policy{CallTime: time.Hour, Warn: seconds(30), AtOnce: 2}}
	own := mapping.Limits{CallTime: time.Minute, AtOnce: 1, Warned: mapping.AudienceBoth}
	for _, test := range []struct {
		name        string
		asked, want mapping.Limits
	}{
		{"none", mapping.Limits{}, mapping.Limits{CallTime: time.Hour, Warn: seconds(30), AtOnce: 2, Warned: mapping.AudienceBoth}},
		{"its own time has no warnings but its own", own, own},
	} {
		d := mapping.Draft{Limits: test.asked}.WithDefaults().In(pool)
		bound := d.Bind(mapping.ID{}, "", "", noon)
		if bound.Limits.CallTime != test.want.CallTime || !slices.Equal(bound.Limits.Warn, test.want.Warn) ||
			bound.Limits.AtOnce != test.want.AtOnce || bound.Limits.Warned != test.want.Warned {
			t.Errorf("%s: %+v, want %+v", test.name, bound.Limits, test.want)
		}
	}
}

// Each warning is heard once, in its order, at its instant.
func TestWarningsFollowEachOther(t *testing.T) {
	limits := mapping.Limits{CallTime: 2 * time.Minute, Warn: seconds(60, 30, 10)}
	var heard []time.Duration
	for lasted, more := limits.NextWarning(0); more; lasted, more = limits.NextWarning(lasted) {
		heard = append(heard, lasted)
	}
	if want := seconds(60, 90, 110); !slices.Equal(heard, want) {
		t.Errorf("warnings after %v, want %v", heard, want)
	}
}

func TestWhoIsWarned(t *testing.T) {
	for audience, want := range map[mapping.Audience][2]bool{
		mapping.AudienceBoth: {true, true}, mapping.AudienceA: {true, false}, mapping.AudienceB: {false, true}, 0: {},
	} {
		if got := [2]bool{audience.Has(mapping.SideA), audience.Has(mapping.SideB)}; got != want || audience.Has(0) {
			t.Errorf("%s: a and b are warned: %v, want %v", audience, got, want)
		}
	}
}

func TestCallsInAllAreSpent(t *testing.T) {
	i := limited(t)
	for n := range 3 {
		after := func(uncounted int) bool { return i.Spent(mapping.SideA, mapping.Tally{All: uncounted}) }
		if after(0) || after(2-n) || !after(3-n) {
			t.Errorf("after %d calls: spent %t; with others that are not counted yet: %t, %t", n, after(0), after(2-n), after(3-n))
		}
		i, _ = i.Ended(mapping.SideB, noon)
	}
	if !i.Spent(mapping.SideA, mapping.Tally{}) || !i.CompletedAt.Equal(noon) {
		t.Errorf("after 3 calls it is completed at %v: complete_after_calls has its own count", i.CompletedAt)
	}
}

// A party's calls are those that it makes: the other's don't count to them, but to
// those of the interaction.
func TestAPartysCallsInAllAreSpent(t *testing.T) {
	i := limited(t)
	i.Limits.Calls, i.Life.CompleteAfter, i.A.Limits.Calls = 0, 0, 2
	spent := func(a, b bool) {
		t.Helper()
		if got := [2]bool{i.Spent(mapping.SideA, mapping.Tally{}), i.Spent(mapping.SideB, mapping.Tally{})}; got != [2]bool{a, b} {
			t.Errorf("after %+v spent are %v", i.Calls, got)
		}
	}
	i, _ = i.Ended(mapping.SideB, noon)
	i, _ = i.Ended(mapping.SideA, noon)
	spent(false, false)
	if !i.Spent(mapping.SideA, mapping.Tally{All: 1, A: 1}) || i.Spent(mapping.SideA, mapping.Tally{All: 1, B: 1}) {
		t.Error("a call that is not counted yet is another party's")
	}
	i, _ = i.Interrupted(mapping.SideA)
	spent(true, false)
	if i.Calls != (mapping.Tally{All: 3, A: 2, B: 1}) {
		t.Errorf("counted %+v", i.Calls)
	}
}

func TestACallThatACrashCutsCounts(t *testing.T) {
	i := limited(t)
	i, counted := i.Interrupted(mapping.SideA)
	if !counted || i.Calls != (mapping.Tally{All: 1, A: 1}) || !i.CompletedAt.IsZero() {
		t.Errorf("%+v, counted %t", i.Calls, counted)
	}
	i.Limits.Calls = 0
	if _, counted := i.Interrupted(mapping.SideA); counted {
		t.Error("counted where nothing limits it")
	}
}

func TestWhatACallCountsTo(t *testing.T) {
	i := limited(t)
	i.Tenant, i.A.Limits.Calls = "acme", 9
	caller, target, did := i.A.Numbers[0], i.B.Numbers[0], i.A.DID
	one := mapping.Route{Caller: mapping.SideA, From: caller, Target: target, Targets: []mapping.Number{target}}
	many := mapping.Route{Caller: mapping.SideA, Target: i.A.Numbers[0], Targets: i.A.Numbers}
	bounds := mapping.Bounds{
		Policy:    mapping.Policy{AtOnceDID: 5, AtOnceNumber: 2, InAllNumber: mapping.Allotment{Calls: 20, Hours: 24}, InAllDID: mapping.Allotment{Calls: 50, Hours: 1}},
		Allowance: mapping.Allowance{CallsAtOnce: 7, InAll: mapping.Allotment{Calls: 100, Hours: 2}},
		InAll:     func(of mapping.Common) int { return map[bool]int{true: 3}[of.Number == caller] },
	}
	common := func(q []mapping.Quota) (all []mapping.Common) {
		for _, quota := range q {
			all = append(all, quota.Of)
		}
		return all
	}
	all := []mapping.Common{
		{Interaction: i.ID}, {Interaction: i.ID, InAll: true}, {Interaction: i.ID, Caller: mapping.SideA, InAll: true},
		{DID: did}, {DID: did, InAll: true},
		{Number: caller, Tenant: "acme"}, {Number: caller, Tenant: "acme", InAll: true},
		{Number: target, Tenant: "acme"}, {Number: target, Tenant: "acme", InAll: true},
		{Tenant: "acme"}, {Tenant: "acme", InAll: true},
	}
	quotas := i.Quotas(did, &one, bounds)
	if got := common(quotas); !slices.Equal(got, all) {
		t.Errorf("counts to %v, want %v", got, all)
	}
	if quotas[6].Most != 17 || quotas[8].Most != 20 || quotas[6].Refusal != mapping.RefusalAllotment {
		t.Errorf("%d are left of the caller's calls, %d of who is called", quotas[6].Most, quotas[8].Most)
	}
	if got := common(i.Quotas(did, &many, bounds)); !slices.Equal(got, append(slices.Clone(all[:5]), all[9:]...)) {
		t.Errorf("a group and a caller without a number count to %v", got)
	}
	i.Calls, bounds.Interaction = mapping.Tally{All: 1, A: 1}, mapping.Tally{All: 1, A: 1}
	if q := i.Quotas(did, &one, bounds); q[1].Most != 1 || q[2].Most != 7 {
		t.Errorf("%d calls are left of 3, %d of 9, of which 1 is counted and 1 not yet", q[1].Most, q[2].Most)
	}
	if full := mapping.Full([]mapping.Quota{{Of: all[0]}, quotas[1]}); full != 0 {
		t.Errorf("full: %s", full)
	}
	quotas[4].Most = 0
	if full := mapping.Full(quotas); full != mapping.RefusalAllotment {
		t.Errorf("full: %s", full)
	}
	i.Limits, i.A.Limits = mapping.Limits{}, mapping.PartyLimits{}
	if got := i.Quotas(did, &one, mapping.Bounds{}); got != nil {
		t.Errorf("without limits it counts to %v", got)
	}
}

// The shortest of all times holds, with those warnings that come within it.
func TestHowLongACallMayLast(t *testing.T) {
	for _, row := range []struct {
		own, party, tenant, hook, want int
		warn, heard                    []int
	}{
		{0, 0, 0, 0, 0, nil, nil},
		{600, 0, 0, 0, 600, []int{60, 10}, []int{60, 10}},
		{600, 60, 0, 0, 60, []int{60, 10}, []int{10}},
		{0, 60, 0, 0, 60, []int{30}, []int{30}},
		{0, 0, 0, 0, 0, []int{30}, nil}, // they are of the other party's calls
		{0, 0, 300, 0, 300, nil, nil},
		{600, 900, 300, 20, 20, []int{60, 10}, []int{10}},
	} {
		span := func(s int) time.Duration { return time.Duration(s) * time.Second }
		i := limited(t)
		i.Limits = mapping.Limits{CallTime: span(row.own), Warn: seconds(row.warn...)}
		i.A.Limits.CallTime = span(row.party)
		got := mapping.Ruling{CallTime: span(row.hook)}.Amend(mapping.Route{Limits: i.CallLimits(mapping.SideA, mapping.Allowance{CallTime: span(row.tenant)})}).Limits
		if got.CallTime != span(row.want) || !slices.Equal(got.Warn, seconds(row.heard...)) {
			t.Errorf("%+v: %s, warned %v", row, got.CallTime, got.Warn)
		}
	}
}

// The hours that count are those of the clock: the one that runs and those before it.
func TestTheHoursThatCount(t *testing.T) {
	at := time.Date(2026, 11, 21, 12, 59, 59, 0, time.UTC)
	for hours, want := range map[int]int{0: 0, 1: 0, 2: -1, 24: -23} {
		if got := int(mapping.Allotment{Calls: 1, Hours: hours}.First(at)) - int(mapping.HourOf(at)); got != want {
			t.Errorf("of %d hours the first is %d before", hours, -got)
		}
	}
	if mapping.HourOf(at.Add(time.Second)) != mapping.HourOf(at)+1 {
		t.Error("an hour does not begin when the clock strikes")
	}
}

func TestRevise(t *testing.T) {
	long, none, warn, quiet := time.Hour, time.Duration(0), seconds(600), true
	i := limited(t)
	for _, test := range []struct {
		name string
		r    mapping.Revision
		want func(*mapping.Interaction)
		code string
	}{
		{name: "nothing", want: func(*mapping.Interaction) {}},
		{name: "longer calls", r: mapping.Revision{CallTime: &long, Warn: &warn}, want: func(i *mapping.Interaction) { i.Limits.CallTime, i.Limits.Warn = long, warn }},
		{name: "no limit has no warnings", r: mapping.Revision{CallTime: &none}, want: func(i *mapping.Interaction) { i.Limits.CallTime, i.Limits.Warn = 0, nil }},
		{name: "do not disturb b", r: mapping.Revision{B: mapping.PartyRevision{Quiet: &quiet}}, want: func(i *mapping.Interaction) { i.B.Quiet = true }},
		{name: "a warning before the call", r: mapping.Revision{Warn: &[]time.Duration{long}}, code: "out_of_range"},
		{name: "a warning of nothing", r: mapping.Revision{CallTime: &none, Warn: &warn}, code: "not_allowed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := i.Revise(test.r, owned, noon)
			var invalid *mapping.InvalidError
			switch {
			case test.code != "":
				if !errors.As(err, &invalid) || invalid.Code != test.code {
					t.Errorf("error %v, want %s", err, test.code)
				}
			case err != nil:
				t.Error(err)
			default:
				want := i
				test.want(&want)
				if !slices.Equal(got.Limits.Warn, want.Limits.Warn) || got.Limits.CallTime != want.Limits.CallTime || got.B.Quiet != want.B.Quiet {
					t.Errorf("%+v, want %+v", got.Limits, want.Limits)
				}
			}
		})
	}
	if _, err := i.Revise(mapping.Revision{}, owned, i.ExpiresAt); !errors.Is(err, mapping.ErrNotActive) {
		t.Errorf("revised after its end: %v", err)
	}
}

func TestValidateBlock(t *testing.T) {
	a, b := number(t, "+4915112345678"), number(t, "+919812345678")
	for _, test := range []struct {
		block mapping.Block
		field string
	}{
		{mapping.Block{Number: a}, ""},
		{mapping.Block{Number: a, With: b, Reason: "asked us to"}, ""},
		{mapping.Block{With: b}, "number"},
		{mapping.Block{Number: a, With: a}, "with"},
		{mapping.Block{Number: a, Reason: string(make([]byte, 257))}, "reason"},
	} {
		var invalid *mapping.InvalidError
		err := test.block.Validate()
		if errors.As(err, &invalid) != (test.field != "") || invalid != nil && invalid.Field != test.field {
			t.Errorf("%+v: %v, want the field %q", test.block, err, test.field)
		}
	}
}
