package relay

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Whatever comes and goes, each circuit that is on the agenda acts when it is due, or less than a slot later.
func TestAgendaLetsEachActInItsTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, now := new(agenda), start
		circuits := make([]*circuit, 20)
		for i := range circuits {
			circuits[i] = newCircuit([2]pair{}, newTimetable(reportInterval, time.Minute, [2]uint64{rapid.Uint64().Draw(t, "seed")}))
		}
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			c := rapid.SampledFrom(circuits).Draw(t, "circuit")
			switch rapid.IntRange(0, 5).Draw(t, "step") {
			case 0:
				c.timetable.begin(now)
				a.move(c)
			case 1:
				c.timetable.end()
				a.move(c)
			case 2:
				a.remove(c)
				a.remove(c)
				c.timetable.end()
			case 3: // what a prompt does
				c.timetable.watch = now.Add(time.Duration(rapid.IntRange(-5, 3000).Draw(t, "in ms")) * time.Millisecond)
				a.move(c)
			default:
				before := now
				now = now.Add(time.Duration(rapid.SampledFrom([]int{0, 1, 100, 1000, 20_000, 2_000_000, 90_000_000}).Draw(t, "us")) * time.Microsecond)
				a.tick(nil, now)
				for i, c := range circuits {
					if due := c.due(); !due.IsZero() && now.Sub(latest(due, before)) > slotWidth {
						t.Fatalf("at %s circuit %d is due at %s still", now, i, due)
					}
				}
			}
			checkAgenda(t, a, circuits, now)
		}
	})
}

// checkAgenda is for circuits all of which have been moved where they belong.
func checkAgenda(t *rapid.T, a *agenda, circuits []*circuit, now time.Time) {
	var first time.Time
	standing := 0
	for i, c := range circuits {
		due := c.due()
		if !c.standing.due.Equal(due) {
			t.Fatalf("circuit %d is due at %s and stands at %s", i, due, c.standing.due)
		}
		if due.IsZero() {
			continue
		}
		standing++
		if first.IsZero() || due.Before(first) {
			first = due
		}
	}
	if a.count != standing || a.due().IsZero() != (standing == 0) {
		t.Fatalf("%d of %d circuits, the first due at %s", a.count, standing, a.due())
	}
	if wake := a.due(); standing > 0 && wake.After(first.Add(slotWidth)) && wake.After(now.Add(slotWidth)) {
		t.Fatalf("it is to act at %s at the latest, the first circuit is due at %s", wake, first)
	}
}

// Once it was its time, nothing that is due is left over.
func TestAgendaLeavesNothingBehind(t *testing.T) {
	a, now := new(agenda), start
	for i := range uint64(500) {
		c := newCircuit([2]pair{}, newTimetable(reportInterval, time.Minute, [2]uint64{i}))
		c.timetable.begin(now.Add(time.Duration(i) * 3 * time.Millisecond))
		a.move(c)
	}
	for range 20_000 {
		now = now.Add(time.Millisecond)
		if a.isDue(now) {
			a.tick(nil, now)
		}
		if a.isDue(now) || a.due().Before(now) {
			t.Fatalf("at %s it is due at %s still", now, a.due())
		}
	}
	if a.count != 500 {
		t.Errorf("%d circuits are left of 500", a.count)
	}
}

// BenchmarkAgenda has a circuit leave and another one enter, of 5,000 whose calls end before they are due.
func BenchmarkAgenda(b *testing.B) {
	a, now := new(agenda), start
	circuits := make([]*circuit, 5000)
	for i := range circuits {
		circuits[i] = newCircuit([2]pair{}, newTimetable(reportInterval, time.Minute, [2]uint64{uint64(i)}))
	}
	for i := 0; b.Loop(); i++ {
		c := circuits[i%len(circuits)]
		now = now.Add(100 * time.Microsecond)
		c.timetable.end()
		a.move(c)
		c.timetable.begin(now)
		a.move(c)
		a.tick(nil, now)
	}
}
