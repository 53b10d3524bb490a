package relay

// Drop is the reason why a packet did not pass.
type Drop uint8

// The reasons. The zero value means that the packet passes, or was for us alone.
const (
	DropClosed    Drop = iota + 1 // before the bridge opened, or after it was cut
	DropStranger                  // not from where the SDP said that the peer is
	DropRate                      // far more than any packetization time takes
	DropMalformed                 // not a packet of RFC 3550
	DropSTUN                      // connectivity checks: we have no ICE
	DropDTLS                      // a handshake: we have none
	DropZRTP                      // key agreement: we have none
	DropForged                    // its SRTP tag is wrong, it was there before, or it is of one source too many
	DropFormat                    // a payload type that this leg did not negotiate
	DropUnmatched                 // a format that the other leg cannot receive
	DropHeld                      // one of the two legs is on hold in this direction
	DropPlaying                   // the other peer hears a prompt or a digit of ours instead
	DropSwallowed                 // a digit, or the sound of one, that only we may hear
	DropLate                      // it came twice, or belongs before what has been sent
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
	case DropRate:
		return "rate"
	case DropMalformed:
		return "malformed"
	case DropSTUN:
		return "stun"
	case DropDTLS:
		return "dtls"
	case DropZRTP:
		return "zrtp"
	case DropForged:
		return "forged"
	case DropFormat:
		return "format"
	case DropUnmatched:
		return "unmatched"
	case DropHeld:
		return "held"
	case DropPlaying:
		return "playing"
	case DropSwallowed:
		return "swallowed"
	case DropLate:
		return "late"
	case DropUnsent:
		return "unsent"
	default:
		return "none"
	}
}
