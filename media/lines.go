package media

import (
	"fmt"
	"strings"
)

// section is the lines of a description's session part, or of one of its streams.
type section []line

type line struct {
	kind  byte
	value string
}

// maxBody is far above what a phone or a gateway describes a call with, in bytes.
const maxBody = 16 << 10

// usualLines are as many as few descriptions have more of: there is room for them without memory of their own.
const usualLines = 32

// split cuts a description into its session part and its streams, which are cut from each other by next. Any line
// ending will do, and none at the end. The room is for its lines; more take room of their own.
func split(room section, body []byte) (session, streams section, err error) {
	if len(body) > maxBody {
		return nil, nil, fmt.Errorf("measure description: %w", ErrMalformed)
	}
	lines, err := readLines(room, string(body))
	if err != nil {
		return nil, nil, err
	}
	session, streams = lines.cut(0)
	return session, streams, nil
}

// readLines appends the lines of a text.
func readLines(lines section, text string) (section, error) {
	for len(text) > 0 {
		l := text[:lineEnd(text)]
		text = strings.TrimLeft(text[len(l):], "\r\n")
		switch {
		case l == "" && len(lines) == 0: // before the first line
		case len(l) < 2 || l[1] != '=' || strings.IndexByte(l, 0) >= 0:
			return nil, fmt.Errorf("read lines: %w", ErrMalformed)
		default:
			lines = append(lines, line{l[0], l[2:]})
		}
	}
	return lines, nil
}

// lineEnd is where the first line ends: some end theirs with CR only, or LF only.
func lineEnd(text string) int {
	end := strings.IndexByte(text, '\n')
	if end < 0 {
		end = len(text)
	}
	if early := strings.IndexByte(text[:end], '\r'); early >= 0 {
		return early
	}
	return end
}

// cut cuts the lines at the first m= line that is not before the given one.
func (s section) cut(from int) (before, rest section) {
	for i := from; i < len(s); i++ {
		if s[i].kind == 'm' {
			return s[:i:i], s[i:]
		}
	}
	return s, nil
}

// next cuts the first of some streams from those after it.
func (s section) next() (stream, rest section) { return s.cut(1) }

// first is the value of the first line of a kind.
func (s section) first(kind byte) (value string, ok bool) {
	for _, l := range s {
		if l.kind == kind {
			return l.value, true
		}
	}
	return "", false
}

// attribute is the value of the first attribute of a name; empty where it has none.
func (s section) attribute(name string) (value string, ok bool) {
	for _, l := range s {
		if key, value := l.attribute(); key == name {
			return value, true
		}
	}
	return "", false
}

// attribute cuts an a= line into its name and its value (RFC 8866 section 5.13). Any other line has no name.
func (l line) attribute() (name, value string) {
	if l.kind != 'a' {
		return "", ""
	}
	name, value, _ = strings.Cut(l.value, ":")
	return name, value
}

// words gives the first words of a text, as many as there is room for, and tells how many it has.
func words(text string, first []string) (n int) {
	for word := range strings.FieldsSeq(text) {
		if n < len(first) {
			first[n] = word
		}
		n++
	}
	return n
}

// check tells whether the lines that a session part must have are there. What a session is called, whose it
// is and when it takes place does not concern us.
func (s section) check() error {
	version, _ := s.first('v')
	_, origin := s.first('o')
	if strings.TrimSpace(version) != "0" || !origin {
		return fmt.Errorf("read version and origin: %w", ErrMalformed)
	}
	return nil
}
