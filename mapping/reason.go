package mapping

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// ValidateReason reports why a reason can't be taken. It is shown to others than those
// who may see a number, on terminals too.
func ValidateReason(reason string) error {
	switch {
	case len(reason) > MaxReason:
		return invalid("reason", "too_long", "at most 500 bytes")
	case !utf8.ValidString(reason):
		return invalid("reason", "malformed", "expected UTF-8")
	case readsAsNumber(reason):
		return invalid("reason", "holds_number", "holds what reads as a phone number, which would be shown elsewhere: name an id, or a reference (num_...)")
	}
	for _, r := range reason {
		if !unicode.IsPrint(r) {
			return invalid("reason", "malformed", "expected one line without control characters")
		}
	}
	return nil
}

// nationalDigits is how many digits in a row read as a number without its country
// code, as in India, North America and most of Europe; ticket numbers and dates have
// fewer.
const nationalDigits = 10

// readsAsNumber reports whether a text holds so many digits in a row, or what begins
// like an international number and goes on as one, whatever stands between its digits.
func readsAsNumber(text string) bool {
	row, all, international := 0, 0, false // all: digits with separators between them
	for i, r := range text {
		switch {
		case r == '+':
			row, all, international = 0, 0, true
		case '0' <= r && r <= '9':
			if all == 0 && strings.HasPrefix(text[i:], "00") {
				international = true
			}
			row, all = row+1, all+1
		case strings.ContainsRune(" -./()\u00a0\u2009\u2010\u2011\u2013\u202f", r):
			row = 0
		default:
			row, all, international = 0, 0, false
		}
		if row >= nationalDigits || international && all >= minDigits {
			return true
		}
	}
	return false
}
