package mapping

import "time"

// PINTries is how many wrong PINs a call may enter, and how many lock out.
const PINTries = 3

// The first lock-out lasts a minute, each one after it twice as long as the one
// before, up to a day: the first is no more than a nuisance to who mistypes, and
// who guesses gets 33 tries in the first day and three in each that follows.
const (
	firstLockout = time.Minute
	maxLockout   = 24 * time.Hour
)

// Lockout is what is remembered of who enters PINs. The zero Lockout is of one
// who never did. It is forgotten when a PIN was right.
type Lockout struct {
	Tries uint32    // that were not right
	Last  time.Time // when the last one was
}

// Locked reports whether no PIN is looked at now.
func (l Lockout) Locked(at time.Time) bool { return at.Before(l.Last.Add(l.length())) }

// Try counts a try before the PIN is looked at, so that many at once are counted
// too, and reports whether it may be looked at.
func (l Lockout) Try(at time.Time) (Lockout, bool) {
	if l.Locked(at) {
		return l, false
	}
	return Lockout{Tries: l.Tries + 1, Last: at}, true
}

// Stale reports whether the last lock-out has been over for so long that nothing
// need be remembered of it.
func (l Lockout) Stale(at time.Time) bool { return !at.Before(l.Last.Add(2 * maxLockout)) }

// length is how long nothing is looked at after the last try.
func (l Lockout) length() time.Duration {
	if l.Tries == 0 || l.Tries%PINTries != 0 {
		return 0
	}
	length := firstLockout
	for range l.Tries/PINTries - 1 {
		if length *= 2; length >= maxLockout {
			return maxLockout
		}
	}
	return length
}
