package edge

import "net"

// unproven is a TLS connection of a peer that has not shown whose it is, on a
// trunk that does not insist. It carries the peer's requests and our responses
// to them; no request of ours leaves on it, because sipgo finds connections by
// address, and this one's is spelt as no destination is. A Via's alias gives
// nobody more than that.
type unproven struct{ net.Conn }

// RemoteAddr returns the address of the peer, spelt otherwise.
func (c unproven) RemoteAddr() net.Addr { return respelt{c.Conn.RemoteAddr()} }

// respelt is an address whose port begins with a zero. It is read as the same,
// in a rport too (RFC 3581: 1*DIGIT).
type respelt struct{ net.Addr }

// String returns the address as none is written by itself.
func (a respelt) String() string {
	host, port, err := net.SplitHostPort(a.Addr.String())
	if err != nil {
		return a.Addr.String()
	}
	return net.JoinHostPort(host, "0"+port)
}
