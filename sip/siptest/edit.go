package siptest

import "strings"

// Edit changes a message before a phone sends it.
type Edit func(*Message)

// With sets a header, in place of those of the same name.
func With(name, value string) Edit {
	return func(m *Message) {
		*m = m.Without(name)
		m.Headers = append(m.Headers, Header{name, value})
	}
}

// Without takes headers away.
func Without(names ...string) Edit {
	return func(m *Message) { *m = m.Without(names...) }
}

// Tagged makes a response another phone's that rang too: one with this tag.
func Tagged(tag string) Edit {
	return func(m *Message) {
		to, _, _ := strings.Cut(m.Get("To"), ";tag=")
		With("To", to+";tag="+tag)(m)
	}
}

// Routed adds the proxies that want to stay on the way: a Record-Route of each.
func Routed(uris ...string) Edit {
	return func(m *Message) {
		for _, uri := range uris {
			m.Headers = append(m.Headers, Header{"Record-Route", "<" + uri + ">"})
		}
	}
}

// Body sets an SDP body.
func Body(sdp string) Edit {
	return func(m *Message) {
		With("Content-Type", "application/sdp")(m)
		m.Body = sdp
	}
}

// NoBody takes the body away.
func NoBody(m *Message) {
	*m = m.Without("Content-Type")
	m.Body = ""
}

func (m *Message) edit(edits []Edit) {
	for _, edit := range edits {
		edit(m)
	}
}
