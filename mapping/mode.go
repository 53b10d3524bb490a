package mapping

import "strconv"

// Mode is who may reach whom in an interaction.
type Mode uint8

// The modes.
const (
	// ModePair connects A and B, each of whom calls a DID and reaches the other.
	ModePair Mode = iota + 1
	// ModeOpen lets anybody who calls A's DID reach A. While it lives the DID is
	// nobody else's, so that there is one answer to who is meant.
	ModeOpen
	// ModeExtension lets anybody reach A who calls a DID that many share, and keys
	// in the extension that is A's on it.
	ModeExtension
)

// String returns the mode as the API writes it.
func (m Mode) String() string {
	switch m {
	case ModePair:
		return "pair"
	case ModeOpen:
		return "open"
	case ModeExtension:
		return "extension"
	default:
		return "mode(" + strconv.Itoa(int(m)) + ")"
	}
}

// OneSided reports whether only party A is named, and strangers are the other side.
func (m Mode) OneSided() bool { return m == ModeOpen || m == ModeExtension }

// ParseMode reads a mode as the API writes it; the empty text is the default, pair.
func ParseMode(s string) (Mode, bool) { return calledOr(s, ModePair, ModeExtension, ModePair) }

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
	return calledOr(s, NumberingPerParty, NumberingShared, NumberingPerParty)
}
