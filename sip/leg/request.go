package leg

// What a peer may ask within a dialog that is not established, or no longer.

// updateEarly answers what comes before the dialog is confirmed. Settled is
// whether offer and answer have been exchanged, so that there is something to
// change.
func updateEarly(in Input, settled bool, acts []Action) []Action {
	switch {
	case in.Kind == GotPrack:
		return append(acts, Action{Do: AcceptPrack})
	case in.Kind == GotReinvite: // the INVITE before is not over (RFC 3261 section 14.2, RFC 5407 section 3.1.4)
		return append(acts, refuse(491))
	case in.Kind == GotChanged:
		return append(acts, Action{Do: AckChange})
	case in.Kind != GotUpdate:
		return acts
	case in.Body == BodyNone:
		return append(acts, acceptChange(BodyNone))
	case in.Body == BodyBad:
		return append(acts, refuse(488))
	case settled:
		return in.Flow.told(append(acts, acceptChange(BodyAnswer)))
	default: // the peer's offer of before has no answer yet, or ours has none (RFC 3311 section 5.2)
		return append(acts, refuse(500))
	}
}

// answerLate answers what comes when the dialog is ending.
func answerLate(in Input, acts []Action) []Action {
	switch in.Kind {
	case GotBye:
		return append(acts, Action{Do: AcceptBye})
	case GotPrack:
		return append(acts, Action{Do: AcceptPrack})
	case GotReinvite, GotUpdate:
		return append(acts, refuse(481))
	case GotChanged:
		return append(acts, Action{Do: AckChange})
	default:
		return acts
	}
}
