package sip

import "time"

// How long a call lasts, where that is limited.

// startCallTimer begins to count from the answer.
func (c *call) startCallTimer() {
	limits := &c.route.Limits
	if limits.CallTime == 0 {
		return
	}
	c.timers.start(LegA, limitTimer, limits.CallTime)
	c.awaitWarning(0)
}

// awaitWarning waits for the next warning after a call has lasted so long.
func (c *call) awaitWarning(lasted time.Duration) {
	due, more := c.route.Limits.NextWarning(lasted)
	if more {
		c.warned = due
		c.timers.start(LegB, warnTimer, due-lasted)
	}
}

func (c *call) stopCallTimer() {
	c.timers.stop(LegA, limitTimer)
	c.timers.stop(LegB, warnTimer)
}

// playWarning lets those hear it who are to. What their peers say meanwhile is
// lost to them; the other direction is not touched. Who still hears that he is
// recorded hears that to its end.
func (c *call) playWarning() {
	for _, on := range [...]Target{LegA, LegB} {
		if c.route.Limits.Warned.Has(c.sideOf(on)) && !c.tape.telling[on-LegA] {
			c.playTo(legOfSound(on), c.b.warning, false)
		}
	}
}
