package edge

import (
	"strings"

	"github.com/emiago/sipgo/sip"
)

// headed is what a request and a response have in common here. sipgo's own
// look-ups write every name out anew in lower case, for every header that they
// pass by: a tenth of all the allocations of a call.
type headed interface {
	Headers() []sip.Header
}

// sameName reports whether a header's name is that one: in any case, but in ASCII
// only, so that most are told apart by their length.
func sameName(name, known string) bool {
	return len(name) == len(known) && strings.EqualFold(name, known)
}

// named returns the headers of that name, in their order.
func named(msg headed, name string) (found []sip.Header) {
	for _, h := range msg.Headers() {
		if sameName(h.Name(), name) {
			found = append(found, h)
		}
	}
	return found
}

// header returns the first header of that name; nil if there is none.
func header(msg headed, name string) sip.Header {
	for _, h := range msg.Headers() {
		if sameName(h.Name(), name) {
			return h
		}
	}
	return nil
}

// count returns how many headers of that name there are.
func count(msg headed, name string) (n int) {
	for _, h := range msg.Headers() {
		if sameName(h.Name(), name) {
			n++
		}
	}
	return n
}
