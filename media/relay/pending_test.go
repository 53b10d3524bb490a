package relay

import "testing"

// An event that was taken is nowhere in memory any more: all calls of a worker share the place.
func TestATakenEventLeavesNothing(t *testing.T) {
	x := newExchange()
	for range 3 * maxPending {
		x.desk.pending.add(Event{Kind: DigitHeard, Digit: 4})
		if _, ok := x.nextEvent(); !ok || x.desk.pending.events != [maxPending]Event{} {
			t.Fatalf("%t, and %+v is left", ok, x.desk.pending.events)
		}
	}
}
