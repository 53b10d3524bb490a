//go:build !linux

package edge

import "net"

// stamped leaves a socket as it is.
func stamped(conn net.PacketConn) net.PacketConn { return conn }
