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
		if i.Spent(0) || i.Spent(2-n) || !i.Spent(3-n) {
			t.Errorf("after %d calls: spent %t; with others that are not counted yet: %t, %t", n, i.Spent(0), i.Spent(2-n), i.Spent(3-n))
		}
		i, _ = i.Ended(noon)
	}
	if !i.Spent(0) || !i.CompletedAt.Equal(noon) {
		t.Errorf("after 3 calls: spent %t, completed at %v: complete_after_calls has its own count", i.Spent(0), i.CompletedAt)
	}
}

func TestACallThatACrashCutsCounts(t *testing.T) {
	i := limited(t)
	i, counted := i.Interrupted()
	if !counted || i.Calls != 1 || !i.CompletedAt.IsZero() {
		t.Errorf("%d calls, counted %t", i.Calls, counted)
	}
	i.Limits.Calls = 0
	if _, counted := i.Interrupted(); counted {
		t.Error("counted where nothing limits it")
	}
}

func TestWhatACallCountsTo(t *testing.T) {
	i := limited(t)
	policy := mapping.Policy{AtOnceDID: 5, AtOnceNumber: 2}
	caller := i.A.Numbers[0]
	route := mapping.Route{Target: i.B.Numbers[0], Targets: i.B.Numbers}
	of := func(q []mapping.Quota) (common []mapping.Common) {
		for _, quota := range q {
			common = append(common, quota.Of)
		}
		return common
	}
	all := []mapping.Common{{Interaction: i.ID}, {Interaction: i.ID, InAll: true}, {DID: i.A.DID}, {Number: caller}, {Number: route.Target}}
	if got := of(i.Quotas(policy, i.A.DID, caller, &route, 0)); !slices.Equal(got, all) {
		t.Errorf("counts to %v, want %v", got, all)
	}
	group := mapping.Route{Target: i.A.Numbers[0], Targets: i.A.Numbers}
	if got := of(i.Quotas(policy, i.A.DID, mapping.Number{}, &group, 0)); !slices.Equal(got, all[:3]) {
		t.Errorf("a group and a caller without a number count to %v, want %v", got, all[:3])
	}
	i.Calls = 1
	if left := i.Quotas(policy, i.A.DID, caller, &route, 1)[1].Most; left != 1 {
		t.Errorf("%d calls are left of 3, of which 1 is counted and 1 not yet", left)
	}
	i.Limits = mapping.Limits{}
	if got := i.Quotas(mapping.Policy{}, i.A.DID, caller, &route, 0); got != nil {
		t.Errorf("without limits it counts to %v", got)
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
