package relay

import (
	"fmt"
	"net/netip"
	"os"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// port is a socket without the runtime's poller. A call has four, and as many more are kept as there is room for, so it
// is as large as a line of the processor's cache.
type port struct {
	fd       int
	family   uint16
	specific bool // bound to one address of ours
	awaited  bool // a worker waits for it; set by whoever binds it

	shut atomic.Bool // the system drops what comes; the worker sets it

	// The worker's alone, once it is awaited.
	peer    netip.AddrPort // to be connected to; invalid: nobody
	circuit *circuit       // nil: at rest
	late    uint32         // datagrams that came to it at rest
	end     uint8
	reports bool // it is for RTCP
	loose   bool // it is not connected to its peer yet
	aimed   bool // it is
}

// receiveBuffer is asked for on each port; the system grants as much as it allows. It holds what
// arrives while the worker is kept from running for some hundred milliseconds.
const receiveBuffer = 256 << 10

// openPort binds a socket that never blocks.
func openPort(listen netip.Addr, number uint16, dscp uint8) (*port, error) {
	p := &port{family: unix.AF_INET6, specific: !listen.IsUnspecified()}
	if listen.Is4() {
		p.family = unix.AF_INET
	}
	var err error
	if p.fd, err = unix.Socket(int(p.family), unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0); err != nil {
		return nil, fmt.Errorf("open media port: %w", os.NewSyscallError("socket", err))
	}
	if err := p.set(dscp); err != nil {
		p.close()
		return nil, fmt.Errorf("mark media port: %w", err)
	}
	if err := unix.Bind(p.fd, address(listen, number)); err != nil {
		p.close()
		return nil, fmt.Errorf("bind media port: %w", os.NewSyscallError("bind", err))
	}
	return p, nil
}

func address(addr netip.Addr, number uint16) unix.Sockaddr {
	if addr.Is4() {
		return &unix.SockaddrInet4{Addr: addr.As4(), Port: int(number)}
	}
	return &unix.SockaddrInet6{Addr: addr.As16(), Port: int(number)}
}

// set chooses the socket's options. One address family's wildcard takes the other's packets too,
// as far as the system lets it.
func (p *port) set(dscp uint8) error {
	_ = unix.SetsockoptInt(p.fd, unix.SOL_SOCKET, unix.SO_RCVBUF, receiveBuffer) // less will do
	if p.family == unix.AF_INET6 {
		if err := unix.SetsockoptInt(p.fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 0); err != nil {
			return os.NewSyscallError("setsockopt", err)
		}
	}
	if dscp == 0 {
		return nil
	}
	return p.mark(int(dscp) << 2) // the upper six bits of the traffic class, RFC 2474
}

// mark sets the traffic class of all that is sent, by either version of IP.
func (p *port) mark(class int) error {
	if p.family == unix.AF_INET6 {
		if err := unix.SetsockoptInt(p.fd, unix.IPPROTO_IPV6, unix.IPV6_TCLASS, class); err != nil {
			return os.NewSyscallError("setsockopt", err)
		}
	}
	return os.NewSyscallError("setsockopt", unix.SetsockoptInt(p.fd, unix.IPPROTO_IP, unix.IP_TOS, class))
}

// passes reports whether there is a flow by which something may pass.
func (p *port) passes() bool { return p.circuit != nil && p.circuit.exchange.open }

// receive takes one datagram, if there is one. It can't block, so the scheduler is not told.
func (p *port) receive(b []byte) (n int, source netip.AddrPort, err error) {
	var from name
	size := uint32(unsafe.Sizeof(from.raw))
	r, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(p.fd),
		uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)), unix.MSG_DONTWAIT,
		uintptr(unsafe.Pointer(&from.raw)), uintptr(unsafe.Pointer(&size)))
	if errno != 0 {
		return 0, netip.AddrPort{}, errno
	}
	return int(r), from.read(), nil
}

// send tries twice, because the first error may be an ICMP message about an earlier packet: it
// comes in place of the send.
func (p *port) send(b []byte, to netip.AddrPort) error {
	if p.loose {
		p.settle()
	}
	err := p.trySend(b, to)
	if err != nil && err != unix.EAGAIN {
		err = p.trySend(b, to)
	}
	return err
}

func (p *port) trySend(b []byte, to netip.AddrPort) error {
	var there name
	var where unsafe.Pointer // nil: where it is connected to
	if !p.aimed || to != p.peer {
		there = nameOf(p.family, to)
		where = unsafe.Pointer(&there.raw)
	}
	_, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(p.fd),
		uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)), unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL,
		uintptr(where), there.size)
	if errno != 0 {
		return errno
	}
	return nil
}

// aim has the socket connected to a peer, so that the system itself drops what others send, and keeps the route:
// not now but with the first datagram that comes or goes, since to many a port none does.
// A socket on all addresses is left alone: to connect it would choose one of them to be heard at.
func (p *port) aim(at netip.AddrPort) {
	if !p.specific {
		return
	}
	if p.aimed && p.peer != at {
		p.aimed = false
		_ = p.connect(nameOf(unix.AF_UNSPEC, at))
	}
	p.peer, p.loose = at, at.IsValid() && !p.aimed
}

// settle connects the socket. One that can't be is sent from and heard all the same.
func (p *port) settle() {
	p.loose, p.aimed = false, p.connect(nameOf(p.family, p.peer)) == nil
}

func (p *port) connect(to name) error {
	_, _, errno := unix.RawSyscall(unix.SYS_CONNECT, uintptr(p.fd), uintptr(unsafe.Pointer(&to.raw)), to.size)
	if errno != 0 {
		return errno
	}
	return nil
}

// rest leaves the port to nobody: what still comes is read, so that it takes no memory, and dropped.
func (p *port) rest() {
	p.circuit, p.late = nil, 0
	p.aim(netip.AddrPort{})
}

// latecomers are so many datagrams as may come to a port at rest from a peer that has not heard yet
// that the call is over.
const latecomers = 32

// spurn drops a datagram that came to the port at rest. It is a flood if there are many: then the system is
// told to drop them, which wakes nobody. It costs as much as some ten datagrams, so no port is shut before. It reports
// whether the port was shut now.
func (p *port) spurn() (shut bool) {
	if p.late++; p.late < latecomers || p.shut.Load() {
		return false
	}
	nothing := unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K} // accepts no byte of any
	shut = unix.SetsockoptSockFprog(p.fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &unix.SockFprog{Len: 1, Filter: &nothing}) == nil
	p.shut.Store(shut)
	return shut
}

// open has a port that was shut hear again.
func (p *port) open() {
	if p.shut.Load() {
		p.shut.Store(unix.SetsockoptInt(p.fd, unix.SOL_SOCKET, unix.SO_DETACH_FILTER, 0) != nil)
	}
}

// close has nothing to flush, so an error says nothing.
func (p *port) close() { _ = unix.Close(p.fd) }
