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
	// Settled is whether a reliable 18x has brought the answer, while State is
	// UACEarly: an UPDATE may change the session then.
	Settled bool
	// Session is how the session changes once the leg is confirmed.
	Session Session
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

// Inviting reports whether the INVITE is out, has no final response and is still
// wanted.
func (u UAC) Inviting() bool { return u.State >= UACCalling && u.State <= UACEarly }

// Step is the machine: what the leg becomes, and what is to be done, appended
// to acts. An input that means nothing in a state changes nothing, but a 2xx
// and a reliable 18x are always acknowledged, a BYE is always accepted, and a
// re-INVITE or UPDATE always answered.
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
		return u.invite(acts)
	case Release:
		return UAC{State: UACEnded}, acts
	default:
		return u, acts
	}
}

// invite sends an INVITE. The gateway has less time for its first response if
// there is another to try.
func (u UAC) invite(acts []Action) (UAC, []Action) {
	acts = append(acts, Action{Do: SendInvite, Body: BodyOffer})
	if u.Gateways > 0 {
		acts = append(acts, start(TimerGateway, GatewayPatience))
	}
	return UAC{State: UACCalling, Gateways: u.Gateways}, acts
}

// heard stops the wait for the gateway's first response.
func (u UAC) heard(acts []Action) []Action {
	if u.State == UACCalling && u.Gateways > 0 {
		return append(acts, stop(TimerGateway))
	}
	return acts
}

// inviting: no final response yet (RFC 3261 section 13.2.2).
func (u UAC) inviting(in Input, acts []Action) (UAC, []Action) {
	switch in.Kind {
	case GotTrying:
		acts = u.heard(acts)
		u.State = max(u.State, UACProceeding)
		return u, acts
	case GotRinging:
		return u.alerted(in, Ringing, acts)
	case GotProgress:
		return u.alerted(in, Progress, acts)
	case GotOK:
		next := UAC{State: UACConfirmed}
		acts = append(u.heard(acts), Action{Do: SendAck}, tell(Answered))
		next.Session, acts = u.Session.open(in.Timer, acts)
		return next, acts
	case GotBadOK:
		return UAC{State: UACReleasing}, append(u.heard(acts), Action{Do: SendAck},
			bye(CauseMedia), released(CauseMedia))
	case GotRetry:
		return u.again(in, acts)
	case GotFinal:
		return UAC{State: UACEnded}, append(u.heard(acts), released(in.Cause))
	case GotFailure, GatewayFired:
		return u.failed(acts)
	case Release:
		return u.cancel(in, acts)
	case GotBye: // a UAS may not on an early dialog (section 15); its INVITE is still to be cancelled
		next, acts := u.cancel(Input{Cause: CauseHangup}, append(acts, Action{Do: AcceptBye}))
		return next, append(acts, released(CauseHangup))
	case Change: // the peer is told when it can be
		u.Session.Wish = WishChange
		return u, acts
	default:
		return u, updateEarly(in, u.initial(), acts)
	}
}

// initial is where the first exchange of offer and answer is.
func (u UAC) initial() initial {
	if u.Settled {
		return initialOver
	}
	return initialOurs
}

// alerted: an 18x is here.
func (u UAC) alerted(in Input, k EventKind, acts []Action) (UAC, []Action) {
	acts = u.heard(acts)
	if in.Reliable {
		acts = append(acts, Action{Do: SendPrack})
		u.Settled = u.Settled || in.Body == BodyAnswer
	}
	u.State = UACEarly
	return u, append(acts, Action{Do: Tell, Event: Event{Kind: k, Early: in.Early}})
}

// again sends the INVITE as its gateway wants it, unless somebody was alerted
// already.
func (u UAC) again(in Input, acts []Action) (UAC, []Action) {
	if u.State == UACEarly {
		return UAC{State: UACEnded}, append(acts, released(in.Cause))
	}
	u.State = UACCalling
	acts = append(acts, Action{Do: SendAgain, Body: BodyOffer})
	if u.Gateways > 0 {
		acts = append(acts, start(TimerGateway, GatewayPatience))
	}
	return u, acts
}

// failed goes on to the next gateway, unless somebody was alerted already.
func (u UAC) failed(acts []Action) (UAC, []Action) {
	if u.Gateways > 0 && u.State != UACEarly {
		acts = u.heard(acts)
		u.Gateways--
		return u.invite(acts)
	}
	return UAC{State: UACEnded}, append(acts, released(CauseFailed))
}

// cancel ends an INVITE that has no final response. CANCEL may be sent only
// after a provisional one (section 9.1).
func (u UAC) cancel(in Input, acts []Action) (UAC, []Action) {
	acts = u.heard(acts)
	if u.State == UACCalling {
		return UAC{State: UACCancelWait, Cause: in.Cause}, acts
	}
	return UAC{State: UACCancelling}, append(acts,
		Action{Do: SendCancel, Cause: in.Cause}, start(TimerCancel, patience))
}

// confirmed: the dialog is established. A repeated 2xx means that our ACK was
// lost (section 13.2.2.4).
func (u UAC) confirmed(in Input, acts []Action) (UAC, []Action) {
	if u.Session.lost(in) {
		return UAC{State: UACReleasing}, append(u.Session.close(acts), released(CauseLost), bye(CauseLost))
	}
	switch in.Kind {
	case GotOK, GotBadOK:
		return u, append(acts, Action{Do: SendAck})
	case Release:
		return UAC{State: UACReleasing}, append(u.Session.close(acts), bye(in.Cause))
	case GotBye:
		return UAC{State: UACEnded}, append(u.Session.close(acts), Action{Do: AcceptBye}, released(CauseHangup))
	case GotDigit:
		return u, append(acts, pressed(in.Digit))
	case Press:
		return u, append(acts, Action{Do: SendDigit, Digit: in.Digit})
	default:
		u.Session, acts = u.Session.step(in, true, acts)
		return u, acts
	}
}

// cancelling: a final response is due. If it is a 2xx it crossed our CANCEL:
// the dialog exists, and is ended with ACK and BYE (section 9.1).
func (u UAC) cancelling(in Input, acts []Action) (UAC, []Action) {
	switch in.Kind {
	case GotTrying, GotRinging, GotProgress:
		if in.Reliable { // until it has its PRACK it comes again
			acts = append(acts, Action{Do: SendPrack})
		}
		if u.State == UACCancelWait {
			return UAC{State: UACCancelling}, append(acts,
				Action{Do: SendCancel, Cause: u.Cause}, start(TimerCancel, patience))
		}
		return u, acts
	case GotOK, GotBadOK:
		return UAC{State: UACReleasing}, append(acts, stop(TimerCancel),
			Action{Do: SendAck}, bye(CauseCancelled))
	case GotRetry, GotFinal, GotFailure, CancelFired:
		return UAC{State: UACEnded}, append(acts, stop(TimerCancel))
	default:
		return u, answerLate(in, acts)
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
		return u, answerLate(in, acts)
	}
}

// ended: a 2xx may still come, late or again. It is acknowledged, and the
// dialog that it makes is ended.
func (u UAC) ended(in Input, acts []Action) []Action {
	switch in.Kind {
	case GotOK, GotBadOK:
		return append(acts, Action{Do: SendAck}, bye(CauseCancelled))
	default:
		return answerLate(in, acts)
	}
}
