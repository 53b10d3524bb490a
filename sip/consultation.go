package sip

import (
	"context"
	"sync"
	"time"

	"go.uber.org/zap"

	"maskd/mapping"
)

// Arbiter decides about calls by what the mapping does not know: the decision
// hook.
type Arbiter interface {
	// Rule answers a case. Without an answer in time, or with one that is none, it
	// returns an error, and the call is refused. It returns at once when the
	// context is done, and is called by many goroutines.
	Rule(ctx context.Context, c mapping.Case) (mapping.Ruling, error)
}

// consultation is a call's question to the arbiter. It is asked beside the call's
// goroutine, which deals with whatever else happens in the meantime.
type consultation struct {
	cancel context.CancelFunc // nil until it is asked
	asking sync.WaitGroup
}

// proceed rings whom the route is for, once the arbiter agrees if it is to be
// asked.
func (c *call) proceed() {
	if c.route.Case == nil {
		c.dial()
		return
	}
	c.cdr.Interaction, c.cdr.CallerSide = c.route.Interaction, c.route.Caller
	c.publish()
	c.consult(*c.route.Case)
}

// consult asks the arbiter. What it says comes as a letter.
func (c *call) consult(matter mapping.Case) {
	if c.b.arbiter == nil {
		c.deny(mapping.RefusalHook)
		return
	}
	matter.Call, matter.At = c.id, time.Now()
	var ctx context.Context
	ctx, c.consultation.cancel = context.WithCancel(context.Background())
	c.consultation.asking.Go(func() {
		c.mail.put(letter{kind: fromArbiter, ruling: c.asked(ctx, matter)})
	})
}

// asked returns what the arbiter says; nil for nothing.
func (c *call) asked(ctx context.Context, matter mapping.Case) *mapping.Ruling {
	defer func() {
		if recover() != nil { // its value may hold anything
			c.log().Error("decision hook caused a panic", zap.Stack("stack"))
		}
	}()
	ruling, err := c.b.arbiter.Rule(ctx, matter)
	switch {
	case err == nil:
		return &ruling
	case ctx.Err() == nil:
		c.log().Warn("decision hook gave no answer", zap.Error(err))
	}
	return nil
}

// unknown returns the case of a caller who is nobody's party; nil if the arbiter
// is not asked. A number that is not believed is not told: the arbiter would
// take it for his.
func (c *call) unknown() *mapping.Case {
	caller := c.identity.Caller
	if c.identity.Refusal != 0 {
		caller = mapping.Number{}
	}
	return c.b.directory.Unknown(c.identity.DID, caller)
}

// ruled hears what the arbiter has said; nil is nothing. A call that has come to
// its end in the meantime needs no answer any more.
func (c *call) ruled(ruling *mapping.Ruling) {
	if c.state.End.Outcome != 0 {
		return
	}
	route, refusal := c.heed(ruling, time.Now())
	if refusal != 0 {
		c.route.Announced = route.Announced
		c.deny(refusal)
		return
	}
	c.route = route
	c.dial()
}

// heed returns whom the call is for now that the arbiter has spoken. The
// interaction may have come to its end while it was asked, a party's hours too, or
// somebody may have been blocked.
func (c *call) heed(ruling *mapping.Ruling, now time.Time) (mapping.Route, mapping.Refusal) {
	route := c.route
	switch {
	case ruling == nil || !ruling.Answers(route.Case):
		return route, mapping.RefusalHook
	case route.Case.Matter == mapping.MatterUnknown:
		return c.vouched(*ruling, now)
	case !c.b.directory.Live(route.Interaction, now):
		return route, mapping.RefusalExpired
	}
	fresh, refusal := c.b.directory.Renew(&route, c.identity.DID, now)
	if refusal != 0 {
		route.Announced = fresh.Announced
		return route, refusal
	}
	return route.Heed(*ruling, fresh)
}

// vouched returns whom a caller is for who was nobody's party, and of whom the
// arbiter has said whose he is.
func (c *call) vouched(ruling mapping.Ruling, now time.Time) (mapping.Route, mapping.Refusal) {
	if ruling.Verdict != mapping.VerdictConnect {
		return c.route, mapping.RefusalHook
	}
	route, refusal := c.b.directory.Vouched(c.identity.DID, c.identity.Caller, ruling.Interaction, ruling.Side, now)
	if refusal != 0 {
		return route, refusal
	}
	return c.bind(ruling.Amend(route), now)
}

// deny ends the call. Who is there already, because he was asked for a PIN or rung
// by us, hears no announcement: he is hung up.
func (c *call) deny(refusal mapping.Refusal) {
	if !c.state.ahead() {
		c.refuse(refusal)
		return
	}
	c.cdr.Refusal = refusal
	c.step(Event{Kind: Stop, Cause: causeOfRefusal(refusal)})
}

// end waits until nobody is asked any more.
func (c *consultation) end() {
	if c.cancel != nil {
		c.cancel()
	}
	c.asking.Wait()
}
