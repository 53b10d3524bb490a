package config

import (
	"errors"
	"maps"
	"regexp"
	"slices"

	"github.com/goccy/go-yaml/ast"

	"maskd/mapping"
)

var (
	errDay = errors.New("expected a day, such as 2026-12-25")
	// calendarName can't be taken for a day.
	calendarName = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,31}$`)
)

// maxDays bounds a list of holidays: twenty years of those of a country.
const maxDays = 1000

// Day is a day of the calendar.
type Day string

// UnmarshalYAML reads the written form.
func (d *Day) UnmarshalYAML(node ast.Node) error { return word(node, d, mapping.ParseDate, errDay) }

// Holidays are lists of days by their names.
type Holidays map[string][]Day

func (h Holidays) validate() error {
	for _, name := range slices.Sorted(maps.Keys(h)) {
		if !calendarName.MatchString(name) {
			return found("expected names of lists, such as de or berlin: a letter, then letters, digits, - and _", "$.holidays")
		}
		if len(h[name]) > maxDays {
			return found("expected at most 1000 days", "$.holidays.%s", name)
		}
		if i := slices.Index(h[name], ""); i >= 0 {
			return found(errDay.Error(), "$.holidays.%s[%d]", name, i)
		}
	}
	return nil
}

// Calendars returns the lists as the domain has them.
func (h Holidays) Calendars() map[string][]mapping.Date {
	calendars := make(map[string][]mapping.Date, len(h))
	for name, days := range h {
		dates := make([]mapping.Date, 0, len(days))
		for _, day := range days {
			date, _ := mapping.ParseDate(string(day))
			dates = append(dates, date)
		}
		slices.Sort(dates)
		calendars[name] = dates
	}
	return calendars
}
