package relay

import "encoding/binary"

const (
	// headerSize of an RTP packet without CSRC and extension, in bytes.
	headerSize = 12
	// reportHeader of an RTCP packet with the SSRC of who reports, in bytes.
	reportHeader = 8
	rtpVersion   = 2
	// lastType is the highest payload type, and the bits of one in a header's second byte.
	lastType  = 127
	markerBit = 0x80
)

// What shares ports with RTP elsewhere, and never passes here.
const (
	stunHeader = 20         // RFC 8489 section 5, in bytes
	stunCookie = 0x2112A442 // in bytes 4 to 7
	zrtpCookie = 0x5A525450 // likewise, RFC 6189 section 5
	dtlsHeader = 13         // RFC 6347 section 4.1, in bytes
)

// identify tells what a datagram is that is not RTP (RFC 7983 section 7).
func identify(in []byte) Drop {
	switch {
	case len(in) < headerSize:
		return DropMalformed
	case in[0]>>6 == rtpVersion:
		return 0
	case in[0] <= 3 && len(in) >= stunHeader && binary.BigEndian.Uint32(in[4:]) == stunCookie:
		return DropSTUN
	case in[0] >= 16 && in[0] <= 19 && binary.BigEndian.Uint32(in[4:]) == zrtpCookie:
		return DropZRTP
	case in[0] >= 20 && in[0] <= 63 && len(in) >= dtlsHeader:
		return DropDTLS
	default:
		return DropMalformed
	}
}

// isReport tells RTCP from RTP on one port (RFC 5761 section 4).
func isReport(in []byte) bool {
	return len(in) >= 2 && in[0]>>6 == rtpVersion && in[1]&lastType >= 64 && in[1]&lastType < 96
}

// send completes a packet with our header before its payload, and encrypts it where that is
// agreed. Nothing of the far header is in it but the marker.
func (e *endpoint) send(packet []byte, number uint8, m slot, marker bool) (n int, drop Drop) {
	packet[0], packet[1] = rtpVersion<<6, number
	if marker || m.resumed {
		packet[1] |= markerBit
	}
	binary.BigEndian.PutUint16(packet[2:], m.sequence)
	binary.BigEndian.PutUint32(packet[4:], m.timestamp)
	binary.BigEndian.PutUint32(packet[8:], e.said.self.SSRC)
	sealed, ok := e.crypt.seal(packet)
	if !ok {
		return 0, DropUnsent
	}
	e.octets += uint64(len(packet) - headerSize)
	return len(sealed), 0
}
