package relay

import (
	"math/bits"
	"time"
)

const (
	// slotWidth is how exactly circuits act in their time: twice as exactly as a worker can wait, and a power of two.
	slotWidth = 1 << 19 * time.Nanosecond
	// slots reach a little further than a circuit ever puts off what it does: it watches each second.
	slots = 2048
)

// agenda has circuits act when they are due, in slots that are the places of a ring in turn. To enter a circuit and
// to strike it out takes as long however many there are, and most are struck out before they are due. One that is due
// beyond the ring is looked at again at its end.
type agenda struct {
	origin time.Time // when slot 0 was due; zero: nothing was ever on it
	next   int64     // the first slot that has not been due: those on the agenda are it and those that follow it
	count  int
	places [slots]*circuit // the first of each slot's circuits
	filled [slots / 64]uint64
}

// standing is a circuit's place on an agenda.
type standing struct {
	due           time.Time // zero: not on it
	slot          int64
	before, after *circuit // in the same slot
}

// due is when the next circuit acts; zero: none will.
func (a *agenda) due() time.Time {
	if a.count == 0 {
		return time.Time{}
	}
	return a.origin.Add(time.Duration(a.first()) * slotWidth)
}

// first is the first slot in which there is a circuit. There is one.
func (a *agenda) first() int64 {
	for slot := a.next; ; slot += 64 - slot%64 {
		if rest := a.filled[slot%slots/64] >> (slot % 64); rest != 0 {
			return slot + int64(bits.TrailingZeros64(rest))
		}
	}
}

// isDue tells whether a circuit is to act by now.
func (a *agenda) isDue(now time.Time) bool { return a.count > 0 && a.first() <= a.passed(now) }

// passed is the last slot that has been due by a time.
func (a *agenda) passed(at time.Time) int64 { return int64(at.Sub(a.origin) / slotWidth) }

// tick lets the circuits act that are due.
func (a *agenda) tick(out []byte, now time.Time) {
	from, to := a.next, a.passed(now)
	if a.count == 0 || to < from {
		return
	}
	a.next = to + 1
	for slot := from; slot <= min(to, from+slots-1); slot++ {
		for c := a.places[slot%slots]; c != nil; {
			after := c.standing.after // before it is put into a later slot, which may have the same place
			a.tickOne(c, out, now)
			c = after
		}
	}
}

func (a *agenda) tickOne(c *circuit, out []byte, now time.Time) {
	due := c.standing.due
	a.remove(c)
	if !now.Before(due) {
		c.tick(out, now)
	}
	a.move(c)
}

// move puts a circuit where its time now belongs.
func (a *agenda) move(c *circuit) {
	due := c.due()
	if due.Equal(c.standing.due) {
		return
	}
	a.remove(c)
	if !due.IsZero() {
		a.enter(c, due)
	}
}

// enter puts a circuit into the first slot that is not due before it, as far as the ring reaches.
func (a *agenda) enter(c *circuit, due time.Time) {
	if a.origin.IsZero() {
		a.origin = due.Add(-time.Hour) // before anything else that is ever due
	}
	slot := min(max(a.passed(due.Add(slotWidth-1)), a.next), a.next+slots-1)
	head := &a.places[slot%slots]
	c.standing = standing{due: due, slot: slot, after: *head}
	if *head != nil {
		(*head).standing.before = c
	}
	*head = c
	a.filled[slot%slots/64] |= 1 << (slot % 64)
	a.count++
}

// remove strikes a circuit out.
func (a *agenda) remove(c *circuit) {
	at := c.standing
	if at.due.IsZero() {
		return
	}
	head := &a.places[at.slot%slots]
	if at.after != nil {
		at.after.standing.before = at.before
	}
	if at.before != nil {
		at.before.standing.after = at.after
	} else if *head = at.after; *head == nil {
		a.filled[at.slot%slots/64] &^= 1 << (at.slot % 64)
	}
	c.standing = standing{}
	a.count--
}
