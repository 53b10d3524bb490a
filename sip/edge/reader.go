package edge

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// reader parses datagrams. What is written as nearly everybody writes it, it
// reads itself, with one copy of the text and one place for all that is in every
// message; for anything else sipgo has the last word, so that there are no two
// opinions of what a message says. It belongs to one goroutine.
type reader struct {
	parser  *sip.Parser
	headers sip.HeadersParser

	line []sip.Header // scratch
	uri  sip.Uri      // scratch
}

func newReader() *reader {
	headers := headerParsers()
	return &reader{parser: sip.NewParser(sip.WithHeadersParsers(headers)), headers: headers}
}

// crlf ends a line.
const crlf = "\r\n"

// read parses a datagram; clean is whether it is without control characters.
func (r *reader) read(data []byte, clean bool) (sip.Message, error) {
	if clean {
		if msg, ok := r.glide(data); ok {
			return msg, nil
		}
	}
	return r.parser.ParseSIP(data)
}

// glide parses a message in which nothing is unusual; false if something is.
func (r *reader) glide(data []byte) (sip.Message, bool) {
	end := bytes.Index(data, []byte(crlf+crlf))
	if end < 0 {
		return nil, false
	}
	start, rest, found := strings.Cut(string(data[:end+len(crlf)]), crlf)
	msg, ok := r.startOf(start)
	if !found || !ok || strings.IndexByte(start, '\r') >= 0 {
		return nil, false
	}
	h, length := new(head), -1
	for len(rest) > 0 {
		line := rest
		if line, rest, found = strings.Cut(rest, crlf); !found || !r.take(msg, h, line) {
			return nil, false
		}
	}
	if l := msg.ContentLength(); l != nil {
		length = int(*l)
	}
	return msg, setBody(msg, length, data[end+2*len(crlf):])
}

// setBody gives the message its body; false if that is shorter than announced.
func setBody(msg sip.Message, length int, rest []byte) bool {
	if length < 0 {
		length = len(rest)
	}
	switch {
	case length > len(rest):
		return false
	case length > 0:
		msg.SetBody(bytes.Clone(rest[:length]))
	}
	return true
}

// startOf reads the start line.
func (r *reader) startOf(line string) (sip.Message, bool) {
	first, rest, _ := strings.Cut(line, " ")
	second, third, found := strings.Cut(rest, " ")
	if !found {
		return nil, false
	}
	if first == version {
		return statusOf(second, third)
	}
	r.uri = sip.Uri{}
	if third != version || !isMethod(first) || sip.ParseUri(second, &r.uri) != nil || r.uri.Wildcard {
		return nil, false
	}
	return sip.NewRequest(sip.RequestMethod(first), r.uri), true
}

// version is what a start line has of the protocol.
const version = "SIP/2.0"

// statusOf reads what follows the version in a status line.
func statusOf(code, phrase string) (sip.Message, bool) {
	status, err := strconv.ParseUint(code, 10, 16)
	if err != nil || len(code) != 3 || strings.HasPrefix(phrase, "S") || strings.HasPrefix(phrase, "s") {
		return nil, false // sipgo might take it for a request
	}
	return sip.NewResponse(int(status), phrase), true
}

func isMethod(word string) bool {
	for i := range len(word) {
		if word[i] < 'A' || word[i] > 'Z' {
			return false
		}
	}
	return word != ""
}

// take reads a header into the message; false if the line is of no known kind.
func (r *reader) take(msg sip.Message, h *head, line string) bool {
	name, value, found := strings.Cut(line, ":")
	if !found || name == "" || line[0] == ' ' || line[0] == '\t' || strings.IndexByte(line, '\r') >= 0 {
		return false
	}
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	switch header, parsed := h.read(name, value); {
	case header != nil:
		msg.AppendHeader(header)
		return true
	case !parsed:
		msg.AppendHeader(sip.NewHeader(name, value))
		return true
	}
	var err error
	r.line, err = r.headers.ParseHeader(r.line[:0], []byte(line))
	for _, header := range r.line {
		msg.AppendHeader(header)
	}
	clear(r.line)
	return err == nil
}
