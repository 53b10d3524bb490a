package relay

import (
	"fmt"
	"net"
	"net/netip"
	"time"
)

// NewSockets makes a mover for any system: a goroutine for each socket, and one for each circuit
// that watches its clock. It fails where the port range is unusable, or where nothing can be
// bound at the address.
func NewSockets(cfg Config) (*Switchboard, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	return newSockets(cfg, systemPorts(cfg.DSCP))
}

// systemPorts opens the system's, whose datagrams are marked.
func systemPorts(dscp uint8) func(netip.Addr, uint16) (socket, error) {
	return func(addr netip.Addr, port uint16) (socket, error) {
		conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(addr, port)))
		if err != nil {
			return nil, fmt.Errorf("bind media port: %w", err)
		}
		if err := mark(conn, addr, dscp); err != nil {
			_ = conn.Close()
			return nil, fmt.Errorf("mark media port: %w", err)
		}
		return udpSocket{conn}, nil
	}
}

func newSockets(cfg Config, open func(netip.Addr, uint16) (socket, error)) (*Switchboard, error) {
	if err := hosts(cfg.Listen).probe(open); err != nil {
		return nil, err
	}
	return newSwitchboard(cfg, &sockets{now: cfg.Now, open: open})
}

// sockets is a carrier that keeps nothing.
type sockets struct {
	now  func() time.Time
	open func(netip.Addr, uint16) (socket, error) // each is one that is read
}

// readSocket is a socket with a goroutine that reads it.
type readSocket interface {
	socket
	// receive waits for a datagram, until the socket is closed: net.ErrClosed.
	receive(in []byte) (n int, source netip.AddrPort, err error)
	// drain drops what has arrived and was not read. Nobody who hears it reads yet.
	drain()
	// haltSends makes every send fail from now on, one that waits included.
	haltSends()
}

func (s *sockets) bind(addr netip.Addr, port uint16) (pair, error) {
	return bindPair(addr, port, s.open)
}

func (s *sockets) workers() int { return 1 }

// keeps is none: a socket has a goroutine that reads it, which ends with it.
func (s *sockets) keeps() int { return 0 }

func (s *sockets) drain(pairs [2]pair) {
	for _, p := range pairs {
		if p.open() {
			p.rtp.(readSocket).drain()
			p.rtcp.(readSocket).drain()
		}
	}
}

func (s *sockets) discard(p pair) { p.close() }

func (s *sockets) start(c *circuit, _ int) (line, error) {
	l := &party{now: s.now, circuit: c, changed: make(chan struct{}, 1), stop: make(chan struct{})}
	c.exchange.desk = new(desk)
	for end := range c.pairs {
		l.listen(end)
	}
	l.running.Go(l.watch)
	return l, nil
}

func (s *sockets) close() {}

// udpSocket is a socket of any system.
type udpSocket struct{ *net.UDPConn }

func (s udpSocket) send(b []byte, to netip.AddrPort) error {
	_, err := s.WriteToUDPAddrPort(b, to)
	return err
}

func (s udpSocket) receive(in []byte) (int, netip.AddrPort, error) {
	n, source, err := s.ReadFromUDPAddrPort(in)
	return n, unmap(source), err
}

// aim does nothing: a socket that was opened unconnected can't be connected portably.
func (s udpSocket) aim(netip.AddrPort) {}

// drain reads until nothing comes for a moment: a read that may not wait at all reads nothing.
func (s udpSocket) drain() {
	_ = s.SetReadDeadline(time.Now().Add(time.Millisecond))
	var b [1]byte
	for range maxUnread {
		if _, _, err := s.ReadFromUDPAddrPort(b[:]); err != nil {
			break
		}
	}
	_ = s.SetReadDeadline(time.Time{})
}

// haltSends fails on a closed socket, and that sends no more either.
func (s udpSocket) haltSends() { _ = s.SetWriteDeadline(time.Unix(1, 0)) }

// close ends the reads. There is nothing to flush, so an error says nothing.
func (s udpSocket) close() { _ = s.Close() }

// unmap takes the IPv4 address out of an IPv6 one, so that addresses compare as SDP wrote them.
func unmap(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}
