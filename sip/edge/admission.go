package edge

import (
	"errors"
	"net"
	"time"

	"github.com/emiago/sipgo/sip"
)

// maxDatagram bounds a message on UDP. The longest that carriers send, with
// Identity headers, are 3 kB.
const maxDatagram = 16 << 10

// admit is the first look at what comes in, before it is parsed and before
// sipgo remembers its source. A source outside every trunk gets no answer at
// all, as if nobody were here.
//
// It never returns an error: one would end the listener.
func (e *Edge) admit(from sip.TransportReadProps, data []byte) ([]byte, error) {
	if _, known := e.trunks.from(addrPortOf(from.RemoteAddr).Addr()); !known {
		e.counts.strangers.Add(1)
		return nil, nil
	}
	if from.Transport == string(UDP) && len(data) > maxDatagram {
		e.counts.oversize.Add(1)
		return nil, nil
	}
	return data, nil
}

// How long to wait after a failed accept.
const (
	minPause = 5 * time.Millisecond
	maxPause = 100 * time.Millisecond // what Close may have to wait
)

// gate is a stream listener that lets in only the trunks' sources. A stranger
// is reset at once.
type gate struct {
	net.Listener
	edge *Edge
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
		if _, known := g.edge.trunks.from(addrPortOf(conn.RemoteAddr()).Addr()); known {
			return conn, nil
		}
		g.edge.counts.strangers.Add(1)
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = conn.Close()
	}
}
