package sip

import (
	"sync"
	"time"

	"maskd/mapping"
)

// maxSuspects bounds what is remembered of wrong PINs: 100,000 take 20 MB. When
// all are of late, nobody new may try.
const maxSuspects = 100_000

// suspect is who may be guessing: a caller of a DID, or where he withholds his
// number, the trunk that he comes by.
type suspect struct {
	did    mapping.DID
	caller mapping.Number
	trunk  string
	keys   bool // he keys in extensions, and no PIN
}

// lockouts are those of all suspects, in memory only.
type lockouts struct {
	most int

	mu sync.Mutex
	of map[suspect]mapping.Lockout
}

func newLockouts(most int) *lockouts {
	return &lockouts{most: most, of: make(map[suspect]mapping.Lockout)}
}

// locked reports whether no PIN of the suspect would be looked at.
func (l *lockouts) locked(s suspect, at time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.of[s].Locked(at)
}

// try counts a try of the suspect, and reports whether it may be looked at.
func (l *lockouts) try(s suspect, at time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	known, ok := l.of[s]
	if !ok && !l.room(at) {
		return false
	}
	next, allowed := known.Try(at)
	l.of[s] = next
	return allowed
}

// room reports whether one more can be remembered, and makes it if need be. The
// caller holds mu.
func (l *lockouts) room(at time.Time) bool {
	if len(l.of) < l.most {
		return true
	}
	for s, known := range l.of {
		if known.Stale(at) {
			delete(l.of, s)
		}
	}
	return len(l.of) < l.most
}

// forget forgets who has entered the right PIN.
func (l *lockouts) forget(s suspect) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.of, s)
}
