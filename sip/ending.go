package sip

import (
	"time"

	"go.uber.org/zap"

	"maskd/mapping"
	"maskd/sip/leg"
)

// How a call ends that can't end by itself, and what is left of each.

// abandon ends the call without waiting for the network: its peers are told
// what they can be told, and will find out the rest.
func (c *call) abandon(cause leg.Cause) {
	c.step(Event{Kind: Stop, Cause: cause})
	if c.state.A.State == leg.UASClosing { // no ACK is waited for any more
		c.step(Event{Kind: OnA, In: leg.Input{Kind: leg.AckFired}})
	}
	c.state.Closed = true
	if c.state.End.Status == 200 && !c.in.Answered() { // it broke before our 2xx left
		c.state.End = End{Outcome: outcomeOf(cause), By: stoppedBy(cause), Status: 500}
	}
	if !c.closed {
		c.perform(WriteRecord)
	}
}

// contain keeps a panic to this one call, and ends it. The value of a panic
// may quote anything, so it is not logged.
func (c *call) contain() {
	if recover() == nil {
		return
	}
	c.log().Error("call ended: it caused a panic", zap.Stack("stack"))
	c.reading.signal.Discard() // nobody else would answer it
	defer func() {
		if recover() != nil {
			c.log().Error("call ended without ceremony", zap.Stack("stack"))
			c.lastWord()
		}
	}()
	c.abandon(leg.CauseFailed)
}

// lastWord writes the final record of a call that could not even be abandoned, if
// that can still be done: one that is live for ever would be believed.
func (c *call) lastWord() {
	if c.closed {
		return
	}
	defer func() {
		if recover() != nil {
			c.log().Error("call has no final record", zap.Stack("stack"))
		}
	}()
	c.state.End = End{Outcome: mapping.OutcomeFailed, By: mapping.EndedByFailure, Status: c.state.End.Status}
	if !c.cdr.AnsweredAt.IsZero() {
		c.state.End.Outcome = mapping.OutcomeAnswered
	}
	if c.cdr.EndedAt.IsZero() {
		c.cdr.EndedAt = time.Now().UTC()
	}
	c.write()
}

// finish gives back all that the call had.
func (c *call) finish() {
	c.timers.stopAll()
	c.wipeKeys()
	c.unrecord()
	c.consultation.end()
	c.wanting.end()
	for i := range c.branches {
		c.close(&c.branches[i])
	}
	if c.session != nil {
		c.sounded(c.session.Close())
	}
	c.closeA()
	c.b.live.drop(c)
	if c.staged {
		c.b.stage.leave()
	}
	c.tellWaiting()
	for _, l := range c.mail.close() {
		switch l.kind {
		case toStop:
			l.read()
		case fromWire:
			l.signal.Discard()
		}
	}
}
