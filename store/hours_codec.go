package store

import (
	"encoding/binary"

	"maskd/mapping"
)

// The fields of interactions whose parties have hours, or about whose calls a
// hook is asked.
const (
	interactionScheduleA byte = iota + 104
	interactionScheduleB
	interactionDutyA // one for each number that has one: its place, and the schedule
	interactionDutyB
	interactionHook
)

// The fields of a schedule, which is a record within the record.
const (
	scheduleZone      byte = iota + 1
	scheduleWindow         // one for each window
	scheduleHoliday        // one for each day
	scheduleCalendar       // one for each name
	scheduleOtherwise      // always there
)

// windowSize is a window's: days, and two clocks.
const windowSize = 1 + 2 + 2

func (f fields) hours(schedule, duty byte, h mapping.Hours) fields {
	f = f.text(schedule, string(encodeSchedule(h.Schedule)))
	for n, s := range h.Duties {
		if s != nil {
			f = f.text(duty, string(append([]byte{byte(n)}, encodeSchedule(s)...)))
		}
	}
	return f
}

func encodeSchedule(s *mapping.Schedule) (f fields) {
	if s == nil {
		return nil
	}
	f = f.text(scheduleZone, s.Zone)
	for _, w := range s.Windows {
		window := binary.BigEndian.AppendUint16([]byte{byte(w.Days)}, uint16(w.From))
		f = f.text(scheduleWindow, string(binary.BigEndian.AppendUint16(window, uint16(w.To))))
	}
	for _, d := range s.Holidays {
		f = f.varint(scheduleHoliday, uint64(d))
	}
	for _, name := range s.Calendars {
		f = f.text(scheduleCalendar, name)
	}
	return f.varint(scheduleOtherwise, uint64(s.Otherwise))
}

func setHours(i *mapping.Interaction, tag byte, v value) (err error) {
	switch tag {
	case interactionScheduleA:
		i.A.Hours.Schedule, err = v.schedule()
	case interactionScheduleB:
		i.B.Hours.Schedule, err = v.schedule()
	case interactionDutyA:
		err = addDuty(&i.A, v)
	case interactionDutyB:
		err = addDuty(&i.B, v)
	case interactionHook:
		i.Hook, err = v.flag()
	}
	return err
}

// addDuty puts a duty at its place. Duties come in the order of their numbers.
func addDuty(p *mapping.Party, v value) error {
	if len(v) == 0 || int(v[0]) < len(p.Hours.Duties) {
		return errFields
	}
	s, err := v[1:].schedule()
	if err != nil {
		return err
	}
	for len(p.Hours.Duties) < int(v[0]) {
		p.Hours.Duties = append(p.Hours.Duties, nil)
	}
	p.Hours.Duties = append(p.Hours.Duties, s)
	return nil
}

func (v value) schedule() (*mapping.Schedule, error) {
	s := &mapping.Schedule{}
	for f := fields(v); len(f) > 0; {
		tag, v, rest, err := f.next()
		if err == nil {
			err = setSchedule(s, tag, v)
		}
		if err != nil {
			return nil, err
		}
		f = rest
	}
	return s, nil
}

func setSchedule(s *mapping.Schedule, tag byte, v value) (err error) {
	switch tag {
	case scheduleZone:
		s.Zone = string(v)
	case scheduleWindow:
		if len(v) != windowSize {
			return errFields
		}
		s.Windows = append(s.Windows, mapping.Window{
			Days: mapping.Days(v[0]), From: mapping.Clock(binary.BigEndian.Uint16(v[1:])), To: mapping.Clock(binary.BigEndian.Uint16(v[3:]))})
	case scheduleHoliday:
		var day int
		day, err = v.small()
		s.Holidays = append(s.Holidays, mapping.Date(day))
	case scheduleCalendar:
		s.Calendars = append(s.Calendars, string(v))
	case scheduleOtherwise:
		s.Otherwise, err = enumOf[mapping.Otherwise](v)
	default:
		err = errFields
	}
	return err
}
