package sip

import (
	"cmp"
	"slices"
	"sync/atomic"
	"time"

	"maskd/mapping"
	"maskd/media"
	"maskd/media/sound"
)

// Bounds of what is heard of us before a call ends.
const (
	// MaxGoodbye bounds what the two hear after a complete: the integrator was
	// told that it is over.
	MaxGoodbye = 10 * time.Second
	// MaxAnnouncement bounds what a caller hears in place of a refusal.
	MaxAnnouncement = 30 * time.Second
	// tail is for the last packets of a prompt to arrive and be heard: a phone
	// keeps 20 to 200 ms back against jitter.
	tail = 200 * time.Millisecond
	// maxAnnouncing bounds the refusals that are announced at once. Each has
	// ports: so many take a twenty-fifth of the default ones from calls that
	// connect.
	maxAnnouncing = 100
)

// Announcements are what callers of a pool's DIDs hear in place of a refusal;
// nil: nothing.
type Announcements struct {
	Refused *sound.Prompt // everybody who is refused hears this one, for whatever reason
	Busy    *sound.Prompt // a party that has as many calls as it may have at once
}

// of returns what is heard for a refusal. Who calls an emergency service or a
// service code is refused at once, so that his phone can try another way; and so
// is a call that goes in circles, which has nobody who listens.
func (a Announcements) of(r mapping.Refusal) *sound.Prompt {
	switch r {
	case mapping.RefusalEmergency, mapping.RefusalShortCode, mapping.RefusalLoop:
		return nil
	case mapping.RefusalBusy:
		return a.Busy
	default:
		return a.Refused
	}
}

// stage bounds how many announcements play at once.
type stage struct{ playing atomic.Int32 }

// enter takes a place on the stage, if one is free.
func (s *stage) enter() bool {
	if s.playing.Add(1) <= maxAnnouncing {
		return true
	}
	s.leave()
	return false
}

func (s *stage) leave() { s.playing.Add(-1) }

// refuse ends a call that is put through to nobody.
func (c *call) refuse(refusal mapping.Refusal) {
	c.cdr.Refusal = refusal
	e := Event{Kind: Stop, Cause: causeOfRefusal(refusal)}
	if c.announces(refusal) {
		e.Kind = Refuse
	}
	c.step(e)
}

// announces reports whether the caller hears why he is refused, and makes what
// that needs. Whatever is missing, the refusal is that of who hears nothing.
func (c *call) announces(refusal mapping.Refusal) bool {
	prompt := c.b.announcementsOf(c.identity.DID).of(refusal)
	if c.route.Announced {
		prompt = cmp.Or(prompt, sound.Unobtainable())
	}
	options := audible(c.b.soundOn(c.identity.Trunk))
	if prompt == nil || c.state.A.Asks.Late || !plays(options) || !c.b.stage.enter() {
		return false
	}
	c.staged, c.notice = true, prompt
	return c.open(media.Options{A: options, B: options, Events: c.noticed, FamilyA: c.family}) == nil
}

// plays reports whether a prompt can be played in one of the codecs.
func plays(o media.LegOptions) bool {
	return len(o.Codecs) == 0 || slices.ContainsFunc(o.Codecs, func(codec media.Codec) bool { return codec.G711() })
}

// playNotice plays what is heard before the end, and waits until it was.
func (c *call) playNotice() {
	if c.state.Notice == NoticeRefusal {
		c.playTo(media.A, c.notice, false)
		c.awaitNotice(c.notice.Duration(), MaxAnnouncement)
		return
	}
	a, b := c.say(SayGoodbye, LegA), c.say(SayGoodbye, LegB)
	c.playTo(media.A, a, false)
	c.playTo(media.B, b, false)
	c.awaitNotice(max(a.Duration(), b.Duration()), MaxGoodbye)
}

func (c *call) awaitNotice(long, most time.Duration) {
	c.timers.start(LegB, noticeTimer, min(long+tail, most))
}

// partBridge ends the sound between the two, which is when they have talked to
// the end.
func (c *call) partBridge() {
	c.session.Part()
	c.unrecord()
	c.cdr.EndedAt = time.Now().UTC()
	c.countNoMore()
}
