package relay

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/pion/rtcp"
)

// report composes the RTCP that we owe the peer of an end now: a sender report, or a receiver
// report where nothing was sent since the last one (RFC 3550 section 6.4), and our CNAME.
// There is no datagram while nothing may pass or the peer has no address for it.
func (x *exchange) report(end int, now time.Time) (datagram []byte, to netip.AddrPort, err error) {
	here := &x.ends[end]
	to = here.latch.reportsTo()
	if !x.open || !to.IsValid() {
		return nil, netip.AddrPort{}, nil
	}
	compound := rtcp.CompoundPacket{here.selfReport(now), here.said.self.description()}
	if datagram, err = compound.Marshal(); err != nil {
		return nil, netip.AddrPort{}, fmt.Errorf("write report: %w", err)
	}
	if datagram, err = here.crypt.sealReport(datagram); err != nil {
		return nil, netip.AddrPort{}, err
	}
	return datagram, to, nil
}

func (e *endpoint) selfReport(now time.Time) rtcp.Packet {
	var blocks []rtcp.ReceptionReport
	if e.heard.started {
		blocks = []rtcp.ReceptionReport{e.heard.report(now)}
	}
	sent := e.counters.Out.Packets
	if sent == e.reported {
		return &rtcp.ReceiverReport{SSRC: e.said.self.SSRC, Reports: blocks}
	}
	e.reported = sent
	return &rtcp.SenderReport{
		SSRC:        e.said.self.SSRC,
		NTPTime:     e.said.self.wallclock.at(now),
		RTPTime:     e.said.timestampAt(now),
		PacketCount: uint32(sent),
		OctetCount:  uint32(e.octets),
		Reports:     blocks,
	}
}

func (s Source) description() *rtcp.SourceDescription {
	return &rtcp.SourceDescription{Chunks: []rtcp.SourceDescriptionChunk{{
		Source: s.SSRC,
		Items:  []rtcp.SourceDescriptionItem{{Type: rtcp.SDESCNAME, Text: s.CNAME}},
	}}}
}
