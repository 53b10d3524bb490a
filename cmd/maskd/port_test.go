package main

import (
	"net"
	"net/netip"
	"os"
	"sync/atomic"
)

// loopback is where a daemon is that has no network of its own.
var loopback = netip.AddrFrom4([4]byte{127, 0, 0, 1})

// givenPorts counts the ports that this process was given by freePort.
var givenPorts atomic.Int64

// freePort is a port that nobody has at the host now, on UDP nor TCP. It is none of those
// that the kernel gives to whoever asks for any, and of which somebody else may be given
// it next; nor one that was given to another test before, which may not have it yet. Two
// processes begin apart.
func freePort(host netip.Addr) uint16 {
	const first, count, apart = 10000, 10000, 6180 // the golden section of count
	for range count {
		port := uint16(first + (int64(os.Getpid())*apart+givenPorts.Add(1))%count)
		if isFree(netip.AddrPortFrom(host, port)) {
			return port
		}
	}
	panic("no port is free")
}

// freePorts is so many of them.
func freePorts(host netip.Addr, count int) []uint16 {
	ports := make([]uint16, count)
	for n := range ports {
		ports[n] = freePort(host)
	}
	return ports
}

func isFree(at netip.AddrPort) bool {
	tcp, err := net.Listen("tcp", at.String())
	if err != nil {
		return false
	}
	defer tcp.Close()
	udp, err := net.ListenPacket("udp", at.String())
	if err != nil {
		return false
	}
	_ = udp.Close()
	return true
}
