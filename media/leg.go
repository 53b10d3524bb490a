package media

// Leg is one of the two legs of a call.
type Leg uint8

// The legs. The zero value is no leg.
const (
	A          Leg = iota + 1 // the inbound leg: the caller's
	B                         // the outbound leg: the callee's
	firstRival                // for leg B, and so are all above it: see [Session.Rival]
)

// Other is the leg on the far side of the bridge.
func (l Leg) Other() Leg {
	if l == A {
		return B
	}
	return A
}

// String gives "A" or "B".
func (l Leg) String() string {
	switch l {
	case A:
		return "A"
	case B:
		return "B"
	case 0:
		return "none"
	default:
		return "rival for B"
	}
}

// end is the leg's index in what the relay knows.
func (l Leg) end() int { return int(l) - 1 }

// legOf is the leg of such an index.
func legOf(end int) Leg { return Leg(end + 1) }
