package sip

import (
	"sync"
	"time"

	"maskd/mapping"
)

// maxDoors bounds what is remembered of wrong extensions: there are no more doors
// than DIDs and trunks. When all are of late, no other may be tried.
const maxDoors = 100_000

// visits are the wrong extensions of late, in memory only, by the DID and the
// trunk that they came by.
type visits struct {
	most int

	mu sync.Mutex
	of map[suspect]mapping.Credit
}

func newVisits(most int) *visits {
	return &visits{most: most, of: make(map[suspect]mapping.Credit)}
}

// open reports whether an extension would be looked at.
func (v *visits) open(door suspect, at time.Time) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	_, ok := v.of[door].Spend(mapping.ExtensionBurst, mapping.ExtensionEvery, at)
	return ok
}

// try counts one as wrong, before it is looked at, and reports whether it may be.
func (v *visits) try(door suspect, at time.Time) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	known, ok := v.of[door]
	if !ok && !v.room(at) {
		return false
	}
	left, allowed := known.Spend(mapping.ExtensionBurst, mapping.ExtensionEvery, at)
	v.of[door] = left
	return allowed
}

// room reports whether one more door can be remembered, and makes it if need be.
// The caller holds mu.
func (v *visits) room(at time.Time) bool {
	if len(v.of) < v.most {
		return true
	}
	for door, left := range v.of {
		if left.Whole(at) {
			delete(v.of, door)
		}
	}
	return len(v.of) < v.most
}

// forgive takes one back that was right.
func (v *visits) forgive(door suspect) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.of[door] = v.of[door].Return(mapping.ExtensionEvery)
}
