package siptest

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
