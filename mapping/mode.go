package mapping

import "strconv"

// Mode is who may reach whom in an interaction.
type Mode uint8

// The modes.
const (
	// ModePair connects A and B, each of whom calls a DID and reaches the other.
	ModePair Mode = iota + 1
)

// String returns the mode as the API writes it.
func (m Mode) String() string {
	if m == ModePair {
		return "pair"
	}
	return "mode(" + strconv.Itoa(int(m)) + ")"
}

// ParseMode reads a mode as the API writes it; the empty text is the default, pair.
func ParseMode(s string) (Mode, bool) { return ModePair, s == "" || s == ModePair.String() }

// Numbering is how DIDs are given to the two parties.
type Numbering uint8

// The numberings.
const (
	// NumberingPerParty gives each party a DID of its own.
	NumberingPerParty Numbering = iota + 1
	// NumberingShared gives both parties the same DID.
	NumberingShared
)

// String returns the numbering as the API writes it.
func (n Numbering) String() string {
	switch n {
	case NumberingPerParty:
		return "per_party"
	case NumberingShared:
		return "shared"
	default:
		return "numbering(" + strconv.Itoa(int(n)) + ")"
	}
}

// ParseNumbering reads a numbering as the API writes it; the empty text is the
// default, per_party.
func ParseNumbering(s string) (Numbering, bool) {
	switch s {
	case "", NumberingPerParty.String():
		return NumberingPerParty, true
	case NumberingShared.String():
		return NumberingShared, true
	default:
		return 0, false
	}
}
