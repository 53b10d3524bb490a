package relay

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"sync/atomic"
)

// Network is where ports are opened that are not the system's, such as one in memory.
type Network interface {
	ListenPacket(ctx context.Context, network, address string) (net.PacketConn, error)
}

// NewOn makes a mover on a network: all that one of the system's does, also in fake time. It is for
// tests of what is around it that want to hear what passes.
func NewOn(network Network, cfg Config) (*Switchboard, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	return newSockets(cfg, func(addr netip.Addr, port uint16) (socket, error) {
		conn, err := network.ListenPacket(context.Background(), "udp", netip.AddrPortFrom(addr, port).String())
		if err != nil {
			return nil, fmt.Errorf("bind media port: %w", err)
		}
		return &networkSocket{PacketConn: conn}, nil
	})
}

// networkSocket is a socket of such a network.
type networkSocket struct {
	net.PacketConn
	halted atomic.Bool
}

func (s *networkSocket) send(b []byte, to netip.AddrPort) error {
	if s.halted.Load() {
		return net.ErrClosed
	}
	_, err := s.WriteTo(b, net.UDPAddrFromAddrPort(to))
	return err
}

func (s *networkSocket) receive(in []byte) (n int, source netip.AddrPort, err error) {
	n, from, err := s.ReadFrom(in)
	if udp, ok := from.(*net.UDPAddr); ok {
		source = unmap(udp.AddrPort())
	}
	return n, source, err
}

// haltSends lets no more through: none waits for room.
func (s *networkSocket) haltSends() { s.halted.Store(true) }

// aim and drain do nothing: what nobody should hear meets the latch all the same.
func (s *networkSocket) aim(netip.AddrPort) {}
func (s *networkSocket) drain()             {}

func (s *networkSocket) close() { _ = s.Close() }
