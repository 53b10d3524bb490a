package mapping

import (
	"slices"
	"strings"
)

// Preference is which DIDs a party would rather have: those that begin with a
// prefix, written "+4420"; one DID, written in full; or [PreferLocal].
type Preference string

// PreferLocal is the DIDs that have the longest prefix in common with the
// party's own number, its country code at least.
const PreferLocal Preference = "local"

// Wish is what a party wants of its DID, the most wanted first. Unless it is
// strict, any other DID will do where there is none of those.
type Wish struct {
	Prefer []Preference
	Strict bool
}

// maxPreferences bounds a wish: who lists more means a pool of its own.
const maxPreferences = 8

func (w Wish) equal(other Wish) bool {
	return w.Strict == other.Strict && slices.Equal(w.Prefer, other.Prefer)
}

func (w Wish) validate(field string) error {
	if len(w.Prefer) > maxPreferences {
		return invalid(field+".prefer", "too_many", "at most 8 preferences")
	}
	for _, p := range w.Prefer {
		if !p.valid() {
			return invalid(field+".prefer", "malformed", "expected local, or + and the 1 to 15 digits that a DID begins with")
		}
	}
	if w.Strict && len(w.Prefer) == 0 {
		return invalid(field+".strict", "missing", "strict about what? name what to prefer")
	}
	return nil
}

func (p Preference) valid() bool {
	digits, international := strings.CutPrefix(string(p), "+")
	return p == PreferLocal || international && digits != "" && digits[0] != '0' && len(digits) <= maxDigits &&
		strings.Trim(digits, "0123456789") == ""
}

// names reports whether the wish names just this DID.
func (w Wish) names(did DID) bool {
	for _, p := range w.Prefer {
		if DID(p) == did {
			return true
		}
	}
	return false
}

// ranks of one preference: a local DID is the better, the longer the prefix.
const ranksOfPreference = maxDigits + 1

// rank tells how little a DID is what a party with this number wants; negative
// if it is not to be given.
func (w Wish) rank(did DID, own Number) int {
	for n, p := range w.Prefer {
		switch {
		case p == PreferLocal:
			if common := own.inCommon(did); common > 0 {
				return n*ranksOfPreference + maxDigits - common
			}
		case strings.HasPrefix(string(did), string(p)):
			return n * ranksOfPreference
		}
	}
	if w.Strict {
		return -1
	}
	return len(w.Prefer) * ranksOfPreference
}

// countryCode returns the length of the country code that the digits begin
// with (ITU-T E.164, list of assigned codes): zones 1 and 7 are one code each, and of
// two digits are those below; the others have three.
func countryCode(digits string) int {
	const two = "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 " +
		"60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98 "
	switch {
	case digits[0] == '1' || digits[0] == '7':
		return 1
	case strings.Contains(two, digits[:2]+" "):
		return 2
	default:
		return 3
	}
}
