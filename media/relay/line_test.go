package relay

import (
	"testing"
	"time"
)

// A circuit serves one call after another. Nothing that a call has left in it is there for the next one.
func TestACircuitIsBlankForTheNextCall(t *testing.T) {
	onEachMover(t, func(t *testing.T, open maker) {
		c := converse(t, open, "127.24.0.20", PCMA)
		for i := range uint16(20) {
			c.talk(i)
			c.Tap(c.id, NewTap())
			c.Press(c.id, 0, Star, time.Second)
			c.Release(c.id)
			if used := c.circuits.Get().(*circuit); *used != (circuit{}) {
				t.Fatalf("it is left with %+v", used)
			}
			c.reserve()
			if n := c.Stats(c.id); n != ([2]Counters{}) {
				t.Fatalf("the next call begins with %+v", n)
			}
			c.install(PCMA)
		}
	})
}

// Whoever still has the line of a call that is over has nothing to do with the call that its circuit serves next.
func TestALineOfACallThatIsOverMovesNoOther(t *testing.T) {
	onEachMover(t, func(t *testing.T, open maker) {
		c := converse(t, open, "127.24.0.21", PCMA)
		before, _ := c.line(c.id)
		c.Release(c.id)
		c.reserve()
		c.install(PCMA)
		reached := false
		before.do(func(*circuit, time.Time) { reached = true })
		before.post(func(*circuit, time.Time) { reached = true })
		c.Stats(c.id) // once it is told, the post was obeyed
		if _, over := before.final(); reached || !over {
			t.Errorf("reached %t, over %t", reached, over)
		}
		c.talk(1)
	})
}

// What passed is told after the cut as before it, and nothing once the circuit is released.
func TestWhatPassedIsToldUntilTheRelease(t *testing.T) {
	onEachMover(t, func(t *testing.T, open maker) {
		c := converse(t, open, "127.24.0.22", PCMA)
		c.talk(1)
		before := c.Stats(c.id)
		c.Remove(c.id)
		if got := c.Stats(c.id); got != before || got[0].In.Packets != 1 {
			t.Errorf("%+v after the cut, %+v before", got, before)
		}
		if got := c.Release(c.id); got != before {
			t.Errorf("%+v released, %+v before", got, before)
		}
		if got := c.Stats(c.id); got != ([2]Counters{}) {
			t.Errorf("%+v after the release", got)
		}
	})
}
