package sip

import (
	"time"

	"maskd/mapping"
	"maskd/media"
	"maskd/sip/leg"
)

// What a party says to us by key, in the middle of a call, which the other is not to hear.

// star is the key behind which a party commands.
const star = uint8(media.Star)

// dallying is how long a star is kept from the other while the key may come that makes a command of
// it: about as long as anybody looks for a key.
const dallying = 3 * time.Second

// commanding is what a call knows of the keys that may be commands.
type commanding struct {
	starred [2]bool       // by leg: the key before was a star
	kept    [2]*leg.Digit // by leg: a star that the other has not been told of
}

// commanded reports whether there is anything that a party could command now.
func (c *call) commanded() bool {
	return c.state.Bridge == BridgeOpen && (c.b.wishes != nil || c.tape.recording != nil)
}

// obeys takes a key of a party, and reports whether the other is not to be told of it: it is a command,
// or a star that may become one, which is kept until that is known. The other has not heard a key that
// is withheld.
func (c *call) obeys(on Target, d leg.Digit, withheld bool) bool {
	k, end := &c.commanding, endOf(on)
	if !c.commanded() {
		return false
	}
	starred := k.starred[end]
	if k.starred[end] = d.Key == star; k.starred[end] != starred {
		c.withhold()
	}
	if starred && c.wants(on, d.Key) || c.answers(on, d.Key, starred) {
		c.forgetStar(on)
		return true
	}
	c.passStar(on)
	if d.Key != star || !withheld {
		return false
	}
	k.kept[end] = &d
	c.timers.start(on, starTimer, dallying)
	return true
}

// passStar lets the other hear the star that was kept from him.
func (c *call) passStar(on Target) {
	if d := c.forgetStar(on); d != nil {
		c.step(eventOf(on, leg.Input{Kind: leg.GotDigit, Digit: *d}))
	}
}

// forgetStar returns the star that was kept, if one was, and keeps it no more.
func (c *call) forgetStar(on Target) *leg.Digit {
	kept := &c.commanding.kept[endOf(on)]
	d := *kept
	*kept = nil
	c.timers.stop(on, starTimer)
	return d
}

// withhold has the media keep from each what may be the other's command.
func (c *call) withhold() {
	if c.session == nil {
		return
	}
	for _, on := range [...]Target{LegA, LegB} {
		keys := c.commands(c.sideOf(on))
		if keys != 0 && c.commanding.starred[endOf(on)] {
			keys = ^media.Keys(0) // the media has not heard a star that came by INFO
		}
		c.session.Withhold(legOfSound(on), keys)
	}
}

// commands are the keys by which a side may command, or begin to.
func (c *call) commands(side mapping.Side) (keys media.Keys) {
	if !c.commanded() {
		return 0
	}
	if c.tape.asking && c.tape.consent.Open(side) {
		keys = keys.With(media.Digit(c.b.recordings.Keys.Accept))
	}
	if c.tape.asking && c.tape.consent.Of(side) <= mapping.AnswerYes {
		keys = keys.With(media.Digit(c.b.recordings.Keys.Decline))
	}
	return keys.With(media.Star)
}
