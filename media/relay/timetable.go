package relay

import (
	"math/rand/v2"
	"time"
)

const (
	// reportInterval is the mean time between two reports on a leg (RFC 3550 section 6.2).
	reportInterval = 5 * time.Second
	// watchInterval is how often it is looked after what does not happen.
	watchInterval = time.Second
)

// timetable tells when a circuit acts of its own accord. It is told the time.
type timetable struct {
	interval time.Duration // mean time between reports
	silence  time.Duration // after which a peer that should be heard is said to be silent
	spread   [2]rand.PCG   // by end

	// The next times; zero: none.
	reports [2]time.Time // by end
	watch   time.Time
}

// newTimetable makes one on which nothing stands yet. There is a seed for each end, and it is
// another for each circuit: reports of many calls do not fall together, and when one leg is
// reported to tells nothing of the other.
func newTimetable(interval, silence time.Duration, seeds [2]uint64) timetable {
	return timetable{
		interval: interval, silence: silence,
		spread: [2]rand.PCG{*rand.NewPCG(seeds[0], 0), *rand.NewPCG(seeds[1], 0)},
	}
}

// begin starts it. The first report comes after half an interval (RFC 3550 section 6.2).
func (t *timetable) begin(now time.Time) {
	for end := range t.reports {
		t.reports[end] = now.Add(t.next(end) / 2)
	}
	t.watch = now.Add(watchInterval)
}

func (t *timetable) end() { t.reports, t.watch = [2]time.Time{}, time.Time{} }

// isReport tells whether to report to an end now, and if so sets the next time.
func (t *timetable) isReport(end int, now time.Time) bool {
	return isDue(&t.reports[end], now, func() time.Duration { return t.next(end) })
}

// isWatch tells whether to look after silence now, and if so sets the next time.
func (t *timetable) isWatch(now time.Time) bool {
	return isDue(&t.watch, now, func() time.Duration { return watchInterval })
}

func isDue(at *time.Time, now time.Time, next func() time.Duration) bool {
	if at.IsZero() || now.Before(*at) {
		return false
	}
	*at = now.Add(next())
	return true
}

// next varies the interval between half and one and a half of it (RFC 3550 section 6.3.1).
func (t *timetable) next(end int) time.Duration {
	return t.interval/2 + time.Duration(t.spread[end].Uint64()%uint64(t.interval))
}

// due is when something is to be done next; zero: never.
func (t *timetable) due() time.Time {
	due := t.watch
	for _, at := range t.reports {
		if at.Before(due) {
			due = at
		}
	}
	return due
}
