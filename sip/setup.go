package sip

import (
	"cmp"
	"math"
	"time"

	"go.uber.org/zap"

	"maskd/mapping"
	"maskd/media"
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
		c.log().Info("offer can't be used", zap.Error(err))
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
	c.proceed()
}

// giveUp ends a call that can't be given what it needs.
func (c *call) giveUp(err error) {
	c.log().Warn("call can't be set up", zap.Error(err))
	c.step(Event{Kind: Stop, Cause: causeOfSound(err)})
}

// dial rings whom the route names.
func (c *call) dial() {
	c.hunt(c.route)
	c.ringNext()
}

// ringNext rings the next number, when it is this call's turn.
func (c *call) ringNext() {
	if err := c.prepare(); err != nil {
		c.passOver(err)
		return
	}
	if wait := c.outset().out.Wait(); wait > 0 {
		c.timers.start(LegA, turnTimer, wait)
		return
	}
	c.routed()
}

// turn rings whom the call has waited to ring.
func (c *call) turn() {
	if len(c.branches) == 0 {
		c.originate()
		return
	}
	c.routed()
}

// routed rings: it is this call's turn.
func (c *call) routed() {
	gateways := min(c.outset().out.Gateways(), math.MaxUint8)
	c.step(Event{Kind: Routed, Plan: c.plan, Gateways: uint8(gateways)})
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
	case refusal.OfStranger():
		return c.receive(refusal, now)
	}
	if refusal != 0 {
		return route, refusal
	}
	return c.bind(route, now)
}

// bind makes the call known as one of its interaction.
func (c *call) bind(route mapping.Route, now time.Time) (mapping.Route, mapping.Refusal) {
	for {
		full, stale := c.b.live.bind(c, &route, c.b.maxAlike)
		if full != 0 {
			return route, full
		}
		if !stale {
			break
		}
		was := route // and not the route itself, which would have to outlive this for whoever is asked
		fresh, refusal := c.b.directory.Renew(&was, c.identity.DID, now)
		if refusal != 0 {
			return route, refusal
		}
		route.Quotas, route.Counted = fresh.Quotas, fresh.Counted
	}
	if !c.b.directory.Live(route.Interaction, now) {
		return route, mapping.RefusalCompleted
	}
	return route, 0
}

// prepare makes what the next leg B and the bridge need. Nothing is sent yet.
func (c *call) prepare() error {
	c.cdr.Tenant, c.cdr.Interaction, c.cdr.CallerSide = c.route.Tenant, c.route.Interaction, c.route.Caller
	c.cdr.Shown, c.cdr.TrunkOut, c.cdr.Diverted = c.route.Show, c.route.Trunk, c.route.Diverted
	err := c.pursue()
	c.publish()
	if err != nil || c.session != nil {
		return err
	}
	return c.open(media.Options{
		A: c.soundOn(c.identity.Trunk), B: c.soundOn(c.route.Trunk), Events: c.noticed,
		FamilyA: c.family, FamilyB: media.FamilyOf(c.outset().out.Destination()),
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
