package sip

import (
	"go.uber.org/zap"

	"maskd/media"
	"maskd/sip/edge"
	"maskd/sip/leg"
)

// What a message's SDP means to its leg, and what SDP a leg's message has. The
// leg only knows that there is one; only the media of the same leg reads it.

// EarlyMedia is what a caller hears before the callee answers.
type EarlyMedia uint8

// The policies. What a network plays before the answer may be a voice that
// speaks the callee's number or name, which no filter sees.
const (
	EarlyLocal    EarlyMedia = iota + 1 // ringback of the caller's own phone, also where the network would play one
	EarlyRelay                          // what the callee's network plays
	EarlySuppress                       // nothing but what the responses say: a 183 is no ringing
)

// weigh adds to an input what its SDP means to the leg.
func (c *call) weigh(on Target, in leg.Input, sdp []byte) leg.Input {
	switch in.Kind {
	case leg.GotRinging, leg.GotProgress:
		return c.preview(on, in, sdp)
	case leg.GotOK:
		if !c.pickedUp(on) {
			in.Kind = c.accept(on, sdp)
		}
	case leg.GotRetry:
		if in.Cause == leg.CauseUnwilling && !c.session.Simplify(c.negotiation(on)) { // there is no other offer to make
			in.Kind = leg.GotFinal
		}
	case leg.GotReinvite, leg.GotUpdate:
		in.Body, in.Flow = c.consider(on, sdp)
	case leg.GotAck, leg.GotPrack, leg.GotChangeAck, leg.GotChanged:
		switch {
		case c.awaits(on, in.Kind):
			in.Body, in.Flow = c.settle(on, sdp)
		case in.Kind == leg.GotPrack:
			in.Body, in.Flow = c.consider(on, sdp)
		}
	}
	return in
}

// awaits reports whether a message of that kind brings the answer to an offer
// of ours.
func (c *call) awaits(on Target, kind leg.InputKind) bool {
	session := c.state.A.Session
	switch {
	case on != LegA:
		session = c.state.B[on.number()].Session
	case c.state.Originated:
		session = c.state.First.Session
	}
	switch kind {
	case leg.GotAck:
		return c.state.A.State == leg.UASAnswered && c.state.A.Asks.Late && !c.state.A.Early.Settled
	case leg.GotPrack:
		return c.state.A.Early.Offering && !c.state.A.Early.Settled
	case leg.GotChangeAck:
		return session.State == leg.SessionOffered
	default:
		return session.State == leg.SessionOffering
	}
}

// pickedUp reports whether a leg that we invite has answered, or is not wanted any
// more.
func (c *call) pickedUp(on Target) bool {
	if on != LegA {
		return !c.state.B[on.number()].Inviting()
	}
	return c.state.Bridge >= BridgeOpen || c.state.Answered
}

// earlyOn is the policy for what is heard of a leg before it answers: of leg A
// nothing is, there is nobody yet to hear it.
func (c *call) earlyOn(on Target) EarlyMedia {
	if on == LegA {
		return EarlySuppress
	}
	return c.early
}

// preview takes the sound that a provisional response promises. A reliable one
// brings the answer; any other is only listened to where the policy wants it.
func (c *call) preview(on Target, in leg.Input, sdp []byte) leg.Input {
	if len(sdp) == 0 || c.pickedUp(on) {
		return in
	}
	policy := c.earlyOn(on)
	if policy == EarlyLocal { // whatever its network would play instead
		in.Kind = leg.GotRinging
	}
	if policy != EarlyRelay && !in.Reliable {
		return in
	}
	if err := c.session.Accept(c.negotiation(on), sdp); err != nil {
		c.log().Info("early answer can't be used", zap.Error(err))
		return in
	}
	in.Body = leg.BodyAnswer
	c.branch(on).answered = c.branch(on).answered || in.Reliable
	in.Early = policy == EarlyRelay && c.answerA() == nil
	return in
}

// accept gives a peer's answer to the media, which then has one for A if that is
// B's, and says whether it can be used. It may have come before, in a reliable
// response.
func (c *call) accept(on Target, answer []byte) leg.InputKind {
	var err error
	agreed, b := false, c.branch(on)
	if len(answer) == 0 {
		answer, agreed = b.out.Agreed()
	}
	if len(answer) > 0 || !agreed || !b.answered {
		err = c.session.Accept(c.negotiation(on), answer)
	}
	if err == nil && b.rival != 0 {
		err = c.session.Choose(b.rival)
	}
	if err == nil {
		err = c.answerA()
	}
	if err != nil {
		c.log().Info("answer can't be used", zap.Error(err))
		return leg.GotBadOK
	}
	return leg.GotOK
}

// answerA sees whether the media has an answer for A, if A made an offer that
// has had none.
func (c *call) answerA() error {
	if c.state.A.Asks.Late || c.state.ahead() {
		return nil
	}
	_, err := c.session.Answer(media.A)
	return err
}

// consider looks at a peer's offer and keeps it until it is answered.
func (c *call) consider(on Target, offer []byte) (leg.Body, leg.Flow) {
	c.keepOffer(on, offer)
	if len(offer) == 0 {
		return leg.BodyNone, leg.FlowSame
	}
	if c.session == nil { // it came before we know whom to ring
		return leg.BodyBad, leg.FlowSame
	}
	side := c.negotiation(on)
	wants, err := c.session.Consider(side, offer)
	if err != nil {
		c.log().Info("new offer can't be used", zap.Error(err))
		return leg.BodyBad, leg.FlowSame
	}
	return leg.BodyOffer, flow(c.session.Wants(side), wants)
}

// keepOffer keeps a peer's offer in the place of the one before, or that there is none.
func (c *call) keepOffer(on Target, offer []byte) {
	if c.offers == nil {
		c.offers = make(map[Target][]byte)
	}
	c.offers[on] = offer
}

// settle gives a peer's answer to the media.
func (c *call) settle(on Target, answer []byte) (leg.Body, leg.Flow) {
	if len(answer) == 0 {
		return leg.BodyNone, leg.FlowSame
	}
	side := c.negotiation(on)
	before := c.session.Wants(side)
	if err := c.session.Accept(side, answer); err != nil {
		c.log().Info("new answer can't be used", zap.Error(err))
		return leg.BodyBad, leg.FlowSame
	}
	return leg.BodyAnswer, flow(before, c.session.Wants(side))
}

// flow is what a change of what a peer wants means to the other.
func flow(before, after media.Direction) leg.Flow {
	switch {
	case before == after:
		return leg.FlowSame
	case after.OnHold():
		return leg.FlowHold
	default:
		return leg.FlowResume
	}
}

// sdp is what an action puts on the wire; empty where it has no body, or the
// media has none.
func (c *call) sdp(on Target, act leg.Action) ([]byte, error) {
	side := c.negotiation(on)
	switch {
	case act.Do == leg.SendInvite:
		return c.invitation(on)
	case act.Do == leg.SendRefresh && !c.wire(on).RefreshOffers():
		return nil, nil
	case act.Body == leg.BodyOffer:
		return c.session.Offer(side), nil
	case act.Body != leg.BodyAnswer:
		return nil, nil
	case act.Do == leg.AcceptChange, act.Do == leg.AcceptPrack:
		if err := c.session.Receive(side, c.offers[on]); err != nil {
			return nil, err
		}
	}
	return c.session.Answer(side)
}

// invitation is the offer of an INVITE. One of several numbers is offered a
// session of its own, and so is another gateway than the first, by the version of
// IP that it is called by.
func (c *call) invitation(on Target) (offer []byte, err error) {
	b := c.branch(on)
	family := media.FamilyOf(b.out.Destination())
	switch {
	case on != LegA && c.several():
		if b.rival != 0 {
			c.session.Dismiss(b.rival)
		}
		b.rival, err = c.session.Rival(family)
	case b.invited || on != LegA && c.state.ahead(): // in which case it was open before its peer was known
		err = c.session.Restart(legOfSound(on), family)
	}
	if err != nil {
		return nil, err
	}
	return c.session.Offer(c.negotiation(on)), nil
}

// wire is a leg on the wire: [edge.Inbound] or [edge.Outbound].
type wire interface {
	Do(act leg.Action, sdp []byte) error
	Heard(s edge.Signal) (leg.Input, bool)
	// RefreshOffers reports whether a refresh would have our SDP.
	RefreshOffers() bool
}
