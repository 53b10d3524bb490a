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

// split cuts a description into its session part and its streams. Any line ending will do, and
// none at the end.
func split(body []byte) (session section, streams []section, err error) {
	if len(body) > maxBody {
		return nil, nil, fmt.Errorf("measure description: %w", ErrMalformed)
	}
	lines, err := readLines(string(body))
	if err != nil {
		return nil, nil, err
	}
	session, rest := lines.cut(0)
	for len(rest) > 0 {
		var stream section
		stream, rest = rest.cut(1)
		streams = append(streams, stream)
	}
	return session, streams, nil
}

func readLines(text string) (section, error) {
	lines := make(section, 0, 1+max(strings.Count(text, "\n"), strings.Count(text, "\r")))
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
