package dialplan

import "strings"

// Service is a number that is no subscriber's, and that means something else in
// each country. A call to one never comes to us unless somebody routes it wrong.
type Service uint8

// The services.
const (
	ShortCode Service = iota + 1
	Emergency
)

// String names the service.
func (s Service) String() string {
	switch s {
	case ShortCode:
		return "short_code"
	case Emergency:
		return "emergency"
	default:
		return ""
	}
}

// ServiceOf returns the service that a telephone-subscriber names; 0 for none.
// An emergency number is one in any context: whoever dials it needs help. What
// else is short may still be a number where numbers are short.
func ServiceOf(subscriber string) Service {
	number, _, _ := strings.Cut(subscriber, ";")
	s, ok := spell(number)
	switch {
	case !ok || s.length >= minDigits:
		return 0
	case isEmergency(s.text()):
		return Emergency
	default:
		return ShortCode
	}
}

// ServiceOfURN returns the service that a URN names, given without its scheme
// (RFC 5031 section 4.1); 0 for none of ours to know.
func ServiceOfURN(name string) Service {
	const sos = "service:sos"
	if len(name) < len(sos) || !strings.EqualFold(name[:len(sos)], sos) {
		return 0
	}
	if rest := name[len(sos):]; rest != "" && rest[0] != '.' { // service:sos.fire
		return 0
	}
	return Emergency
}

// isEmergency knows the numbers that every phone takes for an emergency by
// itself (3GPP TS 22.101 section 10.1.1), and those of India and New Zealand.
// Any other is a short code to us, and refused as well; only the alarm is
// another.
func isEmergency(digits string) bool {
	switch digits {
	case "112", "911", "000", "08", "110", "118", "119", "999",
		"100", "101", "102", "108", "111":
		return true
	default:
		return false
	}
}
