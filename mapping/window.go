package mapping

import (
	"slices"
	"strings"
	"time"
)

// Days is a set of days of the week: bit n is [time.Weekday] n.
type Days uint8

// EveryDay is the whole week.
const EveryDay Days = 1<<7 - 1

// week lists the days as they are written, Monday first (ISO 8601).
func week() []time.Weekday {
	return []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}
}

// abbreviation is how a day of the week is written: "mon".
func abbreviation(d time.Weekday) string { return strings.ToLower(d.String()[:3]) }

// ParseDay reads a day of the week, "mon" to "sun".
func ParseDay(s string) (time.Weekday, bool) {
	n := slices.IndexFunc(week(), func(d time.Weekday) bool { return abbreviation(d) == s })
	if n < 0 {
		return 0, false
	}
	return week()[n], true
}

// With returns the set with a day added.
func (d Days) With(day time.Weekday) Days { return d | 1<<day }

// Has reports whether the day is in the set.
func (d Days) Has(day time.Weekday) bool { return d&(1<<day) != 0 }

// Names returns the days as they are written, Monday first.
func (d Days) Names() []string {
	var names []string
	for _, day := range week() {
		if d.Has(day) {
			names = append(names, abbreviation(day))
		}
	}
	return names
}

// Window is a span of the clock that begins on each of its days. One that ends
// no later than it begins goes on over midnight.
type Window struct {
	Days     Days
	From, To Clock
}

func (w Window) overnight() bool { return w.To <= w.From }

// validate reports what about the window can't be: a span of no time, or of
// more than a day, can't be told from each other and is neither.
func (w Window) validate(field string) error {
	switch {
	case w.Days == 0 || w.Days > EveryDay:
		return invalid(field+".days", "unknown", "expected days of the week: mon, tue, wed, thu, fri, sat, sun")
	case w.From >= midnight:
		return invalid(field+".from", "malformed", "expected a time of day, 00:00 to 23:59")
	case w.To > midnight:
		return invalid(field+".to", "malformed", "expected a time of day, 00:00 to 24:00")
	case w.From == w.To:
		return invalid(field+".to", "no_time", "it ends when it begins; for a whole day, write 00:00 to 24:00")
	default:
		return nil
	}
}

// has reports whether the window is open when a clock shows now on that day.
// begins tells on which days windows begin at all.
func (w Window) has(today Date, now time.Duration, begins func(Date) bool) bool {
	from, to := w.From.since(), w.To.since()
	if w.Days.Has(today.Weekday()) && now >= from && (now < to || w.overnight()) && begins(today) {
		return true
	}
	yesterday := today - 1
	return w.overnight() && now < to && w.Days.Has(yesterday.Weekday()) && begins(yesterday)
}
