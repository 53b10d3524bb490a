package edge

import (
	"net/url"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// Format is how numbers are written on a trunk.
type Format uint8

// The formats.
const (
	FormatE164 Format = iota + 1 // E.164 with its plus; a carrier's own omission of the plus is read too
)

// read returns the number that a URI names on this trunk, in E.164 with its
// plus; empty if it names none.
func (f Format) read(uri *sip.Uri) string {
	user := uri.User
	if uri.Scheme == "tel" {
		user = uri.Raw()
	}
	user, params, _ := strings.Cut(user, ";")
	user, err := url.PathUnescape(user) // %2B, in either case
	if err != nil || f != FormatE164 {
		return ""
	}
	digits, global := strings.CutPrefix(separators.Replace(user), "+")
	if !global && strings.Contains(strings.ToLower(params), "phone-context") {
		return "" // a local number (RFC 3966 section 5.1.5): without its context it is somebody else's
	}
	if digits == "" || digits[0] == '0' || strings.Trim(digits, "0123456789") != "" {
		return ""
	}
	return "+" + digits
}

// separators are what RFC 3966 section 5.1.1 lets people put between digits.
var separators = strings.NewReplacer("-", "", ".", "", "(", "", ")", "")

// write puts a number in the form of this trunk.
func (f Format) write(e164 string) string { return e164 }
