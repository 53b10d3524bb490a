package mapping

import (
	"fmt"
	"time"
)

// Clock is a time of day as a clock on the wall shows it, in minutes since
// midnight; 24:00 is the end of the day.
type Clock uint16

// midnight is the end of a day.
const midnight Clock = 24 * 60

// ParseClock reads a time of day, "00:00" to "24:00".
func ParseClock(s string) (Clock, bool) {
	if len(s) != len("00:00") || s[2] != ':' {
		return 0, false
	}
	hour, ok := twoDigits(s[:2])
	minute, also := twoDigits(s[3:])
	c := hour*60 + minute
	return c, ok && also && minute < 60 && c <= midnight
}

func twoDigits(s string) (Clock, bool) {
	tens, units := s[0]-'0', s[1]-'0' // what is no digit is more than 9
	return Clock(tens)*10 + Clock(units), tens <= 9 && units <= 9
}

// String returns the time of day as it is written.
func (c Clock) String() string { return fmt.Sprintf("%02d:%02d", c/60, c%60) }

// since returns how long after midnight it is, if no hour is skipped.
func (c Clock) since() time.Duration { return time.Duration(c) * time.Minute }

// reading returns what the clock shows, in the time's own zone.
func reading(local time.Time) time.Duration {
	hour, minute, second := local.Clock()
	return time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute +
		time.Duration(second)*time.Second + time.Duration(local.Nanosecond())
}
