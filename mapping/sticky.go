package mapping

import "strconv"

// Sticky is what becomes of the DIDs that the same two parties had in their
// last interaction. Only interactions with a policy other than off are
// remembered for it.
type Sticky uint8

// The policies.
const (
	// StickyOff: they are DIDs like any other.
	StickyOff Sticky = iota + 1
	// StickyPrefer: the parties are given them again if they are free.
	StickyPrefer
	// StickyAvoid: the parties are given others if others are free.
	StickyAvoid
	// StickyPin: the parties are given them again, or none.
	StickyPin
)

// String returns the policy as the API writes it.
func (s Sticky) String() string {
	switch s {
	case StickyOff:
		return "off"
	case StickyPrefer:
		return "prefer"
	case StickyAvoid:
		return "avoid"
	case StickyPin:
		return "pin"
	default:
		return "sticky(" + strconv.Itoa(int(s)) + ")"
	}
}

// ParseSticky reads a policy as the API writes it; the empty text is none, in
// place of which the pool's is taken.
func ParseSticky(s string) (Sticky, bool) { return calledOr(s, StickyOff, StickyPin, 0) }
