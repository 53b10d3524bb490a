package relay

import "net/netip"

// socket is one of our UDP ports.
type socket interface {
	send(b []byte, to netip.AddrPort) error
	// aim has the system itself refuse every source but one, where it can. The zero address ends that.
	aim(at netip.AddrPort)
	// drain drops what has arrived and was not read. Nobody else reads yet.
	drain()
	close()
}

// pair is a bound RTP port and the RTCP port above it.
type pair struct {
	port      uint16
	rtp, rtcp socket
}

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

func (p pair) close() {
	p.rtp.close()
	p.rtcp.close()
}
