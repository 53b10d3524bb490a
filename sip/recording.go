package sip

import (
	"context"
	"time"

	"go.uber.org/zap"

	"maskd/mapping"
	"maskd/media"
	"maskd/media/recording"
)

// What a call does to be recorded, if it may be.

// considering is how long the parties may take for their answer, after they have
// heard the question. Who has not answered by then has not agreed.
const considering = 10 * time.Second

// Studio is where recordings are made.
type Studio interface {
	// Start begins a recording. It never waits.
	Start(recording.Session, recording.Order) *recording.Recording
}

// Recordings is how calls are recorded. The zero value records none.
type Recordings struct {
	Studio Studio
	// Keys are what the parties press.
	Keys RecordingKeys
	// Said is told of each thing that a party says by key of whether it may be recorded.
	// Called from a goroutine of its own, for which no call waits, and Close does; nil: nobody is told.
	Said func(ctx context.Context, s Statement)
	// Ended is told of each recording, once, when it is on the disk as far as it
	// will be. Called from a goroutine of the recording.
	Ended func(recording.Manifest, error)
}

// Statement is what a party of a call has said of being recorded.
type Statement struct {
	Call, Interaction mapping.ID
	Side              mapping.Side
	Answer            mapping.Answer
	At                time.Time
}

// Dictation is what the API says of a recording.
type Dictation uint8

// The dictations.
const (
	PauseRecording  Dictation = iota + 1
	ResumeRecording           // of what was paused; it does not replace a consent
	WithdrawA                 // party A does not agree any more
	WithdrawB
)

// RecordingKeys are the keys by which the parties of a call say whether it may be
// recorded.
type RecordingKeys struct {
	Accept, Decline uint8 // while they are asked
	Withdraw, Pause uint8 // at any time, behind a star; the second pauses and resumes
}

// taping is what a call has to do with its recording.
type taping struct {
	recording *recording.Recording // nil: none
	consent   mapping.Consent
	telling   [2]bool // by leg: its peer has yet to hear the notice to the end
	missed    [2]bool // by leg: what plays now it does not hear from its beginning to its end
	asking    bool    // keys are answers
}

// record begins the recording, if the interaction is to be recorded. It is deaf
// until all have agreed who must.
func (c *call) record() {
	way := c.route.Record
	if way <= mapping.RecordingOff || c.b.recordings.Studio == nil {
		return
	}
	c.tape.consent = mapping.Consent{Way: way}
	c.tape.recording = c.b.recordings.Studio.Start(c.session, recording.Order{
		ID: c.id.Text(mapping.KindRecording), Call: c.id.Text(mapping.KindCall), Interaction: c.route.Interaction.Text(mapping.KindInteraction),
		Swapped: c.route.Caller == mapping.SideB, Listening: c.tape.consent.Listens(), Why: way.String(), Ended: c.b.recordings.Ended,
	})
	c.cdr.Record, c.cdr.Recorded = way, c.tape.consent.Listens()
	if way.Tells() {
		c.tell(way)
	}
}

// soundOn is how a leg on a trunk is negotiated: where its peer is to be told of a
// recording, or warned, in what can be played to it.
func (c *call) soundOn(trunk string) media.LegOptions {
	sound := c.b.soundOn(trunk)
	if c.b.recordings.Studio != nil && c.route.Record.Tells() || len(c.route.Limits.Warn) > 0 {
		return audible(sound)
	}
	return sound
}

// tell lets both hear that they are recorded, or asks them. Who can't be told is
// not recorded.
func (c *call) tell(way mapping.Recording) {
	c.tape.asking = way.Asks()
	for _, on := range [...]Target{LegA, LegB} {
		c.tape.telling[endOf(on)], c.tape.missed[endOf(on)] = true, false
		c.session.Swallow(legOfSound(on), c.tape.asking)
		if err := c.session.Play(legOfSound(on), c.say(noticeOf(way), on), false); err != nil {
			c.log().Warn("call is not recorded: a party can't be told", zap.Stringer("leg", on), zap.Error(err))
			c.untold()
			return
		}
	}
}

// untold gives the recording up: a key must not pass for a consent to what was
// never heard.
func (c *call) untold() {
	c.unrecord()
	c.session.Swallow(media.A, false)
	c.session.Swallow(media.B, false)
}

// told takes note that a leg's peer has heard the notice. When both have, they may
// be recorded; those who are asked have some time for their answer.
func (c *call) told(on Target) {
	if !c.tape.telling[endOf(on)] {
		return
	}
	c.tape.telling[endOf(on)] = false
	c.session.Swallow(legOfSound(on), false)
	if c.tape.telling == [2]bool{} {
		c.tape.consent.Told = true
		c.timers.start(LegB, consentTimer, considering)
		c.consented("told")
	}
}

// attend notes whose peer hears nothing while it is told: it is on hold, or its codec
// is one in which nothing can be played.
func (c *call) attend() {
	if c.tape.telling == [2]bool{} {
		return
	}
	for _, on := range [...]Target{LegA, LegB} {
		end := endOf(on)
		c.tape.missed[end] = c.tape.missed[end] || c.tape.telling[end] && !c.session.Hears(legOfSound(on))
	}
}

// playedOut is the end of what a leg was played. A notice that was not heard is
// played again from its beginning, for as long as that takes.
func (c *call) playedOut(on Target) {
	if c.tape.telling[endOf(on)] && c.tape.missed[endOf(on)] {
		c.tellAgain(on)
		return
	}
	c.told(on)
}

func (c *call) tellAgain(on Target) {
	c.tape.missed[endOf(on)] = !c.session.Hears(legOfSound(on))
	if err := c.session.Play(legOfSound(on), c.say(noticeOf(c.tape.consent.Way), on), false); err != nil {
		c.log().Warn("call is not recorded: a party can't be told", zap.Stringer("leg", on), zap.Error(err))
		c.untold()
	}
}

// considered ends the time for an answer.
func (c *call) considered() {
	c.tape.asking = false
	c.withhold()
}

// answers takes a key that may say something of the recording, and reports whether it does.
func (c *call) answers(on Target, key uint8, starred bool) bool {
	t := &c.tape
	if t.recording == nil {
		return false
	}
	side, keys := c.sideOf(on), c.b.recordings.Keys
	before := t.consent.Of(side)
	switch {
	case starred && key == keys.Withdraw:
		t.consent = t.consent.With(side, mapping.AnswerWithdrawn)
	case starred && key == keys.Pause:
		t.consent.Paused = !t.consent.Paused
	case t.asking && !starred && t.consent.Open(side) && key == keys.Accept:
		t.consent = t.consent.With(side, mapping.AnswerYes)
	case t.asking && !starred && t.consent.Of(side) <= mapping.AnswerYes && key == keys.Decline: // a yes may be taken back
		t.consent = t.consent.With(side, mapping.AnswerNo)
	default:
		return false
	}
	c.consented("party_" + side.String())
	if now := t.consent.Of(side); now != before {
		c.states(Statement{Call: c.id, Interaction: c.route.Interaction, Side: side, Answer: now, At: time.Now()})
	}
	if t.telling[endOf(on)] && key != keys.Pause && !starred { // who answers has heard enough
		c.session.StopPlaying(legOfSound(on))
		c.told(on)
	}
	return true
}

// states has a statement told of. The disk that it goes to may stand still, and the call's end
// must not wait for that.
func (c *call) states(s Statement) {
	if tell := c.b.recordings.Said; tell != nil {
		c.b.telling.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), granting)
			defer cancel()
			tell(ctx, s)
		})
	}
}

// dictate changes the recording as somebody says who asked by way of the API.
func (c *call) dictate(d Dictation) {
	if c.tape.recording == nil {
		return
	}
	switch d {
	case PauseRecording:
		c.tape.consent.Paused = true
	case ResumeRecording:
		c.tape.consent.Paused = false
	case WithdrawA:
		c.tape.consent = c.tape.consent.With(mapping.SideA, mapping.AnswerWithdrawn)
	case WithdrawB:
		c.tape.consent = c.tape.consent.With(mapping.SideB, mapping.AnswerWithdrawn)
	}
	c.consented("api")
}

// consented has the recording listen, or not, as the consent is now.
func (c *call) consented(why string) {
	c.tape.recording.Listen(c.tape.consent.Listens(), why)
	c.cdr.ConsentA, c.cdr.ConsentB = c.tape.consent.A, c.tape.consent.B
	c.cdr.Recorded = c.cdr.Recorded || c.tape.consent.Listens()
	c.withhold()
}

// unrecord ends the recording with the talk. Nothing that is heard or pressed
// afterwards is about it.
func (c *call) unrecord() {
	c.timers.stop(LegB, consentTimer)
	if c.tape.recording != nil {
		c.tape.recording.Stop()
	}
	c.tape = taping{}
	c.withhold()
}

// sideOf is the side of the interaction whose phone a leg is.
func (c *call) sideOf(on Target) mapping.Side {
	if on == LegA {
		return c.route.Caller
	}
	return c.route.Caller.Other()
}
