package sip

import (
	"strconv"

	"maskd/mapping"
	"maskd/sip/leg"
)

// State is all that the call machine knows of a call. The zero State is a call
// whose INVITE has been admitted and answered with 100; one that we begin starts
// as [Originated].
type State struct {
	A          leg.UAS          // inbound leg: the caller's
	First      leg.UAC          // leg A in place of that, if Originated
	B          [MaxLegs]leg.UAC // outbound legs: of each number that is rung
	Hunt       Hunt             // which of them
	Originated bool             // nobody has called us: we ring A, and then B
	Bridge     Bridge
	Answered   bool // the caller was sent a 2xx, or has sent one; ours may wait for a PRACK when the callee has answered
	Proof      Proof
	Wrong      uint8 // PINs that were not right
	Notice     Notice
	After      leg.Cause // why the call ends when the notice is over
	End        End
	Closed     bool // the final record is written: the call is over
}

// Bridge is whether audio may pass.
type Bridge uint8

// The states of the bridge.
const (
	BridgeNone   Bridge = iota // not yet
	BridgeEarly                // B's may pass to A, before the answer
	BridgeOpen                 // it may pass both ways
	BridgeParted               // never again between the two, but each may hear us
	BridgeCut                  // never again
)

// End is how a call ended; zero while nothing has ended it. The first end
// stands, whatever follows from it.
type End struct {
	Outcome mapping.Outcome
	By      mapping.EndedBy
	Status  int // the final response to the caller
}

// Event is what happens to a call.
type Event struct {
	Kind     EventKind
	In       leg.Input // with OnA, OnB
	Number   uint8     // with OnB: which of the outbound legs, from 0 on
	Plan     Plan      // with Routed, Unrung
	Gateways uint8     // with Routed, Originate: how many there are to try, at least 1
	Cause    leg.Cause // with Stop, Unrung, Refuse, Part
}

// EventKind is what kind of thing happens.
type EventKind uint8

// The events of a call.
const (
	Routed     EventKind = iota + 1 // it is known whom to ring, first or next
	OnA                             // something happened to leg A
	OnB                             // something happened to a leg B
	RingOver                        // B was rung for as long as we ring
	Unrung                          // who is to be rung first, or next, can't be
	Stop                            // end the call, in whatever state it is
	Ask                             // it is known whom to ring, once the caller has proved who he is
	Proven                          // he has
	Unproven                        // he has entered a PIN that is wrong, or none
	Originate                       // it is known how to ring A, in a call that we begin
	Refuse                          // let the caller hear why he is refused, and refuse him
	Part                            // end the call, and let both hear it first if they talk
	NoticeOver                      // what was to be heard was heard
	Warn                            // the time of the call is nearly over
	TimeOver                        // it is over
)

// Action is one thing to be done, in the order given: on a leg, or on the call.
type Action struct {
	On  Target
	Do  Verb       // with Whole
	Leg leg.Action // with LegA, LegB and those after it
}

// Target is what an action is for.
type Target uint8

// The targets.
const (
	Whole Target = iota + 1
	LegA
	LegB // of the first number that is rung; LegB+1 of the second, and so on
)

// String names the target.
func (t Target) String() string {
	switch {
	case t == Whole:
		return "call"
	case t == LegA:
		return "A"
	case t == LegB:
		return "B"
	default:
		return "B" + strconv.Itoa(int(t-LegB)+1)
	}
}

// number is which number's leg B the target is.
func (t Target) number() uint8 { return uint8(t - LegB) }

// Verb is what to do with the call as a whole.
type Verb uint8

// The verbs of a call.
const (
	OpenEarly      Verb = iota + 1 // audio of B may pass to A
	OpenBridge                     // audio may pass; the CDR's answer time is now
	CutBridge                      // when this is done, no audio passes any more
	RingNext                       // get the next number ready: Routed, or Unrung
	StartRingTimer                 // B is rung from now, or A
	StopRingTimer
	WriteRecord    // the call is over: write the final CDR and go
	AskPIN         // play the prompt to A, and listen to what is typed from now
	PlayRingback   // let A hear that it rings
	Seek           // A is there: find out whom to ring, and ring
	StartCallTimer // the two talk from now
	StopCallTimer
	PlayWarning // let who is to be warned hear that the time is nearly over
	PlayNotice  // let A, or both, hear what is to be heard before the end
	StopNotice
	PartBridge // when this is done, the two don't hear each other any more
)

// Step is the call machine: what the call becomes, and what is to be done,
// appended to acts.
func Step(s State, e Event, acts []Action) (State, []Action) {
	m := machine{s: s, acts: acts}
	switch e.Kind {
	case Routed:
		m.route(e.Plan, e.Gateways)
	case OnA:
		m.stepA(e.In)
	case OnB:
		m.stepB(e.Number, e.In)
	case Unrung:
		m.passOver(e.Plan, e.Cause)
	case RingOver:
		m.ringOver()
	case Stop:
		m.stop(e.Cause)
	case Ask:
		m.ask()
	case Proven:
		m.proven()
	case Unproven:
		m.unproven()
	case Originate:
		m.originate(e.Gateways)
	case Refuse:
		m.refuse(e.Cause)
	case Part:
		m.part(e.Cause)
	case NoticeOver:
		m.noticeOver()
	case Warn:
		m.warn()
	case TimeOver:
		m.timeOver()
	}
	m.close()
	return m.s, m.acts
}

// maxLegActions is the most that a leg wants done in one step; more would only
// cost an allocation.
const maxLegActions = 10

// machine is one step in the making.
type machine struct {
	s    State
	acts []Action
}

func (m *machine) stop(c leg.Cause) {
	m.end(stoppedBy(c), c)
	m.release(c)
}

// stepA feeds leg A, and does what it says.
func (m *machine) stepA(in leg.Input) {
	var buf [maxLegActions]leg.Action
	before := m.s.A.State
	for _, act := range m.legA(in, buf[:0]) {
		if act.Do != leg.Tell {
			m.s.Answered = m.s.Answered || act.Do == leg.SendOK
			m.acts = append(m.acts, Action{On: LegA, Leg: act})
			continue
		}
		m.fromA(act.Event)
	}
	m.heardBy(before)
}

// legA feeds leg A, whichever it is.
func (m *machine) legA(in leg.Input, acts []leg.Action) []leg.Action {
	if m.s.Originated {
		m.s.First, acts = m.s.First.Step(in, acts)
	} else {
		m.s.A, acts = m.s.A.Step(in, acts)
	}
	return acts
}

// stepB feeds a leg B, and does what it says.
func (m *machine) stepB(number uint8, in leg.Input) {
	var buf [maxLegActions]leg.Action
	next, acts := m.s.B[number].Step(in, buf[:0])
	m.s.B[number] = next
	for _, act := range acts {
		if act.Do != leg.Tell {
			m.acts = append(m.acts, Action{On: LegB + Target(number), Leg: act})
			continue
		}
		m.fromB(number, act.Event)
	}
}

// fromA hears what leg A tells: that it is there, a digit, a change of its
// sound, or its end.
func (m *machine) fromA(e leg.Event) {
	if m.s.Bridge == BridgeParted && e.Kind != leg.Released {
		return // it is nothing to the other any more
	}
	switch e.Kind {
	case leg.Answered:
		m.pickedUp()
	case leg.Pressed:
		m.tellB(leg.Input{Kind: leg.Press, Digit: e.Digit})
	case leg.Held, leg.Resumed:
		m.tellB(leg.Input{Kind: leg.Change})
	case leg.Released:
		m.releasedByA(e)
	}
}

func (m *machine) releasedByA(e leg.Event) {
	m.end(m.endedByA(e.Cause), e.Cause)
	if e.Cause == leg.CauseCancelled { // never answered, even if our 200 was on its way
		m.s.End.Outcome, m.s.End.Status = outcomeOf(e.Cause), e.Cause.Status()
	}
	m.release(e.Cause)
}

// fromB hears what a leg B tells.
func (m *machine) fromB(number uint8, e leg.Event) {
	if m.s.Bridge == BridgeParted && e.Kind != leg.Released {
		return
	}
	switch e.Kind {
	case leg.Ringing, leg.Progress:
		m.alert(e)
	case leg.Held, leg.Resumed:
		m.stepA(leg.Input{Kind: leg.Change})
	case leg.Answered:
		m.answered(number)
	case leg.Pressed:
		m.stepA(leg.Input{Kind: leg.Press, Digit: e.Digit})
	case leg.Released:
		m.releasedByB(Failure{By: endedByB(e.Cause), Cause: e.Cause})
	}
}

// releasedByB: the callee is gone, or a number that was rung.
func (m *machine) releasedByB(f Failure) {
	if m.s.Hunt.Won == 0 && m.s.End.Outcome == 0 {
		m.missed(f)
		return
	}
	m.end(f.By, f.Cause)
	m.release(f.Cause)
}

// early lets the sound before the answer pass, before A is told of it.
func (m *machine) early(e leg.Event) {
	if e.Early && m.s.Bridge == BridgeNone {
		m.s.Bridge = BridgeEarly
		m.do(OpenEarly)
	}
}

// end notes how the call ended, once.
func (m *machine) end(by mapping.EndedBy, c leg.Cause) {
	if m.s.End.Outcome != 0 {
		return
	}
	m.s.End = End{Outcome: outcomeOf(c), By: by, Status: c.Status()}
	switch {
	case m.s.Originated: // A has sent no INVITE that could have been answered
		m.s.End.Status = 0
	case m.s.Answered:
		m.s.End.Status = 200
	}
	if m.s.Answered && m.s.Bridge == BridgeOpen { // not by us alone, to ask for a PIN
		m.s.End.Outcome = mapping.OutcomeAnswered
	}
}

// release ends what is left of the call. Sound goes first: what follows may
// take a round trip. A leg that is ending already takes no notice.
func (m *machine) release(c leg.Cause) {
	if m.s.Bridge != BridgeCut {
		m.stopTalk()
		m.s.Bridge = BridgeCut
		m.do(StopRingTimer)
		m.do(CutBridge)
	}
	in := leg.Input{Kind: leg.Release, Cause: c}
	m.stepA(in)
	for number := range m.s.Hunt.Dealt {
		m.stepB(number, in)
	}
}

// close writes the record when nothing is left of the call.
func (m *machine) close() {
	if m.s.Closed || m.s.End.Outcome == 0 || !m.s.overA() {
		return
	}
	for _, b := range m.s.B[:m.s.Hunt.Dealt] {
		if !b.Over() {
			return
		}
	}
	m.s.Closed = true
	m.do(WriteRecord)
}

func (m *machine) do(v Verb) { m.acts = append(m.acts, Action{On: Whole, Do: v}) }
