package relay

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"
)

// maxDatagram is the largest one that is taken: no G.711 packet comes near an Ethernet frame.
const maxDatagram = 1500

// retryRead is the pause after a failed read, so that a lasting failure takes no CPU.
const retryRead = 10 * time.Millisecond

// circuit is a reserved circuit with its sockets: a goroutine for each socket, and one for the
// reports once a flow is installed.
type circuit struct {
	pairs    [2]pair
	now      func() time.Time
	interval func() time.Duration // until the next report

	// Lifetime.
	stop    chan struct{} // closed by cut
	cutting sync.Once
	running sync.WaitGroup

	// Guarded by mu, which is held over each send: who holds it knows that none is under way.
	mu       sync.Mutex
	exchange *exchange
	final    bool // cut: no flow opens it again
}

func (c *circuit) start() {
	for end, pair := range c.pairs {
		c.running.Go(func() { c.read(pair.rtp, func(s netip.AddrPort, in, out []byte) { c.relay(end, s, in, out) }) })
		c.running.Go(func() { c.read(pair.rtcp, func(s netip.AddrPort, in, _ []byte) { c.hearReport(end, s, in) }) })
	}
}

// read hands on datagrams until the socket is closed. Nothing that arrives ends it, nor any
// error that an ICMP message causes.
func (c *circuit) read(conn *net.UDPConn, handle func(source netip.AddrPort, in, out []byte)) {
	in, out := make([]byte, maxDatagram+1), make([]byte, maxDatagram)
	for {
		n, source, err := conn.ReadFromUDPAddrPort(in)
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil:
			time.Sleep(retryRead)
		case n > maxDatagram:
			handle(unmap(source), nil, nil) // no packet at all: it is counted as malformed
		default:
			handle(unmap(source), in[:n], out)
		}
	}
}

func (c *circuit) relay(end int, source netip.AddrPort, in, out []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n, drop := c.exchange.pass(end, source, in, out, c.now())
	if drop == 0 {
		to := c.exchange.flow.Ends[1-end].RTP
		if _, err := c.pairs[1-end].rtp.WriteToUDPAddrPort(out[:n], to); err != nil {
			drop = DropUnsent
		}
	}
	c.exchange.account(end, len(in), n, drop)
}

func (c *circuit) hearReport(end int, source netip.AddrPort, in []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.exchange.hearReport(end, source, in, c.now())
}

// install opens the circuit, and the first time starts to report.
func (c *circuit) install(flow Flow) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.final {
		return
	}
	if !c.exchange.open {
		c.running.Go(c.sendReports)
	}
	c.exchange.open, c.exchange.flow = true, flow
}

// cut closes the circuit for good. The deadline in the past frees a send that waits for room in
// a socket's buffer; the mutex waits until none is under way.
func (c *circuit) cut() {
	c.cutting.Do(func() {
		for _, pair := range c.pairs {
			pair.haltWrites()
		}
		close(c.stop)
	})
	c.mu.Lock()
	defer c.mu.Unlock()
	c.final, c.exchange.open = true, false
}

// release cuts, closes the sockets, waits for all goroutines and gives the final count.
func (c *circuit) release() [2]Counters {
	c.cut()
	for _, pair := range c.pairs {
		pair.close()
	}
	c.running.Wait()
	return [2]Counters{c.exchange.ends[0].counters, c.exchange.ends[1].counters}
}

// unmap takes the IPv4 address out of an IPv6 one, so that addresses compare as SDP wrote them.
func unmap(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}
