package admin

import (
	"fmt"

	"maskd/mapping"
)

// Hours are when a party may be reached, and by which of its numbers.
type Hours struct {
	Schedule *Schedule   `json:"schedule,omitempty"` // left out: always
	Duties   []*Schedule `json:"duties,omitempty"`   // when each of its numbers is rung, in their order; null, or left out: always
}

// Schedule is when a party, or one of its numbers, may be reached.
type Schedule struct {
	Zone      string   `json:"zone"` // IANA's name of it: Europe/Berlin
	Windows   []Window `json:"windows"`
	Holidays  []string `json:"holidays,omitempty"`  // days, and names of lists in the configuration
	Otherwise string   `json:"otherwise,omitempty"` // refuse, the default; announce; or fallback: the party's is rung
}

// Window is a span of the clock that begins on each of its days.
type Window struct {
	Days []string `json:"days,omitempty"` // mon to sun; left out: every day
	From string   `json:"from"`
	To   string   `json:"to"` // 24:00 is the end of the day; what is no later than from is on the next
}

// domain returns the hours in the words of the domain, or a
// [mapping.InvalidError] for the first field that can't be.
func (h Hours) domain(field string) (out mapping.Hours, err error) {
	if out.Schedule, err = h.Schedule.domain(field + ".schedule"); err != nil {
		return out, err
	}
	for n, duty := range h.Duties {
		s, err := duty.domain(fmt.Sprintf("%s.duties[%d]", field, n))
		if err != nil {
			return out, err
		}
		out.Duties = append(out.Duties, s)
	}
	return out, nil
}

func (s *Schedule) domain(field string) (*mapping.Schedule, error) {
	if s == nil {
		return nil, nil
	}
	otherwise, ok := mapping.ParseOtherwise(s.Otherwise)
	if !ok {
		return nil, invalidField(field+".otherwise", "unknown", "expected refuse, announce or fallback")
	}
	out := &mapping.Schedule{Zone: s.Zone, Otherwise: otherwise}
	for n, w := range s.Windows {
		window, err := w.domain(fmt.Sprintf("%s.windows[%d]", field, n))
		if err != nil {
			return nil, err
		}
		out.Windows = append(out.Windows, window)
	}
	for _, text := range s.Holidays {
		if day, ok := mapping.ParseDate(text); ok {
			out.Holidays = append(out.Holidays, day)
		} else {
			out.Calendars = append(out.Calendars, text)
		}
	}
	return out, nil
}

func (w Window) domain(field string) (out mapping.Window, err error) {
	if len(w.Days) == 0 {
		out.Days = mapping.EveryDay
	}
	for n, name := range w.Days {
		day, ok := mapping.ParseDay(name)
		if !ok {
			return out, invalidField(fmt.Sprintf("%s.days[%d]", field, n), "unknown", "expected mon, tue, wed, thu, fri, sat or sun")
		}
		out.Days = out.Days.With(day)
	}
	var ok bool
	if out.From, ok = mapping.ParseClock(w.From); !ok {
		return out, invalidField(field+".from", "malformed", "expected a time of day, 00:00 to 23:59")
	}
	if out.To, ok = mapping.ParseClock(w.To); !ok {
		return out, invalidField(field+".to", "malformed", "expected a time of day, 00:00 to 24:00")
	}
	return out, nil
}

func viewSchedule(s *mapping.Schedule) *Schedule {
	if s == nil {
		return nil
	}
	view := &Schedule{Zone: s.Zone, Otherwise: s.Otherwise.String(), Windows: make([]Window, 0, len(s.Windows))}
	for _, w := range s.Windows {
		view.Windows = append(view.Windows, Window{Days: w.Days.Names(), From: w.From.String(), To: w.To.String()})
	}
	for _, day := range s.Holidays {
		view.Holidays = append(view.Holidays, day.String())
	}
	view.Holidays = append(view.Holidays, s.Calendars...)
	return view
}

func viewHours(h mapping.Hours) Hours {
	view := Hours{Schedule: viewSchedule(h.Schedule)}
	for _, duty := range h.Duties {
		view.Duties = append(view.Duties, viewSchedule(duty))
	}
	return view
}
