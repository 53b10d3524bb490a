package edge

import (
	"net/netip"
	"slices"

	"maskd/sip/resolve"
)

// peering is whom we speak to at one time: the trunks of the configuration,
// those that leave because a later configuration has them no more or has them
// otherwise, and what hangs on both. It is never changed, but replaced whole,
// so that whoever reads a packet needs no lock.
type peering struct {
	trunks    trunks // in the order of the configuration: new calls are theirs
	leaving   trunks // their calls go on, and they get no new ones
	listeners []*listener
	book      *resolve.Book // where the gateways are
}

// trunks are some of the trunks.
type trunks []*Trunk

// from returns the first trunk that accepts the address.
func (ts trunks) from(addr netip.Addr) (*Trunk, bool) {
	addr = addr.Unmap()
	for _, t := range ts {
		if t.accepts(addr) {
			return t, true
		}
	}
	return nil, false
}

// hears reports whether any of the trunks hears the source on the network.
func (ts trunks) hears(source netip.Addr, on Network) bool {
	for _, t := range ts {
		if t.hears(source, on) {
			return true
		}
	}
	return false
}

func (ts trunks) named(name string) (*Trunk, bool) {
	for _, t := range ts {
		if t.Name == name {
			return t, true
		}
	}
	return nil, false
}

// peers returns whom we speak to now.
func (e *Edge) peers() *peering { return e.peering.Load() }

// Knows reports whether anything is read of what an address sends in clear: it is
// of a trunk, perhaps of one that leaves.
func (e *Edge) Knows(addr netip.Addr) bool { return e.peers().knows(addr, UDP) }

// knows reports whether a source may speak to us on the network: about a new
// call, or about one of those that a leaving trunk still has.
func (p *peering) knows(source netip.Addr, on Network) bool {
	return p.trunks.hears(source, on) || p.leaving.hears(source, on)
}

// from returns the trunk of a source: one that takes new calls, or else one
// that leaves.
func (p *peering) from(source netip.Addr) (*Trunk, bool) {
	if t, ok := p.trunks.from(source); ok {
		return t, true
	}
	return p.leaving.from(source)
}

// has reports whether the trunk is one of those that new calls use.
func (p *peering) has(t *Trunk) bool { return slices.Contains(p.trunks, t) }

// needs reports whether a trunk has calls by the listener, or may get some.
func (p *peering) needs(l *listener) bool {
	return slices.ContainsFunc(p.trunks, l.proves) || slices.ContainsFunc(p.leaving, l.proves)
}
