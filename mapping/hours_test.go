package mapping_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"maskd/mapping"
)

// A shop has a desk by day and a porter by night; nobody is reached on Sundays.
func shop(t *testing.T) mapping.Party {
	return mapping.Party{
		Numbers: many(t, 3),
		Hours: mapping.Hours{
			Schedule: schedule(t, "Europe/Berlin", "mon tue wed thu fri sat 00:00-24:00"),
			Duties:   []*mapping.Schedule{schedule(t, "Europe/Berlin", officeHours), schedule(t, "America/New_York", "mon 10:00-20:00")},
		},
	}
}

func TestWhoIsOnDuty(t *testing.T) {
	p, by := shop(t), almanac(t, nil)
	for at, want := range map[string][]int{
		"2026-11-22T12:00:00+01:00": nil,       // a Sunday
		"2026-11-23T00:00:00+01:00": {2},       // who has no hours of his own is there in those of the party
		"2026-11-23T09:00:00+01:00": {0, 2},    // the desk
		"2026-11-23T16:00:00+01:00": {0, 1, 2}, // all, in their order
		"2026-11-23T17:30:00+01:00": {1, 2},
		"2026-11-24T01:59:59+01:00": {1, 2},
		"2026-11-24T02:00:00+01:00": {2},
	} {
		var numbers []mapping.Number
		for _, n := range want {
			numbers = append(numbers, p.Numbers[n])
		}
		if got := p.Reached(instant(t, at), by); !slices.Equal(got, numbers) {
			t.Errorf("at %s: %d are reached, not %d", at, len(got), len(want))
		}
	}
}

func TestWhenOneOfAGroupIsReachedNext(t *testing.T) {
	p, by := shop(t), almanac(t, nil)
	p.Numbers = p.Numbers[:2]
	for from, want := range map[string]string{
		"2026-11-22T12:00:00Z": "2026-11-23T08:00:00Z", // the desk, on Monday
		"2026-11-23T16:30:00Z": "2026-11-23T16:30:00Z", // the other is there
		"2026-11-24T01:00:00Z": "2026-11-24T08:00:00Z",
	} {
		if got, ok := p.Opens(instant(t, from), instant(t, from).AddDate(1, 0, 0), by); !ok || !got.Equal(instant(t, want)) {
			t.Errorf("from %s on: opens %t at %s, not %s", from, ok, got, want)
		}
	}
	p.Hours.Duties[0] = schedule(t, "UTC", "sun 09:00-10:00")
	p.Hours.Duties[1] = p.Hours.Duties[0]
	from := instant(t, "2026-11-22T12:00:00Z")
	if at, ok := p.Opens(from, from.AddDate(0, 1, 0), by); ok {
		t.Errorf("duties on the day on which the party is not reached open at %s", at)
	}
}

func TestHoursThatCanNotBe(t *testing.T) {
	many := func(n int) (all []string) { return slices.Repeat([]string{"09:00-10:00"}, n) }
	for _, row := range []struct {
		name        string
		change      func(*mapping.Hours)
		field, code string
	}{
		{"no zone", func(h *mapping.Hours) { h.Schedule.Zone = "" }, "parties.b.schedule.zone", "unknown"},
		{"no window", func(h *mapping.Hours) { h.Schedule.Windows = nil }, "parties.b.schedule.windows", "missing"},
		{"too many windows", func(h *mapping.Hours) { h.Schedule = schedule(t, "UTC", many(22)...) }, "parties.b.schedule.windows", "too_many"},
		{"too many holidays", func(h *mapping.Hours) { h.Schedule.Holidays = make([]mapping.Date, 65) }, "parties.b.schedule.holidays", "too_many"},
		{"no day", func(h *mapping.Hours) { h.Schedule.Windows[0].Days = 0 }, "parties.b.schedule.windows[0].days", "unknown"},
		{"an eighth day", func(h *mapping.Hours) { h.Schedule.Windows[0].Days = 1 << 7 }, "parties.b.schedule.windows[0].days", "unknown"},
		{"from the end of the day", func(h *mapping.Hours) { h.Schedule.Windows[0].From = 1440 }, "parties.b.schedule.windows[0].from", "malformed"},
		{"to the day after", func(h *mapping.Hours) { h.Schedule.Windows[0].To = 1441 }, "parties.b.schedule.windows[0].to", "malformed"},
		{"no time", func(h *mapping.Hours) { h.Schedule.Windows[0].To = h.Schedule.Windows[0].From }, "parties.b.schedule.windows[0].to", "no_time"},
		{"otherwise what", func(h *mapping.Hours) { h.Schedule.Otherwise = 9 }, "parties.b.schedule.otherwise", "unknown"},
		{"two duties of one number", func(h *mapping.Hours) { h.Duties = []*mapping.Schedule{h.Schedule, h.Schedule} }, "parties.b.duties", "too_many"},
		{"a duty of no time", func(h *mapping.Hours) { h.Duties = []*mapping.Schedule{{Zone: "UTC", Otherwise: 1}} }, "parties.b.duties[0].windows", "missing"},
	} {
		t.Run(row.name, func(t *testing.T) {
			d := good(t)
			d.HoursB = mapping.Hours{Schedule: schedule(t, "UTC", "09:00-17:00")}
			if err := d.Validate(owned); err != nil {
				t.Fatal(err)
			}
			row.change(&d.HoursB)
			refusedFor(t, d.Validate(owned), row.field, row.code)
		})
	}
}

func TestHoursThatNobodyKnows(t *testing.T) {
	by := almanac(t, map[string][]string{"de": nil})
	for _, row := range []struct {
		change      func(*mapping.Draft)
		field, code string
	}{
		{func(d *mapping.Draft) { d.HoursA.Schedule.Zone = "Europe/Atlantis" }, "parties.a.schedule.zone", "unknown"},
		{func(d *mapping.Draft) { d.HoursA.Schedule.Calendars = []string{"de", "fr"} }, "parties.a.schedule.holidays", "unknown"},
		{func(d *mapping.Draft) { d.HoursB.Duties[1].Zone = "Mars/Olympus" }, "parties.b.duties[1].zone", "unknown"},
	} {
		d := good(t)
		d.HoursA.Schedule, d.HoursB.Duties = schedule(t, "UTC", officeHours), []*mapping.Schedule{nil, schedule(t, "UTC", officeHours)}
		d.HoursA.Schedule.Holidays = dates(t, "2026-12-25")
		if err := d.CheckHours(by); err != nil {
			t.Fatal(err)
		}
		row.change(&d)
		refusedFor(t, d.CheckHours(by), row.field, row.code)
	}
}

func refusedFor(t *testing.T, err error, field, code string) {
	t.Helper()
	var invalid *mapping.InvalidError
	if !errors.As(err, &invalid) || invalid.Field != field || invalid.Code != code || invalid.Reason == "" {
		t.Errorf("%v, want %s of %s", err, code, field)
	}
}

// A second create is the same request only if it asks for the same hours.
func TestOnlyTheSameHoursMatch(t *testing.T) {
	made := func() mapping.Draft {
		d := good(t)
		d.HoursA.Schedule = schedule(t, "Europe/Berlin", officeHours)
		d.HoursA.Schedule.Holidays, d.HoursA.Schedule.Calendars = dates(t, "2026-12-25"), []string{"de"}
		d.HoursA.Duties = []*mapping.Schedule{schedule(t, "UTC", officeHours)}
		return d.WithDefaults()
	}
	first := made()
	i := first.Bind(mapping.ID{1}, "", "", noon)
	for _, row := range []struct {
		name   string
		change func(*mapping.Draft)
		want   bool
	}{
		{"the same", func(*mapping.Draft) {}, true},
		{"a duty of no hours more", func(d *mapping.Draft) { d.HoursA.Duties = append(d.HoursA.Duties, nil) }, true},
		{"always", func(d *mapping.Draft) { d.HoursA.Schedule = nil }, false},
		{"another zone", func(d *mapping.Draft) { d.HoursA.Schedule.Zone = "Europe/Paris" }, false},
		{"another window", func(d *mapping.Draft) { d.HoursA.Schedule.Windows[0].To++ }, false},
		{"another holiday", func(d *mapping.Draft) { d.HoursA.Schedule.Holidays[0]++ }, false},
		{"other holidays", func(d *mapping.Draft) { d.HoursA.Schedule.Calendars[0] = "fr" }, false},
		{"no duty", func(d *mapping.Draft) { d.HoursA.Duties = nil }, false},
		{"B has hours too", func(d *mapping.Draft) { d.HoursB = d.HoursA }, false},
		{"the hook is asked", func(d *mapping.Draft) { d.Hook = true }, false},
	} {
		d := made()
		row.change(&d)
		if got := d.WithDefaults().Matches(&i); got != row.want {
			t.Errorf("%s: matches %t", row.name, got)
		}
	}
}

func TestAPartyWithoutHoursIsReachedByAllItsNumbers(t *testing.T) {
	p := mapping.Party{Numbers: many(t, 2)}
	cost := testing.AllocsPerRun(10, func() {
		if len(p.Reached(noon, mapping.Almanac{})) != 2 {
			t.Error("not reached")
		}
	})
	if cost != 0 {
		t.Errorf("%v allocations", cost)
	}
	if at, ok := p.Opens(noon, noon.Add(time.Hour), mapping.Almanac{}); !ok || !at.Equal(noon) {
		t.Errorf("opens %t at %s", ok, at)
	}
}
