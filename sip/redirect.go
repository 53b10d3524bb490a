package sip

import (
	"time"

	"maskd/mapping"
)

// maxWithheld bounds the calls to one DID that are sent elsewhere and whose callers
// withhold their numbers: they may be many, or one that goes in circles.
const maxWithheld = 100

// receive deals with a caller who is nobody's party as the pool of the DID wants:
// he is sent elsewhere, may prove who he is, or is refused. Where somebody has an
// extension he may want that one, and is asked. Whose time is over is nobody's party
// from that instant on, though his number is known until it is swept: he must not
// tell by the speed of a refusal that it was one (promise 6).
func (c *call) receive(refusal mapping.Refusal, now time.Time) (mapping.Route, mapping.Refusal) {
	route, redirects := c.b.directory.Redirects(c.identity.DID, c.identity.Caller)
	if _, asks := c.b.directory.AsksExtension(c.identity.DID); asks || !redirects {
		return c.stranger(refusal, now)
	}
	// Such calls have no interaction; those of one caller to one DID can go in
	// circles as any other's.
	most := c.b.maxAlike
	if c.identity.Caller.IsZero() {
		most = maxWithheld
	}
	if full, _ := c.b.live.bind(c, &route, most); full != 0 {
		return route, full
	}
	c.cdr.Redirected = true
	return route, 0
}
