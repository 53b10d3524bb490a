package mapping

import "strconv"

// Direction is who of the two parties may call the other.
type Direction uint8

// The directions.
const (
	DirectionBoth Direction = iota + 1
	DirectionAToB           // A calls B, and B can't call back
	DirectionBToA
)

// Allows reports whether the party of a side may call.
func (d Direction) Allows(caller Side) bool {
	switch d {
	case DirectionBoth:
		return caller == SideA || caller == SideB
	case DirectionAToB:
		return caller == SideA
	case DirectionBToA:
		return caller == SideB
	default:
		return false
	}
}

// String returns the direction as the API writes it.
func (d Direction) String() string {
	switch d {
	case DirectionBoth:
		return "both"
	case DirectionAToB:
		return "a_to_b"
	case DirectionBToA:
		return "b_to_a"
	default:
		return "direction(" + strconv.Itoa(int(d)) + ")"
	}
}

// ParseDirection reads a direction as the API writes it; the empty text is the
// default, both.
func ParseDirection(s string) (Direction, bool) {
	return calledOr(s, DirectionBoth, DirectionBToA, DirectionBoth)
}
