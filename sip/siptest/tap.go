package siptest

import (
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// Tap keeps every packet that crosses the real sockets it was put on.
type Tap struct {
	start time.Time

	mu      sync.Mutex
	packets []Packet
}

// NewTap makes a tap; its time starts now.
func NewTap() *Tap { return &Tap{start: time.Now()} }

// On puts the tap on a socket.
func (t *Tap) On(conn net.PacketConn) net.PacketConn { return tapped{conn, t} }

// Packets returns what crossed so far, in the order of time.
func (t *Tap) Packets() []Packet {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.packets)
}

func (t *Tap) keep(from, to net.Addr, data []byte) {
	p := Packet{Data: slices.Clone(data)}
	p.From, _ = netip.ParseAddrPort(from.String())
	p.To, _ = netip.ParseAddrPort(to.String())
	t.mu.Lock()
	defer t.mu.Unlock()
	p.At = time.Since(t.start)
	t.packets = append(t.packets, p)
}

// tapped is a socket with a tap on it.
type tapped struct {
	net.PacketConn
	tap *Tap
}

func (c tapped) ReadFrom(b []byte) (int, net.Addr, error) {
	n, from, err := c.PacketConn.ReadFrom(b)
	if err == nil {
		c.tap.keep(from, c.LocalAddr(), b[:n])
	}
	return n, from, err
}

func (c tapped) WriteTo(b []byte, to net.Addr) (int, error) {
	c.tap.keep(c.LocalAddr(), to, b)
	return c.PacketConn.WriteTo(b, to)
}
