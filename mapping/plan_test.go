package mapping_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"maskd/mapping"
)

// The values are from published tables of the Erlang loss formula.
func TestErlangB(t *testing.T) {
	for _, test := range []struct {
		servers int
		erlangs float64
		want    float64
	}{
		{0, 3, 1}, {1, 1, 0.5}, {2, 1, 0.2}, {5, 1.361, 0.01}, {10, 4.461, 0.01}, {20, 12.03, 0.01}, {100, 84.06, 0.01}, {10, 3.092, 0.001},
	} {
		if got := mapping.ErlangB(test.servers, test.erlangs); math.Abs(got-test.want) > 0.005*test.want {
			t.Errorf("%d servers, %g erlangs: %.5f, want %.5f", test.servers, test.erlangs, got, test.want)
		}
	}
}

func hourly(perHour float64, held, coolDown time.Duration) mapping.Traffic {
	return mapping.Traffic{PerHour: perHour, Held: held, CoolDown: coolDown}
}

func TestAPlanIsTheSmallestPoolThatMeetsTheDemand(t *testing.T) {
	driver, rider := hourly(4, 30*time.Minute, 2*time.Hour), hourly(0.1, 30*time.Minute, 2*time.Hour)
	for _, test := range []struct {
		name   string
		demand mapping.Demand
		dids   int
	}{
		{"the busier side decides", mapping.Demand{Numbering: mapping.NumberingPerParty, A: driver, B: rider, Blocking: 0.01}, 18},
		{"whichever it is", mapping.Demand{Numbering: mapping.NumberingPerParty, A: rider, B: driver, Blocking: 0.01}, 18},
		{"a stricter target", mapping.Demand{Numbering: mapping.NumberingPerParty, A: driver, B: rider, Blocking: 0.0001}, 24},
		{"shared DIDs carry both", mapping.Demand{Numbering: mapping.NumberingShared, A: driver, B: driver, Blocking: 0.01}, 30},
		{"two DIDs at least", mapping.Demand{Numbering: mapping.NumberingPerParty, A: hourly(0.001, time.Minute, 0), B: hourly(0.001, time.Minute, 0), Blocking: 0.5}, 2},
	} {
		p, err := test.demand.Plan()
		if err != nil || p.DIDs != test.dids || p.Blocking > test.demand.Blocking {
			t.Errorf("%s: %+v, %v; want %d DIDs", test.name, p, err, test.dids)
		}
		if p.DIDs > 2 && p.OneFewer <= test.demand.Blocking || p.Blocking != mapping.ErlangB(p.DIDs, p.Erlangs) {
			t.Errorf("%s: one fewer would do: %+v", test.name, p)
		}
	}
}

func TestADemandThatCanNotBePlanned(t *testing.T) {
	fine := hourly(4, time.Hour, 0)
	for field, d := range map[string]mapping.Demand{
		"blocking":   {A: fine, B: fine, Blocking: 0},
		"a.per_hour": {A: hourly(math.NaN(), time.Hour, 0), B: fine, Blocking: 0.1},
		"b.per_hour": {A: fine, B: hourly(math.Inf(1), time.Hour, 0), Blocking: 0.1},
		"b.held":     {A: fine, B: hourly(4, time.Hour, -1), Blocking: 0.1},
		"per_hour":   {A: fine, B: hourly(1e9, time.Hour, 0), Blocking: 0.1},
	} {
		_, err := d.Plan()
		var invalid *mapping.InvalidError
		if !errors.As(err, &invalid) || invalid.Field != field {
			t.Errorf("want %s, got %v", field, err)
		}
	}
}

// office is a pool in use: one busy party on each side, and many who are not.
type office struct {
	random *rand.Rand
	demand mapping.Demand
	steady bool // all interactions last equally long
	size   int
	a, b   *desk
	others []*desk
	now    float64 // hours
}

// desk is what one party has had of the pool.
type desk struct {
	cursor    int
	busyUntil []float64 // by DID: until when it is in use or at rest
}

func (o *office) desk() *desk { return &desk{busyUntil: make([]float64, o.size)} }

func (d *desk) at(now float64) mapping.Availability {
	return mapping.Availability{Cursor: d.cursor, Free: func(i int) bool { return d.busyUntil[i] <= now }}
}

// begin allocates with the real allocator, and keeps the DIDs for a time.
func (o *office) begin(a, b *desk, t mapping.Traffic) error {
	c, err := mapping.Allocate(o.demand.Numbering, o.size, a.at(o.now), b.at(o.now))
	if err != nil {
		return err
	}
	held := t.Held.Hours()
	if !o.steady {
		held *= o.random.ExpFloat64()
	}
	a.cursor, a.busyUntil[c.A] = c.A+1, o.now+held+t.CoolDown.Hours()
	b.cursor, b.busyUntil[c.B] = c.B+1, o.now+held+t.CoolDown.Hours()
	return nil
}

// run plays arrivals at random times, and returns the share of busy A's that
// was refused, and how often the two busiest could not have met.
func (o *office) run(arrivals int) (refused, apart float64) {
	o.a, o.b = o.desk(), o.desk()
	for range 400 {
		o.others = append(o.others, o.desk())
	}
	var asked, lost, met float64
	total := o.demand.A.PerHour + o.demand.B.PerHour
	for range arrivals {
		o.now += o.random.ExpFloat64() / total
		other := o.others[o.random.IntN(len(o.others))]
		if o.random.Float64()*total >= o.demand.A.PerHour {
			_ = o.begin(other, o.b, o.demand.B)
			continue
		}
		asked++
		if _, err := mapping.Allocate(o.demand.Numbering, o.size, o.a.at(o.now), o.b.at(o.now)); err != nil {
			met++
		}
		if o.begin(o.a, other, o.demand.A) != nil {
			lost++
		}
	}
	return lost / asked, met / asked
}

// TestAPlanHoldsInSimulation plays a pool as large as planned with the real
// allocator.
func TestAPlanHoldsInSimulation(t *testing.T) {
	for _, d := range []mapping.Demand{
		{A: hourly(4, 30*time.Minute, 0), B: hourly(1, 30*time.Minute, 0), Blocking: 0.05},
		{A: hourly(4, 30*time.Minute, 2*time.Hour), B: hourly(1, 30*time.Minute, 2*time.Hour), Blocking: 0.02},
		{A: hourly(12, time.Hour, 30*time.Minute), B: hourly(12, time.Hour, 30*time.Minute), Blocking: 0.01},
	} {
		for _, d.Numbering = range []mapping.Numbering{mapping.NumberingPerParty, mapping.NumberingShared} {
			for _, steady := range []bool{false, true} {
				p, err := d.Plan()
				if err != nil {
					t.Fatal(err)
				}
				o := &office{random: rand.New(rand.NewPCG(1, 2)), demand: d, steady: steady, size: p.DIDs}
				refused, apart := o.run(200_000)
				name := fmt.Sprintf("%s, %.1f erlangs, %d DIDs, steady %t", d.Numbering, p.Erlangs, p.DIDs, steady)
				t.Logf("%s: planned %.4f, refused %.4f, the two busiest apart %.4f", name, p.Blocking, refused, apart)
				if d.Numbering == mapping.NumberingShared {
					// The plan is a bound: the two may have the same DID in use.
					if apart > p.Blocking {
						t.Errorf("%s: the busiest can't meet %.4f of the time, planned %.4f", name, apart, p.Blocking)
					}
					continue
				}
				if math.Abs(refused-p.Blocking) > 0.15*p.Blocking {
					t.Errorf("%s: refused %.4f, planned %.4f", name, refused, p.Blocking)
				}
			}
		}
	}
}
