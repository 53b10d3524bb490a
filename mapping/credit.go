package mapping

import "time"

// Wrong extensions that are looked at on a DID, of all who come by one trunk. A
// person mistypes, and many call one DID; who goes through the numbers has 2,900 in a
// day, of the ten thousand there are of four digits, and knows then who is
// reached by what others are told anyway.
const (
	ExtensionBurst = 30
	ExtensionEvery = 30 * time.Second
)

// Credit is how much of something may be had that comes back with time: the
// virtual scheduling algorithm of ITU-T I.371. The zero Credit is whole.
type Credit struct {
	Due time.Time // when all of it is back
}

// Spend takes one, if there is one: of the burst, one comes back in each interval.
func (c Credit) Spend(burst int, every time.Duration, at time.Time) (Credit, bool) {
	due := later(c.Due, at).Add(every)
	if due.Sub(at) > time.Duration(burst)*every {
		return c, false
	}
	return Credit{Due: due}, true
}

// Return gives one back.
func (c Credit) Return(every time.Duration) Credit { return Credit{Due: c.Due.Add(-every)} }

// Whole reports whether all of it is there, so that nothing need be remembered.
func (c Credit) Whole(at time.Time) bool { return !at.Before(c.Due) }
