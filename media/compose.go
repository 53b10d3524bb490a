package media

import (
	"net/netip"
	"strconv"
)

// local is what our descriptions on one leg say of us.
type local struct {
	session uint64 // sess-id
	addr    netip.Addr
	port    uint16 // of RTP; RTCP is on the next, as RFC 3550 section 11 has it, or on the same
}

// room is what a description of ours takes, but for one with many codecs or with keys.
const room = 256

// compose writes a description of ours, in the order of RFC 8866 section 5. The streams are the
// slots of the leg (RFC 3264 section 6): ours is at index audio, the others are refused with port
// 0.
func (l local) compose(version uint64, streams []stream, audio int, c content) []byte {
	b := append(make([]byte, 0, room), "v=0\r\no=- "...)
	b = strconv.AppendUint(b, l.session, 10)
	b = append(b, ' ')
	b = strconv.AppendUint(b, version, 10)
	b = l.appendAddress(append(b, ' '))
	b = l.appendAddress(append(b, "s=-\r\nc="...))
	b = append(b, "t=0 0\r\n"...)
	for i, s := range streams {
		if i == audio {
			b = l.appendAudio(b, c)
			continue
		}
		b = s.appendRefused(b)
	}
	return b
}

// appendAddress ends a line with our address.
func (l local) appendAddress(b []byte) []byte {
	family := "IN IP6 "
	if l.addr.Is4() {
		family = "IN IP4 "
	}
	return append(l.addr.AppendTo(append(b, family...)), "\r\n"...)
}

func (l local) appendAudio(b []byte, c content) []byte {
	b = strconv.AppendUint(append(b, "m=audio "...), uint64(l.port), 10)
	b = append(append(b, ' '), c.transport.String()...)
	for _, p := range c.payloads {
		b = strconv.AppendUint(append(b, ' '), uint64(p.number), 10)
	}
	b = append(b, "\r\n"...)
	for _, p := range c.payloads {
		b = p.appendTo(b)
	}
	b = strconv.AppendInt(append(b, "a=ptime:"...), c.ptime.Milliseconds(), 10)
	if c.mux {
		b = append(b, "\r\na=rtcp-mux"...)
	}
	for _, line := range c.crypto {
		b = append(append(b, "\r\na=crypto:"...), line.value()...)
	}
	b = append(append(b, "\r\na="...), c.direction.String()...)
	return append(b, "\r\n"...)
}

// appendTo writes the lines that say what our number means.
func (p payload) appendTo(b []byte) []byte {
	b = strconv.AppendUint(append(b, "a=rtpmap:"...), uint64(p.number), 10)
	b = append(append(b, ' '), p.format.String()...)
	b = append(append(b, '/'), rate(p.format)...)
	if parameters := p.variant.parameters(p.format); parameters != "" {
		b = strconv.AppendUint(append(b, "\r\na=fmtp:"...), uint64(p.number), 10)
		b = append(append(b, ' '), parameters...)
	}
	return append(b, "\r\n"...)
}

// appendRefused writes the stream with port 0 and otherwise the peer's own words, to the same
// peer.
func (s stream) appendRefused(b []byte) []byte {
	b = append(append(b, "m="...), s.media...)
	b = append(append(b, " 0 "...), s.proto...)
	b = append(append(b, ' '), s.format...)
	return append(b, "\r\n"...)
}
