package leg

import "strconv"

// UAC is an outbound leg: a dialog that our INVITE creates. The zero UAC has
// sent nothing.
type UAC struct {
	State UACState
	// Gateways is how many gateways are left to try after the present one.
	Gateways uint8
	// Cause is why the leg is being released, while State is UACCancelWait.
	Cause Cause
}

// UACState is where an outbound leg is in its life.
type UACState uint8

// The states of an outbound leg.
const (
	UACIdle       UACState = iota // nothing sent
	UACCalling                    // INVITE sent, nothing heard
	UACProceeding                 // 100 heard
	UACEarly                      // another 1xx heard
	UACConfirmed                  // 2xx heard, ACK sent
	UACCancelWait                 // to be released, but nothing heard: CANCEL must wait for a 1xx (RFC 3261 section 9.1)
	UACCancelling                 // CANCEL sent, the final response has not come
	UACReleasing                  // BYE sent
	UACEnded                      // over
)

// String names the state.
func (s UACState) String() string {
	names := [...]string{"idle", "calling", "proceeding", "early", "confirmed",
		"cancel_wait", "cancelling", "releasing", "ended"}
	if int(s) < len(names) {
		return names[s]
	}
	return "uac(" + strconv.Itoa(int(s)) + ")"
}

// Over reports whether nothing more will happen on the leg: it has ended, or
// it never began.
func (u UAC) Over() bool { return u.State == UACEnded || u.State == UACIdle }

// Step is the machine: what the leg becomes, and what is to be done, appended
// to acts. An input that means nothing in a state changes nothing, but a 2xx
// is always acknowledged and a BYE always accepted.
func (u UAC) Step(in Input, acts []Action) (UAC, []Action) {
	switch u.State {
	case UACIdle:
		return u.idle(in, acts)
	case UACCalling, UACProceeding, UACEarly:
		return u.inviting(in, acts)
	case UACConfirmed:
		return u.confirmed(in, acts)
	case UACCancelWait, UACCancelling:
		return u.cancelling(in, acts)
	case UACReleasing:
		return u.releasing(in, acts)
	default:
		return u, u.ended(in, acts)
	}
}

func (u UAC) idle(in Input, acts []Action) (UAC, []Action) {
	switch in.Kind {
	case Invite:
		u.State = UACCalling
		return u, append(acts, Action{Do: SendInvite})
	case Release:
		return UAC{State: UACEnded}, acts
	default:
		return u, acts
	}
}

// inviting: no final response yet (RFC 3261 section 13.2.2).
func (u UAC) inviting(in Input, acts []Action) (UAC, []Action) {
	switch in.Kind {
	case GotTrying:
		u.State = max(u.State, UACProceeding)
		return u, acts
	case GotRinging:
		u.State = UACEarly
		return u, append(acts, tell(Ringing))
	case GotProgress:
		u.State = UACEarly
		return u, append(acts, tell(Progress))
	case GotOK:
		return UAC{State: UACConfirmed}, append(acts, Action{Do: SendAck}, tell(Answered))
	case GotBadOK:
		return UAC{State: UACReleasing}, append(acts, Action{Do: SendAck},
			Action{Do: SendBye, Cause: CauseMedia}, released(CauseMedia))
	case GotFinal:
		return UAC{State: UACEnded}, append(acts, released(in.Cause))
	case GotFailure:
		return u.failed(acts)
	case Release:
		return u.cancel(in, acts)
	case GotBye: // a UAS may not on an early dialog (section 15); its INVITE is still to be cancelled
		next, acts := u.cancel(Input{Cause: CauseHangup}, append(acts, Action{Do: AcceptBye}))
		return next, append(acts, released(CauseHangup))
	default:
		return u, acts
	}
}

// failed goes on to the next gateway, unless somebody was alerted already.
func (u UAC) failed(acts []Action) (UAC, []Action) {
	if u.Gateways > 0 && u.State != UACEarly {
		return UAC{State: UACCalling, Gateways: u.Gateways - 1}, append(acts, Action{Do: SendInvite})
	}
	return UAC{State: UACEnded}, append(acts, released(CauseFailed))
}

// cancel ends an INVITE that has no final response. CANCEL may be sent only
// after a provisional one (section 9.1).
func (u UAC) cancel(in Input, acts []Action) (UAC, []Action) {
	if u.State == UACCalling {
		return UAC{State: UACCancelWait, Cause: in.Cause}, acts
	}
	return UAC{State: UACCancelling}, append(acts,
		Action{Do: SendCancel, Cause: in.Cause}, start(TimerCancel, patience))
}

// confirmed: the dialog is established. A repeated 2xx means that our ACK was
// lost (section 13.2.2.4).
func (u UAC) confirmed(in Input, acts []Action) (UAC, []Action) {
	switch in.Kind {
	case GotOK, GotBadOK:
		return u, append(acts, Action{Do: SendAck})
	case Release:
		return UAC{State: UACReleasing}, append(acts, Action{Do: SendBye, Cause: in.Cause})
	case GotBye:
		return UAC{State: UACEnded}, append(acts, Action{Do: AcceptBye}, released(CauseHangup))
	case GotDigit:
		return u, append(acts, pressed(in.Digit))
	case Press:
		return u, append(acts, Action{Do: SendDigit, Digit: in.Digit})
	default:
		return u, acts
	}
}

// cancelling: a final response is due. If it is a 2xx it crossed our CANCEL:
// the dialog exists, and is ended with ACK and BYE (section 9.1).
func (u UAC) cancelling(in Input, acts []Action) (UAC, []Action) {
	switch in.Kind {
	case GotTrying, GotRinging, GotProgress:
		if u.State == UACCancelWait {
			return UAC{State: UACCancelling}, append(acts,
				Action{Do: SendCancel, Cause: u.Cause}, start(TimerCancel, patience))
		}
		return u, acts
	case GotOK, GotBadOK:
		return UAC{State: UACReleasing}, append(acts, stop(TimerCancel),
			Action{Do: SendAck}, Action{Do: SendBye, Cause: CauseCancelled})
	case GotFinal, GotFailure, CancelFired:
		return UAC{State: UACEnded}, append(acts, stop(TimerCancel))
	default:
		return u, acceptLateBye(in, acts)
	}
}

// releasing: our BYE is on its way; the peer's may cross it.
func (u UAC) releasing(in Input, acts []Action) (UAC, []Action) {
	switch in.Kind {
	case GotOK, GotBadOK:
		return u, append(acts, Action{Do: SendAck})
	case ByeOver:
		return UAC{State: UACEnded}, acts
	default:
		return u, acceptLateBye(in, acts)
	}
}

// ended: a 2xx may still come, late or again. It is acknowledged, and the
// dialog that it makes is ended.
func (u UAC) ended(in Input, acts []Action) []Action {
	switch in.Kind {
	case GotOK, GotBadOK:
		return append(acts, Action{Do: SendAck}, Action{Do: SendBye, Cause: CauseCancelled})
	default:
		return acceptLateBye(in, acts)
	}
}
