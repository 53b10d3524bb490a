package edge

import (
	"bytes"
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

	requests  pad[requestSheet]
	responses pad[responseSheet]
	lines     []sip.Header    // scratch: the headers of the message that is read
	empty     sip.MessageData // a message with a list of no headers, and place in it
}

func newReader() *reader {
	headers := headerParsers()
	return &reader{parser: sip.NewParser(sip.WithHeadersParsers(headers)), headers: headers, empty: sip.NewResponse(0, "").MessageData}
}

// crlf ends a line.
const crlf = "\r\n"

// read parses a datagram; clean is whether it is without control characters. A message
// that passes ([requestSheet.passes], [responseSheet.passes]) is good until the next
// is read, but for its text and its body.
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
	start, rest, ok := nextLine(string(data[:end+len(crlf)]))
	body := data[end+2*len(crlf):]
	first, after, spaced := strings.Cut(start, " ")
	switch {
	case !ok || !spaced:
		return nil, false
	case first == version:
		s := r.responses.tear()
		ok = readStatus(after, &s.msg) && r.readHeaders(&s.head, rest)
		r.responses.blank = s.passes()
		return &s.msg, ok && r.fill(&s.msg.MessageData, s.passes(), body)
	default:
		s := r.requests.tear()
		ok = readRequest(first, after, &s.msg) && r.readHeaders(&s.head, rest)
		r.requests.blank = s.passes()
		return &s.msg, ok && r.fill(&s.msg.MessageData, s.passes(), body)
	}
}

// nextLine cuts a line off; false if there is none that ends as it should.
func nextLine(text string) (line, rest string, ok bool) {
	end := strings.IndexByte(text, '\r')
	if end < 0 || !strings.HasPrefix(text[end:], crlf) {
		return "", "", false
	}
	return text[:end], text[end+len(crlf):], true
}

// readHeaders reads the lines of headers; false if one is of no known kind.
func (r *reader) readHeaders(h *head, text string) bool {
	r.lines = r.lines[:0]
	for text != "" {
		line, rest, ok := nextLine(text)
		if !ok || !r.take(h, line) {
			return false
		}
		text = rest
	}
	return true
}

// fill gives a message its headers and its body; false if that is shorter than
// announced. The lists of messages that pass are one and the same.
func (r *reader) fill(msg *sip.MessageData, passes bool, body []byte) bool {
	if passes {
		*msg = r.empty
		for _, h := range r.lines {
			msg.AppendHeader(h)
		}
	} else {
		msg.PrependHeader(r.lines...)
		topmost(msg, r.lines)
	}
	msg.SipVersion = version
	return setBody(msg, body)
}

// topmost has a message find the first of the headers that it may have several of: of
// those that it was given at once it finds the last.
func topmost(msg *sip.MessageData, headers []sip.Header) {
	var via, route, recorded bool
	for _, h := range headers {
		var known *bool
		switch h.(type) {
		case *sip.ViaHeader:
			known = &via
		case *sip.RouteHeader:
			known = &route
		case *sip.RecordRouteHeader:
			known = &recorded
		default:
			continue
		}
		if !*known {
			msg.ReplaceHeader(h)
			*known = true
		}
	}
}

// setBody gives the message its body; false if that is shorter than announced.
func setBody(msg *sip.MessageData, rest []byte) bool {
	length := len(rest)
	if l := msg.ContentLength(); l != nil {
		length = int(*l)
	}
	switch {
	case length > len(rest):
		return false
	case length > 0:
		msg.SetBody(bytes.Clone(rest[:length]))
	}
	return true
}

// take reads a header; false if the line is of no known kind.
func (r *reader) take(h *head, line string) bool {
	name, value, found := strings.Cut(line, ":")
	if !found || name == "" || line[0] == ' ' || line[0] == '\t' {
		return false
	}
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	switch header, parsed := h.read(name, value); {
	case header != nil:
		r.lines = append(r.lines, header)
		return true
	case !parsed:
		r.lines = append(r.lines, sip.NewHeader(name, value))
		return true
	case sameName(name, "CSeq") && h.cseq.MethodName != "":
		return false // the last one counts, and by the first it would be told who keeps the message
	}
	var err error
	r.lines, err = r.headers.ParseHeader(r.lines, []byte(line))
	return err == nil
}
