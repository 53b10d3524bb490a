package resolve

import "net/netip"

// Transport is how SIP travels.
type Transport uint8

// The transports.
const (
	UDP Transport = iota + 1
	TCP
	TLS // over TCP
)

// String returns the transport as a URI writes it.
func (t Transport) String() string {
	switch t {
	case UDP:
		return "udp"
	case TCP:
		return "tcp"
	case TLS:
		return "tls"
	default:
		return "any"
	}
}

// port is the port of a service that names none (RFC 3261 section 19.1.2).
func (t Transport) port() uint16 {
	if t == TLS {
		return 5061
	}
	return 5060
}

// owner is the name that holds the SRV records of a host's service.
func (t Transport) owner(host string) string {
	switch t {
	case TCP:
		return "_sip._tcp." + host
	case TLS:
		return "_sips._tcp." + host
	default:
		return "_sip._udp." + host
	}
}

// Service is a SIP service as a URI names it. What the URI leaves out, DNS says.
type Service struct {
	Host      string    // an IP literal without brackets, or a DNS name
	Port      uint16    // 0: not given
	Transport Transport // 0: not given
}

// Target is one place that a request can be sent to.
type Target struct {
	Transport Transport
	Addr      netip.AddrPort
}

// Candidate is one host of a service: every address of one record.
type Candidate struct {
	Rank      uint32 // lower is tried first
	Weight    uint16 // its share among those of the same rank (RFC 2782)
	Transport Transport
	Addrs     []netip.AddrPort
}
