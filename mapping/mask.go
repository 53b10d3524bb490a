package mapping

import (
	"fmt"
	"io"
	"log/slog"
)

// mask says what is seen in place of a text.
type mask interface{ of(veiled) string }

// masked is a text that can't be printed: whatever prints, logs or encodes it gets
// what its mask shows. It is embedded, so that the type around it has all these
// methods, each of which somebody looks for. The zero masked is no text.
type masked[M mask] struct{ digits veiled }

func maskedOf[M mask, T string | []byte](text T) masked[M] { return masked[M]{veiledOf(text)} }

// IsZero reports whether there is nothing behind the mask.
func (m masked[M]) IsZero() bool { return m.digits == veiled{} }

// String returns what is seen.
func (m masked[M]) String() string {
	if m.IsZero() {
		return "none"
	}
	var shown M
	return shown.of(m.digits)
}

// GoString is what is seen by %#v.
func (m masked[M]) GoString() string { return m.String() }

// Format writes what is seen for every verb and flag.
func (m masked[M]) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, m.String()) }

// LogValue is what log/slog sees.
func (m masked[M]) LogValue() slog.Value { return slog.StringValue(m.String()) }

// MarshalText is for every encoder that asks for text.
func (m masked[M]) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// MarshalJSON is a JSON string.
func (m masked[M]) MarshalJSON() ([]byte, error) { return []byte(`"` + m.String() + `"`), nil }

// MarshalYAML is for encoders of YAML.
func (m masked[M]) MarshalYAML() (any, error) { return m.String(), nil }

// MarshalBinary is for encoding/gob among others.
func (m masked[M]) MarshalBinary() ([]byte, error) { return []byte(m.String()), nil }
