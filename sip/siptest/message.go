package siptest

import (
	"slices"
	"strconv"
	"strings"
)

// Message is a SIP message as a phone reads it: as text.
type Message struct {
	Start   string // the start line
	Headers []Header
	Body    string
}

// Header is one header line.
type Header struct{ Name, Value string }

// Parse reads a message. It believes everything: the phones here are not the
// ones under test.
func Parse(data []byte) Message {
	head, body, _ := strings.Cut(string(data), "\r\n\r\n")
	lines := strings.Split(head, "\r\n")
	m := Message{Start: lines[0], Body: body}
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ":")
		m.Headers = append(m.Headers, Header{strings.TrimSpace(name), strings.TrimSpace(value)})
	}
	return m
}

// Get returns the first header of that name, or "".
func (m Message) Get(name string) string {
	for _, h := range m.Headers {
		if strings.EqualFold(h.Name, name) {
			return h.Value
		}
	}
	return ""
}

// All returns every header of that name.
func (m Message) All(name string) []string {
	var values []string
	for _, h := range m.Headers {
		if strings.EqualFold(h.Name, name) {
			values = append(values, h.Value)
		}
	}
	return values
}

// Without returns the message without the headers of those names.
func (m Message) Without(names ...string) Message {
	m.Headers = slices.DeleteFunc(slices.Clone(m.Headers), func(h Header) bool {
		return slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(h.Name, name) })
	})
	return m
}

// Status returns the status of a response, 0 for a request.
func (m Message) Status() int {
	text, ok := strings.CutPrefix(m.Start, "SIP/2.0 ")
	if !ok {
		return 0
	}
	code, _, _ := strings.Cut(text, " ")
	status, _ := strconv.Atoi(code)
	return status
}

// Method returns the method of a request, or of the request that a response
// answers.
func (m Message) Method() string {
	_, method, _ := strings.Cut(m.Get("CSeq"), " ")
	return method
}

// Seq returns the CSeq number.
func (m Message) Seq() int {
	number, _, _ := strings.Cut(m.Get("CSeq"), " ")
	seq, _ := strconv.Atoi(number)
	return seq
}

// Name returns what a ladder and a script call the message: "INVITE", "180",
// or "200 BYE" for a response to anything but an INVITE.
func (m Message) Name() string {
	switch {
	case m.Status() == 0:
		return m.Method()
	case m.Method() == "INVITE":
		return strconv.Itoa(m.Status())
	default:
		return strconv.Itoa(m.Status()) + " " + m.Method()
	}
}

// Tag returns the tag in a From or To value.
func Tag(value string) string { return param(value, "tag") }

// Branch returns the branch in a Via value.
func Branch(value string) string { return param(value, "branch") }

func param(value, name string) string {
	_, text, _ := strings.Cut(value, ";"+name+"=")
	text, _, _ = strings.Cut(text, ";")
	return text
}

// URI returns the URI between angle brackets.
func URI(value string) string {
	_, uri, _ := strings.Cut(value, "<")
	uri, _, _ = strings.Cut(uri, ">")
	return uri
}

// text writes the message, with its Content-Length.
func (m Message) text() []byte {
	var b strings.Builder
	b.WriteString(m.Start + "\r\n")
	for _, h := range m.Headers {
		b.WriteString(h.Name + ": " + h.Value + "\r\n")
	}
	b.WriteString("Content-Length: " + strconv.Itoa(len(m.Body)) + "\r\n\r\n" + m.Body)
	return []byte(b.String())
}
