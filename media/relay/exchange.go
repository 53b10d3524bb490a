package relay

import (
	"net/netip"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

// exchange is all of a circuit but its sockets: it decides what becomes of each packet, without
// I/O and without a clock. The ends are 0 and 1.
type exchange struct {
	open bool
	flow Flow
	ends [2]endpoint

	packet rtp.Packet // parsed into again and again
}

// endpoint is one end's memory. It outlives a change of flow, so that a hold or a new codec
// neither begins our sequence numbers anew nor our counters.
type endpoint struct {
	heard    reception
	said     stream
	reported uint64 // packets sent as of the last report
	counters Counters
}

func newExchange(sources [2]Source) *exchange {
	x := new(exchange)
	for end := range x.ends {
		x.ends[end].said.self = sources[end]
	}
	return x
}

// pass decides on an RTP datagram that arrived on an end: either n bytes of out are to be sent
// to the other end's peer, or it is dropped. It allocates nothing.
func (x *exchange) pass(end int, source netip.AddrPort, in, out []byte, now time.Time) (n int, drop Drop) {
	from, to := &x.flow.Ends[end], &x.flow.Ends[1-end]
	here, there := &x.ends[end], &x.ends[1-end]
	switch {
	case !x.open:
		return 0, DropClosed
	case source != from.RTP:
		return 0, DropStranger
	case !parse(&x.packet, in):
		return 0, DropMalformed
	}
	format := from.Takes[x.packet.PayloadType]
	if format == 0 {
		return 0, DropFormat
	}
	if here.heard.hear(&x.packet, format.Audio(), now) {
		here.counters.Sources++
	}
	if !from.Speaks || !to.Listens || !to.RTP.IsValid() {
		return 0, DropHeld
	}
	return there.said.rewrite(from, to, &x.packet, out, now)
}

// account counts what became of a datagram of so many bytes that arrived on an end, sent of
// which were passed on.
func (x *exchange) account(end, received, sent int, drop Drop) {
	if drop != 0 {
		x.ends[end].counters.Dropped[drop]++
		return
	}
	x.ends[end].counters.In.add(received)
	x.ends[1-end].counters.Out.add(sent)
}

// hearReport reads an RTCP datagram that arrived on an end. Nothing of it goes any further.
func (x *exchange) hearReport(end int, source netip.AddrPort, in []byte, now time.Time) {
	here := &x.ends[end]
	if !x.open || source != x.flow.Ends[end].RTCP {
		here.counters.RTCPDropped++
		return
	}
	packets, err := rtcp.Unmarshal(in)
	if err != nil {
		here.counters.ReportsBad++
		return
	}
	here.counters.ReportsIn++
	for _, packet := range packets {
		if report, ok := packet.(*rtcp.SenderReport); ok {
			here.heard.hearReport(report.SSRC, report.NTPTime, now)
		}
	}
}

// parse accepts what RFC 3550 appendix A.1 calls a valid packet.
func parse(p *rtp.Packet, in []byte) bool {
	return len(in) >= headerSize && p.Unmarshal(in) == nil && p.Version == rtpVersion
}
