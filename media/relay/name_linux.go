package relay

import (
	"encoding/binary"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"
)

// name is a socket address as the system reads and writes it.
type name struct {
	raw  unix.RawSockaddrInet6 // the larger of the two kinds
	size uintptr
}

// nameOf writes an address for a socket of a family. A socket of IPv6 knows IPv4 addresses by
// their mapped form; one of IPv4 is refused the others by the system. AF_UNSPEC names nobody.
func nameOf(family uint16, a netip.AddrPort) (n name) {
	switch {
	case family == unix.AF_UNSPEC:
		n.raw.Family = unix.AF_UNSPEC
		n.size = unix.SizeofSockaddrInet6
	case family == unix.AF_INET && a.Addr().Is4():
		v4 := (*unix.RawSockaddrInet4)(unsafe.Pointer(&n.raw))
		v4.Family, v4.Port, v4.Addr = unix.AF_INET, networkOrder(a.Port()), a.Addr().As4()
		n.size = unix.SizeofSockaddrInet4
	default:
		n.raw = unix.RawSockaddrInet6{Family: unix.AF_INET6, Port: networkOrder(a.Port()), Addr: a.Addr().As16()}
		n.size = unix.SizeofSockaddrInet6
	}
	return n
}

// read gives the address in the form that SDP wrote it: no mapped IPv4.
func (n *name) read() netip.AddrPort {
	switch n.raw.Family {
	case unix.AF_INET:
		v4 := (*unix.RawSockaddrInet4)(unsafe.Pointer(&n.raw))
		return netip.AddrPortFrom(netip.AddrFrom4(v4.Addr), networkOrder(v4.Port))
	case unix.AF_INET6:
		return netip.AddrPortFrom(netip.AddrFrom16(n.raw.Addr).Unmap(), networkOrder(n.raw.Port))
	default:
		return netip.AddrPort{}
	}
}

// networkOrder turns a port number between this machine's order of bytes and the network's.
func networkOrder(port uint16) uint16 {
	var b [2]byte
	binary.BigEndian.PutUint16(b[:], port)
	return binary.NativeEndian.Uint16(b[:])
}
