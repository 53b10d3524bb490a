//go:build linux

package main

import (
	"bytes"
	"strconv"
	"time"
)

// message is what the phones read of one that they received: enough to know what it is and whose.
type message struct {
	raw    []byte
	status int       // of a response; 0: a request
	method string    // of the request, or of the one that the response is to
	stamp  time.Time // when the system of its phone had it
}

// read looks at the start line and at CSeq. It allocates nothing.
func read(raw []byte) (m message, ok bool) {
	m.raw = raw
	start, _, _ := bytes.Cut(raw, []byte(crlf))
	if rest, response := bytes.CutPrefix(start, []byte("SIP/2.0 ")); response {
		if len(rest) < 3 {
			return m, false
		}
		m.status = int(rest[0]-'0')*100 + int(rest[1]-'0')*10 + int(rest[2]-'0')
	}
	_, method, found := bytes.Cut(bytes.TrimSpace(m.header("CSeq")), []byte(" "))
	m.method = known(method)
	return m, found && m.method != ""
}

// known gives the method as a string that is there already.
func known(method []byte) string {
	for _, m := range [...]string{"INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "INFO"} {
		if string(method) == m {
			return m
		}
	}
	return ""
}

const (
	crlf  = "\r\n"
	blank = crlf + crlf
)

// header is the value of the first header of that name; nil if there is none.
func (m message) header(name string) []byte {
	line := m.line(name)
	if line == nil {
		return nil
	}
	return bytes.TrimSpace(line[len(name)+1:])
}

// line is the first line that begins with that name and a colon.
func (m message) line(name string) []byte {
	rest := m.raw
	for {
		i := bytes.Index(rest, []byte(crlf))
		if i <= 0 {
			return nil
		}
		line := rest[:i]
		if len(line) > len(name) && line[len(name)] == ':' && string(line[:len(name)]) == name {
			return line
		}
		rest = rest[i+2:]
	}
}

// between is what is between two texts in a value; nil if they are not there.
func between(value []byte, before, after string) []byte {
	_, rest, found := bytes.Cut(value, []byte(before))
	if !found {
		return nil
	}
	if i := bytes.IndexAny(rest, after); i >= 0 {
		rest = rest[:i]
	}
	return rest
}

// appendLine adds a header line as the other side wrote it.
func appendLine(b []byte, m message, name string) []byte {
	b = append(b, m.line(name)...)
	return append(b, crlf...)
}

// appendBody adds Content-Length, the empty line and the body.
func appendBody(b []byte, body string) []byte {
	b = append(b, "Content-Length: "...)
	b = strconv.AppendInt(b, int64(len(body)), 10)
	b = append(b, blank...)
	return append(b, body...)
}
