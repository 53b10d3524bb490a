package mapping

import (
	"slices"
	"time"
)

// Almanac is what schedules are read by: the zones of the world, and the
// holidays that the configuration lists by name. It is safe for use by many
// goroutines if its Zone is.
type Almanac struct {
	// Zone returns the time zone of that name; false if there is none.
	Zone func(name string) (*time.Location, bool)
	// Calendars has the holidays by the name of their list, in order.
	Calendars map[string][]Date
}

// reads returns the zone of a schedule; false if that or one of its calendars is
// not known.
func (a Almanac) reads(s *Schedule) (*time.Location, bool) {
	if slices.ContainsFunc(s.Calendars, func(name string) bool { return !a.has(name) }) {
		return nil, false
	}
	return a.Zone(s.Zone)
}

func (a Almanac) has(calendar string) bool {
	_, ok := a.Calendars[calendar]
	return ok
}

// holiday reports whether the day is in one of the calendars.
func (a Almanac) holiday(calendars []string, d Date) bool {
	return slices.ContainsFunc(calendars, func(name string) bool {
		_, found := slices.BinarySearch(a.Calendars[name], d)
		return found
	})
}

// check reports what of the schedule is not in the almanac, as an
// [InvalidError]; field is where the schedule stands.
func (a Almanac) check(field string, s *Schedule) error {
	if s == nil {
		return nil
	}
	if _, ok := a.Zone(s.Zone); !ok {
		return invalid(field+".zone", "unknown", "expected the IANA name of a time zone, such as Europe/Berlin")
	}
	if slices.ContainsFunc(s.Calendars, func(name string) bool { return !a.has(name) }) {
		return invalid(field+".holidays", "unknown", "expected days, such as 2026-12-25, and names of holidays in the configuration")
	}
	return nil
}
