//go:build linux

package main

import (
	"bytes"
	"fmt"
	"net/netip"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// phone is a socket, and what must not be seen there.
type phone struct {
	fd      int
	secrets [][]byte
}

// receiveBuffer is what the system allows; it holds what comes while this thread is kept from
// running.
const receiveBuffer = 4 << 20

func openPhone(host string, secrets ...string) (p phone, err error) {
	for _, s := range secrets {
		p.secrets = append(p.secrets, bytes.TrimLeft([]byte(s), "+"))
	}
	if p.fd, err = unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0); err != nil {
		return p, os.NewSyscallError("socket", err)
	}
	_ = unix.SetsockoptInt(p.fd, unix.SOL_SOCKET, unix.SO_RCVBUF, receiveBuffer)
	if err = unix.SetsockoptInt(p.fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1); err != nil {
		p.close()
		return p, os.NewSyscallError("setsockopt", err)
	}
	if err = unix.Bind(p.fd, inet(netip.AddrPortFrom(netip.MustParseAddr(host), port))); err != nil {
		p.close()
		return p, fmt.Errorf("bind phones of %s: %w", host, err)
	}
	return p, nil
}

func (p phone) close() { _ = unix.Close(p.fd) }

func inet(to netip.AddrPort) *unix.SockaddrInet4 {
	return &unix.SockaddrInet4{Addr: to.Addr().As4(), Port: int(to.Port())}
}

// send sends a datagram. One that the system has no room for is lost, as on any network.
func send(from phone, raw []byte, to netip.AddrPort) { _ = unix.Sendto(from.fd, raw, 0, inet(to)) }

// receive reads a datagram, and when the system had it: so no time is counted that this thread slept.
func (p phone) receive(buffer []byte) (n int, stamp time.Time, from unix.Sockaddr, err error) {
	var control [64]byte
	n, got, _, from, err := unix.Recvmsg(p.fd, buffer, control[:], 0)
	if err != nil {
		return 0, stamp, nil, err
	}
	header, data, _, err := unix.ParseOneSocketControlMessage(control[:got])
	if err != nil || header.Type != unix.SCM_TIMESTAMPNS || len(data) < int(unsafe.Sizeof(unix.Timespec{})) {
		return n, time.Now(), from, nil
	}
	return n, time.Unix((*unix.Timespec)(unsafe.Pointer(&data[0])).Unix()), from, nil
}
