package mapping

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
)

// Bounds of an extension. Three digits are the least that a switchboard gives;
// more than eight nobody keeps in mind.
const (
	MinExtension = 3
	MaxExtension = 8
	// usualExtension is how many digits are drawn at first: with a hundred
	// parties on a DID one guess in a hundred finds one of them.
	usualExtension = 4
)

// ErrExtension is a text that is no extension. It never quotes the text.
var ErrExtension = errors.New("extension is not 3 to 8 digits")

// ExtensionNumber is what strangers key in on a shared DID to reach one of its
// parties. It is told to whoever is to call, and is less of a secret than a
// [PIN]; but who reads a log need not know it, so it is not printed either.
type ExtensionNumber struct {
	masked[extensionMask]
}

// extensionMask is the same for every extension.
type extensionMask struct{}

func (extensionMask) of(veiled) string { return "(extension)" }

// ParseExtension reads an extension: 3 to 8 digits, nothing else.
func ParseExtension(s string) (ExtensionNumber, error) {
	if len(s) < MinExtension || len(s) > MaxExtension {
		return ExtensionNumber{}, ErrExtension
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return ExtensionNumber{}, ErrExtension
		}
	}
	return ExtensionNumber{maskedOf[extensionMask](s)}, nil
}

// WithExtension returns the draft with an extension, which is drawn where its
// mode wants one and it names none. The more tries it took before, the longer it
// is: on a crowded DID short ones are taken.
func (d Draft) WithExtension(random io.Reader, tries int) (Draft, error) {
	if !d.DrawsExtension() {
		return d, nil
	}
	drawn, err := drawDigits(random, min(usualExtension+tries, MaxExtension))
	if err != nil {
		return d, fmt.Errorf("draw extension: %w", err)
	}
	d.Strangers.Extension = ExtensionNumber{maskedOf[extensionMask](drawn)}
	return d, nil
}

// DrawsExtension reports whether the draft leaves its extension to be drawn.
func (d Draft) DrawsExtension() bool {
	return d.Mode == ModeExtension && d.Strangers.Extension.IsZero()
}

// ExtensionTries is how often an extension is drawn before a pool is said to be
// exhausted. The last ones are of [MaxExtension] digits, of which only a DID with
// tens of millions of parties would have none left.
const ExtensionTries = 6

// Matches reports whether somebody has keyed in this extension. How long it
// takes does not tell how much of the entry is right.
func (e ExtensionNumber) Matches(entered []byte) bool {
	return !e.IsZero() && subtle.ConstantTimeCompare([]byte(e.Digits()), entered) == 1
}

// Digits returns the extension in clear, for who is to call; empty for none.
func (e ExtensionNumber) Digits() string { return e.digits.text() }

// Equal reports whether both are the same extension, so that comparers stop here.
func (e ExtensionNumber) Equal(other ExtensionNumber) bool { return e == other }
