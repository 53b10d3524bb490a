//go:build linux

package main

import (
	"slices"
	"time"
)

// tally is what a crowd saw.
type tally struct {
	offered   int    // calls begun
	completed int    // answered, talked and hung up, all acknowledged
	shed      int    // refused with 503
	failed    int    // all others: what no call may be below the capacity
	skipped   int    // calls not begun because every pair was talking
	repeated  int    // messages that a phone had to send again
	crossed   int    // calls that reached a callee who was not called
	leaks     int    // messages with something of the other side in them
	leaked    string // the first of these
	codes     map[int]int

	toCallee, toCaller, whole times // INVITE in to INVITE out; 200 in to 200 out; their sum
}

// times are durations to be sorted.
type times []time.Duration

// at is the duration that so many of a thousand are below.
func (t times) at(permille int) time.Duration {
	if len(t) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(t))
	return sorted[min(len(sorted)-1, len(sorted)*permille/1000)]
}
