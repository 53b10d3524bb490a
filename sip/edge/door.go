package edge

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"
)

// handshakeTimeout bounds the time from connection to proven peer. What is not
// through by then holds a descriptor for nothing.
const handshakeTimeout = 5 * time.Second

// door is a TLS listen address. Behind it each trunk has a listener of its
// own: the transport layer has one TLS configuration, and one pool of
// connections in which an address alone is a peer; two trunks must share
// neither. Nobody gets to a listener who has not proven what its trunk asks.
type door struct {
	edge *Edge
	at   Listen
	gate *gate
}

// queue is the listener of one trunk behind a door.
type queue struct {
	trunk   *Trunk
	address net.Addr
	config  *tls.Config
	conns   chan net.Conn
	once    sync.Once
	closed  chan struct{}
}

// Accept waits for a peer that the door has let in.
func (q *queue) Accept() (net.Conn, error) {
	select {
	case conn := <-q.conns:
		return conn, nil
	case <-q.closed:
		return nil, net.ErrClosed
	}
}

// Close lets nobody in any more.
func (q *queue) Close() error {
	q.once.Do(func() { close(q.closed) })
	return nil
}

// Addr returns the address of the door.
func (q *queue) Addr() net.Addr { return q.address }

// openDoor binds a TLS address, and returns the trunks' listeners behind it.
func (e *Edge) openDoor(ctx context.Context, at Listen) ([]*listener, error) {
	if e.trust.Load().own == nil || len(e.peers().trunks) == 0 {
		return nil, fmt.Errorf("listen on %s %s: %w", at.Network, at.Addr, ErrNoIdentity)
	}
	streams, err := e.cfg.Sockets.Listen(ctx, "tcp", at.Addr.String())
	if err != nil {
		return nil, fmt.Errorf("listen on %s %s: %w", at.Network, at.Addr, err)
	}
	d := &door{edge: e, at: at, gate: &gate{Listener: streams, edge: e, network: TLS}}
	e.doors = append(e.doors, d)
	var listeners []*listener
	for _, trunk := range e.peers().trunks {
		listeners = append(listeners, d.listen(trunk))
	}
	return listeners, nil
}

// listen makes the listener of a trunk behind the door.
func (d *door) listen(trunk *Trunk) *listener {
	q := &queue{trunk: trunk, address: d.gate.Addr(), config: d.edge.asServer(trunk), conns: make(chan net.Conn), closed: make(chan struct{})}
	return d.edge.layer(&listener{edge: d.edge, network: TLS, at: d.at, trunk: trunk, door: d, streams: q, queue: q})
}

// queueOf returns the queue of a trunk behind the door.
func (d *door) queueOf(trunk *Trunk, peers *peering) (*queue, bool) {
	for _, l := range peers.listeners {
		if l.door == d && l.trunk.provesAs(trunk) {
			return l.queue, true
		}
	}
	return nil, false
}

// serve lets peers in until the door is closed.
func (d *door) serve(ctx context.Context) {
	for {
		conn, err := d.gate.Accept()
		if err != nil {
			d.close()
			return
		}
		d.edge.wg.Go(func() { d.admit(ctx, conn) })
	}
}

// admit has the peer prove who it is, and hands it to the listener of its
// trunk.
func (d *door) admit(ctx context.Context, conn net.Conn) {
	q, known := d.queueFor(addrPortOf(conn.RemoteAddr()).Addr())
	if !known {
		_ = conn.Close()
		return
	}
	secure := tls.Server(conn, q.config)
	timed, cancel := context.WithTimeout(ctx, handshakeTimeout)
	defer cancel()
	if err := secure.HandshakeContext(timed); err != nil {
		_ = conn.Close()
		return
	}
	var peer net.Conn = secure
	if d.edge.proof(q.trunk, secure.ConnectionState()) != nil {
		peer = unproven{secure}
	}
	select {
	case q.conns <- peer:
	case <-q.closed:
		_ = secure.Close()
	}
}

// queueFor returns the queue of the trunk that a peer is of.
func (d *door) queueFor(peer netip.Addr) (*queue, bool) {
	peers := d.edge.peers()
	trunk, known := peers.from(peer)
	if !known {
		return nil, false
	}
	return d.queueOf(trunk, peers)
}

// close frees the address, and ends the listeners behind it.
func (d *door) close() {
	_ = d.gate.Close()
	for _, l := range d.edge.peers().listeners {
		if l.door == d {
			_ = l.queue.Close()
		}
	}
}
