package edge

import (
	"net/netip"

	"github.com/emiago/sipgo/sip"
)

// aliased returns the connection that a request came on, if its peer lets us
// use it for requests of ours (RFC 5923 section 5); zero if it does not.
func (l *listener) aliased(req *sip.Request) netip.AddrPort {
	via := req.Via()
	if l.network == UDP || via == nil || !via.Params.Has("alias") {
		return netip.AddrPort{}
	}
	return sourceOf(req)
}

// next returns where the next request of the dialog goes: its hop, or the
// connection that the hop's host has opened for it. Whoever can be connected to
// only from inside, because of NAT, is reached by that alone.
func (l *listener) next(d *dialog) netip.AddrPort {
	hop := d.hop(l.edge.own)
	if d.alias.IsValid() && d.alias.Addr() == hop.Addr() && l.connected(d.alias) {
		return d.alias
	}
	return hop
}

// connected reports whether there is a connection with the peer.
func (l *listener) connected(peer netip.AddrPort) bool {
	conn, err := l.tp.GetConnection(string(l.network), peer.String())
	if err != nil {
		return false
	}
	_, _ = conn.TryClose() // gives back the reference: the pool keeps its own
	return true
}
