package leg

// Body is what a message carries for the sound (RFC 3264): the leg knows that
// it is there, and never what is in it.
type Body uint8

// The bodies.
const (
	BodyNone   Body = iota
	BodyOffer       // an offer that we can answer, or ours
	BodyAnswer      // an answer that we can use, or ours
	BodyBad         // an SDP that we can't use
)

// String names the body.
func (b Body) String() string {
	switch b {
	case BodyOffer:
		return "offer"
	case BodyAnswer:
		return "answer"
	case BodyBad:
		return "bad SDP"
	default:
		return ""
	}
}

// Flow is whether a peer's offer or answer puts the call on hold.
type Flow uint8

// The flows.
const (
	FlowSame   Flow = iota // as before
	FlowHold               // the peer will no longer both speak and listen
	FlowResume             // it will again
)

// told returns what the other leg is to be told of the flow, added to acts.
func (f Flow) told(acts []Action) []Action {
	switch f {
	case FlowHold:
		return append(acts, tell(Held))
	case FlowResume:
		return append(acts, tell(Resumed))
	default:
		return acts
	}
}
