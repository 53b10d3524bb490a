package edge

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// dialog is what RFC 3261 section 12 says that a dialog is. One goroutine owns
// it: the call's. The URIs of it are never changed, and so may be another's too.
type dialog struct {
	callID  string
	local   end
	remote  end
	target  *sip.Uri  // remote target: the peer's Contact, or whom we invite
	routes  []sip.Uri // route set, in the order of our Route headers
	cseq    uint32    // the last of ours
	heard   uint32    // the last of the peer's
	contact *sip.Uri  // ours
	updates bool      // the peer takes UPDATE

	trunk *Trunk
	// home is where the dialog began: the source of the caller's INVITE, or the
	// gateway that ours went to.
	home netip.AddrPort
	// alias is the connection that the peer lets us use; zero for none.
	alias netip.AddrPort
}

// end is one end of a dialog.
type end struct {
	uri *sip.Uri
	tag string
}

// confirm takes over what the peer's answer to our INVITE says (section
// 12.1.2): its tag, its Contact, and the route back in reverse.
func (d *dialog) confirm(f facts) {
	d.remote.tag = f.tag
	d.refresh(f)
	d.routes = slices.Clone(f.routes)
	slices.Reverse(d.routes)
}

// refresh takes over what a request or response that refreshes the target says
// (section 12.2).
func (d *dialog) refresh(f facts) {
	if f.target != nil {
		d.target = f.target
	}
	d.updates = d.updates || f.update
}

// hop returns where the next request of the dialog goes: to its route, or to
// its target, provided that the trunk knows the address.
//
// A Contact may name any host, and the far end may have written it. A request
// of ours carries a real number, so it leaves for hosts of the trunk only, and
// for any other goes to where the dialog began; a name in a Contact is never
// looked up (promise 9). Nor does it leave for an address of our own: sipgo
// files the connections it accepted under that, and would pick one of them.
func (d *dialog) hop(own func(netip.AddrPort) bool) netip.AddrPort {
	uri := d.target
	if len(d.routes) > 0 {
		uri = &d.routes[0]
	}
	addr, err := netip.ParseAddr(trimBrackets(uri.Host))
	addr = addr.Unmap()
	if err != nil || addr != d.home.Addr().Unmap() && !d.trunk.accepts(addr) {
		return d.home
	}
	if hop := netip.AddrPortFrom(addr, uriPort(uri)); !own(hop) {
		return hop
	}
	return d.home
}

// uriPort is the port of a URI, or what one without has (RFC 3261 section 19.1.2).
func uriPort(uri *sip.Uri) uint16 {
	if uri.Port > 0 && uri.Port <= 0xffff {
		return uint16(uri.Port)
	}
	if transport, _ := uriParam(uri, "transport"); uri.IsEncrypted() || strings.EqualFold(transport, string(TLS)) {
		return uint16(sip.DefaultTlsPort)
	}
	return uint16(sip.DefaultUdpPort)
}

func trimBrackets(host string) string {
	if len(host) > 2 && host[0] == '[' && host[len(host)-1] == ']' {
		return host[1 : len(host)-1]
	}
	return host
}
