package mapping

import "time"

// MaxAllotmentHours bounds the hours of an allotment: a month.
const MaxAllotmentHours = 31 * 24

// Allotment is how many answered calls there may be in all, in so many hours: in the
// one that the clock shows, which begins when it strikes in UTC, and in those before
// it. The zero Allotment bounds nothing.
type Allotment struct{ Calls, Hours int }

// Hour is an hour of UTC, counted from 1970 on.
type Hour uint32

// HourOf returns the hour of a time.
func HourOf(t time.Time) Hour { return Hour(t.Unix() / int64(time.Hour/time.Second)) }

// First returns the first hour that counts at the given time.
func (a Allotment) First(at time.Time) Hour { return HourOf(at) - Hour(max(a.Hours, 1)-1) }

// Bounds reports whether it does.
func (a Allotment) Bounds() bool { return a.Calls > 0 }

// AllotmentHours returns how many hours the longest of all allotments has; 0 if
// there is none.
func (p *Pools) AllotmentHours() (most int) {
	longer := func(a Allotment) {
		if a.Bounds() {
			most = max(most, a.Hours)
		}
	}
	for _, pool := range p.byName {
		longer(pool.InAllNumber)
		longer(pool.InAllDID)
	}
	for _, t := range p.tenancies {
		longer(t.InAll)
	}
	return most
}
