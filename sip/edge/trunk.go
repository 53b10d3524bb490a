package edge

import (
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"maskd/sip/dialplan"
	"maskd/sip/digest"
	"maskd/sip/stir"
)

// Trunk is a carrier connection: who may send us calls, where we send ours,
// and how numbers are written on it.
type Trunk struct {
	Name     string
	Accept   []netip.Prefix // sources that may send us anything; no one else gets an answer
	Gateways []Gateway      // where our calls go, in order of preference
	Listen   []Listen       // what our calls leave from; any address of Config.Listen if empty
	TLS      TrunkTLS
	Probe    time.Duration // how often its gateways are sent OPTIONS; 0: never
	Failover time.Duration // how long a gateway may say nothing to an INVITE; 0: leg.GatewayPatience
	Caller   CallerSource
	Format   dialplan.Plan // how numbers are written on it

	Limits    Limits
	Assurance Assurance      // what it must show for a caller's number
	Signer    *stir.Signer   // signs our INVITEs on it; nil: they are not signed
	Account   digest.Account // who we are to a carrier that asks; zero: it knows us by our address
	Register  *Register      // nil: the carrier wants no registration

	// Set before the trunk is used, then never changed.
	roster    *roster
	quota     *quota         // the same over reloads
	registrar *registrar     // nil without Register
	client    *digest.Client // nil: challenges are not answered
}

// Gateway is one place to send calls to.
type Gateway struct {
	Network Network
	Host    string // an IP literal or a DNS name
	Port    uint16 // 0: what DNS says (RFC 3263), or the default
}

// String returns the gateway as host:port, or as the host alone.
func (g Gateway) String() string {
	if g.Port == 0 {
		return g.Host
	}
	return net.JoinHostPort(g.Host, strconv.Itoa(int(g.Port)))
}

// Network is a SIP transport, as Via writes it.
type Network string

// The networks.
const (
	// AnyNetwork is that of a gateway for which DNS chooses (RFC 3263 section 4.1).
	AnyNetwork Network = ""

	UDP Network = "UDP"
	TCP Network = "TCP"
	TLS Network = "TLS"
)

// param is the network as a URI's transport parameter writes it.
func (n Network) param() string { return strings.ToLower(string(n)) }

// CallerSource is the header that a trunk is trusted for when it says who calls.
type CallerSource uint8

// The sources of a caller's number.
const (
	CallerPAIOrFrom CallerSource = iota + 1 // P-Asserted-Identity; From only where there is none
	CallerPAI                               // P-Asserted-Identity only
	CallerFrom                              // From only
)

// hears reports whether a source may speak on the trunk over the network.
func (t *Trunk) hears(source netip.Addr, on Network) bool {
	return t.speaks(on) && t.accepts(source.Unmap())
}

// accepts reports whether the address may speak on the trunk.
func (t *Trunk) accepts(addr netip.Addr) bool {
	for _, prefix := range t.Accept {
		if prefix.Contains(addr) {
			return true
		}
	}
	return false
}
