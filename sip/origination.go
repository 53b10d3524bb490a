package sip

import (
	"maskd/mapping"
	"maskd/sip/leg"
)

// A call that we begin, because the API asks for it: we ring A and, when A is
// there, B. It is RFC 3725's third party call control without its dances: the
// sound of each leg ends at us, so each is offered a session of its own (section
// 4.1's flow, with the media server in place of B's SDP), and none has to be
// offered anew when the other answers.

// confirmTries is how often A is asked to press a key. A voicemail does not, and
// must not be filled with our asking.
const confirmTries = 2

// Originated is how a call that we begin starts: before A is rung. If A is to
// confirm, it presses a key before B is rung.
func Originated(confirm bool) State {
	s := State{Originated: true}
	if confirm {
		s.Proof = ProofAsked
	}
	return s
}

// originate rings A, unless the call has ended before it was its turn.
func (m *machine) originate(gateways uint8) {
	if !m.s.Originated || m.s.First.State != leg.UACIdle || m.s.End.Outcome != 0 {
		return
	}
	m.s.First.Gateways = gateways - 1
	m.do(StartRingTimer)
	m.stepA(leg.Input{Kind: leg.Invite})
}

// pickedUp: A has answered. A leg of a call that came to us never tells so.
func (m *machine) pickedUp() {
	m.s.Answered = true
	m.do(StopRingTimer)
	if m.s.Proof == ProofAsked {
		m.do(AskPIN)
		return
	}
	m.do(PlayRingback)
	m.do(Seek)
}

// endedByA returns who ended a call that leg A released.
func (m *machine) endedByA(c leg.Cause) mapping.EndedBy {
	if m.s.Originated {
		return endedByFirst(c)
	}
	return endedByA(c)
}

// waitsForA reports whether B may not be rung: A has not picked up, or not
// proved who calls.
func (s *State) waitsForA() bool { return s.Proof == ProofAsked || s.Originated && !s.Answered }

// confirmedA reports whether there is a session with A.
func (s *State) confirmedA() bool {
	if s.Originated {
		return s.First.State == leg.UACConfirmed
	}
	return s.A.State == leg.UASConfirmed
}

// overA reports whether nothing more will happen on leg A.
func (s *State) overA() bool {
	if s.Originated {
		return s.First.Over()
	}
	return s.A.Over()
}
