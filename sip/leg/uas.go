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
// always accepted.
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
		return u, acceptLateBye(in, acts)
	}
}

// unanswered: no final response is sent yet (RFC 3261 section 13.3.1).
func (u UAS) unanswered(in Input, acts []Action) (UAS, []Action) {
	switch in.Kind {
	case Ring:
		return UAS{State: UASEarly}, append(acts, Action{Do: SendRinging})
	case Advance:
		return UAS{State: UASEarly}, append(acts, Action{Do: SendProgress})
	case Answer:
		return UAS{State: UASAnswered, Interval: T1},
			append(acts, Action{Do: SendOK}, start(TimerResend, T1), start(TimerAck, patience))
	case Release:
		return UAS{State: UASEnded}, append(acts, Action{Do: SendFinal, Cause: in.Cause})
	case GotCancel:
		return UAS{State: UASEnded}, append(acts, released(CauseCancelled))
	case GotBye: // allowed on an early dialog; the INVITE is then answered 487 (section 15.1.2)
		return UAS{State: UASEnded}, append(acts, Action{Do: AcceptBye},
			Action{Do: SendFinal, Cause: CauseCancelled}, released(CauseCancelled))
	default:
		return u, acts
	}
}

// answered: the 2xx is sent again and again until the ACK comes (section 13.3.1.4).
func (u UAS) answered(in Input, acts []Action) (UAS, []Action) {
	switch in.Kind {
	case GotAck:
		return UAS{State: UASConfirmed}, append(acts, stop(TimerResend), stop(TimerAck))
	case ResendFired:
		return u.resend(acts)
	case AckFired:
		return UAS{State: UASReleasing}, append(acts, stop(TimerResend),
			released(CauseLost), Action{Do: SendBye, Cause: CauseLost})
	case Release:
		return UAS{State: UASClosing, Interval: u.Interval, Cause: in.Cause}, acts
	case GotBye:
		return UAS{State: UASEnded}, append(acts, Action{Do: AcceptBye},
			stop(TimerResend), stop(TimerAck), released(CauseHangup))
	case GotCancel: // it was faster: 487 went out in place of our 2xx
		return UAS{State: UASEnded}, append(acts,
			stop(TimerResend), stop(TimerAck), released(CauseCancelled))
	default:
		return u, acts
	}
}

// confirmed: the dialog is established.
func (u UAS) confirmed(in Input, acts []Action) (UAS, []Action) {
	switch in.Kind {
	case Release:
		return UAS{State: UASReleasing}, append(acts, Action{Do: SendBye, Cause: in.Cause})
	case GotBye:
		return UAS{State: UASEnded}, append(acts, Action{Do: AcceptBye}, released(CauseHangup))
	case GotDigit:
		return u, append(acts, pressed(in.Digit))
	case Press:
		return u, append(acts, Action{Do: SendDigit, Digit: in.Digit})
	default:
		return u, acts
	}
}

// closing: as answered, but the ACK is followed by our BYE at once.
func (u UAS) closing(in Input, acts []Action) (UAS, []Action) {
	switch in.Kind {
	case GotAck, AckFired:
		return UAS{State: UASReleasing}, append(acts, stop(TimerResend), stop(TimerAck),
			Action{Do: SendBye, Cause: u.Cause})
	case ResendFired:
		return u.resend(acts)
	case GotBye:
		return UAS{State: UASEnded}, append(acts, Action{Do: AcceptBye}, stop(TimerResend), stop(TimerAck))
	case GotCancel: // as in answered; it is told, because the caller was not answered after all
		return UAS{State: UASEnded}, append(acts,
			stop(TimerResend), stop(TimerAck), released(CauseCancelled))
	default:
		return u, acts
	}
}

// releasing: our BYE is on its way; the peer's may cross it.
func (u UAS) releasing(in Input, acts []Action) (UAS, []Action) {
	switch in.Kind {
	case ByeOver:
		return UAS{State: UASEnded}, acts
	default:
		return u, acceptLateBye(in, acts)
	}
}

// resend repeats the 2xx; the interval doubles up to T2 (section 13.3.1.4).
func (u UAS) resend(acts []Action) (UAS, []Action) {
	u.Interval = min(2*u.Interval, T2)
	return u, append(acts, Action{Do: ResendOK}, start(TimerResend, u.Interval))
}

func acceptLateBye(in Input, acts []Action) []Action {
	if in.Kind == GotBye {
		return append(acts, Action{Do: AcceptBye})
	}
	return acts
}
