package mapping

import (
	"fmt"
	"slices"
	"time"
)

// Schedule is when a party may be reached: in weekly windows, as clocks on the
// walls of its zone show them. What a clock shows twice, when it is set back, is
// open twice; what it skips is never open. No window begins on a holiday; one
// that began the evening before goes on.
type Schedule struct {
	Zone      string   // IANA's name of it: "Europe/Berlin"
	Windows   []Window // it is reached in any of them
	Holidays  []Date
	Calendars []string  // holidays that the configuration lists under these names
	Otherwise Otherwise // what becomes of a call at another time
}

// Bounds of a schedule: three windows a day, and the holidays of some years.
const (
	maxWindows   = 21
	maxHolidays  = 64
	maxCalendars = 8
	maxZone      = 64
)

// validate reports what can't be; fallback says whether the party has one.
func (s *Schedule) validate(field string, fallback bool) error {
	switch {
	case s == nil:
		return nil
	case s.Zone == "" || len(s.Zone) > maxZone:
		return invalid(field+".zone", "unknown", "expected the IANA name of a time zone, such as Europe/Berlin")
	case len(s.Windows) == 0:
		return invalid(field+".windows", "missing", "at least one window: without any, the party could never be reached")
	case len(s.Windows) > maxWindows:
		return invalid(field+".windows", "too_many", "at most 21 windows")
	case len(s.Holidays) > maxHolidays || len(s.Calendars) > maxCalendars:
		return invalid(field+".holidays", "too_many", "at most 64 days and 8 names")
	case s.Otherwise < OtherwiseRefuse || s.Otherwise > OtherwiseFallback:
		return invalid(field+".otherwise", "unknown", "expected refuse, announce or fallback")
	case s.Otherwise == OtherwiseFallback && !fallback:
		return invalid(field+".otherwise", "no_fallback", "expected a fallback beside the party's numbers: who is to be rung?")
	}
	for n, w := range s.Windows {
		if err := w.validate(fmt.Sprintf("%s.windows[%d]", field, n)); err != nil {
			return err
		}
	}
	return nil
}

func (s *Schedule) equal(other *Schedule) bool {
	if s == nil || other == nil {
		return s == other
	}
	return s.Zone == other.Zone && s.Otherwise == other.Otherwise && slices.Equal(s.Windows, other.Windows) &&
		slices.Equal(s.Holidays, other.Holidays) && slices.Equal(s.Calendars, other.Calendars)
}

// Open reports whether the party may be reached at that time. One without a
// schedule always may; one whose zone or holidays are not known never: in doubt
// no call connects.
func (s *Schedule) Open(at time.Time, by Almanac) bool {
	if s == nil {
		return true
	}
	zone, ok := by.reads(s)
	return ok && s.open(at.In(zone), by)
}

// open is Open at a time in the schedule's zone.
func (s *Schedule) open(local time.Time, by Almanac) bool {
	today, now := DateOf(local), reading(local)
	begins := func(d Date) bool { return !slices.Contains(s.Holidays, d) && !by.holiday(s.Calendars, d) }
	return slices.ContainsFunc(s.Windows, func(w Window) bool { return w.has(today, now, begins) })
}

// Opens returns the first time from the given one on at which the party may be
// reached; false if there is none before the other.
func (s *Schedule) Opens(from, until time.Time, by Almanac) (time.Time, bool) {
	return opens([]*Schedule{s}, from, until, by)
}

// opens returns when all of the schedules are open for the first time.
func opens(all []*Schedule, from, until time.Time, by Almanac) (time.Time, bool) {
	for _, s := range all {
		if s == nil {
			continue
		}
		if _, ok := by.reads(s); !ok {
			return time.Time{}, false
		}
	}
	for at := from; at.Before(until); {
		next := until
		shut := false
		for _, s := range all {
			if s != nil {
				shut = shut || !s.Open(at, by)
				next = earlier(next, s.turn(at, by))
			}
		}
		if !shut {
			return at.UTC(), true
		}
		at = next
	}
	return time.Time{}, false
}

// turn returns the next time at which it may begin or cease to be open: when the
// clock shows the beginning or the end of a window, or midnight, or when it is
// put forward or back.
func (s *Schedule) turn(at time.Time, by Almanac) time.Time {
	zone, _ := by.reads(s)
	local := at.In(zone)
	now, next := reading(local), midnight.since()
	for _, w := range s.Windows {
		for _, c := range []Clock{w.From, w.To} {
			if t := c.since(); t > now {
				next = min(next, t)
			}
		}
	}
	turn := at.Add(next - now)
	if _, end := local.ZoneBounds(); !end.IsZero() && end.Before(turn) {
		return end.UTC()
	}
	return turn
}
