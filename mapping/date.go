package mapping

import "time"

// Date is a day of the calendar, whatever the zone, in days since 1970-01-01.
type Date int32

// Bounds of dates: what is written with four digits, and no earlier than the
// first day.
const maxDate Date = 2932896 // 9999-12-31

// ParseDate reads a day as RFC 3339 writes it, "2026-12-25".
func ParseDate(s string) (Date, bool) {
	t, err := time.Parse(time.DateOnly, s)
	d := DateOf(t)
	return d, err == nil && d.Valid()
}

// DateOf returns the day that the time has in its own zone.
func DateOf(t time.Time) Date {
	year, month, day := t.Date()
	return Date(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / int64(24*time.Hour/time.Second))
}

// Valid reports whether the day is one that can be written.
func (d Date) Valid() bool { return d >= 0 && d <= maxDate }

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday {
	return time.Weekday((int(d) + int(time.Thursday)) % 7) // 1970-01-01 was one
}

// String returns the day as it is written.
func (d Date) String() string {
	return time.Unix(0, 0).UTC().AddDate(0, 0, int(d)).Format(time.DateOnly)
}
