package mapping

import "strconv"

// Side is one end of an interaction. A is the party named first when the
// interaction was created, whoever calls.
type Side uint8

// The two sides. The zero Side is none: a caller who is no party.
const (
	SideA Side = iota + 1
	SideB
)

// Other returns the opposite side.
func (s Side) Other() Side {
	switch s {
	case SideA:
		return SideB
	case SideB:
		return SideA
	default:
		return s
	}
}

// String returns "a", "b" or, for none, the empty string.
func (s Side) String() string {
	switch s {
	case 0:
		return ""
	case SideA:
		return "a"
	case SideB:
		return "b"
	default:
		return "side(" + strconv.Itoa(int(s)) + ")"
	}
}
