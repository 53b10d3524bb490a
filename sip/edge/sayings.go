package edge

import "slices"

// sayings are the headers that a message of ours has beside those that each has. It
// is one piece with the message: most are written once, and take no memory.
type sayings struct {
	count int
	said  [maxSaid]said
}

// maxSaid is what a signed INVITE says that was challenged by two.
const maxSaid = 8

// said is such a header.
type said struct{ name, value string }

// say adds a header.
func (s *sayings) say(name, value string) {
	s.said[s.count] = said{name, value}
	s.count++
}

// all returns them in their order.
func (s *sayings) all() []said { return s.said[:s.count] }

// unsay leaves out every header of that name.
func (s *sayings) unsay(name string) {
	s.count = len(slices.DeleteFunc(s.all(), func(h said) bool { return h.name == name }))
}
