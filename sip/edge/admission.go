package edge

import (
	"errors"
	"net"
	"net/netip"
	"time"

	"github.com/emiago/sipgo/sip"
)

// admits is the first look at a datagram. What passes is parsed.
func (l *listener) admits(source netip.AddrPort, data []byte) bool {
	l.disown()
	switch {
	case !l.edge.admits(source.Addr(), UDP, len(data)):
		return false
	case l.sheds(source, data):
		l.edge.counts.shed.Add(1)
		return false
	case l.overruns(source, data):
		l.edge.counts.overrun.Add(1)
		return false
	}
	l.unclean = !clean(data)
	return true
}

// filter is the first look at what comes in on a stream. It never returns an
// error: one would end the connection.
func (l *listener) filter(from sip.TransportReadProps, data []byte) ([]byte, error) {
	if !l.edge.admits(addrPortOf(from.RemoteAddr).Addr(), l.network, 0) {
		return nil, nil
	}
	return data, nil
}

// maxDatagram bounds a message on UDP. The longest that carriers send, with
// Identity headers, are 3 kB.
const maxDatagram = 16 << 10

// admits reports whether a message of that length is read, before it is parsed. A
// source outside every trunk gets no answer at all, as if nobody were here.
func (e *Edge) admits(source netip.Addr, on Network, length int) bool {
	if !e.peers().knows(source, on) {
		e.counts.strangers.Add(1)
		return false
	}
	if length > maxDatagram {
		e.counts.oversize.Add(1)
		return false
	}
	return true
}

// How long to wait after a failed accept.
const (
	minPause = 5 * time.Millisecond
	maxPause = 100 * time.Millisecond // what Close may have to wait
)

// gate is a stream listener that lets in only the trunks' sources, and no more
// of each than are needed. Whoever is not let in is reset at once.
type gate struct {
	net.Listener
	edge    *Edge
	network Network
}

// Accept waits for a connection from a trunk. Only the closing of the listener
// is an error: sipgo stops listening at the first one.
func (g *gate) Accept() (net.Conn, error) {
	pause := minPause
	for {
		conn, err := g.Listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil, err
		}
		if err != nil { // no descriptors left, most likely; there will be some again
			time.Sleep(pause)
			pause = min(2*pause, maxPause)
			continue
		}
		pause = minPause
		if counted, ok := g.welcome(conn); ok {
			return counted, nil
		}
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = conn.Close()
	}
}

// welcome counts a connection of a trunk; false if it is of none, or one too many.
func (g *gate) welcome(conn net.Conn) (net.Conn, bool) {
	source, peers := addrPortOf(conn.RemoteAddr()).Addr().Unmap(), g.edge.peers()
	trunk, known := peers.from(source)
	if !known || !peers.knows(source, g.network) {
		g.edge.counts.strangers.Add(1)
		return nil, false
	}
	v := visitor{source, trunk.Name}
	if !g.edge.guests.enter(v, len(peers.trunks)) {
		g.edge.counts.crowded.Add(1)
		return nil, false
	}
	out := newOutbox(conn)
	g.edge.wg.Go(func() { out.deliver(g.edge.life) })
	return &guest{Conn: out, leave: func() { g.edge.guests.leave(v) }}, true
}
