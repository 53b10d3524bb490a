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
	case l.edge.texts.length(req) <= maxUDPRequest || l.edge.streamless.includes(req.to, time.Now()):
		return nil
	default:
		return l.stream
	}
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
