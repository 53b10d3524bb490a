package mapping_test

import (
	"slices"
	"testing"
	"time"

	"maskd/mapping"
)

// shut is a schedule that is not open at noon.
func shut(t testing.TB, otherwise mapping.Otherwise) *mapping.Schedule {
	s := schedule(t, "UTC", "20:00-21:00")
	s.Otherwise = otherwise
	return s
}

// among tells whether a number is one of those.
func among(numbers ...mapping.Number) func(mapping.Number) bool {
	return func(n mapping.Number) bool { return slices.Contains(numbers, n) }
}

func TestWhatBecomesOfACallOutsideHours(t *testing.T) {
	by, last := almanac(t, nil), number(t, "+15550209999")
	const refuse, announce, fallback = mapping.OtherwiseRefuse, mapping.OtherwiseAnnounce, mapping.OtherwiseFallback
	open := schedule(t, "UTC", "08:00-20:00")
	nowhere := shut(t, fallback)
	nowhere.Zone = "Mars/Olympus"
	for _, test := range []struct {
		name      string
		hours     mapping.Hours
		want      mapping.Refusal
		announced bool
	}{
		{"refused", mapping.Hours{Schedule: shut(t, refuse)}, mapping.RefusalOutsideHours, false},
		{"announced", mapping.Hours{Schedule: shut(t, announce)}, mapping.RefusalOutsideHours, true},
		{"the fallback is rung", mapping.Hours{Schedule: shut(t, fallback)}, 0, false},
		{"nobody on duty, and the fallback is rung", mapping.Hours{Schedule: open, Duties: []*mapping.Schedule{shut(t, fallback), shut(t, refuse)}}, 0, false},
		{"nobody on duty, and it is announced", mapping.Hours{Duties: []*mapping.Schedule{shut(t, refuse), shut(t, announce)}}, mapping.RefusalOutsideHours, true},
		{"the party's own hours come before duties", mapping.Hours{Schedule: shut(t, refuse), Duties: []*mapping.Schedule{shut(t, fallback), shut(t, fallback)}}, mapping.RefusalOutsideHours, false},
		{"in hours that nobody can read it is refused", mapping.Hours{Schedule: nowhere}, mapping.RefusalOutsideHours, false},
		{"and so of duties", mapping.Hours{Duties: []*mapping.Schedule{nowhere, nowhere}}, mapping.RefusalOutsideHours, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := mapping.Party{Numbers: many(t, 2), Hours: test.hours, Hunt: mapping.Hunt{Ring: mapping.RingAll, Fallback: last}.WithDefaults(2)}
			got, refusal := p.Reach(noon, by, among(), among())
			if refusal != test.want || got.Announced != test.announced {
				t.Fatalf("refusal %q, announced %t", refusal, got.Announced)
			}
			if refusal == 0 && (!slices.Equal(got.Numbers, []mapping.Number{last}) || got.Diverted != mapping.DiversionOutsideHours ||
				!got.Hunt.Fallback.IsZero() || got.Hunt.RingTime != p.Hunt.RingTime) {
				t.Errorf("rung are %v, %s: %+v", got.Numbers, got.Diverted, got.Hunt)
			}
		})
	}
}

// All that a party of two numbers can be, against the rules as they are told: nobody
// is rung who may not be, and the fallback only where the party has numbers that
// this caller might reach at another time.
func TestWhomAPartysCallsRingByBruteForce(t *testing.T) {
	by, numbers, last := almanac(t, nil), many(t, 2), number(t, "+15550209999")
	everybody := append(slices.Clone(numbers), last)
	subset := func(bits int) (s []mapping.Number) {
		for n, who := range everybody {
			if bits>>n&1 == 1 {
				s = append(s, who)
			}
		}
		return s
	}
	connected := 0
	for ours := range 8 {
		for barred := range 8 {
			for on := range 4 { // who of the two is on duty
				for flags := range 12 {
					otherwise, quiet, has := mapping.Otherwise(1+flags%3), flags/3%2 == 1, flags/6 == 1
					own, not := among(subset(ours)...), among(subset(barred)...)
					p := mapping.Party{Numbers: numbers, Quiet: quiet, Hours: mapping.Hours{Duties: []*mapping.Schedule{nil, nil}}}
					if has {
						p.Hunt.Fallback = last
					}
					var onDuty, reachable []mapping.Number
					for n, who := range numbers {
						if on>>n&1 == 0 {
							p.Hours.Duties[n] = shut(t, otherwise)
						} else {
							onDuty = append(onDuty, who)
						}
						if !own(who) && !not(who) {
							reachable = append(reachable, who)
						}
					}
					var want []mapping.Number
					switch may := has && !own(last) && !not(last); {
					case quiet:
					case len(onDuty) > 0:
						want = slices.DeleteFunc(onDuty, func(n mapping.Number) bool { return own(n) || not(n) })
					case otherwise == mapping.OtherwiseFallback && may && len(reachable) > 0:
						want = []mapping.Number{last}
					}
					got, refusal := p.Reach(noon, by, own, not)
					if !slices.Equal(got.Numbers, want) || (refusal == 0) != (len(want) > 0) {
						t.Fatalf("ours %03b, barred %03b, on duty %02b, %s, quiet %t, fallback %t: %d rung, refusal %q, want %d",
							ours, barred, on, otherwise, quiet, has, len(got.Numbers), refusal, len(want))
					}
					if refusal != 0 {
						continue
					}
					connected++
					if then := got.Hunt.Fallback; !then.IsZero() && (own(then) || not(then) || got.Diverted != 0) {
						t.Fatalf("then a number is rung that may not be")
					}
				}
			}
		}
	}
	if connected < 100 {
		t.Errorf("%d connect only", connected)
	}
	if !slices.Equal(numbers, many(t, 2)) {
		t.Error("the party's numbers were changed")
	}
}

func TestAFallbackThatThereIsNotIsNotAskedFor(t *testing.T) {
	for _, row := range []struct {
		name   string
		change func(*mapping.Draft)
		field  string
	}{
		{"of the party", func(d *mapping.Draft) { d.HoursB.Schedule = shut(t, mapping.OtherwiseFallback) }, "parties.b.schedule.otherwise"},
		{"of a duty", func(d *mapping.Draft) {
			d.HoursB.Duties = []*mapping.Schedule{shut(t, mapping.OtherwiseFallback)}
		}, "parties.b.duties[0].otherwise"},
	} {
		t.Run(row.name, func(t *testing.T) {
			d := good(t)
			d.HuntB.Fallback = mapping.Number{}
			row.change(&d)
			refusedFor(t, d.Validate(owned), row.field, "no_fallback")
			d.HuntB.Fallback = number(t, "+15550209999")
			if err := d.Validate(owned); err != nil {
				t.Error(err)
			}
		})
	}
	i := good(t).WithDefaults().Bind(mapping.NewID(noon, [10]byte{1}), "+15550100001", "+15550100002", noon.Add(-time.Hour))
	i.B.Hunt.Fallback = mapping.Number{}
	_, err := i.WithHours(mapping.HoursChange{B: &mapping.Hours{Schedule: shut(t, mapping.OtherwiseFallback)}}, noon)
	refusedFor(t, err, "parties.b.schedule.otherwise", "no_fallback")
}

func TestOtherwiseIsReadAsItIsWritten(t *testing.T) {
	for o := mapping.OtherwiseRefuse; o <= mapping.OtherwiseFallback; o++ {
		if read, ok := mapping.ParseOtherwise(o.String()); !ok || read != o {
			t.Errorf("%s is read as %s, %t", o, read, ok)
		}
	}
	if o, ok := mapping.ParseOtherwise(""); !ok || o != mapping.OtherwiseRefuse {
		t.Errorf("nothing is read as %s, %t", o, ok)
	}
}
