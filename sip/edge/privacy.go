package edge

import (
	"strings"

	"github.com/emiago/sipgo/sip"
)

// private reports whether the caller asks that who he is be kept from whom he
// calls: Privacy with id (RFC 3325 section 9.3) or user (RFC 3323 section 4.2).
// The other values are about other headers, which never pass us.
func private(req *sip.Request) bool {
	for h := range named(req, "Privacy") {
		apart := func(c rune) bool { return c == ';' || c == ',' || c == ' ' || c == '\t' }
		for value := range strings.FieldsFuncSeq(h.Value(), apart) {
			if strings.EqualFold(value, "id") || strings.EqualFold(value, "user") {
				return true
			}
		}
	}
	return false
}

// withheld reports whether a URI says by its host that it names nobody (RFC
// 3323 section 4.1.1.3, 3GPP TS 23.003 section 13), whatever its user is. A user
// who is a word (anonymous, restricted, unavailable) or zeros is no number
// anyway.
func withheld(uri *sip.Uri) bool {
	switch strings.ToLower(strings.TrimSuffix(uri.Host, ".")) {
	case "anonymous.invalid", "unknown.invalid", "unavailable.invalid":
		return true
	default:
		return false
	}
}
