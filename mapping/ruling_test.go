package mapping_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"maskd/mapping"
)

func TestWhichRulingsAnswerACase(t *testing.T) {
	call := &mapping.Case{Matter: mapping.MatterParty, Interaction: mapping.ID{1}, Targets: []string{"num_1", "num_2"}, Fallback: "num_3"}
	alone := &mapping.Case{Matter: mapping.MatterParty, Interaction: mapping.ID{1}, Targets: []string{"num_1"}}
	unknown := &mapping.Case{Matter: mapping.MatterUnknown}
	connect := mapping.Ruling{Verdict: mapping.VerdictConnect}
	fallback := mapping.Ruling{Verdict: mapping.VerdictFallback}
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
		{"the fallback", fallback, true, false},
		{"the fallback, for a minute", mapping.Ruling{Verdict: mapping.VerdictFallback, CallTime: time.Minute}, true, false},
		{"the fallback for no time", mapping.Ruling{Verdict: mapping.VerdictFallback, CallTime: time.Second}, false, false},
		{"the fallback, but this target", mapping.Ruling{Verdict: mapping.VerdictFallback, Picks: true}, false, false},
		{"the fallback of this party", mapping.Ruling{Verdict: mapping.VerdictFallback, Interaction: mapping.ID{1}}, false, false},
	} {
		if got := row.ruling.Answers(call); got != row.call {
			t.Errorf("%s answers a party's call: %t", row.name, got)
		}
		if got := row.ruling.Answers(unknown); got != row.unknown {
			t.Errorf("%s answers an unknown caller's: %t", row.name, got)
		}
	}
	if fallback.Answers(alone) {
		t.Error("a fallback that there is not is rung")
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
	connected, diverted := 0, 0
	for range 10_000 {
		numbers, then := many(t, 1+random.IntN(4)), mapping.Number{}
		if random.IntN(2) == 0 {
			then = number(t, "+15550209999")
		}
		route := mapping.Route{Interaction: mapping.ID{1}, Show: "+15550100001", Targets: numbers, Target: numbers[0],
			Case: &mapping.Case{Matter: mapping.Matter(random.IntN(4)), Targets: make([]string, random.IntN(6))}, Hunt: mapping.Hunt{Fallback: then}}
		if random.IntN(4) > 0 && !then.IsZero() {
			route.Case.Fallback = "num_1"
		}
		ruling := mapping.Ruling{Verdict: mapping.Verdict(random.IntN(5)), Picks: random.IntN(2) == 0, Target: random.IntN(8) - 2}
		if random.IntN(3) == 0 {
			ruling.Interaction, ruling.Side = mapping.ID{byte(random.IntN(3))}, mapping.Side(random.IntN(3))
		}
		got, refusal := route.Under(ruling)
		if refusal != 0 {
			continue
		}
		connected++
		if got.Diverted == mapping.DiversionHook {
			diverted++
			if ruling.Verdict != mapping.VerdictFallback || len(got.Targets) != 1 || got.Target != then || !got.Hunt.Fallback.IsZero() {
				t.Fatalf("%+v makes %+v of %+v", ruling, got, route)
			}
			continue
		}
		if ruling.Verdict != mapping.VerdictConnect || got.Interaction != route.Interaction || got.Show != route.Show ||
			len(got.Targets) == 0 || got.Target != got.Targets[0] ||
			slices.ContainsFunc(got.Targets, func(n mapping.Number) bool { return !slices.Contains(numbers, n) }) {
			t.Fatalf("%+v makes %+v of %+v", ruling, got, route)
		}
	}
	if connected < 500 || diverted < 30 {
		t.Errorf("%d connect only, %d to the fallback", connected, diverted)
	}
	if _, refusal := (mapping.Route{Targets: many(t, 1)}).Under(mapping.Ruling{Verdict: mapping.VerdictConnect}); refusal != mapping.RefusalHook {
		t.Error("a ruling about no case connects")
	}
}

// What has changed while the hook was asked holds: it picks by places that may be
// others' now.
func TestARulingMeetsARouteThatHasChanged(t *testing.T) {
	numbers, last := many(t, 3), number(t, "+15550209999")
	route := func(rung ...int) mapping.Route {
		r := mapping.Route{Interaction: mapping.ID{1}, Case: &mapping.Case{Matter: mapping.MatterParty, Fallback: "num_9"}, Hunt: mapping.Hunt{Fallback: last}}
		for _, n := range rung {
			r.Targets, r.Case.Targets = append(r.Targets, numbers[n]), append(r.Case.Targets, []string{"num_0", "num_1", "num_2"}[n])
		}
		r.Target = r.Targets[0]
		return r
	}
	diverted := route(0)
	diverted.Targets, diverted.Target, diverted.Diverted, diverted.Hunt = []mapping.Number{last}, last, mapping.DiversionOutsideHours, mapping.Hunt{}
	diverted.Case.Targets = []string{"num_9"}
	without := route(0)
	without.Hunt, without.Case.Fallback = mapping.Hunt{}, ""
	picks := func(n int) mapping.Ruling {
		return mapping.Ruling{Verdict: mapping.VerdictConnect, Picks: true, Target: n}
	}
	for _, row := range []struct {
		name   string
		ruling mapping.Ruling
		now    mapping.Route
		want   mapping.Number // zero: refused
	}{
		{"nothing has", picks(1), route(0, 1, 2), numbers[1]},
		{"who is picked has another place", picks(2), route(2), numbers[2]},
		{"who is picked is not rung any more", picks(1), route(0, 2), mapping.Number{}},
		{"the fallback", mapping.Ruling{Verdict: mapping.VerdictFallback}, route(0), last},
		{"the fallback, and the hours are over", mapping.Ruling{Verdict: mapping.VerdictFallback}, diverted, last},
		{"connect, and the hours are over", mapping.Ruling{Verdict: mapping.VerdictConnect}, diverted, last},
		{"who is picked has gone home", picks(0), diverted, mapping.Number{}},
		{"the fallback is blocked", mapping.Ruling{Verdict: mapping.VerdictFallback}, without, mapping.Number{}},
	} {
		was := route(0, 1, 2)
		was.Quotas = []mapping.Quota{{Most: 7}}
		got, refusal := was.Heed(row.ruling, row.now)
		switch {
		case row.want.IsZero() && refusal != mapping.RefusalHook:
			t.Errorf("%s: refusal %q", row.name, refusal)
		case !row.want.IsZero() && (refusal != 0 || got.Target != row.want || len(got.Quotas) != 1):
			t.Errorf("%s: refusal %q, rung %v", row.name, refusal, got.Target)
		}
	}
}
