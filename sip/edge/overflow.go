package edge

import (
	"net/netip"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"
)

// maxUDPRequest is the longest request that leaves in a datagram, because one
// may be fragmented on its way, and fragments are lost (RFC 3261 section 18.1.1).
const maxUDPRequest = 1300

// streamlessMemory is how long a peer that took no stream is not asked again.
const streamlessMemory = 5 * time.Minute

// maxStreamless bounds how many such peers are remembered.
const maxStreamless = 256

// overflow returns the listener that must send a request instead of this one:
// the TCP one beside it, for a request too long for a datagram, and for the
// CANCEL of such a one; nil for none.
func (l *listener) overflow(req *asking) *listener {
	switch {
	case l.stream == nil:
		return nil
	case req.from.network == TCP:
		return l.stream
	case req.atMost() <= maxUDPRequest || l.edge.texts.length(req) <= maxUDPRequest ||
		l.edge.streamless.includes(req.to, time.Now()):
		return nil
	default:
		return l.stream
	}
}

// framing is more than a request has beside what differs: names of headers, what is
// between their parts, ports and numbers.
const framing = 256

// atMost returns how long a request is at most on the wire. It is written for that only
// if that is too long.
func (a *asking) atMost() int {
	n := framing + 2*len(a.method) + len(a.from.host) + len(a.branch) + len(a.callID) + len(a.body)
	n += spanOf(a.target) + spanOf(a.local.uri) + len(a.local.tag) + spanOf(a.remote.uri) + len(a.remote.tag)
	if a.addressable {
		n += spanOf(a.contact)
	}
	for i := range a.routes {
		n += spanOf(&a.routes[i]) + len("Route: <>"+crlf)
	}
	for _, s := range a.all() {
		n += len(s.name) + len(s.value) + len(": "+crlf)
	}
	return n
}

// spanOf returns how long a URI is at most; one without parameters, and of which each
// part was read, needs no writing for that: of a tel URI sipgo keeps the text.
func spanOf(uri *sip.Uri) int {
	if len(uri.UriParams)+len(uri.Headers)+len(uri.Raw()) > 0 {
		return len(uri.String())
	}
	return len(uri.Scheme) + len(uri.User) + len(uri.Password) + len(uri.Host) + len("://:@[]:") + len("2147483647")
}

// requestBy is request by the stream listener beside this one (nil: by this one).
// A peer that takes no stream gets in a datagram what is too long for one.
func (l *listener) requestBy(stream *listener, gone *parting, req *asking, over func(*sip.Response)) error {
	if stream == nil {
		return l.transact(gone, req, over)
	}
	req.from = stream // its Via; its Contact stays, and with it the transport of what the peer sends later
	if err := stream.transact(gone, req, over); err == nil || gone.has() {
		return err
	}
	l.edge.streamless.add(req.to, time.Now())
	req.from = l
	return l.transact(gone, req, over)
}

// streamless remembers the peers on UDP that took no stream.
type streamless struct {
	mu    sync.Mutex
	until map[netip.AddrPort]time.Time
}

func (s *streamless) includes(peer netip.AddrPort, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return now.Before(s.until[peer])
}

func (s *streamless) add(peer netip.AddrPort, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.until == nil || len(s.until) >= maxStreamless {
		s.until = make(map[netip.AddrPort]time.Time)
	}
	s.until[peer] = now.Add(streamlessMemory)
}
