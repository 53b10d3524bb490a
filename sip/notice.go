package sip

import "maskd/sip/leg"

// Notice is what is heard of us before a call ends.
type Notice uint8

// The notices.
const (
	NoticeNone    Notice = iota
	NoticeRefusal        // the caller hears, before any answer, that he can't be put through
	NoticeGoodbye        // the two talked, and hear that it is over
)

// refuse lets the caller hear why before he is refused. It is early media: nobody
// pays for it. To whom that can't be sent, because we have no offer of his, is
// refused at once.
func (m *machine) refuse(c leg.Cause) {
	if m.s.End.Outcome != 0 || m.s.Notice != NoticeNone {
		return
	}
	if m.s.Originated || m.s.A.State != leg.UASProceeding || m.s.A.Asks.Late {
		m.stop(c)
		return
	}
	m.s.Notice, m.s.After = NoticeRefusal, c
	m.stepA(leg.Input{Kind: leg.Advance, Early: true})
	m.do(PlayNotice)
}

// part ends a call that talks in two steps: the two don't hear each other from
// now on, and are hung up when they have heard why. Any other ends at once.
func (m *machine) part(c leg.Cause) {
	if m.s.Bridge != BridgeOpen || !m.s.confirmedA() || m.s.B[m.s.winner().number()].State != leg.UACConfirmed {
		m.stop(c)
		return
	}
	m.end(stoppedBy(c), c)
	m.stopTalk()
	m.s.Bridge, m.s.Notice, m.s.After = BridgeParted, NoticeGoodbye, c
	m.do(PartBridge)
	m.do(PlayNotice)
}

// noticeOver ends the call, unless it has ended meanwhile.
func (m *machine) noticeOver() {
	if m.s.Notice != NoticeNone && m.s.Bridge != BridgeCut {
		m.stop(m.s.After)
	}
}

// warn lets them hear that they have not much time left.
func (m *machine) warn() {
	if m.s.Bridge == BridgeOpen {
		m.do(PlayWarning)
	}
}

// timeOver hangs up the two, who have talked for as long as they may.
func (m *machine) timeOver() {
	if m.s.Bridge == BridgeOpen {
		m.stop(leg.CauseLimit)
	}
}

// stopTalk stops what only runs while the two talk, or we do.
func (m *machine) stopTalk() {
	if m.s.Bridge == BridgeOpen {
		m.do(StopCallTimer)
	}
	if m.s.Notice != NoticeNone {
		m.do(StopNotice)
	}
}
