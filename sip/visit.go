package sip

import (
	"time"

	"maskd/mapping"
)

// maxDoors bounds what is remembered of wrong extensions: there are no more doors
// than DIDs and trunks. When all are of late, no other may be tried.
const maxDoors = 100_000

// visits are the wrong extensions of late, in memory only, by the DID and the
// trunk that they came by.
type visits struct{ memory[mapping.Credit] }

func newVisits(most int) *visits { return &visits{newMemory(most, mapping.Credit.Whole)} }

// open reports whether an extension would be looked at.
func (v *visits) open(door suspect, at time.Time) bool {
	_, ok := v.recall(door).Spend(mapping.ExtensionBurst, mapping.ExtensionEvery, at)
	return ok
}

// try counts one as wrong, before it is looked at, and reports whether it may be.
func (v *visits) try(door suspect, at time.Time) bool {
	return v.memory.try(door, at, func(left mapping.Credit) (mapping.Credit, bool) {
		return left.Spend(mapping.ExtensionBurst, mapping.ExtensionEvery, at)
	})
}

// forgive takes one back that was right.
func (v *visits) forgive(door suspect) {
	v.revise(door, func(left mapping.Credit) mapping.Credit { return left.Return(mapping.ExtensionEvery) })
}
