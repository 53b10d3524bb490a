package mapping_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"maskd/mapping"
)

// zoneOf loads a zone as cmd does.
func zoneOf(name string) (*time.Location, bool) {
	zone, err := time.LoadLocation(name)
	return zone, err == nil
}

func almanac(t testing.TB, calendars map[string][]string) mapping.Almanac {
	t.Helper()
	a := mapping.Almanac{Zone: zoneOf, Calendars: make(map[string][]mapping.Date)}
	for name, days := range calendars {
		a.Calendars[name] = dates(t, days...)
		slices.Sort(a.Calendars[name])
	}
	return a
}

func dates(t testing.TB, days ...string) (all []mapping.Date) {
	t.Helper()
	for _, day := range days {
		d, ok := mapping.ParseDate(day)
		if !ok {
			t.Fatalf("%s is no date", day)
		}
		all = append(all, d)
	}
	return all
}

// hours reads "mon tue 09:00-17:30".
func hours(t testing.TB, text string) mapping.Window {
	t.Helper()
	words := strings.Fields(text)
	from, to, _ := strings.Cut(words[len(words)-1], "-")
	w := mapping.Window{Days: mapping.EveryDay}
	if len(words) > 1 {
		w.Days = 0
	}
	for _, word := range words[:len(words)-1] {
		day, ok := mapping.ParseDay(word)
		if !ok {
			t.Fatalf("%s is no day", word)
		}
		w.Days = w.Days.With(day)
	}
	var ok, also bool
	w.From, ok = mapping.ParseClock(from)
	w.To, also = mapping.ParseClock(to)
	if !ok || !also {
		t.Fatalf("%s are no hours", text)
	}
	return w
}

func schedule(t testing.TB, zone string, windows ...string) *mapping.Schedule {
	s := &mapping.Schedule{Zone: zone, Otherwise: mapping.OtherwiseRefuse}
	for _, w := range windows {
		s.Windows = append(s.Windows, hours(t, w))
	}
	return s
}

func instant(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

const officeHours = "mon tue wed thu fri 09:00-17:30"

func TestWhenAPartyIsReached(t *testing.T) {
	berlin := schedule(t, "Europe/Berlin", officeHours)
	holidays := schedule(t, "Europe/Berlin", officeHours, "22:00-06:00")
	holidays.Holidays, holidays.Calendars = dates(t, "2026-12-24"), []string{"de"}
	by := almanac(t, map[string][]string{"de": {"2026-12-26", "2026-12-25"}})
	for _, row := range []struct {
		name     string
		schedule *mapping.Schedule
		at       string
		open     bool
		opens    string // next; empty: never
	}{
		{"always without a schedule", nil, "2026-11-22T03:00:00Z", true, "2026-11-22T03:00:00Z"},
		{"in its hours", berlin, "2026-11-23T09:00:00+01:00", true, "2026-11-23T08:00:00Z"},
		{"a nanosecond before", berlin, "2026-11-23T08:59:59.999999999+01:00", false, "2026-11-23T08:00:00Z"},
		{"a nanosecond before the end", berlin, "2026-11-23T17:29:59.999999999+01:00", true, "2026-11-23T16:29:59.999999999Z"},
		{"at the end", berlin, "2026-11-23T17:30:00+01:00", false, "2026-11-24T08:00:00Z"},
		{"in hours of another zone", berlin, "2026-11-23T09:00:00-05:00", true, "2026-11-23T14:00:00Z"},
		{"at the weekend", berlin, "2026-11-22T12:00:00+01:00", false, "2026-11-23T08:00:00Z"},
		{"in summer an hour earlier", berlin, "2026-07-01T07:00:00Z", true, "2026-07-01T07:00:00Z"},

		{"over midnight", schedule(t, "Asia/Kolkata", "fri 22:00-06:00"), "2026-11-28T05:59:59+05:30", true, "2026-11-28T00:29:59Z"},
		{"over midnight, in the evening", schedule(t, "Asia/Kolkata", "fri 22:00-06:00"), "2026-11-27T22:00:00+05:30", true, "2026-11-27T16:30:00Z"},
		{"over midnight, the morning of its own day", schedule(t, "Asia/Kolkata", "fri 22:00-06:00"), "2026-11-27T05:00:00+05:30", false, "2026-11-27T16:30:00Z"},
		{"until midnight", schedule(t, "UTC", "sun 22:00-00:00"), "2026-11-22T23:59:59Z", true, "2026-11-22T23:59:59Z"},
		{"until midnight, and no more", schedule(t, "UTC", "sun 22:00-00:00"), "2026-11-23T00:00:00Z", false, "2026-11-29T22:00:00Z"},
		{"the whole day", schedule(t, "UTC", "sun 00:00-24:00"), "2026-11-22T23:59:59Z", true, "2026-11-22T23:59:59Z"},
		{"the whole day, and no more", schedule(t, "UTC", "sun 00:00-24:00"), "2026-11-23T00:00:00Z", false, "2026-11-29T00:00:00Z"},

		{"an hour that is skipped", schedule(t, "Europe/Berlin", "sun 02:00-03:00"), "2026-03-29T01:00:00Z", false, "2026-04-05T00:00:00Z"},
		{"into an hour that is skipped", schedule(t, "Europe/Berlin", "sun 01:30-02:30"), "2026-03-29T00:59:59Z", true, "2026-03-29T00:59:59Z"},
		{"out of an hour that is skipped", schedule(t, "Europe/Berlin", "sun 02:30-04:00"), "2026-03-29T00:59:59Z", false, "2026-03-29T01:00:00Z"},
		{"an hour that comes twice", schedule(t, "Europe/Berlin", "sun 02:00-03:00"), "2026-10-25T00:00:00Z", true, "2026-10-25T00:00:00Z"},
		{"the second time", schedule(t, "Europe/Berlin", "sun 02:00-03:00"), "2026-10-25T01:59:59Z", true, "2026-10-25T01:59:59Z"},
		{"after the second time", schedule(t, "Europe/Berlin", "sun 02:00-03:00"), "2026-10-25T02:00:00Z", false, "2026-11-01T01:00:00Z"},
		{"between the two times", schedule(t, "Europe/Berlin", "sun 02:00-02:30"), "2026-10-25T00:30:00Z", false, "2026-10-25T01:00:00Z"},
		{"half an hour that comes twice", schedule(t, "Australia/Lord_Howe", "01:30-01:45"), "2026-04-04T14:45:00Z", false, "2026-04-04T15:00:00Z"},
		{"Ramadan", schedule(t, "Africa/Casablanca", "08:00-09:00"), "2026-03-01T08:00:00Z", true, "2026-03-01T08:00:00Z"},
		{"a midnight that is skipped", schedule(t, "Africa/Cairo", "fri 00:00-24:00"), "2026-04-23T21:59:59Z", false, "2026-04-23T22:00:00Z"},

		{"a leap day", schedule(t, "UTC", "tue 09:00-10:00"), "2028-02-29T09:30:00Z", true, "2028-02-29T09:30:00Z"},
		{"a holiday of its own", holidays, "2026-12-24T12:00:00Z", false, "2026-12-27T21:00:00Z"},
		{"a holiday of the configuration", holidays, "2026-12-25T12:00:00Z", false, "2026-12-27T21:00:00Z"},
		{"the night before a holiday", holidays, "2026-12-24T04:59:59Z", true, "2026-12-24T04:59:59Z"},
		{"the night after a holiday", holidays, "2026-12-27T04:59:59Z", false, "2026-12-27T21:00:00Z"},
		{"a zone that nobody knows", schedule(t, "Europe/Atlantis", "00:00-24:00"), "2026-11-22T12:00:00Z", false, ""},
		{"holidays that nobody knows", &mapping.Schedule{Zone: "UTC", Windows: []mapping.Window{hours(t, "00:00-24:00")}, Calendars: []string{"fr"}},
			"2026-11-22T12:00:00Z", false, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			at := instant(t, row.at)
			if open := row.schedule.Open(at, by); open != row.open {
				t.Errorf("open: %t", open)
			}
			opens, ok := row.schedule.Opens(at, at.AddDate(1, 0, 0), by)
			if got := opens.Format(time.RFC3339Nano); ok != (row.opens != "") || ok && got != row.opens {
				t.Errorf("opens %t at %s, not %s", ok, got, row.opens)
			}
		})
	}
}

func TestAScheduleThatEndsBeforeItOpens(t *testing.T) {
	s, by := schedule(t, "UTC", "sun 12:00-13:00"), almanac(t, nil)
	sunday := instant(t, "2026-11-22T12:00:00Z")
	if _, ok := s.Opens(sunday.Add(-time.Hour), sunday, by); ok {
		t.Error("opens when it is over")
	}
	if at, ok := s.Opens(sunday.Add(-time.Hour), sunday.Add(1), by); !ok || !at.Equal(sunday) {
		t.Errorf("opens %t at %s", ok, at)
	}
}

// shown is open by what a clock and a calendar show, compared as text: the
// brute force that the schedule is held against.
func shown(windows []string, holidays []string, local time.Time) bool {
	day := func(t time.Time) (string, string) { return strings.ToLower(t.Format("Mon")), t.Format(time.DateOnly) }
	clock := local.Format("15:04")
	today, date := day(local)
	// The day before, on the calendar: noon of any day is 24 h after noon of the one before, in UTC.
	y, m, d := local.Date()
	yesterday, dateBefore := day(time.Date(y, m, d, 12, 0, 0, 0, time.UTC).Add(-24 * time.Hour))
	for _, w := range windows {
		days, span, _ := cutLast(w)
		from, to, _ := strings.Cut(span, "-")
		on := func(name, date string) bool {
			return (days == "" || strings.Contains(days, name)) && !slices.Contains(holidays, date)
		}
		switch {
		case from < to && on(today, date) && from <= clock && clock < to,
			from > to && on(today, date) && from <= clock,
			from > to && on(yesterday, dateBefore) && clock < to:
			return true
		}
	}
	return false
}

func cutLast(s string) (before, after string, found bool) {
	n := strings.LastIndexByte(s, ' ')
	return s[:max(n, 0)], s[n+1:], n >= 0
}

// zonesOfNote have clocks that are put forward and back: by an hour, by half of
// one, at midnight, in Ramadan, on the other half of the globe; or never are.
var zonesOfNote = []string{
	"UTC", "Europe/Berlin", "Europe/Dublin", "America/New_York", "America/St_Johns", "America/Havana", "Australia/Lord_Howe",
	"Africa/Casablanca", "Africa/Cairo", "Asia/Beirut", "Asia/Kolkata", "Asia/Kathmandu", "Pacific/Chatham", "America/Santiago", "Antarctica/Troll",
}

// TestASchedulesMinutesAreThoseOfTheClock goes through days around each change of
// a clock minute by minute.
func TestASchedulesMinutesAreThoseOfTheClock(t *testing.T) {
	for n, name := range zonesOfNote {
		t.Run(name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(7, uint64(n)))
			for _, from := range changes(t, name) {
				windows := anyWindows(random)
				s := schedule(t, name, windows...)
				var holidays []string
				for day := range 5 {
					if random.IntN(4) == 0 {
						holidays = append(holidays, from.AddDate(0, 0, day).Format(time.DateOnly))
					}
				}
				s.Holidays = dates(t, holidays...)
				compareMinutes(t, s, windows, holidays, from)
			}
		})
	}
}

// changes returns the days before the clock changes in some years, at least one.
func changes(t *testing.T, name string) (days []time.Time) {
	zone, ok := zoneOf(name)
	if !ok {
		t.Fatalf("there is no %s", name)
	}
	for at := time.Date(2025, 1, 1, 0, 0, 0, 0, zone); at.Year() < 2026; {
		days = append(days, at.Add(-36*time.Hour))
		_, end := at.ZoneBounds()
		if end.IsZero() {
			break
		}
		at = end.In(zone)
	}
	return days
}

func anyWindows(random *rand.Rand) (windows []string) {
	for range 1 + random.IntN(3) {
		from, to := random.IntN(24*60), 1+random.IntN(24*60)
		if random.IntN(2) == 0 { // near the hours at which clocks change
			from, to = random.IntN(4*60), 1+random.IntN(5*60)
		}
		if from == to {
			to = (to + 30) % (24 * 60)
		}
		var days string
		for _, day := range []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} {
			if random.IntN(3) > 0 {
				days += day + " "
			}
		}
		windows = append(windows, fmt.Sprintf("%s%02d:%02d-%02d:%02d", days, from/60, from%60, to/60, to%60))
	}
	return windows
}

// compareMinutes compares two days and a half, and what opens next after every minute.
func compareMinutes(t *testing.T, s *mapping.Schedule, windows, holidays []string, from time.Time) {
	by := almanac(t, nil)
	zone, _ := zoneOf(s.Zone)
	start := from.Truncate(time.Minute)
	end := start.Add(60 * time.Hour)
	next := time.Time{}
	for at := end.Add(-time.Minute); !at.Before(start); at = at.Add(-time.Minute) {
		want := shown(windows, holidays, at.In(zone))
		if got := s.Open(at, by); got != want {
			t.Fatalf("%q without %q, at %s: %t", windows, holidays, at.In(zone), got)
		}
		if want {
			next = at
		}
		if at.Minute()%17 != 0 {
			continue
		}
		opens, ok := s.Opens(at, end, by)
		if ok == next.IsZero() || ok && !opens.Equal(next) {
			t.Fatalf("%q without %q, from %s on: opens %t at %s, not %s", windows, holidays, at.In(zone), ok, opens.In(zone), next.In(zone))
		}
	}
}

func TestClocksAndDatesAreReadAsTheyAreWritten(t *testing.T) {
	for _, text := range []string{"00:00", "09:05", "23:59", "24:00"} {
		if c, ok := mapping.ParseClock(text); !ok || c.String() != text {
			t.Errorf("%s: %t, %s", text, ok, c)
		}
	}
	for _, text := range []string{"", "9:00", "24:01", "12:60", "12.30", "1a:00", "/0:00", "-1:00", "00:000", "００:00"} {
		if _, ok := mapping.ParseClock(text); ok {
			t.Errorf("%q is a time of day", text)
		}
	}
	for text, weekday := range map[string]time.Weekday{
		"1970-01-01": time.Thursday, "2000-02-29": time.Tuesday, "2026-12-25": time.Friday, "2028-02-29": time.Tuesday, "9999-12-31": time.Friday,
	} {
		if d, ok := mapping.ParseDate(text); !ok || d.String() != text || d.Weekday() != weekday {
			t.Errorf("%s: %t, %s, a %s", text, ok, d, d.Weekday())
		}
	}
	for _, text := range []string{"", "2026-02-29", "1969-12-31", "2026-1-1", "2026-13-01", "20261225", "2026-12-25T00:00:00Z"} {
		if _, ok := mapping.ParseDate(text); ok {
			t.Errorf("%q is a day", text)
		}
	}
}

func BenchmarkScheduleOpen(b *testing.B) {
	s := schedule(b, "Europe/Berlin", officeHours, "sat 10:00-14:00")
	s.Calendars = []string{"de"}
	zone, _ := zoneOf(s.Zone)
	by := mapping.Almanac{Zone: func(string) (*time.Location, bool) { return zone, true }, Calendars: map[string][]mapping.Date{"de": dates(b, "2026-12-25", "2026-12-26")}}
	at := time.Date(2026, 12, 25, 12, 0, 0, 0, time.UTC)
	b.ReportAllocs()
	for b.Loop() {
		s.Open(at, by)
	}
}

func FuzzClockAndDate(f *testing.F) {
	for _, seed := range []string{"00:00", "24:00", "23:59", "2026-12-25", "9999-12-31", "2028-02-29"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if c, ok := mapping.ParseClock(text); ok && c.String() != text {
			t.Errorf("%q is read as %s", text, c)
		}
		if d, ok := mapping.ParseDate(text); ok && (d.String() != text || !d.Valid()) {
			t.Errorf("%q is read as %s", text, d)
		}
	})
}
