package leg

import (
	"strconv"
	"time"
)

// UAS is the inbound leg: a dialog that a caller's INVITE created. The zero
// UAS has just received the INVITE.
type UAS struct {
	State UASState
	// Interval is the time to the next retransmission of our 2xx.
	Interval time.Duration
	// Cause is why the leg is being released, while State is UASClosing.
	Cause Cause
	// Asks is what the INVITE asks for, until the leg is confirmed.
	Asks Asks
	// Early is the provisional responses, until the leg is confirmed.
	Early Early
	// Session is how the session changes once the leg is confirmed.
	Session Session
}

// UASState is where an inbound leg is in its life.
type UASState uint8

// The states of an inbound leg.
const (
	UASProceeding UASState = iota // INVITE received, 100 sent
	UASEarly                      // a 18x is sent
	UASAnswered                   // a 2xx is sent, its ACK has not come
	UASConfirmed                  // ACK received
	UASClosing                    // to be released, but its ACK has not come: BYE must wait (RFC 3261 section 15)
	UASReleasing                  // BYE sent
	UASEnded                      // over
)

// String names the state.
func (s UASState) String() string {
	names := [...]string{"proceeding", "early", "answered", "confirmed", "closing", "releasing", "ended"}
	if int(s) < len(names) {
		return names[s]
	}
	return "uas(" + strconv.Itoa(int(s)) + ")"
}

// Over reports whether nothing more will happen on the leg.
func (u UAS) Over() bool { return u.State == UASEnded }

// Step is the machine: what the leg becomes, and what is to be done, appended
// to acts. An input that means nothing in a state changes nothing; a BYE is
// always accepted, and a PRACK, re-INVITE or UPDATE always answered.
func (u UAS) Step(in Input, acts []Action) (UAS, []Action) {
	switch u.State {
	case UASProceeding, UASEarly:
		return u.unanswered(in, acts)
	case UASAnswered:
		return u.answered(in, acts)
	case UASConfirmed:
		return u.confirmed(in, acts)
	case UASClosing:
		return u.closing(in, acts)
	case UASReleasing:
		return u.releasing(in, acts)
	default:
		return u, answerLate(in, acts)
	}
}

// unanswered: no final response is sent yet (RFC 3261 section 13.3.1).
func (u UAS) unanswered(in Input, acts []Action) (UAS, []Action) {
	switch in.Kind {
	case Ring:
		return u.provisional(SendRinging, in.Early, acts)
	case Advance:
		return u.provisional(SendProgress, in.Early, acts)
	case Answer:
		if u.Early.Waits { // a 2xx must not overtake the SDP of an 18x (RFC 3262 section 3)
			u.Early.Answered = true
			return u, acts
		}
		return u.answer(acts)
	case GotPrack:
		return u.acknowledged(in, acts)
	case EarlyFired:
		return u.resendEarly(acts)
	case PrackFired: // section 3: the INVITE is refused
		return UAS{State: UASEnded}, append(u.stopEarly(acts), released(CauseLost), Action{Do: SendFinal, Cause: CauseLost})
	case Release:
		return UAS{State: UASEnded}, append(u.stopEarly(acts), Action{Do: SendFinal, Cause: in.Cause})
	case GotCancel:
		return UAS{State: UASEnded}, append(u.stopEarly(acts), released(CauseCancelled))
	case GotBye: // allowed on an early dialog; the INVITE is then answered 487 (section 15.1.2)
		return UAS{State: UASEnded}, append(u.stopEarly(acts), Action{Do: AcceptBye},
			released(CauseCancelled), Action{Do: SendFinal, Cause: CauseCancelled})
	case GotReinvite: // of another INVITE (section 14.2)
		return u, append(acts, refuse(500))
	case Change: // what is not yet said is said as things are then
		if u.Early.Settled || u.Early.Offering {
			u.Session.Wish = WishChange
		}
		return u, acts
	default:
		return u.updated(in, acts)
	}
}

// answer sends the 2xx, with what the INVITE has not yet had of offer and answer.
func (u UAS) answer(acts []Action) (UAS, []Action) {
	body := BodyAnswer
	switch {
	case u.Early.Settled:
		body = BodyNone
	case u.Asks.Late:
		body = BodyOffer
	}
	return UAS{State: UASAnswered, Interval: T1, Asks: u.Asks, Early: u.Early, Session: u.Session},
		append(acts, Action{Do: SendOK, Body: body}, start(TimerResend, T1), start(TimerAck, patience))
}

// answered: the 2xx is sent again and again until the ACK comes (section 13.3.1.4).
func (u UAS) answered(in Input, acts []Action) (UAS, []Action) {
	switch in.Kind {
	case GotAck:
		return u.confirm(in, append(acts, stop(TimerResend), stop(TimerAck)))
	case ResendFired:
		return u.resend(acts)
	case AckFired:
		return UAS{State: UASReleasing}, append(acts, stop(TimerResend), released(CauseLost), bye(CauseLost))
	case Release:
		return UAS{State: UASClosing, Interval: u.Interval, Cause: in.Cause}, acts
	case GotBye:
		return UAS{State: UASEnded}, append(acts, Action{Do: AcceptBye},
			stop(TimerResend), stop(TimerAck), released(CauseHangup))
	case GotCancel: // it was faster: 487 went out in place of our 2xx
		return UAS{State: UASEnded}, append(acts,
			stop(TimerResend), stop(TimerAck), released(CauseCancelled))
	case Change: // the peer is told when it can be
		u.Session.Wish = WishChange
		return u, acts
	default:
		return u.updated(in, acts)
	}
}

// initial is where the first exchange of offer and answer is.
func (u UAS) initial() initial {
	answered := u.State == UASAnswered
	switch {
	case u.Early.Settled && !u.Early.Waits, answered && !u.Asks.Late:
		return initialOver
	case u.Asks.Late && !u.Early.Settled && (u.Early.Offering || answered):
		return initialOurs
	default:
		return initialTheirs
	}
}

// updated answers an UPDATE before the dialog is confirmed. What it agrees on
// is then what holds, and not what the INVITE asked for.
func (u UAS) updated(in Input, acts []Action) (UAS, []Action) {
	n := len(acts)
	acts = updateEarly(in, u.initial(), acts)
	if len(acts) > n && acts[n].Do == AcceptChange {
		u.Asks.Timer = in.Timer
	}
	return u, acts
}

// confirm: the dialog is established, if the ACK brings the answer that it has to.
func (u UAS) confirm(in Input, acts []Action) (UAS, []Action) {
	if u.initial() == initialOurs && in.Body != BodyAnswer {
		return UAS{State: UASReleasing}, append(acts, released(CauseMedia), bye(CauseMedia))
	}
	if u.initial() == initialOurs {
		acts = in.Flow.told(acts)
	}
	next := UAS{State: UASConfirmed}
	next.Session, acts = u.Session.open(u.Asks.Timer, acts)
	return next, acts
}

// confirmed: the dialog is established.
func (u UAS) confirmed(in Input, acts []Action) (UAS, []Action) {
	if u.Session.lost(in) {
		return UAS{State: UASReleasing}, append(u.Session.close(acts), released(CauseLost), bye(CauseLost))
	}
	switch in.Kind {
	case Release:
		return UAS{State: UASReleasing}, append(u.Session.close(acts), bye(in.Cause))
	case GotBye:
		return UAS{State: UASEnded}, append(u.Session.close(acts), Action{Do: AcceptBye}, released(CauseHangup))
	case GotDigit:
		return u, append(acts, pressed(in.Digit))
	case Press:
		return u, append(acts, Action{Do: SendDigit, Digit: in.Digit})
	case GotPrack: // of an 18x that our 2xx has overtaken
		return u, append(acts, Action{Do: AcceptPrack})
	default:
		u.Session, acts = u.Session.step(in, false, acts)
		return u, acts
	}
}

// closing: as answered, but the ACK is followed by our BYE at once.
func (u UAS) closing(in Input, acts []Action) (UAS, []Action) {
	switch in.Kind {
	case GotAck, AckFired:
		return UAS{State: UASReleasing}, append(acts, stop(TimerResend), stop(TimerAck), bye(u.Cause))
	case ResendFired:
		return u.resend(acts)
	case GotBye:
		return UAS{State: UASEnded}, append(acts, Action{Do: AcceptBye}, stop(TimerResend), stop(TimerAck))
	case GotCancel: // as in answered; it is told, because the caller was not answered after all
		return UAS{State: UASEnded}, append(acts,
			stop(TimerResend), stop(TimerAck), released(CauseCancelled))
	default:
		return u, answerLate(in, acts)
	}
}

// releasing: our BYE is on its way; the peer's may cross it.
func (u UAS) releasing(in Input, acts []Action) (UAS, []Action) {
	switch in.Kind {
	case ByeOver:
		return UAS{State: UASEnded}, acts
	default:
		return u, answerLate(in, acts)
	}
}

// resend repeats the 2xx; the interval doubles up to T2 (section 13.3.1.4).
func (u UAS) resend(acts []Action) (UAS, []Action) {
	u.Interval = min(2*u.Interval, T2)
	return u, append(acts, Action{Do: ResendOK}, start(TimerResend, u.Interval))
}
