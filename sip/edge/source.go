package edge

import (
	"net"
	"net/netip"

	"github.com/emiago/sipgo/sip"
)

// markSource corrects what a request's top Via says of where it came from,
// before anybody answers: received wherever that is not the host it names
// (RFC 3261 section 18.2.1), and nothing that the peer wrote there. Whoever asks
// by rport is told both, and no value in it is a client's to give (RFC 3581
// sections 3 and 4).
func markSource(via *sip.ViaHeader, source string) {
	host, port, err := net.SplitHostPort(source)
	if err != nil {
		return
	}
	if via.Params.Has("rport") {
		via.Params.Add("rport", port)
		via.Params.Add("received", host)
		return
	}
	named, err := netip.ParseAddr(trimBrackets(via.Host))
	if at, _ := netip.ParseAddr(host); err != nil || named.Unmap() != at.Unmap() {
		via.Params.Add("received", host)
		return
	}
	via.Params.Remove("received")
}

// wayBack is where the answer to a request goes: to where it came from, and
// unless its Via asks for that by rport, to the port there that the Via names
// (RFC 3261 section 18.2.2). On a stream it goes back as the request came.
func wayBack(req *sip.Request) string {
	via, source := req.Via(), req.Source()
	if req.Transport() != string(UDP) || via.Params.Has("rport") {
		return source
	}
	port := uint16(sip.DefaultUdpPort)
	if via.Port > 0 && via.Port <= 0xffff {
		port = uint16(via.Port)
	}
	at, err := netip.ParseAddrPort(source)
	if err != nil || at.Port() == port {
		return source
	}
	return netip.AddrPortFrom(at.Addr(), port).String()
}
