package sip

import (
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"maskd/mapping"
	"maskd/media"
	"maskd/media/sound"
	"maskd/sip/edge"
	"maskd/sip/leg"
)

// call is one call: an inbound leg, its outbound legs and the bridge between
// them. Its goroutine reads the mailbox, asks the machine and performs what it
// says; nothing else touches its state, and it holds no lock.
type call struct {
	// Never changed.
	b        *B2BUA
	id       mapping.ID
	in       *edge.Inbound // leg A; nil if we began the call
	first    *branch       // leg A in place of that; else nil
	identity edge.Identity // who calls, or is rung first

	// The goroutine's.
	state    State
	acts     []Action
	numbers  []mapping.Number // who is rung, once that is known
	plan     Plan             // in which order
	branches []branch         // the outbound legs, as far as they are made
	seeks    bool             // the next one is to be
	session  *media.Session   // nil until routed
	timers   timers
	family   media.Family      // of leg A's sound: that of its offer, else of the way it came
	early    EarlyMedia        // what A hears before B answers
	offers   map[Target][]byte // by leg: the peer's offer that is to be answered; most calls have none
	offer    media.Offer       // A's, until the session has it
	route    mapping.Route     // once it is known
	asks     bool              // the caller is asked for a PIN
	visits   bool              // or for an extension
	entry    entry             // what the caller types while he is asked for a PIN
	tape     taping            // how it is recorded
	denied   mapping.Refusal   // why one who has entered it is not put through
	warned   time.Duration     // the warning that is waited for, after the answer
	notice   *sound.Prompt     // what the caller hears in place of a refusal
	staged   bool              // it has a place on the stage
	watch    stopwatch
	cdr      mapping.CDR
	reading  letter   // what is dealt with now
	closed   bool     // the final CDR is written
	waiting  []func() // to be told when the call has stopped

	consultation consultation // of the arbiter, if there is one to ask
	keypads      [2]keypad    // by leg
	commanding   commanding   // what the parties say by key
	wanting      wanting      // what they want

	kin kinship // that of live

	// Safe for use by many goroutines.
	mail  mailbox
	board board
	sound atomic.Pointer[media.Session] // the same as session, for whoever asks how it sounds
}

func newCall(b *B2BUA, id mapping.ID, in *edge.Inbound) *call {
	c := blankCall(b, id, in.Identity())
	c.in = in
	c.state.A.Asks = in.Asks()
	c.family = media.FamilyOf(in.Local())
	c.publish()
	return c
}

// blankCall is a call that has no leg yet.
func blankCall(b *B2BUA, id mapping.ID, caller edge.Identity) *call {
	c := &call{b: b, id: id, identity: caller}
	c.mail.open()
	c.acts = make([]Action, 0, maxActions)
	now := time.Now()
	c.timers.begun, c.timers.ring = now, func() { c.mail.put(letter{kind: fromTimer}) }
	c.cdr = mapping.CDR{
		Call: id, Caller: caller.Caller, DID: caller.DID, TrunkIn: caller.Trunk,
		AdmittedAt: now.UTC(), Outcome: mapping.OutcomeLive,
		Doubted: caller.Refusal == mapping.RefusalUnverified,
	}
	return c
}

// named names the call in what is logged of it.
func (c *call) named() zap.Field { return zap.String("call", c.id.Text(mapping.KindCall)) }

// log is where a call logs what is not said of each: it is made then.
func (c *call) log() *zap.Logger { return c.b.log.With(c.named()) }

// maxActions is the most that a step of a call of two legs wants done; more would only cost an
// allocation.
const maxActions = 12

// Put hands over what happened to leg A (edge.Call).
func (c *call) Put(s edge.Signal) bool {
	return c.mail.put(letter{kind: fromWire, leg: LegA, signal: s})
}

// Run is the life of the call (edge.Call). It has the goroutine that brought its
// INVITE, whose stack has the right size by now.
func (c *call) Run() {
	defer c.finish()
	defer c.contain()
	if c.in != nil {
		c.b.trace.put(step{call: c.id, at: c.cdr.AdmittedAt.UnixNano(), on: LegA, heard: leg.GotReinvite, sdp: !c.state.A.Asks.Late})
	}
	c.b.journal.Record(c.cdr)
	for !c.mail.empty() { // a CANCEL may have overtaken its INVITE
		c.deal()
	}
	if c.state.End.Outcome == 0 {
		c.begin()
	}
	c.settleA()
	for !c.state.Closed {
		c.deal()
	}
}

// deal handles the next letter, and waits for it.
func (c *call) deal() {
	l := &c.reading
	c.mail.take(l)
	switch l.kind {
	case fromWire:
		c.hear(l.leg, l.signal)
	case fromTimer:
		c.fire()
	case fromSound:
		c.listen(l.sound)
	case fromArbiter:
		c.ruled(l.ruling)
	case fromWishes:
		c.wished(l.leg, l.granted)
	case toStop:
		c.waiting = append(c.waiting, l.read)
		c.step(l.stop())
		c.tellWaiting()
	case toDictate:
		c.dictate(l.dictation)
	case toAbandon:
		c.abandon(leg.CauseShutdown)
	case toSeek:
		c.seek()
	}
	c.reading = letter{}
}

// tellWaiting tells those who wait for the call to stop that it has done what
// it can.
func (c *call) tellWaiting() {
	for _, read := range c.waiting {
		read()
	}
	c.waiting = nil
}

// hear takes a signal to its leg, and what it means to the machine.
func (c *call) hear(on Target, s edge.Signal) {
	in, ok := c.wire(on).Heard(s)
	if !ok || c.secret(on, in) {
		return
	}
	in = c.weigh(on, in, s.SDP)
	now := time.Now()
	c.watch.heard(on, in.Kind, now)
	c.b.trace.heard(c.id, on, in.Kind, &s, now)
	c.step(eventOf(on, in))
}

// eventOf is an input to a leg, as the machine hears of it.
func eventOf(on Target, in leg.Input) Event {
	if on == LegA {
		return Event{Kind: OnA, In: in}
	}
	return Event{Kind: OnB, Number: on.number(), In: in}
}

// wire returns the leg on the wire.
func (c *call) wire(on Target) wire {
	if on == LegA && c.first == nil {
		return c.in
	}
	return c.branch(on).out
}

// fire deals with a timer, if one has fired.
func (c *call) fire() {
	switch on, timer, ok := c.timers.fired(); {
	case !ok:
	case timer == turnTimer || timer >= leg.Timers:
		c.fireOwn(on, timer)
	default:
		c.step(eventOf(on, timer.Fired()))
	}
}

// fireOwn deals with a timer that is no leg's.
func (c *call) fireOwn(on Target, timer leg.Timer) {
	switch onA := on == LegA; {
	case onA && timer == turnTimer:
		c.turn()
	case onA && timer == entryTimer:
		c.judge()
	case onA && timer == limitTimer:
		c.step(Event{Kind: TimeOver})
	case onA && timer == clingTimer:
		c.keypads[endOf(LegA)].forget(time.Now())
	case timer == starTimer:
		c.passStar(on)
	case timer == ringTimer:
		c.step(Event{Kind: RingOver})
	case timer == warnTimer:
		c.step(Event{Kind: Warn})
		c.awaitWarning(c.warned)
	case timer == consentTimer:
		c.considered()
	case timer == noticeTimer:
		c.step(Event{Kind: NoticeOver})
	}
}

// step asks the machine and performs what it says.
func (c *call) step(e Event) {
	c.state, c.acts = Step(c.state, e, c.acts[:0])
	for _, act := range c.acts {
		switch act.On {
		case Whole:
			c.perform(act.Do)
		default:
			c.performOn(act.On, act.Leg)
		}
	}
	c.tidy()
	c.attend()
	c.publish()
	if c.seeks {
		c.seeks = false
		c.ringNext()
	}
}

// performOn performs an action of a leg.
func (c *call) performOn(on Target, act leg.Action) {
	if c.timed(on, act) || act.Do == leg.SendDigit && c.press(on, act.Digit) {
		return
	}
	sdp, err := c.sdp(on, act)
	if err != nil {
		act = c.giveIn(act, err)
	}
	c.rings(on, act.Do)
	now := time.Now()
	c.watch.sent(on, act.Do, now)
	c.b.trace.said(c.id, on, act, sdp, now)
	if err := c.wire(on).Do(act, sdp); err != nil {
		c.log().Warn("not sent", zap.Stringer("leg", on), zap.Stringer("what", act.Do), zap.Error(err))
	}
}

// giveIn is what is done in place of an action for which the media has no SDP.
// That can't be: the offer was considered before. If it is so all the same,
// the call is not worth keeping.
func (c *call) giveIn(act leg.Action, err error) leg.Action {
	c.log().Error("no SDP for a message", zap.Stringer("what", act.Do), zap.Error(err))
	c.mail.put(letter{kind: toStop, cause: leg.CauseFailed, read: func() {}})
	if act.Do == leg.AcceptChange {
		return leg.Action{Do: leg.RefuseChange, Status: 488}
	}
	return leg.Action{}
}

// timed performs an action on a timer, if it is one.
func (c *call) timed(on Target, act leg.Action) bool {
	switch act.Do {
	case leg.StartTimer:
		after := act.After + c.b.spread(act.Spread)
		if act.Timer == leg.TimerGateway { // the trunk says how long
			after = c.branch(on).out.Patience()
		}
		c.timers.start(on, act.Timer, after)
	case leg.StopTimer:
		c.timers.stop(on, act.Timer)
	default:
		return false
	}
	return true
}

// perform performs an action on the call as a whole.
func (c *call) perform(v Verb) {
	switch v {
	case OpenEarly:
		c.session.Preview(media.B)
		c.hush()
	case OpenBridge:
		c.session.Bridge()
		c.join()
		c.won()
		c.cdr.AnsweredAt = time.Now().UTC()
		c.record()
		c.withhold()
		c.b.journal.Record(c.cdr)
	case AskPIN:
		c.askPIN()
	case PlayRingback:
		c.playTo(media.A, c.b.ringback, true)
	case Seek:
		c.mail.put(letter{kind: toSeek}) // it is another step
	case CutBridge:
		c.cut()
	case RingNext:
		c.seeks = true
	case StartRingTimer:
		c.timers.start(LegB, ringTimer, c.ringTime())
	case StopRingTimer:
		c.timers.stop(LegB, ringTimer)
	case StartCallTimer:
		c.startCallTimer()
	case StopCallTimer:
		c.stopCallTimer()
	case PlayWarning:
		c.playWarning()
	case PartBridge:
		c.partBridge()
	case PlayNotice:
		c.playNotice()
	case StopNotice:
		c.timers.stop(LegB, noticeTimer)
	case WriteRecord:
		c.write()
	}
}

// cut ends the sound, and what the call counts to.
func (c *call) cut() {
	c.timers.stop(LegA, entryTimer)
	if c.session != nil {
		c.session.Cut()
	}
	c.unrecord()
	if c.cdr.EndedAt.IsZero() {
		c.cdr.EndedAt = time.Now().UTC()
	}
	c.countNoMore()
}

// countNoMore makes room for another call: this one talks no more.
func (c *call) countNoMore() {
	if len(c.route.Quotas) > 0 {
		c.b.live.leave(c, !c.cdr.AnsweredAt.IsZero())
	}
}

// write writes the final record.
func (c *call) write() {
	c.cdr.Outcome, c.cdr.EndedBy, c.cdr.Status = c.state.End.Outcome, c.state.End.By, c.state.End.Status
	if c.cdr.Outcome != mapping.OutcomeAnswered {
		c.cdr.AnsweredAt = time.Time{} // a CANCEL was faster than our 2xx
	}
	if mapping.InAll(c.route.Quotas) {
		c.b.live.record(c, func() { c.b.journal.Record(c.cdr) })
	} else {
		c.b.journal.Record(c.cdr)
	}
	c.closed = true
	if c.b.meter != nil {
		c.b.meter.Ended(c.figures())
	}
	if entry := c.b.log.Check(zap.InfoLevel, "call ended"); entry != nil {
		entry.Write(c.named(), zap.Stringer("outcome", c.cdr.Outcome), zap.Stringer("refusal", c.cdr.Refusal),
			zap.Stringer("by", c.cdr.EndedBy), zap.Int("status", c.cdr.Status), zap.Duration("talked", c.cdr.Talked()))
	}
}
