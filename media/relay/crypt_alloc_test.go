//go:build !race

package relay

import (
	"testing"
	"time"
)

// The race detector's own bookkeeping makes the library's counters escape to the heap, so this
// is not for a run with it.
func TestPassWithCryptoAllocatesNothing(t *testing.T) {
	for suite := Suite(1); suite < suites; suite++ {
		x, peers := encrypted(t, suite, suite)
		out := make([]byte, maxDatagram+cryptOverhead)
		var sealed [][]byte
		for i := range uint16(1200) {
			sealed = append(sealed, peers[0].mustSeal(t, packet(t, 8, i, uint32(i)*160, 7, string(make([]byte, 160)))))
		}
		i := 0
		allocs := testing.AllocsPerRun(1000, func() {
			in := sealed[i]
			n, drop := x.pass(0, peerA, in, out, start.Add(time.Duration(i)*20*time.Millisecond))
			x.account(0, len(in), n, drop)
			if i++; drop != 0 {
				t.Fatal(drop)
			}
		})
		if allocs != 0 {
			t.Errorf("%s: %v allocations for a packet", suite, allocs)
		}
	}
}
