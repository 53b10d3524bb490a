package relay

import (
	"errors"
	"fmt"
	"net/netip"
)

// Family is a version of IP: what two addresses must have in common to talk to each other.
type Family uint8

// The families.
const (
	IPv4 Family = iota + 1
	IPv6
)

// FamilyOf gives the family of an address; zero: of none. An IPv4 address that is written as one of IPv6
// is one of IPv4.
func FamilyOf(addr netip.Addr) Family {
	switch {
	case !addr.IsValid():
		return 0
	case addr.Unmap().Is4():
		return IPv4
	default:
		return IPv6
	}
}

// String gives the usual name.
func (f Family) String() string {
	switch f {
	case IPv4:
		return "IPv4"
	case IPv6:
		return "IPv6"
	default:
		return "any IP"
	}
}

// hosts are our addresses, one of each family at most and the preferred one first.
type hosts []netip.Addr

// index is the place of the address of a family, or of the first if there is none.
func (h hosts) index(family Family) int {
	for i, addr := range h {
		if FamilyOf(addr) == family {
			return i
		}
	}
	return 0
}

// probe binds each address once, so that one that is none of this host's is told at start.
func (h hosts) probe(bind func(addr netip.Addr, port uint16) (socket, error)) error {
	for _, addr := range h {
		s, err := bind(addr, 0)
		if err != nil {
			return fmt.Errorf("listen for media on %s: %w", addr, err)
		}
		s.close()
	}
	return nil
}

func (h hosts) validate() error {
	if len(h) == 0 {
		return errors.New("listen: an address is needed")
	}
	var seen [IPv6 + 1]bool
	for _, addr := range h {
		family := FamilyOf(addr)
		if family == 0 || seen[family] {
			return fmt.Errorf("listen %v: one address of each version of IP at most", []netip.Addr(h))
		}
		seen[family] = true
	}
	return nil
}
