package sip

import (
	"slices"
	"time"

	"go.uber.org/zap"

	"maskd/mapping"
	"maskd/media"
	"maskd/media/sound"
)

// What a call does while its caller is asked for a PIN.

// entryPause is how long a caller may take for the next digit, after the prompt
// or the digit before.
const entryPause = 10 * time.Second

// barred returns why a caller whose number proves nothing is not even asked for
// his PIN.
func (c *call) barred(route mapping.Route, now time.Time) mapping.Refusal {
	switch {
	case route.PIN.IsZero():
		return c.identity.Refusal
	case c.b.lockouts.locked(suspect{did: c.identity.DID, caller: c.identity.Caller}, now):
		return mapping.RefusalPIN
	default:
		return 0
	}
}

// stranger lets the arbiter say who a caller is that is nobody's party, or lets
// him prove it himself, as the DID's pool wants. Whom he is for is not known
// before.
func (c *call) stranger(refusal mapping.Refusal, now time.Time) (mapping.Route, mapping.Refusal) {
	if trunk, asks := c.b.directory.AsksExtension(c.identity.DID); asks {
		return c.visitor(trunk, now)
	}
	if unknown := c.unknown(); unknown != nil {
		return mapping.Route{Case: unknown}, 0
	}
	trunk, asks := c.b.directory.AsksUnknown(c.identity.DID)
	switch {
	case !asks:
		return mapping.Route{}, refusal
	case c.b.lockouts.locked(c.suspect(), now):
		return mapping.Route{}, mapping.RefusalPIN
	}
	c.asks = true
	return mapping.Route{Trunk: trunk}, 0
}

// suspect is who is counted if the PIN is wrong. Of a caller who may enter the
// PIN of anybody it is the trunk that he comes by: what number he shows is his
// to choose.
func (c *call) suspect() suspect {
	if c.route.PIN.IsZero() {
		return suspect{did: c.identity.DID, trunk: c.identity.Trunk}
	}
	return suspect{did: c.identity.DID, caller: c.identity.Caller}
}

// audible leaves of a trunk's codecs those in which a prompt can be played.
func audible(o media.LegOptions) media.LegOptions {
	played := func(codec media.Codec) bool { return codec.G711() }
	if !slices.ContainsFunc(o.Codecs, played) {
		return o
	}
	o.Codecs = slices.DeleteFunc(slices.Clone(o.Codecs), func(codec media.Codec) bool {
		return !played(codec) && codec != media.TelephoneEvent
	})
	return o
}

// ask answers the caller and asks for his PIN. By which version of IP B is heard
// is not known yet: it is seen to when he is invited.
func (c *call) ask() {
	c.cdr.Tenant, c.cdr.Interaction, c.cdr.CallerSide = c.route.Tenant, c.route.Interaction, c.route.Caller
	err := c.open(media.Options{
		A: audible(c.b.soundOn(c.identity.Trunk)), B: c.b.soundOn(c.route.Trunk), Events: c.noticed, FamilyA: c.family,
	})
	if err != nil {
		c.giveUp(err)
		return
	}
	c.step(Event{Kind: Ask})
}

// askPIN plays the prompt to the caller, and listens to what he types. Nobody
// else hears it, now or after the bridge has opened.
func (c *call) askPIN() {
	c.entry.reopen()
	c.session.Swallow(media.A, true)
	c.playTo(media.A, c.question(), false)
	c.timers.start(LegA, entryTimer, c.question().Duration()+entryPause)
}

// playTo plays to a leg what it can do without.
func (c *call) playTo(l media.Leg, prompt *sound.Prompt, loop bool) {
	if err := c.session.Play(l, prompt, loop); err != nil {
		c.log().Warn("leg can't be played to", zap.Stringer("leg", c.targetOf(l)), zap.Error(err))
	}
}

// enters takes a key that the caller has pressed, if it is for his PIN.
func (c *call) enters(on Target, key uint8) bool {
	if on != LegA || !c.state.proving() {
		return false
	}
	heeded, complete := c.entry.press(key, c.longest())
	switch {
	case complete:
		c.judge()
	case heeded:
		c.session.StopPlaying(media.A)
		c.timers.start(LegA, entryTimer, c.pause())
	}
	return true
}

// judge looks at what was entered, which may be nothing.
func (c *call) judge() {
	c.timers.stop(LegA, entryTimer)
	c.timers.start(LegA, clingTimer, clinging)
	c.session.StopPlaying(media.A)
	if c.convinced(c.entry.close(), time.Now()) {
		c.step(Event{Kind: Proven})
		c.goOn()
		return
	}
	if c.state.proving() && c.state.lastTry() && !c.state.Originated {
		c.cdr.Refusal = c.unfound()
	}
	c.step(Event{Kind: Unproven})
}

// convinced reports whether the entry is a PIN of who calls, or an extension, and
// clears it. Who entered nothing has guessed nothing.
func (c *call) convinced(entered []byte, now time.Time) bool {
	defer clear(entered)
	switch {
	case c.state.Originated:
		return string(entered) == confirmation
	case c.visits:
		return len(entered) > 0 && c.finds(entered, now)
	}
	who := c.suspect()
	if len(entered) == 0 || !c.b.lockouts.try(who, now) || !c.matches(entered, now) {
		return false
	}
	c.b.lockouts.forget(who)
	return true
}

// matches compares the entry with the caller's PIN; a stranger's tells whom he is
// for.
func (c *call) matches(entered []byte, now time.Time) bool {
	if !c.route.PIN.IsZero() {
		return c.route.PIN.Matches(entered)
	}
	route, refusal := c.b.directory.Prove(c.identity.DID, c.identity.Caller, entered, now)
	if refusal != 0 {
		return false
	}
	c.route, c.denied = c.bind(route, now)
	return true
}

// goOn rings, now that the caller may ring somebody.
func (c *call) goOn() {
	if c.state.Originated {
		c.seek()
		return
	}
	c.dialProven()
}

// dialProven rings whom the caller has proved to be for. The interaction may have
// come to its end in the meantime, or have as many calls as it may.
func (c *call) dialProven() {
	if c.denied == 0 && !c.b.directory.Live(c.route.Interaction, time.Now()) {
		c.denied = mapping.RefusalExpired
	}
	if c.denied != 0 {
		c.cdr.Refusal = c.denied
		c.cdr.Interaction, c.cdr.CallerSide = c.route.Interaction, c.route.Caller
		c.step(Event{Kind: Stop, Cause: causeOfRefusal(c.denied)})
		return
	}
	c.proceed()
}

// hush ends what the caller hears in B's place.
func (c *call) hush() {
	if c.state.ahead() {
		c.session.StopPlaying(media.A)
	}
}

// join lets B hear the keys that the caller presses from now on.
func (c *call) join() {
	c.hush()
	if c.state.ahead() {
		c.session.Swallow(media.A, false)
	}
}
