package edge

import (
	"bytes"
	"net/netip"
	"time"

	"github.com/emiago/sipgo/sip"
)

// How much may come of what is no call's, of one trunk. A border asks by OPTIONS
// a few times a minute, and a carrier has some tens of them. Over UDP each is a
// transaction that is kept for 32 s (Timer J, RFC 3261 section 17.2.2), with
// about two kilobytes.
const (
	knocksPerSecond = 50
	knocksAtOnce    = 100
)

// knocks reports whether a datagram is of no call: an OPTIONS, or a request that
// we don't understand. What belongs to calls is never one, nor is a response.
func knocks(data []byte) bool {
	data = bytes.TrimLeft(data, "\r\n") // section 7.5
	method, _, found := bytes.Cut(data, []byte(" "))
	if !found || bytes.HasPrefix(method, []byte("SIP/")) {
		return false
	}
	switch m := sip.RequestMethod(method); m {
	case sip.OPTIONS:
		return true
	default:
		return !understood(m)
	}
}

// overruns reports whether a datagram is one knock too many of its trunk. It is
// not answered: its sender asks again.
func (l *listener) overruns(source netip.AddrPort, data []byte) bool {
	if !knocks(data) {
		return false
	}
	trunk, known := l.edge.peers().from(source.Addr())
	return known && !trunk.quota.knocks.take(time.Now())
}
