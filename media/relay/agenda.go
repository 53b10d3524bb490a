package relay

import (
	"container/heap"
	"time"
)

// agenda orders circuits by when they act of their own accord, the next first.
type agenda struct {
	circuits []*circuit
}

// due is when the next circuit acts; zero: none will.
func (a *agenda) due() time.Time {
	if len(a.circuits) == 0 {
		return time.Time{}
	}
	return a.circuits[0].standing.due
}

// isDue tells whether a circuit is to act by now.
func (a *agenda) isDue(now time.Time) bool {
	return len(a.circuits) > 0 && !now.Before(a.circuits[0].standing.due)
}

// tick lets the circuits act that are due.
func (a *agenda) tick(out []byte, now time.Time) {
	for a.isDue(now) {
		c := a.circuits[0]
		c.tick(out, now)
		a.move(c)
	}
}

// move puts a circuit where its time now belongs.
func (a *agenda) move(c *circuit) {
	due := c.due()
	switch {
	case due.Equal(c.standing.due):
	case due.IsZero():
		a.remove(c)
	case c.standing.due.IsZero():
		c.standing.due = due
		heap.Push(a, c)
	default:
		c.standing.due = due
		heap.Fix(a, c.standing.at)
	}
}

// remove strikes a circuit out.
func (a *agenda) remove(c *circuit) {
	if !c.standing.due.IsZero() {
		heap.Remove(a, c.standing.at)
		c.standing.due = time.Time{}
	}
}

// standing is a circuit's place on an agenda.
type standing struct {
	due time.Time // zero: not on it
	at  int
}

// Len, Less, Swap, Push and Pop are for container/heap.

func (a *agenda) Len() int { return len(a.circuits) }

func (a *agenda) Less(i, j int) bool {
	return a.circuits[i].standing.due.Before(a.circuits[j].standing.due)
}

func (a *agenda) Swap(i, j int) {
	a.circuits[i], a.circuits[j] = a.circuits[j], a.circuits[i]
	a.circuits[i].standing.at, a.circuits[j].standing.at = i, j
}

// Push takes a *circuit.
func (a *agenda) Push(x any) {
	c := x.(*circuit)
	c.standing.at = len(a.circuits)
	a.circuits = append(a.circuits, c)
}

// Pop gives a *circuit.
func (a *agenda) Pop() any {
	last := len(a.circuits) - 1
	c := a.circuits[last]
	a.circuits[last] = nil
	a.circuits = a.circuits[:last]
	return c
}
