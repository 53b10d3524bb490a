//go:build unix

package relay

import (
	"net"
	"net/netip"
	"syscall"
)

// mark has all that the socket sends bear the DSCP, in the upper six bits of the traffic class.
func mark(conn *net.UDPConn, listen netip.Addr, dscp uint8) error {
	if dscp == 0 {
		return nil
	}
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	level, option := syscall.IPPROTO_IP, syscall.IP_TOS
	if !listen.Is4() {
		level, option = syscall.IPPROTO_IPV6, syscall.IPV6_TCLASS
	}
	var failed error
	err = raw.Control(func(fd uintptr) { failed = syscall.SetsockoptInt(int(fd), level, option, int(dscp)<<2) })
	if err != nil {
		return err
	}
	return failed
}
