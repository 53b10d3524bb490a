package relay

import (
	"testing"
	"time"
)

func TestTimetable(t *testing.T) {
	table := newTimetable(reportInterval, time.Minute, [2]uint64{7, 8})
	if !table.due().IsZero() || table.isReport(0, start) || table.isWatch(start) {
		t.Error("something stands on an empty timetable")
	}
	table.begin(start)
	reports, watches, now := [2]int{}, 0, start
	for now.Before(start.Add(100 * time.Second)) {
		now = table.due()
		both := 0
		for end := range reports {
			if table.isReport(end, now) {
				reports[end]++
				both++
			}
		}
		if both > 1 {
			t.Errorf("both ends are reported to at %s", now)
		}
		if table.isWatch(now) {
			watches++
		}
	}
	// The mean is 20 reports; each comes 2.5 to 7.5 s after the one before.
	if min(reports[0], reports[1]) < 14 || max(reports[0], reports[1]) > 40 || watches < 99 || watches > 100 {
		t.Errorf("%d reports and %d watches in 100 s", reports, watches)
	}
	if table.end(); !table.due().IsZero() {
		t.Error("something stands on a timetable that has ended")
	}
}

func TestEventsNeverWait(t *testing.T) {
	n := newNotices()
	for i := range noticesKept + 5 {
		n.leave(Event{Circuit: uint64(i)})
	}
	if kept := len(n.events); kept != noticesKept || (<-n.events).Circuit != 0 {
		t.Errorf("%d are kept, or not the first", kept)
	}
}
