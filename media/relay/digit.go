package relay

import "strings"

// Digit is a key of a telephone, by its event code (RFC 4733 section 3.2): 0-9, then * # A B C D
// and the hook flash. The zero value is the key 0.
type Digit uint8

// keys in order of their event codes; ! is the flash, as in SIP INFO.
const keys = "0123456789*#ABCD!"

// ParseDigit reads a key: one of 0-9, *, #, A-D in upper case, or ! for the flash.
func ParseDigit(key byte) (d Digit, ok bool) {
	i := strings.IndexByte(keys, key)
	return Digit(max(i, 0)), i >= 0
}

// Star is the key *.
const Star Digit = 10

// Keys is a set of digits.
type Keys uint32

// With adds digits.
func (k Keys) With(digits ...Digit) Keys {
	for _, d := range digits {
		k |= 1 << d
	}
	return k
}

// Has tells whether a digit is among them.
func (k Keys) Has(d Digit) bool { return k>>d&1 != 0 }

// Valid tells whether the event code is a key: others of RFC 4733 are never passed on.
func (d Digit) Valid() bool { return int(d) < len(keys) }

// String gives the key as ParseDigit reads it, or "?".
func (d Digit) String() string {
	if !d.Valid() {
		return "?"
	}
	return keys[d : d+1]
}
