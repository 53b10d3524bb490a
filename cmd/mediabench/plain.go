//go:build linux

package main

import (
	"net/netip"
	"os"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// plainBatch is how many datagrams one system call takes.
const plainBatch = 64

// movePlainly is the least that can be done: one port for all calls, a table from each phone's
// port to the other phone, and no check and no rewrite.
func movePlainly(t task) (offer, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return offer{}, os.NewSyscallError("socket", err)
	}
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, 8<<20) // less will do
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: t.Listen.As4(), Port: 20000}); err != nil {
		return offer{}, os.NewSyscallError("bind", err)
	}
	o, other := offer{BytesBefore: settled()}, make([]unix.RawSockaddrInet4, 1<<16)
	for _, call := range t.Calls {
		here := netip.AddrPortFrom(t.Listen, 20000)
		o.To = append(o.To, [2]netip.AddrPort{here, here})
		for side, phone := range call {
			other[phone.Port()] = sockaddr(call[1-side])
		}
	}
	o.BytesIdle = settled()
	go forward(fd, other)
	return o, nil
}

type message struct {
	header unix.Msghdr
	length uint32
	_      [4]byte
}

func forward(fd int, other []unix.RawSockaddrInet4) {
	runtime.LockOSThread()
	var messages [plainBatch]message
	var names [plainBatch]unix.RawSockaddrInet4
	var vectors [plainBatch]unix.Iovec
	buffers := make([]byte, plainBatch*2048)
	for {
		for i := range messages {
			vectors[i] = unix.Iovec{Base: &buffers[i*2048], Len: 2048}
			messages[i].header = unix.Msghdr{
				Name: (*byte)(unsafe.Pointer(&names[i])), Namelen: unix.SizeofSockaddrInet4, Iov: &vectors[i], Iovlen: 1,
			}
		}
		n, _, errno := unix.Syscall6(unix.SYS_RECVMMSG, uintptr(fd), uintptr(unsafe.Pointer(&messages)), plainBatch, unix.MSG_WAITFORONE, 0, 0)
		if errno != 0 {
			continue
		}
		for i := range int(n) {
			names[i] = other[hostOrder(names[i].Port)]
			vectors[i].Len = uint64(messages[i].length)
		}
		_, _, _ = unix.Syscall6(unix.SYS_SENDMMSG, uintptr(fd), uintptr(unsafe.Pointer(&messages)), n, unix.MSG_DONTWAIT, 0, 0)
	}
}

func sockaddr(a netip.AddrPort) unix.RawSockaddrInet4 {
	return unix.RawSockaddrInet4{Family: unix.AF_INET, Port: hostOrder(a.Port()), Addr: a.Addr().As4()}
}

// hostOrder turns a port number between the network's order of bytes and a little-endian
// machine's, both ways.
func hostOrder(port uint16) uint16 { return port<<8 | port>>8 }
