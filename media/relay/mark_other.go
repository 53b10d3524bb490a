//go:build !unix

package relay

import (
	"net"
	"net/netip"
)

// mark does nothing where the system keeps the traffic class to itself.
func mark(*net.UDPConn, netip.Addr, uint8) error { return nil }
