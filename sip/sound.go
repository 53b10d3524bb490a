package sip

import (
	"errors"
	"time"

	"go.uber.org/zap"

	"maskd/media"
	"maskd/sip/edge"
	"maskd/sip/leg"
)

// What the media notices, and what a leg wants to be heard.

// legOfSound is the leg of the media that a leg of the call is.
func legOfSound(on Target) media.Leg {
	if on == LegA {
		return media.A
	}
	return media.B
}

// targetOf is the leg of the call that a leg of the media is.
func (c *call) targetOf(l media.Leg) Target {
	if l == media.A {
		return LegA
	}
	return c.state.winner()
}

// causeOfSound returns why a call ends that can't be given sound, or no leg B.
func causeOfSound(err error) leg.Cause {
	switch {
	case errors.Is(err, media.ErrNoPorts), errors.Is(err, edge.ErrLimit):
		return leg.CauseFull
	case errors.Is(err, media.ErrNoCodec), errors.Is(err, media.ErrNotAudio), errors.Is(err, media.ErrCrypto),
		errors.Is(err, media.ErrAddress), errors.Is(err, media.ErrMalformed):
		return leg.CauseMedia
	case errors.Is(err, errOccupied):
		return leg.CauseBusy
	default:
		return leg.CauseFailed
	}
}

// noticed takes what the media notices; it is called by whoever moves packets.
func (c *call) noticed(e media.Event) {
	switch e.Kind {
	case media.Silent, media.DigitHeard, media.Played:
		c.mail.put(letter{kind: fromSound, sound: e})
	}
}

// listen deals with what the media has noticed.
func (c *call) listen(e media.Event) {
	switch {
	case e.Kind == media.Silent: // neither sound nor reports, though there should be: the peer is gone
		if c.state.Bridge == BridgeOpen { // before the answer nobody has to say anything
			c.step(Event{Kind: Stop, Cause: leg.CauseLost})
		}
	case e.Kind == media.Played:
		c.playedOut(c.targetOf(e.Leg))
	default:
		c.listenToKey(c.targetOf(e.Leg), e)
	}
}

// listenToKey deals with a key that was heard with the sound.
func (c *call) listenToKey(on Target, e media.Event) {
	d := leg.Digit{Key: uint8(e.Digit), Duration: e.Duration}
	switch {
	case c.keypads[endOf(on)].isCopy(d, inSound, time.Now()):
	case c.enters(on, d.Key), c.obeys(on, d, e.Withheld && !e.Swallowed):
	case e.Swallowed, !e.Withheld && c.session.HearsDigits(e.Leg.Other()):
		// Only we may hear the key, or the other peer has heard it with the sound.
	case e.Digit < leg.Keys:
		c.step(eventOf(on, leg.Input{Kind: leg.GotDigit, Digit: d}))
	}
}

// sounded notes how the call sounded.
func (c *call) sounded(s media.Stats) {
	entry := c.b.log.Check(zap.InfoLevel, "sound ended")
	if entry == nil {
		return
	}
	a, b := s.Leg(media.A), s.Leg(media.B)
	entry.Write(c.named(),
		zap.Uint64("a_in", a.In.Packets), zap.Uint64("a_out", a.Out.Packets), zap.Float64("a_mos", a.Heard.MOS()),
		zap.Uint64("b_in", b.In.Packets), zap.Uint64("b_out", b.Out.Packets), zap.Float64("b_mos", b.Heard.MOS()))
}

// secret reports whether a key that a leg's peer told us of by signalling is
// for us only, or known already, and takes it if it is asked for.
func (c *call) secret(on Target, in leg.Input) bool {
	if on != LegA && on != c.state.winner() { // it is not the party's
		return false
	}
	if in.Kind != leg.GotDigit || c.session == nil {
		return false
	}
	if c.keypads[endOf(on)].isCopy(in.Digit, inDialog, time.Now()) {
		return true
	}
	swallowed := c.session.Swallows(legOfSound(on))
	return c.enters(on, in.Digit.Key) || c.obeys(on, in.Digit, !swallowed) || swallowed
}

// press lets a leg's peer hear a key with the sound, and reports false if it
// has to be told by signalling.
func (c *call) press(on Target, d leg.Digit) bool {
	l := legOfSound(on)
	if !c.session.HearsDigits(l) {
		return false
	}
	if err := c.session.SendDigit(l, media.Digit(d.Key), d.Duration); err != nil {
		c.log().Warn("digit not sent", zap.Error(err))
	}
	return true
}
