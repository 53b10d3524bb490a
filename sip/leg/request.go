package leg

// What a peer may ask within a dialog that is not established, or no longer.

// initial is where the first exchange of offer and answer is.
type initial uint8

const (
	initialTheirs initial = iota // the peer's offer has no answer, or there is no offer yet
	initialOurs                  // ours has no answer
	initialOver                  // there is something to change
)

// updateEarly answers what comes before the dialog is confirmed.
func updateEarly(in Input, at initial, acts []Action) []Action {
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
	case at == initialOver:
		return in.Flow.told(append(acts, acceptChange(BodyAnswer)))
	case at == initialOurs: // RFC 3311 section 5.2, as what follows
		return append(acts, refuse(491))
	default:
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
