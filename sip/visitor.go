package sip

import (
	"time"

	"maskd/mapping"
	"maskd/media/sound"
)

// What a call does whose caller is asked for an extension: he need not prove who
// he is, but say whom he wants.

// keyPause is how long the next digit of an extension may take. It is shorter
// than that of a PIN, for its end is what most callers wait for (ITU-T E.161 has
// no key that says so to everybody).
const keyPause = 4 * time.Second

// visitor asks a caller who is nobody's party for an extension.
func (c *call) visitor(trunk string, now time.Time) (mapping.Route, mapping.Refusal) {
	if c.b.lockouts.locked(c.visiting(), now) || !c.b.visits.open(c.door(), now) {
		return mapping.Route{}, mapping.RefusalExtension
	}
	c.asks, c.visits = true, true
	return mapping.Route{Trunk: trunk}, 0
}

// visiting is the caller who may be going through the extensions, by the number
// that he shows; door is the way that all strangers come by.
func (c *call) visiting() suspect {
	if c.identity.Caller.IsZero() {
		return c.door()
	}
	return suspect{did: c.identity.DID, caller: c.identity.Caller, keys: true}
}

func (c *call) door() suspect {
	return suspect{did: c.identity.DID, trunk: c.identity.Trunk, keys: true}
}

// finds reports whether the digits are the extension of somebody, for whom the
// call then is. A try is counted before it is looked at.
func (c *call) finds(keyed []byte, now time.Time) bool {
	if !c.b.visits.try(c.door(), now) {
		return false
	}
	who := c.visiting()
	if who != c.door() && !c.b.lockouts.try(who, now) {
		return false
	}
	route, refusal := c.b.directory.Through(c.identity.DID, c.identity.Caller, keyed, now)
	if refusal != 0 {
		return false
	}
	c.b.visits.forgive(c.door())
	c.b.lockouts.forget(who)
	c.route, c.denied = c.bind(route, now)
	return true
}

// question is what the caller is asked by.
func (c *call) question() *sound.Prompt {
	switch {
	case c.state.Originated:
		return c.say(SayConfirm, LegA)
	case c.visits:
		return c.say(SayExtension, LegA)
	default:
		return c.say(SayPIN, LegA)
	}
}

// longest is how many digits end an entry.
func (c *call) longest() int {
	switch {
	case c.state.Originated:
		return len(confirmation)
	case c.visits:
		return mapping.MaxExtension
	case c.route.PIN.IsZero():
		return mapping.MaxPIN
	default:
		return c.route.PIN.Digits()
	}
}

// pause is how long the next digit may take.
func (c *call) pause() time.Duration {
	if c.visits {
		return keyPause
	}
	return entryPause
}

// unfound is why a caller is refused who has entered nothing that is right.
func (c *call) unfound() mapping.Refusal {
	if c.visits {
		return mapping.RefusalExtension
	}
	return mapping.RefusalPIN
}
