package sip

import (
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
type lockouts struct{ memory[mapping.Lockout] }

func newLockouts(most int) *lockouts { return &lockouts{newMemory(most, mapping.Lockout.Stale)} }

// locked reports whether no PIN of the suspect would be looked at.
func (l *lockouts) locked(s suspect, at time.Time) bool { return l.recall(s).Locked(at) }

// try counts a try of the suspect, and reports whether it may be looked at.
func (l *lockouts) try(s suspect, at time.Time) bool {
	return l.memory.try(s, at, func(known mapping.Lockout) (mapping.Lockout, bool) { return known.Try(at) })
}
