package relay

import "time"

// EventKind is what a mover has noticed.
type EventKind uint8

// The kinds. The zero value is no event.
const (
	Latched    EventKind = iota + 1 // the peer turned out to be at another port, and is locked there
	DigitHeard                      // the peer pressed and released a key
	Silent                          // neither RTP nor RTCP of the peer for the time-out, though it should flow; again after each
	OneWay                          // the other peer speaks, and nothing of this one is heard
	Played                          // the clip has been played to the peer once, or can't be

	eventKinds = iota + 1 // how many values there are, the zero value included
)

// String gives the kind as a label for metrics.
func (k EventKind) String() string {
	switch k {
	case Latched:
		return "latched"
	case DigitHeard:
		return "digit"
	case Silent:
		return "silent"
	case OneWay:
		return "one-way"
	case Played:
		return "played"
	default:
		return "none"
	}
}

// Event is what a mover has noticed at an end of a circuit. The mover never waits for a reader:
// what nobody takes is dropped and counted.
type Event struct {
	Circuit  uint64 // its ID
	End      int    // 0 or 1: where the peer is that it is about
	Kind     EventKind
	Digit    Digit         // of DigitHeard
	Duration time.Duration // of DigitHeard: how long the key was held

	// Swallowed, of DigitHeard: it began or went on while digits were swallowed, so nobody else may
	// be told.
	Swallowed bool

	// Withheld, of DigitHeard: it was not passed on, and may be by who is told.
	Withheld bool
}
