package edge

import (
	"bytes"
	"net/netip"
	"strconv"
	"time"
)

// sheds reports whether a datagram is dealt with here, unread: an INVITE for a
// new call that is one too many, or the ACK of such a one's refusal. All else
// passes at any load: an overload is overcome by the calls that end.
func (l *listener) sheds(source netip.AddrPort, data []byte) bool {
	if bytes.HasPrefix(data, []byte("ACK ")) {
		return bytes.Contains(data, []byte(l.edge.shedTag))
	}
	if !bytes.HasPrefix(data, []byte("INVITE ")) {
		return false
	}
	g, ok := glance(data)
	if !ok || g.inDialog() {
		return false
	}
	number, ok := g.number()
	trunk, known := l.edge.peers().trunks.from(source.Addr())
	if !ok || !known {
		return false
	}
	key := l.edge.intake.key(trunk.Name, string(value(g.callID)), number)
	if l.edge.intake.admit(key, l.arrival(), time.Now()) {
		l.admitted = key
		return false
	}
	tag := strconv.AppendUint([]byte(l.edge.shedTag), uint64(key), 36)
	l.refusal = appendRefusal(l.refusal[:0], &g, source, tag, comeAgain())
	_ = l.write(l.refusal, replyTo(g.vias[0], source))
	return true
}

// defaultPort is where a Via without a port is answered (RFC 3261 section
// 18.2.2).
const defaultPort = 5060

// appendRefusal writes the 503 that sheds a request: the lines of the request
// that a response repeats, the sender's own all of them, with our tag.
func appendRefusal(b []byte, g *glimpse, source netip.AddrPort, tag []byte, wait int) []byte {
	b = append(b, "SIP/2.0 503 "...)
	b = append(b, phrases[503]...)
	b = appendVia(append(b, "\r\n"...), g.vias[0], source)
	for _, via := range g.vias[1:g.hops] {
		b = append(append(b, "\r\n"...), via...)
	}
	b = append(append(b, "\r\n"...), g.from...)
	b = append(append(b, "\r\n"...), g.to...)
	b = append(append(b, ";tag="...), tag...)
	b = append(append(b, "\r\n"...), g.callID...)
	b = append(append(b, "\r\n"...), g.cseq...)
	b = strconv.AppendInt(append(b, "\r\nRetry-After: "...), int64(wait), 10)
	return append(b, "\r\nContent-Length: 0\r\n\r\n"...)
}

// appendVia repeats the topmost Via, and says in it where the request came
// from, if it asks (RFC 3581 section 4).
func appendVia(b, via []byte, source netip.AddrPort) []byte {
	at, asked := rport(via)
	if !asked {
		return append(b, via...)
	}
	b = append(b, via[:at]...)
	b = strconv.AppendUint(append(b, '='), uint64(source.Port()), 10)
	b = source.Addr().Unmap().AppendTo(append(b, ";received="...))
	return append(b, via[at:]...)
}

// rport finds the parameter rport without a value, and where it ends.
func rport(via []byte) (end int, asked bool) {
	for i := 0; ; {
		next := bytes.IndexByte(via[i:], ';')
		if next < 0 {
			return 0, false
		}
		i += next + 1
		end = len(via)
		if length := bytes.IndexAny(via[i:], ";,"); length >= 0 {
			end = i + length
		}
		if param := bytes.TrimRight(via[i:end], " \t"); bytes.EqualFold(bytes.TrimLeft(param, " \t"), []byte("rport")) {
			return i + len(param), true
		}
		if end < len(via) && via[end] == ',' { // that was the topmost one
			return 0, false
		}
	}
}

// replyTo is where a response goes: back to the source, to the port that the
// topmost Via names unless it asks for the source's (section 18.2.2, RFC 3581
// section 4). The address is never another one: nothing in a message chooses
// to whom we send.
func replyTo(via []byte, source netip.AddrPort) netip.AddrPort {
	if _, asked := rport(via); asked {
		return source
	}
	return netip.AddrPortFrom(source.Addr(), sentByPort(via))
}

// sentByPort is the port of a Via's sent-by.
func sentByPort(via []byte) uint16 {
	_, sentBy, _ := bytes.Cut(value(via), []byte(" ")) // after the protocol
	if end := bytes.IndexAny(sentBy, ";,"); end >= 0 {
		sentBy = sentBy[:end]
	}
	sentBy = bytes.TrimSpace(sentBy)
	colon := bytes.LastIndexByte(sentBy, ':')
	if colon < 0 || bytes.IndexByte(sentBy[colon:], ']') >= 0 { // the colons of an IPv6 address
		return defaultPort
	}
	port, err := strconv.ParseUint(string(bytes.TrimSpace(sentBy[colon+1:])), 10, 16)
	if err != nil || port == 0 {
		return defaultPort
	}
	return uint16(port)
}
