package edge

import (
	"net/netip"

	"github.com/emiago/sipgo/sip"
)

// markSource corrects what a request's top Via says of where it came from,
// before anybody answers: received wherever that is not the host it names
// (RFC 3261 section 18.2.1), and nothing that the peer wrote there. A value in
// rport is no client's to give (RFC 3581 section 3); without it the answer goes
// to the port that the request came from.
func markSource(via *sip.ViaHeader, source netip.AddrPort) {
	named, err := netip.ParseAddr(trimBrackets(via.Host))
	switch {
	case !source.IsValid():
	case err != nil || named.Unmap() != source.Addr().Unmap():
		via.Params.Add("received", source.Addr().Unmap().String())
	default:
		via.Params.Remove("received")
	}
	if via.Params.Has("rport") {
		via.Params.Add("rport", "")
	}
}
