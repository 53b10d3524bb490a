package digest

import (
	"fmt"
	"io"
)

// hidden is what is printed of a password.
const hidden = "(hidden)"

// Password is a secret that can't be printed. The text is behind a pointer for
// the one verb, %p, that does not ask Format.
type Password struct{ text *string }

// NewPassword hides a text.
func NewPassword(text string) Password { return Password{&text} }

// reveal returns the text, for a hash.
func (p Password) reveal() string {
	if p.text == nil {
		return ""
	}
	return *p.text
}

// Format prints nothing of the password, whatever the verb.
func (Password) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, hidden) }

// String returns nothing of the password.
func (Password) String() string { return hidden }

// MarshalText writes nothing of the password.
func (Password) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// Account is who we are to the servers of a trunk.
type Account struct {
	Username string // without quotes, backslashes and control characters
	Password Password
	// Realm is the only one that we answer for. If empty, it is the one for which
	// a peer first accepted us.
	Realm string
}
