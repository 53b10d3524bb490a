package mapping_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"maskd/mapping"
)

func TestWhichRulingsAnswerACase(t *testing.T) {
	call := &mapping.Case{Matter: mapping.MatterParty, Interaction: mapping.ID{1}, Targets: []string{"num_1", "num_2"}}
	unknown := &mapping.Case{Matter: mapping.MatterUnknown}
	connect := mapping.Ruling{Verdict: mapping.VerdictConnect}
	with := func(change func(*mapping.Ruling)) mapping.Ruling {
		r := connect
		change(&r)
		return r
	}
	whose := with(func(r *mapping.Ruling) { r.Interaction = mapping.ID{1} })
	for _, row := range []struct {
		name          string
		ruling        mapping.Ruling
		call, unknown bool
	}{
		{"connect", connect, true, false},
		{"refuse", mapping.Ruling{Verdict: mapping.VerdictRefuse}, true, true},
		{"nothing", mapping.Ruling{}, false, false},
		{"a verdict of no name", mapping.Ruling{Verdict: 9}, false, false},
		{"the first target", with(func(r *mapping.Ruling) { r.Picks = true }), true, false},
		{"the last target", with(func(r *mapping.Ruling) { r.Picks, r.Target = true, 1 }), true, false},
		{"a target too many", with(func(r *mapping.Ruling) { r.Picks, r.Target = true, 2 }), false, false},
		{"a target before the first", with(func(r *mapping.Ruling) { r.Picks, r.Target = true, -1 }), false, false},
		{"whose party he is", whose, false, true},
		{"whose, and on which side", with(func(r *mapping.Ruling) { r.Interaction, r.Side = mapping.ID{1}, mapping.SideB }), false, true},
		{"a side of nothing", with(func(r *mapping.Ruling) { r.Side = mapping.SideA }), false, false},
		{"refuse this party", mapping.Ruling{Verdict: mapping.VerdictRefuse, Interaction: mapping.ID{1}}, false, false},
		{"connect for a minute", with(func(r *mapping.Ruling) { r.CallTime = time.Minute }), true, false},
		{"connect for no time", with(func(r *mapping.Ruling) { r.CallTime = time.Second }), false, false},
		{"connect, and record it", with(func(r *mapping.Ruling) { r.Record = mapping.RecordingAnnounce }), true, false},
		{"refuse, and record it", mapping.Ruling{Verdict: mapping.VerdictRefuse, Record: mapping.RecordingAgreed}, false, false},
		{"refuse this target", mapping.Ruling{Verdict: mapping.VerdictRefuse, Picks: true}, false, false},
	} {
		if got := row.ruling.Answers(call); got != row.call {
			t.Errorf("%s answers a party's call: %t", row.name, got)
		}
		if got := row.ruling.Answers(unknown); got != row.unknown {
			t.Errorf("%s answers an unknown caller's: %t", row.name, got)
		}
	}
}

// A ruling can make a call shorter, and never longer than its interaction says.
func TestARulingBoundsACall(t *testing.T) {
	warn := []time.Duration{time.Minute, 10 * time.Second}
	for _, row := range []struct {
		of, ruled, want time.Duration
		warn            int
	}{
		{0, 0, 0, 0},
		{0, time.Minute, time.Minute, 0},
		{time.Hour, 0, time.Hour, 2},
		{time.Hour, 2 * time.Hour, time.Hour, 2},
		{time.Hour, time.Minute, time.Minute, 1},
		{time.Hour, 10 * time.Second, 10 * time.Second, 0},
	} {
		limits := mapping.Limits{CallTime: row.of}
		if row.of > 0 {
			limits.Warn = warn
		}
		got := mapping.Ruling{CallTime: row.ruled}.Amend(mapping.Route{Limits: limits}).Limits
		if got.CallTime != row.want || len(got.Warn) != row.warn || !mapping.ValidWarnings(got.Warn, got.CallTime) {
			t.Errorf("of %s, ruled %s: %s with %d warnings", row.of, row.ruled, got.CallTime, len(got.Warn))
		}
	}
	if warn[0] != time.Minute || warn[1] != 10*time.Second {
		t.Error("the interaction's own warnings were changed")
	}
}

// Whatever a hook answers, nobody is rung whom the route would not have rung.
func TestARulingNeverLeadsElsewhere(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 1))
	connected := 0
	for range 10_000 {
		numbers := many(t, 1+random.IntN(4))
		route := mapping.Route{Interaction: mapping.ID{1}, Show: "+15550100001", Targets: numbers, Target: numbers[0],
			Case: &mapping.Case{Matter: mapping.Matter(random.IntN(4)), Targets: make([]string, random.IntN(6))}}
		ruling := mapping.Ruling{Verdict: mapping.Verdict(random.IntN(4)), Picks: random.IntN(2) == 0, Target: random.IntN(8) - 2}
		if random.IntN(3) == 0 {
			ruling.Interaction, ruling.Side = mapping.ID{byte(random.IntN(3))}, mapping.Side(random.IntN(3))
		}
		got, refusal := route.Under(ruling)
		if refusal != 0 {
			continue
		}
		connected++
		if ruling.Verdict != mapping.VerdictConnect || got.Interaction != route.Interaction || got.Show != route.Show ||
			len(got.Targets) == 0 || got.Target != got.Targets[0] ||
			slices.ContainsFunc(got.Targets, func(n mapping.Number) bool { return !slices.Contains(numbers, n) }) {
			t.Fatalf("%+v makes %+v of %+v", ruling, got, route)
		}
	}
	if connected < 500 {
		t.Errorf("%d connect only", connected)
	}
	if _, refusal := (mapping.Route{Targets: many(t, 1)}).Under(mapping.Ruling{Verdict: mapping.VerdictConnect}); refusal != mapping.RefusalHook {
		t.Error("a ruling about no case connects")
	}
}
