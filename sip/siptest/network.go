package siptest

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// Packet is a datagram that somebody sent.
type Packet struct {
	At       time.Duration // since the network was made
	From, To netip.AddrPort
	Data     []byte
	Lost     bool
}

// Network is a network in memory. It opens packet sockets (edge.Sockets), and
// keeps every packet.
type Network struct {
	start time.Time
	delay map[netip.Addr]time.Duration // of the link to each host; none if not named

	mu      sync.Mutex
	sockets map[netip.AddrPort]*socket
	lose    []func(Packet) bool
	late    []func(Packet) time.Duration
	twice   []func(Packet) bool
	packets []Packet
	flying  map[netip.AddrPort][]arrival // by destination, the next to arrive first
}

// arrival is a packet on its way.
type arrival struct {
	packet Packet
	due    time.Duration // since the network was made
}

// NewNetwork makes a network. Links get different delays, so that two things
// never happen in the same instant of fake time: their order would be chance.
func NewNetwork(delay map[netip.Addr]time.Duration) *Network {
	return &Network{start: time.Now(), delay: delay, sockets: make(map[netip.AddrPort]*socket),
		flying: make(map[netip.AddrPort][]arrival)}
}

// Lose drops every packet of which the rule says so, from now on.
func (n *Network) Lose(rule func(Packet) bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lose = append(n.lose, rule)
}

// Delay holds every packet back for as long as the rule says, from now on.
func (n *Network) Delay(rule func(Packet) time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.late = append(n.late, rule)
}

// Double lets every packet arrive twice of which the rule says so, from now on.
func (n *Network) Double(rule func(Packet) bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.twice = append(n.twice, rule)
}

// Packets returns every packet sent so far, lost ones too.
func (n *Network) Packets() []Packet {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.packets)
}

// ListenPacket opens a socket on a concrete address.
func (n *Network) ListenPacket(_ context.Context, _, address string) (net.PacketConn, error) {
	addr, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.sockets[addr] != nil {
		return nil, errors.New("address already in use")
	}
	s := &socket{network: n, addr: addr, in: make(chan Packet, 1024), closed: make(chan struct{})}
	n.sockets[addr] = s
	return s, nil
}

// Listen fails: there are no streams in this network.
func (n *Network) Listen(context.Context, string, string) (net.Listener, error) {
	return nil, errors.New("no streams in this network")
}

// Again sends a packet that was sent before.
func (n *Network) Again(p Packet) { n.send(p) }

func (n *Network) send(p Packet) {
	n.mu.Lock()
	defer n.mu.Unlock()
	p.At = time.Since(n.start)
	for _, lose := range n.lose {
		p.Lost = p.Lost || lose(p)
	}
	n.packets = append(n.packets, p)
	if p.Lost {
		return
	}
	n.launch(p)
	for _, twice := range n.twice {
		if twice(p) {
			n.launch(p)
		}
	}
}

// launch puts a packet on its way. One that takes no time has no timer: the
// race detector dies of timers of no delay that a bubble's goroutines start at
// once (golang/go issue 78156), since all run in the one context of the bubble.
func (n *Network) launch(p Packet) {
	after := n.delay[p.From.Addr()] + n.delay[p.To.Addr()]
	for _, late := range n.late {
		after += late(p)
	}
	n.fly(arrival{p, p.At + after})
	if after <= 0 {
		go n.deliver(p.To)
		return
	}
	time.AfterFunc(after, func() { n.deliver(p.To) })
}

// fly queues a packet behind those that arrive before it or with it: two that
// arrive in one instant do so in the order in which they were sent.
func (n *Network) fly(a arrival) {
	queue := n.flying[a.packet.To]
	at, _ := slices.BinarySearchFunc(queue, a.due, func(x arrival, due time.Duration) int {
		if x.due <= due {
			return -1
		}
		return 1
	})
	n.flying[a.packet.To] = slices.Insert(queue, at, a)
}

// deliver lets the next packet arrive.
func (n *Network) deliver(at netip.AddrPort) {
	n.mu.Lock()
	defer n.mu.Unlock()
	next := n.flying[at][0]
	n.flying[at] = n.flying[at][1:]
	to := n.sockets[at]
	if to == nil {
		return
	}
	select {
	case to.in <- next.packet:
	default: // nobody reads: a full socket drops, as a real one does
	}
}

// socket is a packet socket in the network.
type socket struct {
	network *Network
	addr    netip.AddrPort
	in      chan Packet
	closed  chan struct{}
	once    sync.Once
}

func (s *socket) ReadFrom(b []byte) (int, net.Addr, error) {
	select {
	case p := <-s.in:
		return copy(b, p.Data), net.UDPAddrFromAddrPort(p.From), nil
	case <-s.closed:
		return 0, nil, net.ErrClosed
	}
}

func (s *socket) WriteTo(b []byte, to net.Addr) (int, error) {
	udp, ok := to.(*net.UDPAddr)
	if !ok {
		return 0, errors.New("not a UDP address")
	}
	dest := netip.AddrPortFrom(udp.AddrPort().Addr().Unmap(), udp.AddrPort().Port())
	s.network.send(Packet{From: s.addr, To: dest, Data: slices.Clone(b)})
	return len(b), nil
}

func (s *socket) Close() error {
	s.once.Do(func() {
		close(s.closed)
		s.network.mu.Lock()
		defer s.network.mu.Unlock()
		delete(s.network.sockets, s.addr)
	})
	return nil
}

func (s *socket) LocalAddr() net.Addr { return net.UDPAddrFromAddrPort(s.addr) }

func (s *socket) SetDeadline(time.Time) error      { return nil }
func (s *socket) SetReadDeadline(time.Time) error  { return nil }
func (s *socket) SetWriteDeadline(time.Time) error { return nil }
