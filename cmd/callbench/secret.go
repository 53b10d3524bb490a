//go:build linux

package main

import "bytes"

// maxNumber is how many digits a number has at most (E.164).
const maxNumber = 15

// holds reports whether a message holds a secret. Digits within more digits than a number has are
// none of anybody's: the ids in SDP are drawn by lot, and one in a million has such in it.
func holds(raw, secret []byte) bool {
	for from := 0; ; {
		i := bytes.Index(raw[from:], secret)
		if i < 0 {
			return false
		}
		at := from + i
		if digits(raw, at, at+len(secret)) <= maxNumber {
			return true
		}
		from = at + 1
	}
}

// digits gives how long the run of digits is that a part of a message is in, the part included.
func digits(raw []byte, from, to int) int {
	for from > 0 && isDigit(raw[from-1]) {
		from--
	}
	for to < len(raw) && isDigit(raw[to]) {
		to++
	}
	return to - from
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
