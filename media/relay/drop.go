package relay

// Drop is the reason why a packet did not pass.
type Drop uint8

// The reasons. The zero value means that the packet passes.
const (
	DropClosed    Drop = iota + 1 // before the bridge opened, or after it was cut
	DropStranger                  // not from the exact address and port that the SDP named
	DropMalformed                 // not a packet of RFC 3550
	DropFormat                    // a payload type that this leg did not negotiate
	DropUnmatched                 // an event that the other leg cannot receive
	DropHeld                      // one of the two legs is on hold in this direction
	DropUnsent                    // the network refused it

	drops = iota + 1 // how many values there are, the zero value included
)

// String gives the reason as a label for metrics.
func (d Drop) String() string {
	switch d {
	case DropClosed:
		return "closed"
	case DropStranger:
		return "stranger"
	case DropMalformed:
		return "malformed"
	case DropFormat:
		return "format"
	case DropUnmatched:
		return "unmatched"
	case DropHeld:
		return "held"
	case DropUnsent:
		return "unsent"
	default:
		return "none"
	}
}
