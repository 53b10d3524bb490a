package edge

import (
	"iter"
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

// named yields the headers of that name, in their order.
func named(msg headed, name string) iter.Seq[sip.Header] {
	return func(yield func(sip.Header) bool) {
		for _, h := range msg.Headers() {
			if sameName(h.Name(), name) && !yield(h) {
				return
			}
		}
	}
}

// header returns the first header of that name; nil if there is none.
func header(msg headed, name string) sip.Header {
	for h := range named(msg, name) {
		return h
	}
	return nil
}

// headerValue returns the value of the first header of that name; empty if there is none.
func headerValue(msg headed, name string) string {
	if h := header(msg, name); h != nil {
		return h.Value()
	}
	return ""
}

// count returns how many headers of that name there are.
func count(msg headed, name string) (n int) {
	for range named(msg, name) {
		n++
	}
	return n
}
