package sip

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"sync"

	"maskd/mapping"
	"maskd/sip/siptest"
)

// line is a phone of the customer's, with a number of its own: the n-th, from 1 on.
func line(n int) part {
	id := customer.id
	digit := string(rune('0' + n))
	id.Number = "+44770090020" + digit
	id.Name, id.Agent, id.Host = "Line Lineword"+digit, "LinePhone/"+digit, "line"+digit+"-host.invalid"
	id.Port += 2 * n
	id.Extra = []siptest.Header{{Name: "P-Asserted-Identity", Value: "<sip:" + id.Number + "@line-carrier.invalid>"}}
	return part{id: id, addr: "10.77.78.9" + digit + ":5060"}
}

// group is the cast in which the customer is a group of so many numbers, which
// are rung as the hunt says. A fallback is one line more.
func group(lines int, ring mapping.Ring, fallback bool) cast {
	c := usual
	for n := range lines {
		c.lines = append(c.lines, line(n+1))
	}
	c.hunt.Ring = ring
	if fallback {
		c.lines = append(c.lines, line(lines+1))
		c.hunt.Fallback = line(lines + 1).number()
	}
	c.hunt = c.hunt.WithDefaults(lines)
	return c
}

// carrier is the customer's carrier: it hands what it gets for a number to the
// line of that number. To maskd all comes from one address.
type carrier struct {
	*siptest.Network
	addr  netip.AddrPort
	lines []part

	mu    sync.Mutex
	calls map[string]netip.AddrPort // by Call-ID
}

func newCarrier(n *siptest.Network, c cast) *carrier {
	return &carrier{Network: n, addr: netip.MustParseAddrPort(c.customer.addr), lines: c.lines, calls: make(map[string]netip.AddrPort)}
}

// ListenPacket opens a socket of maskd.
func (x *carrier) ListenPacket(ctx context.Context, network, address string) (net.PacketConn, error) {
	conn, err := x.Network.ListenPacket(ctx, network, address)
	return &trunkSocket{PacketConn: conn, carrier: x}, err
}

// line returns where a message to the carrier goes.
func (x *carrier) line(data []byte) (netip.AddrPort, bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	m := siptest.Parse(data)
	for _, l := range x.lines {
		if m.Method() == "INVITE" && strings.Contains(m.Start, "sip:"+l.id.Number+"@") {
			x.calls[m.Get("Call-ID")] = netip.MustParseAddrPort(l.addr)
		}
	}
	at, ok := x.calls[m.Get("Call-ID")]
	return at, ok
}

// trunkSocket is a socket of maskd, beyond which the carrier is.
type trunkSocket struct {
	net.PacketConn
	carrier *carrier
}

func (s *trunkSocket) WriteTo(b []byte, to net.Addr) (int, error) {
	if at, ok := s.carrier.line(b); ok {
		to = net.UDPAddrFromAddrPort(at)
	}
	return s.PacketConn.WriteTo(b, to)
}

func (s *trunkSocket) ReadFrom(b []byte) (int, net.Addr, error) {
	n, from, err := s.PacketConn.ReadFrom(b)
	for _, l := range s.carrier.lines {
		if err == nil && from.String() == l.addr {
			from = net.UDPAddrFromAddrPort(s.carrier.addr)
		}
	}
	return n, from, err
}
