package relay

import (
	"fmt"
	"net"
	"net/netip"
	"time"
)

// pair is a bound RTP port and the RTCP port above it.
type pair struct {
	port      uint16
	rtp, rtcp *net.UDPConn
}

// bind opens both ports or none.
func bind(addr netip.Addr, port uint16) (pair, error) {
	rtp, err := listen(addr, port)
	if err != nil {
		return pair{}, err
	}
	rtcp, err := listen(addr, port+1)
	if err != nil {
		rtp.Close()
		return pair{}, err
	}
	return pair{port: port, rtp: rtp, rtcp: rtcp}, nil
}

func listen(addr netip.Addr, port uint16) (*net.UDPConn, error) {
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(addr, port)))
	if err != nil {
		return nil, fmt.Errorf("bind media port: %w", err)
	}
	return conn, nil
}

// haltWrites makes every write fail from now on, those that wait included.
func (p pair) haltWrites() {
	past := time.Unix(1, 0)
	// It fails on a closed socket only, which writes no more either.
	_ = p.rtp.SetWriteDeadline(past)
	_ = p.rtcp.SetWriteDeadline(past)
}

// close ends the reads. There is nothing to flush, so an error says nothing.
func (p pair) close() {
	_ = p.rtp.Close()
	_ = p.rtcp.Close()
}
