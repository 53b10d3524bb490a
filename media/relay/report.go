package relay

import (
	"encoding/binary"
	"net/netip"
	"time"

	"github.com/pion/rtcp"
)

// Sizes in an RTCP datagram of ours (RFC 3550 section 6.4), in bytes.
const (
	reportWord = 4 // what lengths count in
	// reportFirst is the header with the SSRC of who reports.
	reportFirst = 2 * reportWord
	senderInfo  = 5 * reportWord
	blockSize   = 6 * reportWord
)

// report composes the RTCP that we owe the peer of an end now, in out: a sender report, or a
// receiver report where nothing was sent since the last one (RFC 3550 section 6.4), and our CNAME.
// There is no datagram while nothing may pass or the peer has no address for it.
func (x *exchange) report(end int, out []byte, now time.Time) (datagram []byte, to netip.AddrPort, err error) {
	here := &x.ends[end]
	to = here.latch.reportsTo()
	if !x.open || !to.IsValid() {
		return nil, netip.AddrPort{}, nil
	}
	datagram = here.said.self.appendDescription(here.appendReport(out[:0], now))
	if datagram, err = here.crypt.sealReport(datagram); err != nil {
		return nil, netip.AddrPort{}, err
	}
	return datagram, to, nil
}

// appendReport writes a report with a block about the peer, if it was heard.
func (e *endpoint) appendReport(b []byte, now time.Time) []byte {
	size, blocks := reportFirst, uint8(0)
	if e.heard.started {
		size, blocks = size+blockSize, 1
	}
	if sent := e.counters.Out.Packets; sent != e.reported {
		e.reported = sent
		b = appendHeader(b, blocks, rtcp.TypeSenderReport, size+senderInfo, e.said.self.SSRC)
		b = e.appendSender(b, now)
	} else {
		b = appendHeader(b, blocks, rtcp.TypeReceiverReport, size, e.said.self.SSRC)
	}
	if blocks > 0 {
		b = appendBlock(b, e.heard.report(now))
	}
	return b
}

// appendHeader begins a packet of so many bytes in all.
func appendHeader(b []byte, count uint8, kind rtcp.PacketType, size int, ssrc uint32) []byte {
	b = append(b, rtpVersion<<6|count, byte(kind))
	b = binary.BigEndian.AppendUint16(b, uint16(size/reportWord-1))
	return binary.BigEndian.AppendUint32(b, ssrc)
}

// appendSender writes what only a sender report has: our clocks, and what we have sent.
func (e *endpoint) appendSender(b []byte, now time.Time) []byte {
	b = binary.BigEndian.AppendUint64(b, e.said.self.wallclock.at(now))
	b = binary.BigEndian.AppendUint32(b, e.said.timestampAt(now))
	b = binary.BigEndian.AppendUint32(b, uint32(e.counters.Out.Packets))
	return binary.BigEndian.AppendUint32(b, uint32(e.octets))
}

// appendBlock writes a report block (RFC 3550 section 6.4.1).
func appendBlock(b []byte, r rtcp.ReceptionReport) []byte {
	b = binary.BigEndian.AppendUint32(b, r.SSRC)
	b = binary.BigEndian.AppendUint32(b, uint32(r.FractionLost)<<24|r.TotalLost)
	b = binary.BigEndian.AppendUint32(b, r.LastSequenceNumber)
	b = binary.BigEndian.AppendUint32(b, r.Jitter)
	b = binary.BigEndian.AppendUint32(b, r.LastSenderReport)
	return binary.BigEndian.AppendUint32(b, r.Delay)
}

// appendDescription writes our CNAME (RFC 3550 section 6.5): one chunk, which ends with a zero and
// is filled up to whole words with more.
func (s Source) appendDescription(b []byte) []byte {
	text := 2 + len(s.CNAME) // after its type and length
	filling := reportWord - text%reportWord
	b = appendHeader(b, 1, rtcp.TypeSourceDescription, reportFirst+text+filling, s.SSRC)
	b = append(b, byte(rtcp.SDESCNAME), byte(len(s.CNAME)))
	b = append(b, s.CNAME...)
	return append(b, make([]byte, filling)...)
}
