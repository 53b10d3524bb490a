package sip

import (
	"errors"
	"fmt"
	"math"
	"time"

	"go.uber.org/zap"

	"maskd/mapping"
	"maskd/media"
	"maskd/sip/edge"
	"maskd/sip/leg"
)

// Click-to-call: a call that we begin, because the API asks for it. Both parties
// are rung, so neither pays. What the machine makes of it is in origination.go.

// Why a call that is asked for is not begun.
var (
	// ErrDraining: no more calls are taken.
	ErrDraining = errors.New("no more calls are taken")
	// ErrFull: there are as many calls as may be, or the trunk has no line left.
	ErrFull = errors.New("no more calls are possible now")
	// ErrTrunk: the trunk of the party's DID is gone.
	ErrTrunk = errors.New("trunk is not configured")
)

// RefusedError is a call that may not be.
type RefusedError struct{ Refusal mapping.Refusal }

// Error says why.
func (e *RefusedError) Error() string { return "call refused: " + e.Refusal.String() }

// confirmation is what A presses so that B is rung.
const confirmation = "1"

// Origination is a call that is asked for.
type Origination struct {
	Interaction mapping.ID
	From        mapping.Side // who is rung first
	Confirm     bool         // who presses 1 before the other is rung: a voicemail does not
}

// Originate begins a call: it rings one party of an interaction and, when that
// has answered, the other. It returns when the first is about to be rung.
// Errors: [*RefusedError], ErrDraining, ErrFull, ErrTrunk.
func (b *B2BUA) Originate(o Origination) (mapping.ID, error) {
	now := time.Now()
	route, refusal := b.directory.Origin(o.Interaction, o.From, now)
	if refusal != 0 {
		return mapping.ID{}, &RefusedError{refusal}
	}
	whole, refusal := b.directory.Resolve(route.Show, route.Target, now)
	if refusal != 0 {
		return mapping.ID{}, &RefusedError{refusal}
	}
	c, err := newOrigination(b, route, o.Confirm)
	if err != nil {
		return mapping.ID{}, err
	}
	if !b.live.add(c, b.maxCalls) {
		c.close(c.first)
		return mapping.ID{}, b.noRoom()
	}
	if c.route, refusal = c.bind(whole, now); refusal != 0 {
		c.finish()
		return mapping.ID{}, &RefusedError{refusal}
	}
	go c.Run()
	return c.id, nil
}

// noRoom is why no call is taken.
func (b *B2BUA) noRoom() error {
	if b.Draining() {
		return ErrDraining
	}
	return ErrFull
}

// newOrigination is a call that begins with the party that the route leads to:
// who is shown the DID that it would have called.
func newOrigination(b *B2BUA, route mapping.Route, confirm bool) (*call, error) {
	c := blankCall(b, b.newID(), edge.Identity{Trunk: route.Trunk, DID: route.Show, Caller: route.Target})
	first, err := b.edge.Outbound(edge.Invitation{Trunk: route.Trunk, Target: route.Target, Show: route.Show}, c.Put)
	if err != nil {
		return nil, noLine(err)
	}
	c.first, c.state = &branch{number: route.Target, out: first}, Originated(confirm)
	c.cdr.Tenant, c.cdr.Interaction, c.cdr.CallerSide, c.cdr.Originated = route.Tenant, route.Interaction, route.Caller, true
	c.publish()
	return c, nil
}

// noLine is why a trunk has no line for a call.
func noLine(err error) error {
	switch {
	case errors.Is(err, edge.ErrLimit):
		return fmt.Errorf("%w: %w", ErrFull, err)
	default:
		return fmt.Errorf("%w: %w", ErrTrunk, err)
	}
}

// callA rings leg A, when it is this call's turn. What B is heard by is not known
// yet: it is seen to when B is invited.
func (c *call) callA() {
	err := c.open(media.Options{
		A: audible(c.b.soundOn(c.identity.Trunk)), Events: c.noticed,
		B: c.soundOn(c.route.Trunk), FamilyA: media.FamilyOf(c.first.out.Destination()),
	})
	if err != nil {
		c.giveUp(err)
		return
	}
	if wait := c.first.out.Wait(); wait > 0 {
		c.timers.start(LegA, turnTimer, wait)
		return
	}
	c.originate()
}

// originate rings leg A: it is this call's turn.
func (c *call) originate() {
	c.step(Event{Kind: Originate, Gateways: uint8(min(c.first.out.Gateways(), math.MaxUint8))})
}

// seek rings whom leg A would reach now if it called its DID: much may have come
// to its end while it was rung. What the call counts to it has been counted to.
func (c *call) seek() {
	if c.state.End.Outcome != 0 {
		return
	}
	now := time.Now()
	route, refusal := c.b.directory.Resolve(c.identity.DID, c.identity.Caller, now)
	if refusal == 0 && (route.Interaction != c.cdr.Interaction || !c.b.directory.Live(route.Interaction, now)) {
		refusal = mapping.RefusalCompleted
	}
	if refusal != 0 {
		c.log().Info("nobody to be rung", zap.Stringer("refusal", refusal))
		c.cdr.Refusal = refusal
		c.step(Event{Kind: Stop, Cause: leg.CauseRefused})
		return
	}
	route.Quotas, route.Counted = c.route.Quotas, c.route.Counted
	c.route = route
	c.proceed()
}

// settleA tells that all that could be done at once for a caller has been done.
func (c *call) settleA() {
	if c.in != nil {
		c.in.Settle()
	}
}

// closeA gives back leg A.
func (c *call) closeA() {
	if c.in != nil {
		c.in.Close()
	} else {
		c.close(c.first)
	}
}
