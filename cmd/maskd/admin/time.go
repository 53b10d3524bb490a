package admin

import (
	"fmt"
	"time"
)

// timeFormat is RFC 3339 in UTC with milliseconds.
const timeFormat = "2006-01-02T15:04:05.000Z07:00"

// Time is a time as the API writes it: RFC 3339, UTC, milliseconds.
type Time struct{ time.Time }

// String returns the written form.
func (t Time) String() string { return t.UTC().Format(timeFormat) }

// MarshalJSON returns the written form.
func (t Time) MarshalJSON() ([]byte, error) { return []byte(`"` + t.String() + `"`), nil }

// UnmarshalJSON reads the written form.
func (t *Time) UnmarshalJSON(text []byte) error {
	parsed, err := time.Parse(`"`+time.RFC3339Nano+`"`, string(text))
	if err != nil {
		return fmt.Errorf("read time: %w", err)
	}
	t.Time = parsed.UTC()
	return nil
}
