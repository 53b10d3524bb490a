package leg

import "strconv"

// Event is what one leg tells the other. Nothing else crosses.
type Event struct {
	Kind  EventKind
	Cause Cause // with Released: why
	Early bool  // with Ringing, Progress: there is sound to be heard already
	Digit Digit // with Pressed
}

// EventKind is what happened on the leg that tells.
type EventKind uint8

// The events.
const (
	Ringing  EventKind = iota + 1 // the callee is being alerted
	Progress                      // the network makes progress, nobody is alerted yet
	Answered                      // the callee answered
	Released                      // the leg is over, or ending: the other must end too
	Pressed                       // the peer pressed a key
	Held                          // the peer put the call on hold
	Resumed                       // the peer is back
)

// String names the event.
func (k EventKind) String() string {
	switch k {
	case Ringing:
		return "ringing"
	case Progress:
		return "progress"
	case Answered:
		return "answered"
	case Released:
		return "released"
	case Pressed:
		return "pressed"
	case Held:
		return "held"
	case Resumed:
		return "resumed"
	default:
		return "event(" + strconv.Itoa(int(k)) + ")"
	}
}
