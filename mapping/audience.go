package mapping

import "strconv"

// Audience is who of the two parties hears something.
type Audience uint8

// The audiences.
const (
	AudienceBoth Audience = iota + 1
	AudienceA
	AudienceB
)

// Has reports whether the party of a side is in the audience.
func (a Audience) Has(s Side) bool {
	switch a {
	case AudienceBoth:
		return s == SideA || s == SideB
	case AudienceA:
		return s == SideA
	case AudienceB:
		return s == SideB
	default:
		return false
	}
}

// String returns the audience as the API writes it.
func (a Audience) String() string {
	switch a {
	case AudienceBoth:
		return "both"
	case AudienceA:
		return "a"
	case AudienceB:
		return "b"
	default:
		return "warn(" + strconv.Itoa(int(a)) + ")"
	}
}

// ParseAudience reads an audience as the API writes it; the empty text is the
// default, both.
func ParseAudience(s string) (Audience, bool) {
	return calledOr(s, AudienceBoth, AudienceB, AudienceBoth)
}
