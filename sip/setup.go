package sip

import (
	"cmp"
	"math"
	"time"

	"go.uber.org/zap"

	"maskd/mapping"
	"maskd/media"
	"maskd/sip/edge"
	"maskd/sip/leg"
)

// How a call is set up: from an INVITE that passed admission to leg B.

// begin finds out whom to ring, and rings.
func (c *call) begin() {
	if c.first != nil {
		c.callA()
		return
	}
	if err := c.readOffer(); err != nil {
		c.log.Info("offer can't be used", zap.Error(err))
		c.step(Event{Kind: Stop, Cause: leg.CauseMedia})
		return
	}
	route, refusal := c.resolve()
	c.route = route
	if refusal != 0 {
		c.cdr.Interaction, c.cdr.CallerSide = route.Interaction, route.Caller
		c.refuse(refusal)
		return
	}
	if c.asks {
		c.ask()
		return
	}
	c.proceed(route)
}

// giveUp ends a call that can't be given what it needs.
func (c *call) giveUp(err error) {
	c.log.Warn("call can't be set up", zap.Error(err))
	c.step(Event{Kind: Stop, Cause: causeOfSound(err)})
}

// dial rings, when it is this call's turn.
func (c *call) dial(route mapping.Route) {
	if err := c.prepare(route); err != nil {
		c.giveUp(err)
		return
	}
	if wait := c.out.Wait(); wait > 0 {
		c.timers.start(LegA, turnTimer, wait)
		return
	}
	c.routed()
}

// turn rings whom the call has waited to ring.
func (c *call) turn() {
	if c.out == nil {
		c.originate()
		return
	}
	c.routed()
}

// routed rings: it is this call's turn.
func (c *call) routed() {
	c.step(Event{Kind: Routed, Gateways: uint8(min(c.out.Gateways(), math.MaxUint8))})
}

// readOffer reads the caller's offer, if there is one, before it is asked who is
// called.
func (c *call) readOffer() (err error) {
	if c.state.A.Asks.Late {
		return nil
	}
	c.offer, err = c.b.media.Read(c.in.Offer(), c.b.soundOn(c.cdr.TrunkIn))
	c.family = cmp.Or(c.offer.Family(), c.family)
	return err
}

// resolve asks whom the call is for. The call is first made known as one of
// its interaction, and the interaction then looked at once more: a complete
// that comes in between either finds the call or is seen here.
func (c *call) resolve() (mapping.Route, mapping.Refusal) {
	if c.identity.Refusal != 0 && !c.identity.PIN {
		return mapping.Route{}, c.identity.Refusal
	}
	now := time.Now()
	route, refusal := c.b.directory.Resolve(c.identity.DID, c.identity.Caller, now)
	switch {
	case refusal == 0 && c.identity.PIN:
		refusal = c.barred(route, now)
		c.asks = refusal == 0
	case refusal == mapping.RefusalUnknown || refusal == mapping.RefusalNoCaller:
		return c.stranger(refusal, now)
	}
	if refusal != 0 {
		return route, refusal
	}
	return c.bind(route, now)
}

// bind makes the call known as one of its interaction.
func (c *call) bind(route mapping.Route, now time.Time) (mapping.Route, mapping.Refusal) {
	if full := c.b.live.bind(c, &route, c.b.maxAlike); full != 0 {
		return route, full
	}
	if !c.b.directory.Live(route.Interaction, now) {
		return route, mapping.RefusalCompleted
	}
	return route, 0
}

// prepare makes what leg B and the bridge need. Nothing is sent yet.
func (c *call) prepare(route mapping.Route) (err error) {
	c.cdr.Tenant, c.cdr.Interaction, c.cdr.CallerSide = route.Tenant, route.Interaction, route.Caller
	c.cdr.Target, c.cdr.Shown, c.cdr.TrunkOut = route.Target, route.Show, route.Trunk
	c.publish()
	c.early = c.b.earlyOn(route.Trunk)
	invitation := edge.Invitation{Trunk: route.Trunk, Target: route.Target, Show: route.Show}
	if c.out, err = c.b.edge.Outbound(invitation, c.putB); err != nil || c.session != nil {
		return err
	}
	return c.open(media.Options{
		A: c.soundOn(c.identity.Trunk), B: c.soundOn(route.Trunk), Events: c.noticed,
		FamilyA: c.family, FamilyB: media.FamilyOf(c.out.Destination()),
	})
}

// open makes the sound of both legs, each by the version of IP of its peer.
func (c *call) open(options media.Options) error {
	session, err := c.b.media.Open(options)
	if err != nil {
		return err
	}
	c.session = session
	c.sound.Store(session)
	if c.state.A.Asks.Late || c.first != nil {
		return nil
	}
	err = session.Take(media.A, c.offer)
	c.offer = media.Offer{}
	return err
}
