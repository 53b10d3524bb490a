package sip

import (
	"maskd/mapping"
	"maskd/sip/leg"
)

// Proof is whether a caller proves who he is before anybody is rung, because
// his number does not.
type Proof uint8

// The states of the proof.
const (
	ProofNone  Proof = iota // his number is enough
	ProofAsked              // he is answered, and asked for his PIN
	ProofGiven              // it was right: B may be rung
)

// ask answers the caller. He is asked for his PIN when he can hear it.
func (m *machine) ask() {
	if m.s.End.Outcome != 0 || m.s.Proof != ProofNone || m.s.A.State >= leg.UASAnswered {
		return
	}
	m.s.Proof = ProofAsked
	m.stepA(leg.Input{Kind: leg.Answer})
}

// heardBy asks the caller for his PIN, once the ACK tells that there is sound.
func (m *machine) heardBy(before leg.UASState) {
	if m.s.Proof == ProofAsked && before == leg.UASAnswered && m.s.A.State == leg.UASConfirmed {
		m.do(AskPIN)
	}
}

// unproven: the PIN was wrong, or did not come.
func (m *machine) unproven() {
	if !m.s.proving() {
		return
	}
	switch {
	case m.s.lastTry() && m.s.Originated: // perhaps it is a voicemail's greeting that does not press keys
		m.ringOver()
		return
	case m.s.lastTry():
		m.stop(leg.CauseUnproven)
		return
	}
	m.s.Wrong++
	m.do(AskPIN)
}

// proven: the PIN was right. It is heard that somebody will be rung.
func (m *machine) proven() {
	if !m.s.proving() {
		return
	}
	m.s.Proof = ProofGiven
	m.do(PlayRingback)
}

// proving reports whether the caller is being asked for his PIN, or for a key.
func (s *State) proving() bool {
	return s.Proof == ProofAsked && s.End.Outcome == 0 && (s.Answered || !s.Originated)
}

// lastTry reports whether the call ends if the PIN is wrong once more.
func (s *State) lastTry() bool {
	if s.Originated {
		return s.Wrong+1 >= confirmTries
	}
	return s.Wrong+1 >= mapping.PINTries
}

// ahead reports whether A is there before B is rung: asked for his PIN, or rung
// by us.
func (s *State) ahead() bool { return s.Proof != ProofNone || s.Originated }
