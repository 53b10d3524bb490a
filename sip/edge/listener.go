package edge

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"time"

	"github.com/emiago/sipgo/sip"
)

// dialTimeout bounds the wait for a stream to a peer. It is short because the
// call that sends waits with it.
const dialTimeout = 2 * time.Second

// Listen is an address to listen on.
type Listen struct {
	Network Network
	Addr    netip.AddrPort // a concrete address: sipgo can't answer from a wildcard
}

// Sockets opens sockets: those of the system, or a network in memory.
type Sockets interface {
	ListenPacket(ctx context.Context, network, address string) (net.PacketConn, error)
	Listen(ctx context.Context, network, address string) (net.Listener, error)
}

// listener is one listen address, with transport and transaction layers of its
// own. sipgo answers from whatever socket a peer used last; with one layer per
// address there is only one to choose.
type listener struct {
	edge    *Edge
	network Network
	addr    netip.AddrPort
	host    string // what Via and Contact say of us

	packets net.PacketConn // UDP
	streams net.Listener   // TCP
	tp      *sip.TransportLayer
	txl     *sip.TransactionLayer
}

// open binds the address. Nothing is read until serve.
func (e *Edge) open(ctx context.Context, at Listen) (*listener, error) {
	l := &listener{edge: e, network: at.Network, host: e.cfg.Advertise}
	if err := l.bind(ctx, at); err != nil {
		return nil, err
	}
	if l.host == "" {
		l.host = l.addr.Addr().String()
	}
	quiet := slog.New(e.slog)
	l.tp = sip.NewTransportLayer(deafResolver(), sip.NewParser(), nil,
		sip.WithTransportLayerTransports(e.streamTransport()),
		sip.WithTransportLayerLogger(quiet), sip.WithTransportLayerReadFilter(e.admit))
	// First ours, then the transactions': what we read of a message is read
	// before any other goroutine has it, and in the order of the wire.
	l.tp.OnMessage(l.onMessage)
	l.txl = sip.NewTransactionLayer(l.tp, sip.WithTransactionLayerLogger(quiet),
		sip.WithTransactionLayerUnhandledResponseHandler(func(*sip.Response) {}),
		sip.WithTransactionLayerTerminateOnConnClose())
	l.txl.OnRequest(l.onRequest)
	return l, nil
}

func (l *listener) bind(ctx context.Context, at Listen) error {
	var bound net.Addr
	var err error
	if at.Network == UDP {
		if l.packets, err = l.edge.cfg.Sockets.ListenPacket(ctx, "udp", at.Addr.String()); err == nil {
			bound = l.packets.LocalAddr()
		}
	} else {
		if l.streams, err = l.edge.cfg.Sockets.Listen(ctx, "tcp", at.Addr.String()); err == nil {
			bound = l.streams.Addr()
		}
	}
	if err != nil {
		return fmt.Errorf("listen on %s %s: %w", at.Network, at.Addr, err)
	}
	l.addr = addrPortOf(bound)
	return nil
}

// serve reads until the socket is closed.
func (l *listener) serve() error {
	if l.packets != nil {
		return l.tp.ServeUDP(l.packets)
	}
	return l.tp.ServeTCP(&gate{Listener: l.streams, edge: l.edge})
}

// close ends all transactions and closes the socket.
func (l *listener) close() {
	l.txl.Close()
	_ = l.tp.Close()
	if l.packets != nil {
		_ = l.packets.Close()
	}
	if l.streams != nil {
		_ = l.streams.Close()
	}
}

// request starts a client transaction, and calls over once: with its final
// response, or with nil if there will be none, or gone is closed before.
func (l *listener) request(gone <-chan struct{}, req *sip.Request, over func(*sip.Response)) (*sip.ClientTx, error) {
	ctx, cancel := context.WithTimeout(context.Background(), dialTimeout)
	defer cancel()
	tx, err := l.txl.Request(ctx, req)
	if err != nil {
		return nil, ErrSend // sipgo's error quotes the start line
	}
	l.edge.wg.Go(func() { over(final(tx, gone)) })
	return tx, nil
}

// requestSoon starts a client transaction that nobody waits for but by over. A
// stream may have to be connected first; the call's other leg must not wait
// for that.
func (l *listener) requestSoon(req *sip.Request, over func(*sip.Response)) error {
	return l.requestUntil(nil, req, over)
}

// requestUntil is requestSoon for a transaction that ends when gone is closed.
func (l *listener) requestUntil(gone <-chan struct{}, req *sip.Request, over func(*sip.Response)) error {
	start := func() error {
		_, err := l.request(gone, req, over)
		if err != nil {
			over(nil)
		}
		return err
	}
	if l.network == UDP {
		return start()
	}
	l.edge.wg.Go(func() { _ = start() })
	return nil
}

// final reads a transaction's responses until the final one, and returns it; the
// transaction stands still, with its lock held, until each is read.
func final(tx *sip.ClientTx, gone <-chan struct{}) *sip.Response {
	for {
		select {
		case res := <-tx.Responses():
			if !res.IsProvisional() {
				return res
			}
		case <-tx.Done():
			return nil
		case <-gone:
			tx.Terminate()
			return nil
		}
	}
}

// send writes a request that has no transaction: an ACK.
func (l *listener) send(req *sip.Request) error {
	if err := l.tp.WriteMsg(req); err != nil {
		return ErrSend
	}
	return nil
}

func addrPortOf(a net.Addr) netip.AddrPort {
	switch a := a.(type) {
	case *net.UDPAddr:
		return a.AddrPort()
	case *net.TCPAddr:
		return a.AddrPort()
	default:
		return netip.AddrPort{}
	}
}
