package sip

import (
	"cmp"
	"time"

	"go.uber.org/zap"

	"maskd/mapping"
	"maskd/media"
	"maskd/sip/edge"
	"maskd/sip/leg"
)

// branch is an outbound leg of a call: one number that is rung.
type branch struct {
	number   mapping.Number
	out      *edge.Outbound // nil: it can't be rung
	rival    media.Leg      // where its sound is negotiated, if it is one of several; zero: on leg B
	invited  bool           // a gateway has had an INVITE
	answered bool           // its answer came reliably before its 2xx
	closed   bool
}

// hunt notes whom the call is to ring. Of several nobody is heard before one has
// answered: what their networks play would tell the caller which ring.
func (c *call) hunt(route mapping.Route) {
	numbers, together := route.Numbers()
	c.numbers = numbers[:min(len(numbers), MaxLegs)]
	c.plan = Plan{Numbers: uint8(len(c.numbers)), Together: uint8(together)}
	c.branches = make([]branch, 0, len(c.numbers))
	c.early = c.b.earlyOn(route.Trunk)
	if c.several() {
		c.early = EarlyLocal
	}
	c.spareOthers()
}

// several reports whether more than one number may be rung.
func (c *call) several() bool { return len(c.numbers) > 1 }

// branch returns the outbound leg of the target. Leg A is one in a call that we
// begin.
func (c *call) branch(on Target) *branch {
	if on == LegA {
		return c.first
	}
	return &c.branches[on.number()]
}

// ringTime is for how long who is rung now is rung: a party as it is wanted, and
// leg A as long as a person takes.
func (c *call) ringTime() time.Duration {
	if len(c.branches) == 0 {
		return cmp.Or(c.b.ringTime, mapping.DefaultRingTime)
	}
	return cmp.Or(c.b.ringTime, c.route.Hunt.RingTime, mapping.DefaultRingTime)
}

// negotiation returns on which leg of the media the sound of a leg is negotiated.
func (c *call) negotiation(on Target) media.Leg {
	if on != LegA && len(c.branches) > 0 && c.branch(on).rival != 0 {
		return c.branch(on).rival
	}
	return legOfSound(on)
}

// pursue makes the next outbound leg. Nothing is sent yet.
func (c *call) pursue() error {
	number := c.numbers[len(c.branches)]
	on := LegB + Target(len(c.branches))
	c.branches = append(c.branches, branch{number: number})
	b := c.branch(on)
	if on == LegB { // else it is still the one that was rung before
		c.cdr.Target = number
	}
	err := c.enter(number)
	if err != nil {
		return err
	}
	invitation := edge.Invitation{Trunk: c.route.Trunk, Target: number, Show: c.route.Show}
	b.out, err = c.b.edge.Outbound(invitation, func(s edge.Signal) bool {
		return c.mail.put(letter{kind: fromWire, leg: on, signal: s})
	})
	return err
}

// outset returns the branch that was made last.
func (c *call) outset() *branch { return &c.branches[len(c.branches)-1] }

// rings notes a number that is rung.
func (c *call) rings(on Target, do leg.Verb) {
	if do != leg.SendInvite || c.branch(on).invited {
		return
	}
	c.branch(on).invited = true
	if on == LegA { // it is the caller, if rung
		return
	}
	c.cdr.Target = c.branch(on).number
	c.cdr.Tried++
	if c.route.Hunt.Fallback == c.cdr.Target {
		c.cdr.Diverted = mapping.DiversionNoAnswer
	}
}

// won notes who has answered.
func (c *call) won() { c.cdr.Target = c.branch(c.state.winner()).number }

// tidy gives back what branches had that are over, while the call goes on: ports,
// places on the trunk, and calls of their numbers.
func (c *call) tidy() {
	if !c.several() {
		return
	}
	for i := range c.branches {
		b := &c.branches[i]
		switch c.state.B[i].State {
		case leg.UACIdle: // unless it waits for its turn
			if h := c.state.Hunt; i < int(h.Dealt) || h.Won != 0 || c.state.End.Outcome != 0 {
				c.lose(b)
			}
		case leg.UACEnded:
			if int(c.state.Hunt.Won) != i+1 {
				c.lose(b)
			}
		}
	}
}

// lose forgets a branch that nobody has answered.
func (c *call) lose(b *branch) {
	if !b.closed {
		c.spare(b.number)
	}
	c.close(b)
}

// close forgets a branch. A 2xx that still comes is a stray, which the edge ends.
func (c *call) close(b *branch) {
	if b.closed {
		return
	}
	b.closed = true
	if b.rival != 0 {
		c.session.Dismiss(b.rival)
	}
	if b.out != nil {
		b.out.Close()
	}
}

// passOver goes on without a number that can't be rung.
func (c *call) passOver(err error) {
	c.log().Warn("number can't be rung", zap.Error(err))
	c.step(Event{Kind: Unrung, Plan: c.plan, Cause: causeOfSound(err)})
}
