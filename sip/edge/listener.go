package edge

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo/sip"
)

// dialTimeout bounds the wait for a stream to a peer. It is short because the
// call that sends waits with it.
const dialTimeout = 2 * time.Second

// Listen is an address to listen on.
type Listen struct {
	Network   Network
	Addr      netip.AddrPort // a concrete address: sipgo can't answer from a wildcard
	Advertise string         // host for Via and Contact; Config.Advertise if empty
}

// is reports whether the two are the same address.
func (at Listen) is(other Listen) bool { return at.Network == other.Network && at.Addr == other.Addr }

// Sockets opens sockets: those of the system, or a network in memory.
type Sockets interface {
	ListenPacket(ctx context.Context, network, address string) (net.PacketConn, error)
	Listen(ctx context.Context, network, address string) (net.Listener, error)
}

// listener is one listen address. One of datagrams has its own transactions; one
// of streams has sipgo's transport and transaction layers, for itself: sipgo
// answers from whatever socket a peer used last, and with one layer per address
// there is only one to choose. A TLS address has a listener for each trunk.
type listener struct {
	edge    *Edge
	network Network
	at      Listen // as configured
	addr    netip.AddrPort
	local   sip.Addr  // what our requests leave from
	host    string    // what Via and Contact say of us
	trunk   *Trunk    // whose alone it is; nil: every trunk's
	door    *door     // TLS: the one that it is behind
	stream  *listener // UDP: the TCP one that takes what is too long for a datagram; nil: none

	// UDP
	packets datagrams
	reader  *reader
	ledger  *ledger // its transactions

	refusal  []byte    // the reader's: what it writes refusals into
	unclean  bool      // the reader's: there is a control character in the datagram it reads
	admitted intakeKey // the reader's: the datagram it reads, if that was admitted and is not known for an INVITE

	// TCP, TLS
	streams net.Listener
	queue   *queue // TLS: the streams
	tp      *sip.TransportLayer
	txl     *sip.TransactionLayer

	retired atomic.Bool // its trunk is gone
}

// open binds an address. Nothing is read until serve.
func (e *Edge) open(ctx context.Context, at Listen) ([]*listener, error) {
	if at.Network == TLS {
		return e.openDoor(ctx, at)
	}
	l := &listener{edge: e, network: at.Network, at: at}
	if err := l.bind(ctx, at); err != nil {
		return nil, err
	}
	return []*listener{e.layer(l)}, nil
}

// layer puts on a listener that is bound what takes its messages.
func (e *Edge) layer(l *listener) *listener {
	l.addr = l.bound()
	l.local = l.departure()
	l.host = cmp.Or(l.at.Advertise, e.cfg.Advertise, l.addr.Addr().String())
	if l.network == UDP {
		l.reader, l.ledger = newReader(), newLedger()
		return l
	}
	quiet := slog.New(e.slog)
	l.tp = sip.NewTransportLayer(deafResolver(), newParser(), l.dialTLS(),
		sip.WithTransportLayerTransports(e.streamTransport()),
		sip.WithTransportLayerLogger(quiet), sip.WithTransportLayerReadFilter(l.filter))
	// First ours, then the transactions': what we read of a message is read
	// before any other goroutine has it, and in the order of the wire.
	l.tp.OnMessage(l.onMessage)
	l.txl = sip.NewTransactionLayer(l.tp, sip.WithTransactionLayerLogger(quiet),
		sip.WithTransactionLayerUnhandledResponseHandler(func(*sip.Response) {}),
		sip.WithTransactionLayerTerminateOnConnClose())
	l.txl.OnRequest(func(req *sip.Request, tx *sip.ServerTx) { l.onRequest(req, streamed{tx}) })
	return l
}

// dialTLS is how the listener's trunk is met when we connect to it.
func (l *listener) dialTLS() *tls.Config {
	if l.trunk == nil {
		return nil
	}
	return l.edge.asClient(l.trunk)
}

func (l *listener) bind(ctx context.Context, at Listen) (err error) {
	if at.Network == UDP {
		var socket net.PacketConn
		socket, err = l.edge.cfg.Sockets.ListenPacket(ctx, "udp", at.Addr.String())
		l.packets = datagramsOf(socket)
	} else {
		var streams net.Listener
		streams, err = l.edge.cfg.Sockets.Listen(ctx, "tcp", at.Addr.String())
		l.streams = &gate{Listener: streams, edge: l.edge, network: at.Network}
	}
	if err != nil {
		return fmt.Errorf("listen on %s %s: %w", at.Network, at.Addr, err)
	}
	return nil
}

func (l *listener) bound() netip.AddrPort {
	if l.network == UDP {
		return addrPortOf(l.packets.LocalAddr())
	}
	return addrPortOf(l.streams.Addr())
}

// departure is the address as sipgo has it. On a stream any port will do.
func (l *listener) departure() sip.Addr {
	host := l.addr.Addr()
	at := sip.Addr{IP: host.AsSlice(), Hostname: host.String()}
	if l.network == UDP {
		at.Port = int(l.addr.Port())
	}
	return at
}

// serve reads until the socket is closed.
func (l *listener) serve() error {
	switch l.network {
	case UDP:
		return l.read()
	case TLS:
		return l.tp.ServeTLS(l.streams)
	default:
		return l.tp.ServeTCP(l.streams)
	}
}

// close ends all transactions and closes the socket.
func (l *listener) close() {
	if l.network == UDP {
		l.ledger.close()
		_ = l.packets.Close()
		return
	}
	l.txl.Close()
	_ = l.tp.Close()
	_ = l.streams.Close()
}

// family reports whether the address is of the listener's IP version.
func (l *listener) family(addr netip.Addr) bool {
	return l.addr.Addr().Unmap().Is4() == addr.Unmap().Is4()
}

// serves reports whether the trunk's calls may leave by the listener.
func (l *listener) serves(t *Trunk) bool {
	if !l.proves(t) {
		return false
	}
	return len(t.Listen) == 0 || slices.ContainsFunc(t.Listen, l.at.is)
}

// request starts a client transaction, and calls over once: with its final
// response, or with nil if there will be none, or if the parting comes before.
func (l *listener) request(gone *parting, req *asking, over func(*sip.Response)) error {
	return l.requestBy(l.overflow(req), gone, req, over)
}

// transact is request by this listener and no other.
func (l *listener) transact(gone *parting, req *asking, over func(*sip.Response)) error {
	if l.network != UDP {
		return l.transactOnStream(gone, req.message(), over)
	}
	tx, err := l.launch(req, over)
	if err == nil && gone != nil {
		gone.on(tx.giveUp)
	}
	return err
}

// transactOnStream leaves it to sipgo, once the stream is connected.
func (l *listener) transactOnStream(gone *parting, req *sip.Request, over func(*sip.Response)) error {
	tx, err := l.begin(req)
	if err != nil {
		return ErrSend // sipgo's error quotes the start line
	}
	if gone.has() || tx.Init() != nil { // while it was connected, what was to be sent became idle
		tx.Terminate()
		return ErrSend
	}
	left := make(chan struct{})
	gone.on(func() { close(left) })
	l.edge.wg.Go(func() {
		res := final(tx, left)
		over(res)
		retire(tx, res)
	})
	return nil
}

// begin makes a transaction of a request.
func (l *listener) begin(req *sip.Request) (*sip.ClientTx, error) {
	ctx, cancel := context.WithTimeout(context.Background(), dialTimeout)
	defer cancel()
	return l.txl.NewClientTransaction(ctx, req)
}

// requestSoon starts a client transaction that nobody waits for but by over. A
// stream may have to be connected first; the call's other leg must not wait
// for that.
func (l *listener) requestSoon(req *asking, over func(*sip.Response)) error {
	return l.requestUntil(nil, req, over)
}

// requestUntil is requestSoon for a transaction that ends at a parting.
func (l *listener) requestUntil(gone *parting, req *asking, over func(*sip.Response)) error {
	return l.requestOn(l.overflow(req), gone, req, over)
}

// requestOn is requestUntil by the stream listener beside this one (nil: by this one).
func (l *listener) requestOn(stream *listener, gone *parting, req *asking, over func(*sip.Response)) error {
	if l.network == UDP && stream == nil {
		return l.start(nil, gone, req, over)
	}
	if !l.later(req, func() { _ = l.start(stream, gone, req, over) }) {
		over(nil)
		return ErrSend
	}
	return nil
}

// start is requestBy for whoever hears by over alone what came of it.
func (l *listener) start(stream *listener, gone *parting, req *asking, over func(*sip.Response)) error {
	err := l.requestBy(stream, gone, req, over)
	if err != nil {
		over(nil)
	}
	return err
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

// send writes a request that has no transaction: an ACK. On a stream nobody
// waits for that; if it fails, the 2xx comes again.
func (l *listener) send(req *asking) error {
	if l.network == UDP {
		return l.sendNow(req)
	}
	kept := *req
	if !l.later(&kept, func() { l.sendOnStream(kept.message()) }) {
		return ErrSend
	}
	return nil
}

// sendNow writes a request to the socket.
func (l *listener) sendNow(req *asking) error {
	text := l.edge.texts.of(req)
	defer l.edge.texts.Put(text)
	return l.write(*text, req.to)
}

// sendOnStream writes a request that has no transaction to its stream, which may
// have to be connected first. sipgo's own WriteMsg would wait for that for ever,
// and the rest of the lane with it.
func (l *listener) sendOnStream(req *sip.Request) {
	ctx, cancel := context.WithTimeout(context.Background(), dialTimeout)
	defer cancel()
	conn, err := l.tp.ClientRequestConnection(ctx, req)
	if err != nil {
		return
	}
	_ = conn.WriteMsg(req)
	_, _ = conn.TryClose() // gives back the reference: the pool keeps its own
}

func addrPortOf(a net.Addr) netip.AddrPort {
	switch a := a.(type) {
	case *net.UDPAddr:
		return a.AddrPort()
	case *net.TCPAddr:
		return a.AddrPort()
	case respelt:
		return addrPortOf(a.Addr)
	default:
		return netip.AddrPort{}
	}
}
