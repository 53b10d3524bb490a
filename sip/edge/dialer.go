package edge

import (
	"context"
	"net"
	"net/netip"
	"syscall"
	"time"

	"github.com/emiago/sipgo/sip"
)

// sipgo dials on its own account too: to answer a request whose connection is
// gone, it looks up and dials the host in the request's Via. Nothing in a
// message may choose whom we connect to, so its resolver resolves nothing, and
// its dialer reaches trunks only.

// deafResolver is a resolver without servers. Gateways are resolved by the
// book.
func deafResolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, ErrTrunk
	}}
}

// writeTimeout bounds the write to a stream whose peer does not read.
const writeTimeout = 5 * time.Second

// idleTimeout is when a stream on which nothing was read is closed: several
// times the two minutes that RFC 5626 section 4.4.1 leaves between keep-alives.
// A peer that has more to say connects again, and so do we.
const idleTimeout = 10 * time.Minute

// streamTransport is sipgo's TCP and TLS with our dialer.
func (e *Edge) streamTransport() sip.TransportsConfig {
	stream := func() *sip.TransportTCP {
		return &sip.TransportTCP{ReadTimeout: idleTimeout, WriteTimeout: writeTimeout, DialerCreate: e.dialer}
	}
	return sip.TransportsConfig{TCP: stream(), TLS: &sip.TransportTLS{TransportTCP: stream()}}
}

func (e *Edge) dialer(from net.Addr) net.Dialer {
	d := net.Dialer{Timeout: dialTimeout, Control: func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil || !e.mayDial(to.Addr()) {
			return ErrTrunk
		}
		return nil
	}}
	if tcp, ok := from.(*net.TCPAddr); ok && tcp != nil {
		d.LocalAddr = tcp
	}
	return d
}

// mayDial reports whether an address is a gateway's, or may speak on a trunk.
func (e *Edge) mayDial(addr netip.Addr) bool {
	peers := e.peers()
	if _, ok := peers.from(addr); ok {
		return true
	}
	return peers.book.Has(addr.Unmap())
}
