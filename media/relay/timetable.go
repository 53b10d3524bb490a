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
	spread   rand.PCG

	// The next times; zero: none.
	report, watch time.Time
}

// newTimetable makes one on which nothing stands yet. The seed is another for each circuit, so
// that reports of many calls do not fall together.
func newTimetable(interval, silence time.Duration, seed uint64) timetable {
	return timetable{interval: interval, silence: silence, spread: *rand.NewPCG(seed, 0)}
}

// begin starts it. The first report comes after half an interval (RFC 3550 section 6.2).
func (t *timetable) begin(now time.Time) {
	t.report, t.watch = now.Add(t.next()/2), now.Add(watchInterval)
}

func (t *timetable) end() { t.report, t.watch = time.Time{}, time.Time{} }

// isReport tells whether to report now, and if so sets the next time.
func (t *timetable) isReport(now time.Time) bool { return isDue(&t.report, now, t.next) }

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
func (t *timetable) next() time.Duration {
	return t.interval/2 + time.Duration(t.spread.Uint64()%uint64(t.interval))
}

// due is when something is to be done next; zero: never.
func (t *timetable) due() time.Time {
	if t.watch.Before(t.report) {
		return t.watch
	}
	return t.report
}
