package relay

import "net/netip"

// socket is one of our UDP ports.
type socket interface {
	send(b []byte, to netip.AddrPort) error
	// aim has the system itself refuse every source but one, where it can. The zero address ends that.
	aim(at netip.AddrPort)
	close()
}

// maxUnread bounds the datagrams that wait at a port: the system accounts for each with more than half a
// kilobyte, and keeps half a megabyte at most.
const maxUnread = 1024

// pair is an RTP port and the RTCP port above it.
type pair struct {
	port      uint16
	berth     berth  // of its sockets
	rtp, rtcp socket // nil: it is closed
}

// berth is where the sockets of a pair are at home: the address of ours that they are bound at, and the
// worker that waits for them.
type berth struct {
	host   int // its place among our addresses
	worker int // from 0; ashore: none yet
}

// ashore is the worker of a pair that none waits for.
const ashore = -1

// bindPair opens both ports or none.
func bindPair(addr netip.Addr, port uint16, bind func(addr netip.Addr, port uint16) (socket, error)) (pair, error) {
	rtp, err := bind(addr, port)
	if err != nil {
		return pair{}, err
	}
	rtcp, err := bind(addr, port+1)
	if err != nil {
		rtp.close()
		return pair{}, err
	}
	return pair{port: port, rtp: rtp, rtcp: rtcp}, nil
}

func (p pair) open() bool { return p.rtp != nil }

func (p pair) close() {
	p.rtp.close()
	p.rtcp.close()
}

// closed is the pair once its sockets are.
func (p pair) closed() pair { return pair{port: p.port} }
