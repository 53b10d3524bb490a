package edge

import "sync/atomic"

// Statuses of final responses.
const (
	firstFinal = 200
	lastFinal  = 699
)

// tally counts final responses by status.
type tally [lastFinal - firstFinal + 1]atomic.Uint64

// count counts one; any status but a final one is no matter.
func (t *tally) count(status int) {
	if status >= firstFinal && status <= lastFinal {
		t[status-firstFinal].Add(1)
	}
}

// counts returns those that are not zero, by status.
func (t *tally) counts() map[int]uint64 {
	counts := make(map[int]uint64)
	for i := range t {
		if n := t[i].Load(); n > 0 {
			counts[firstFinal+i] = n
		}
	}
	return counts
}
