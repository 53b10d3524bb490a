package edge

import (
	"net"
	"net/netip"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// stampedConn is a UDP socket that knows when the system received what is read
// from it. When we can't keep up, it is there that messages wait, and nothing
// that we could measure from the reading on would show it.
type stampedConn struct {
	*net.UDPConn

	// The reader's.
	control []byte
	arrived time.Time // of the datagram read last
}

// stamped asks for the time of each datagram; any other socket is left as it is.
func stamped(conn net.PacketConn) net.PacketConn {
	udp, ok := conn.(*net.UDPConn)
	if !ok {
		return conn
	}
	raw, err := udp.SyscallConn()
	if err != nil {
		return conn
	}
	var refused error
	err = raw.Control(func(fd uintptr) {
		refused = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1)
	})
	if err != nil || refused != nil {
		return conn
	}
	return &stampedConn{UDPConn: udp, control: make([]byte, unix.CmsgSpace(int(unsafe.Sizeof(unix.Timespec{}))))}
}

// ReadFromUDPAddrPort reads a datagram and notes when it arrived.
func (c *stampedConn) ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error) {
	n, got, _, from, err := c.ReadMsgUDPAddrPort(b, c.control)
	if err != nil {
		return n, from, err
	}
	c.arrived = time.Now()
	header, data, _, err := unix.ParseOneSocketControlMessage(c.control[:got])
	if err == nil && header.Level == unix.SOL_SOCKET && header.Type == unix.SCM_TIMESTAMPNS &&
		len(data) >= int(unsafe.Sizeof(unix.Timespec{})) {
		c.arrived = c.arrived.Add(-waited(time.Unix((*unix.Timespec)(unsafe.Pointer(&data[0])).Unix()), c.arrived))
	}
	return n, from, nil
}

// last is when the datagram that was read last arrived.
func (c *stampedConn) last() time.Time { return c.arrived }
