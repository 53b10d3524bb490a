package media

import (
	"net/netip"
	"slices"

	"maskd/media/relay"
)

// Family is a version of IP.
type Family = relay.Family

// The families.
const (
	IPv4 = relay.IPv4
	IPv6 = relay.IPv6
)

// FamilyOf gives the family of an address; zero: of none.
func FamilyOf(addr netip.Addr) Family { return relay.FamilyOf(addr) }

// place is where we are in one family.
type place struct {
	listen    netip.Addr // the address that sound arrives at and leaves from
	advertise netip.Addr // the one that SDP has
}

func (p place) family() Family { return FamilyOf(p.advertise) }

// reaches tells whether sound may be sent to an address. To this host it is sent only by a host that
// talks to nobody else: from any other, an address of its own would have it talk to itself, or to what
// listens there for nobody from outside.
func (p place) reaches(addr netip.Addr) bool {
	switch {
	case FamilyOf(addr) != p.family(), addr.IsMulticast(), addr == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		return false
	case p.listen.IsLoopback() || p.advertise.IsLoopback():
		return true
	default:
		return !addr.IsLoopback() && addr != p.advertise && addr != p.listen
	}
}

// reach is where sound may be sent: to what any of its places reaches. That of a leg has one.
type reach []place

func (r reach) includes(addr netip.Addr) bool {
	return slices.ContainsFunc(r, func(p place) bool { return p.reaches(addr) })
}

// within is the part of a family; empty: there is none.
func (r reach) within(family Family) reach {
	for i, p := range r {
		if p.family() == family {
			return r[i : i+1]
		}
	}
	return nil
}

// leg is the reach of a leg of a family. Where we are not in that family it is of the first: the peer
// may speak both.
func (r reach) leg(family Family) reach {
	if of := r.within(family); of != nil {
		return of
	}
	return r[:1]
}
