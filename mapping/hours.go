package mapping

import (
	"fmt"
	"slices"
	"time"
)

// Hours are when a party may be reached, and by which of its numbers.
type Hours struct {
	Schedule *Schedule   // of the party; nil: always
	Duties   []*Schedule // of its numbers, in their order: when each is rung; nil, or none: always
}

// withDefaults leaves out the duties behind the last that says something, so that
// hours that are the same are equal.
func (h Hours) withDefaults() Hours {
	for len(h.Duties) > 0 && h.Duties[len(h.Duties)-1] == nil {
		h.Duties = h.Duties[:len(h.Duties)-1]
	}
	if len(h.Duties) == 0 {
		h.Duties = nil
	}
	return h
}

// validate reports what can't be of a party of so many numbers.
func (h Hours) validate(field string, numbers int, hunt Hunt) error {
	if h.Schedule == nil && len(h.Duties) == 0 {
		return nil
	}
	fallback := !hunt.Fallback.IsZero()
	if err := h.Schedule.validate(field+".schedule", fallback); err != nil {
		return err
	}
	if len(h.Duties) > numbers {
		return invalid(field+".duties", "too_many", "one for each number at most, in the order of numbers")
	}
	for n, duty := range h.Duties {
		if err := duty.validate(dutyField(field, n), fallback); err != nil {
			return err
		}
	}
	return nil
}

func dutyField(field string, n int) string { return fmt.Sprintf("%s.duties[%d]", field, n) }

func (h Hours) equal(other Hours) bool {
	return h.Schedule.equal(other.Schedule) && slices.EqualFunc(h.Duties, other.Duties, (*Schedule).equal)
}

// fallsBack reports whether the fallback is rung while somebody's hours are over.
func (h Hours) fallsBack() bool {
	return slices.ContainsFunc(append(slices.Clip(h.Duties), h.Schedule), func(s *Schedule) bool {
		return s != nil && s.Otherwise == OtherwiseFallback
	})
}

// duty returns the schedule of the party's nth number.
func (h Hours) duty(n int) *Schedule {
	if n < len(h.Duties) {
		return h.Duties[n]
	}
	return nil
}

// HoursChange is what becomes of the hours of a living interaction's parties.
type HoursChange struct {
	A, B *Hours // in place of those it has; nil: as they are
}

// Check reports what of the change is not in the almanac, as an [InvalidError].
func (c HoursChange) Check(by Almanac) error {
	for _, part := range []struct {
		field string
		hours *Hours
	}{{"parties.a", c.A}, {"parties.b", c.B}} {
		if part.hours == nil {
			continue
		}
		if err := by.checkHours(part.field, *part.hours); err != nil {
			return err
		}
	}
	return nil
}

// WithHours returns the interaction with other hours. It fails with
// [ErrNotActive], or an [InvalidError] if these can't be.
func (i Interaction) WithHours(c HoursChange, at time.Time) (Interaction, error) {
	if !i.Holds(at) {
		return i, ErrNotActive
	}
	for _, part := range []struct {
		field string
		hours *Hours
		party *Party
	}{{"parties.a", c.A, &i.A}, {"parties.b", c.B, &i.B}} {
		if part.hours == nil {
			continue
		}
		if err := part.hours.validate(part.field, len(part.party.Numbers), part.party.Hunt); err != nil {
			return i, err
		}
		part.party.Hours = part.hours.withDefaults()
	}
	return i, nil
}

// CheckHours reports what of the draft's schedules is not in the almanac, as an
// [InvalidError].
func (d Draft) CheckHours(by Almanac) error {
	if err := by.checkHours("parties.a", d.HoursA); err != nil {
		return err
	}
	return by.checkHours("parties.b", d.HoursB)
}

func (a Almanac) checkHours(field string, h Hours) error {
	if err := a.check(field+".schedule", h.Schedule); err != nil {
		return err
	}
	for n, duty := range h.Duties {
		if err := a.check(dutyField(field, n), duty); err != nil {
			return err
		}
	}
	return nil
}

// Reached returns the numbers by which the party may be reached at that time;
// none if it may not be reached at all.
func (p Party) Reached(at time.Time, by Almanac) []Number {
	if !p.Hours.Schedule.Open(at, by) {
		return nil
	}
	if len(p.Hours.Duties) == 0 {
		return p.Numbers
	}
	var reached []Number
	for n, number := range p.Numbers {
		if p.Hours.duty(n).Open(at, by) {
			reached = append(reached, number)
		}
	}
	return reached
}

// Opens returns the first time from the given one on at which the party may be
// reached by one of its numbers; false if there is none before the other.
func (p Party) Opens(from, until time.Time, by Almanac) (first time.Time, ok bool) {
	for n := range p.Numbers {
		at, opened := opens([]*Schedule{p.Hours.Schedule, p.Hours.duty(n)}, from, until, by)
		if opened && (!ok || at.Before(first)) {
			first, ok = at, true
		}
	}
	return first, ok
}
