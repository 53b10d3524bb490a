package edge

import (
	"bytes"
	"net"
	"net/netip"

	"github.com/emiago/sipgo/sip"
)

// What has no way back is answered by nobody: sipgo knows no transport of that
// name.
const nowhere = "none"

// datagrams is a socket by which datagrams come and go.
type datagrams interface {
	net.PacketConn
	// ReadFromUDPAddrPort reads the next one.
	ReadFromUDPAddrPort([]byte) (int, netip.AddrPort, error)
	// WriteToUDPAddrPort sends one.
	WriteToUDPAddrPort([]byte, netip.AddrPort) (int, error)
}

// plainSocket is a socket that knows its peers by another type of address.
type plainSocket struct{ net.PacketConn }

// ReadFromUDPAddrPort reads the next datagram.
func (s plainSocket) ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error) {
	n, from, err := s.ReadFrom(b)
	if err != nil {
		return n, netip.AddrPort{}, err
	}
	return n, addrPortOf(from), nil
}

// WriteToUDPAddrPort sends a datagram.
func (s plainSocket) WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error) {
	return s.WriteTo(b, net.UDPAddrFromAddrPort(to))
}

// datagramsOf is the socket as we use it.
func datagramsOf(conn net.PacketConn) datagrams {
	if socket, ok := stamped(conn).(datagrams); ok {
		return socket
	}
	return plainSocket{conn}
}

// read hears every datagram until the socket is closed.
func (l *listener) read() error {
	buffer := make([]byte, maxDatagram+1)
	peers := newSpellings()
	for {
		n, from, err := l.packets.ReadFromUDPAddrPort(buffer)
		if err != nil {
			return err
		}
		from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
		l.hear(buffer[:n], from, peers)
	}
}

// hear takes a datagram: it is admitted, parsed, and taken as what it is, on
// the reader's goroutine and so in the order of the wire.
func (l *listener) hear(data []byte, from netip.AddrPort, peers *spellings) {
	defer l.edge.contain()
	if !l.admits(from, data) || isKeepAlive(data) {
		return
	}
	msg, err := l.reader.read(data, !l.unclean)
	if err != nil {
		l.edge.counts.malformed.Add(1)
		return
	}
	msg.SetTransport(string(UDP))
	msg.SetSource(peers.of(from))
	l.onMessage(msg)
	switch m := msg.(type) {
	case *sip.Request:
		l.receive(m)
	case *sip.Response:
		if via, cseq := m.Via(), m.CSeq(); via != nil && cseq != nil {
			if tx := l.ledger.client(clientKeyOf(via, cseq)); tx != nil {
				tx.heard(m)
			}
		}
	}
}

// isKeepAlive reports whether a datagram holds a hole open and says nothing (RFC
// 5626 section 4.4; some send zeros).
func isKeepAlive(data []byte) bool { return len(bytes.Trim(data, "\r\n\x00")) == 0 }

// write sends a datagram.
func (l *listener) write(text []byte, to netip.AddrPort) error {
	if _, err := l.packets.WriteToUDPAddrPort(text, to); err != nil {
		return ErrSend
	}
	return nil
}

// spellings are the addresses of those who spoke lately as sipgo wants them:
// made once, and not for each datagram. They are the reader's.
type spellings struct{ known map[netip.AddrPort]string }

// maxSpellings bounds them: a trunk sends from a few addresses.
const maxSpellings = 256

func newSpellings() *spellings { return &spellings{make(map[netip.AddrPort]string)} }

func (s *spellings) of(at netip.AddrPort) string {
	if text, ok := s.known[at]; ok {
		return text
	}
	if len(s.known) == maxSpellings {
		clear(s.known)
	}
	text := at.String()
	s.known[at] = text
	return text
}
