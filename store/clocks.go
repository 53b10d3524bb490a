package store

import (
	"sync"
	"sync/atomic"
	"time"

	"maskd/mapping"
)

// clocks are what schedules are read by. A zone is loaded when a schedule first
// names it and is kept from then on: look-ups don't read it again.
type clocks struct {
	zones   sync.Map                        // name -> *time.Location; no more than there are zones
	current atomic.Pointer[mapping.Almanac] // never changed, only replaced
}

func newClocks(calendars map[string][]mapping.Date) *clocks {
	c := &clocks{}
	c.list(calendars)
	return c
}

// list replaces the lists of holidays.
func (c *clocks) list(calendars map[string][]mapping.Date) {
	c.current.Store(&mapping.Almanac{Zone: c.zone, Calendars: calendars})
}

func (c *clocks) almanac() mapping.Almanac { return *c.current.Load() }

// zone returns the zone of that name in the IANA database. Those begin with a
// capital letter: what else lies beside them is no zone (localtime), or has
// leap seconds (right/UTC). Local is whatever this machine is set to.
func (c *clocks) zone(name string) (*time.Location, bool) {
	if known, ok := c.zones.Load(name); ok {
		return known.(*time.Location), true
	}
	if name == "" || name[0] < 'A' || name[0] > 'Z' || name == time.Local.String() {
		return nil, false
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, false
	}
	c.zones.Store(name, zone)
	return zone, true
}

// SetHolidays replaces the lists of holidays, as the configuration has them now.
// The days of each are in order. A party whose schedule names a list that there
// is no more is not reached.
func (db *DB) SetHolidays(calendars map[string][]mapping.Date) { db.clocks.list(calendars) }
