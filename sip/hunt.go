package sip

import (
	"maskd/mapping"
	"maskd/sip/leg"
)

// MaxLegs is how many numbers may be rung for a call: as many as a party can
// have, and its fallback.
const MaxLegs = mapping.MaxPartyNumbers + 1

// Plan is how the numbers of a party are rung. Once those that are rung together
// have failed, the others are rung one after the other.
type Plan struct {
	Numbers  uint8 // how many there are, at most MaxLegs; 0 is 1
	Together uint8 // how many of them are rung at once, from the first on; 0 is 1
}

// Hunt is how far the ringing has come. Each number that is rung has a leg of its
// own, and the one that answers first wins.
type Hunt struct {
	Plan    Plan
	Dealt   uint8 // how many numbers are rung, were rung or can't be
	Seeking bool  // the next one is being got ready
	Told    bool  // A knows that it rings; with one number the leg knows
	Won     uint8 // the leg that has answered, counted from 1; 0: none has
	Best    Failure
}

// Failure is why a number did not answer.
type Failure struct {
	By    mapping.EndedBy
	Cause leg.Cause
}

// alone reports whether there is one number only.
func (h *Hunt) alone() bool { return h.Plan.Numbers <= 1 }

// next counts one more number, and returns which it is.
func (h *Hunt) next(p Plan) (number uint8) {
	if h.Dealt == 0 {
		h.Plan = Plan{Numbers: max(p.Numbers, 1), Together: max(p.Together, 1)}
	}
	h.Seeking = false
	h.Dealt++
	return h.Dealt - 1
}

// left reports whether there are numbers that nobody has seen to.
func (h *Hunt) left() bool { return h.Dealt < h.Plan.Numbers }

// note keeps the failure that came nearest to an answer: that one A is told.
func (h *Hunt) note(f Failure) {
	if nearness(f.Cause) > nearness(h.Best.Cause) {
		h.Best = f
	}
}

// nearness is how near a number that failed came to an answer. A group of which
// one was rung in vain was not busy, and one of which one was busy can be had.
func nearness(c leg.Cause) int {
	switch c {
	case 0:
		return 0
	case leg.CauseNoAnswer:
		return 4
	case leg.CauseBusy:
		return 3
	case leg.CauseFailed, leg.CauseFull, leg.CauseLost:
		return 1
	default:
		return 2
	}
}

// winner returns the leg that has answered, or where none has the first.
func (s *State) winner() Target { return LegB + Target(max(s.Hunt.Won, 1)-1) }

// rings reports whether a number is being rung.
func (m *machine) rings() bool {
	for _, b := range m.s.B[:m.s.Hunt.Dealt] {
		if b.Inviting() {
			return true
		}
	}
	return false
}

// awaits reports whether a number is still wanted: not if the call has ended, or
// another number has answered while this one was got ready, or A has yet to pick
// up or to prove who calls, or hears why he is refused.
func (m *machine) awaits() bool {
	h := &m.s.Hunt
	return m.s.End.Outcome == 0 && h.Won == 0 && !m.s.waitsForA() && m.s.Notice == NoticeNone && (h.Seeking || h.Dealt == 0)
}

// route rings a number.
func (m *machine) route(p Plan, gateways uint8) {
	if !m.awaits() {
		return
	}
	begins := !m.rings()
	number := m.s.Hunt.next(p)
	m.s.B[number].Gateways = gateways - 1
	if begins {
		m.do(StartRingTimer)
	}
	m.stepB(number, leg.Input{Kind: leg.Invite})
	if m.s.Hunt.Dealt < m.s.Hunt.Plan.Together {
		m.seek()
	}
}

// passOver goes on without a number that can't be rung.
func (m *machine) passOver(p Plan, c leg.Cause) {
	if m.awaits() {
		m.s.Hunt.next(p)
		m.missed(Failure{By: mapping.EndedByFailure, Cause: c})
	}
}

// missed: a number does not answer. The others ring on, or the next is rung; if
// there is none the call has failed.
func (m *machine) missed(f Failure) {
	h := &m.s.Hunt
	h.note(f)
	over := !m.rings()
	if over && !h.Seeking && !h.left() {
		m.fail()
		return
	}
	if over {
		m.do(StopRingTimer)
	}
	if !h.Seeking && (over || h.Dealt < h.Plan.Together) {
		m.seek()
	}
}

// seek has the next number got ready.
func (m *machine) seek() {
	m.s.Hunt.Seeking = true
	m.do(RingNext)
}

// fail ends the call as it came nearest to an answer.
func (m *machine) fail() {
	best := m.s.Hunt.Best
	m.end(best.By, best.Cause)
	m.release(best.Cause)
}

// ringOver gives up the numbers that are rung, or A.
func (m *machine) ringOver() {
	first := m.s.Originated && m.s.Hunt.Dealt == 0
	if m.s.Bridge >= BridgeOpen || m.s.End.Outcome != 0 || !first && !m.rings() {
		return
	}
	f := Failure{By: mapping.EndedByTimeout, Cause: leg.CauseNoAnswer}
	if h := &m.s.Hunt; !h.left() && !h.Seeking {
		h.note(f)
		m.fail()
		return
	}
	m.leave(f.Cause)
	m.missed(f)
}

// leave releases the legs on which nobody has answered.
func (m *machine) leave(c leg.Cause) {
	for number := range m.s.Hunt.Dealt {
		if m.s.B[number].Inviting() {
			m.stepB(number, leg.Input{Kind: leg.Release, Cause: c})
		}
	}
}

// alert lets A know that it rings. Of several numbers one does so for all, once:
// A must not learn which ring.
func (m *machine) alert(e leg.Event) {
	if h := &m.s.Hunt; !h.alone() {
		if h.Told || e.Kind != leg.Ringing {
			return
		}
		h.Told = true
	}
	m.early(e)
	in := leg.Input{Kind: leg.Ring, Early: e.Early}
	if e.Kind == leg.Progress {
		in.Kind = leg.Advance
	}
	m.stepA(in)
}

// answered: a number has answered. The others need not be rung any more.
func (m *machine) answered(number uint8) {
	m.do(StopRingTimer)
	m.s.Hunt.Won, m.s.Hunt.Seeking = number+1, false
	m.s.Bridge = BridgeOpen
	m.do(OpenBridge) // before the 200: who gets it may speak at once
	m.do(StartCallTimer)
	if !m.s.ahead() { // else it was answered long ago
		m.stepA(leg.Input{Kind: leg.Answer})
	}
	m.leave(leg.CauseElsewhere)
}

// tellB tells the leg that has answered, or while none has, all that are rung.
func (m *machine) tellB(in leg.Input) {
	for number := range m.s.Hunt.Dealt {
		if won := m.s.Hunt.Won; won == 0 || won == number+1 {
			m.stepB(number, in)
		}
	}
}
