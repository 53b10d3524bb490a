package dialplan

import "strings"

// maxSpelled bounds the digits of one spelling: the 15 of E.164, the longest
// prefix, and room to see that there are too many.
const maxSpelled = 24

// spelling is a number as it is spelled, without what does not matter.
type spelling struct {
	global bool // it begins with a plus
	digits [maxSpelled]byte
	length int
}

// spell reads digits with their escapes (RFC 3261 section 25.1) and their visual
// separators (RFC 3966 section 5.1.1); false if there is anything else.
func spell(text string) (s spelling, ok bool) {
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '%' {
			if c, ok = unescape(text[i+1:]); !ok {
				return s, false
			}
			i += 2
		}
		switch {
		case c == '-' || c == '.' || c == '(' || c == ')':
		case c == '+' && !s.global && s.length == 0:
			s.global = true
		case c < '0' || c > '9' || s.length == maxSpelled:
			return s, false
		default:
			s.digits[s.length] = c
			s.length++
		}
	}
	return s, s.length > 0
}

// text returns the digits.
func (s *spelling) text() string { return string(s.digits[:s.length]) }

// unescape reads two hexadecimal digits.
func unescape(s string) (byte, bool) {
	if len(s) < 2 {
		return 0, false
	}
	high, ok := nibble(s[0])
	low, ok2 := nibble(s[1])
	return high<<4 | low, ok && ok2
}

func nibble(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10, true
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10, true
	default:
		return 0, false
	}
}

// Parameter returns the value of a parameter of a telephone-subscriber, and how
// often it is there: more than once is an error of whoever wrote it (RFC 3966
// section 3). Names are compared without regard to case.
func Parameter(subscriber, name string) (value string, times int) {
	_, params, _ := strings.Cut(subscriber, ";")
	for params != "" {
		var param string
		param, params, _ = strings.Cut(params, ";")
		if key, v, _ := strings.Cut(param, "="); strings.EqualFold(key, name) {
			value = v
			times++
		}
	}
	return value, times
}
