package media

import (
	"fmt"
	"slices"
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
		end := strings.IndexAny(text, "\r\n")
		if end < 0 {
			end = len(text)
		}
		l := text[:end]
		text = strings.TrimLeft(text[end:], "\r\n")
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

// cut cuts the lines at the first m= line that is not before the given one.
func (s section) cut(from int) (before, rest section) {
	for i := from; i < len(s); i++ {
		if s[i].kind == 'm' {
			return s[:i:i], s[i:]
		}
	}
	return s, nil
}

func (s section) has(kind byte) bool {
	return slices.ContainsFunc(s, func(l line) bool { return l.kind == kind })
}

// write appends the first line of a kind, or all of them.
func (s section) write(text *strings.Builder, kind byte, all bool) {
	for _, l := range s {
		if l.kind != kind {
			continue
		}
		text.WriteByte(kind)
		text.WriteByte('=')
		text.WriteString(l.value)
		text.WriteString("\r\n")
		if !all {
			return
		}
	}
}

// over is a stream with its protocol written as the parser knows it: not every peer uses capitals.
func (s section) over(t transport) section {
	fields := strings.Fields(s[0].value)
	fields[2] = t.String()
	return append(section{{'m', strings.Join(fields, " ")}}, s[1:]...)
}

// originless is an origin that says nothing. What a peer's says doesn't concern us, be it odd.
const originless = "o=- 0 0 IN IP4 0.0.0.0\r\n"

// orderly puts the lines that concern us into the order of RFC 8866 section 5, which a strict
// parser asks for and not every peer keeps. What a session is called and when it takes place
// does not concern us.
func orderly(session, stream section) string {
	var text strings.Builder
	session.write(&text, 'v', false)
	if session.has('o') {
		text.WriteString(originless)
	}
	text.WriteString("s=-\r\n")
	session.write(&text, 'c', false)
	text.WriteString("t=0 0\r\n")
	session.write(&text, 'a', true)
	stream.write(&text, 'm', false)
	stream.write(&text, 'c', false)
	stream.write(&text, 'a', true)
	return text.String()
}
