package mapping

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
)

// Bounds of a PIN. Of six digits, and with the tries that a [Lockout] leaves, a
// year of guessing finds one in a thousand; more than twelve nobody types.
const (
	MinPIN = 6
	MaxPIN = 12
)

// ErrPIN is a text that is no PIN. It never quotes the text.
var ErrPIN = errors.New("PIN is not 6 to 12 digits")

// PIN is what a party proves itself by when it calls and its number does not.
//
// It can't be printed, as a [Number] can't: every formatting verb, every
// Marshal method and every logger gets a mask of constant length. The digits
// come out of [PIN.Reveal] only, for sealing and for being shown once to who
// asked for them. The zero PIN is none, and nothing matches it.
type PIN struct {
	masked[pinMask]
}

// pinMask is the same for every PIN.
type pinMask struct{}

func (pinMask) of(veiled) string { return "(PIN)" }

// ParsePIN reads a PIN: 6 to 12 digits, nothing else.
func ParsePIN(s string) (PIN, error) {
	if len(s) < MinPIN || len(s) > MaxPIN {
		return PIN{}, ErrPIN
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return PIN{}, ErrPIN
		}
	}
	return PIN{maskedOf[pinMask](s)}, nil
}

// fair is the largest multiple of ten that a byte can count to: below it each
// digit is equally often the last.
const fair = 250

// DrawPIN draws a PIN of [MinPIN] digits, each as likely as any other.
func DrawPIN(random io.Reader) (PIN, error) {
	drawn, err := drawDigits(random, MinPIN)
	if err != nil {
		return PIN{}, fmt.Errorf("draw PIN: %w", err)
	}
	return PIN{maskedOf[pinMask](drawn)}, nil
}

// drawDigits draws so many digits, each as likely as any other.
func drawDigits(random io.Reader, length int) (string, error) {
	keys := make([]byte, 0, length)
	for len(keys) < length {
		var drawn [2 * MinPIN]byte
		if _, err := io.ReadFull(random, drawn[:]); err != nil {
			return "", err
		}
		for _, b := range drawn {
			if b < fair && len(keys) < length {
				keys = append(keys, '0'+b%10)
			}
		}
	}
	return string(keys), nil
}

// Matches reports whether somebody has entered this PIN. How long it takes does
// not tell how much of the entry is right.
func (p PIN) Matches(entered []byte) bool {
	var want, got [MaxPIN + 1]byte // the last one is the length
	n := copy(want[:MaxPIN], p.Reveal())
	want[MaxPIN] = byte(n)
	got[MaxPIN] = byte(copy(got[:MaxPIN], entered))
	same := subtle.ConstantTimeCompare(want[:], got[:]) == 1
	return same && !p.IsZero() && len(entered) <= MaxPIN
}

// Digits returns how many digits the PIN has.
func (p PIN) Digits() int { return len(p.Reveal()) }

// Reveal returns the PIN in clear; empty for none. Every caller is on a list
// that a test holds.
func (p PIN) Reveal() string { return p.digits.text() }

// Equal reports whether both are the same PIN, so that comparers stop here.
func (p PIN) Equal(other PIN) bool { return p == other }
