package resolve

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
)

// Bounds on what a zone can make us try.
const (
	maxCandidates = 32
	maxAddrs      = 8 // of one host
)

// Find returns what DNS has said to a question; false if it has said nothing
// yet, or nothing that still counts.
type Find func(Question) (Answer, bool)

// Expand returns the candidates of a service (RFC 3263 section 4), as far as
// what DNS has said reaches. It asks find for all that it needs to know, so
// that find learns what to look up. Only the transports given are chosen,
// where the service leaves the choice: the first is liked best.
func Expand(s Service, transports []Transport, find Find) []Candidate {
	x := expansion{service: s, transports: transports, find: find}
	switch addr, err := netip.ParseAddr(s.Host); {
	case err == nil:
		x.add(Candidate{Transport: x.transport(), Addrs: []netip.AddrPort{netip.AddrPortFrom(addr.Unmap(), x.port())}})
	case s.Port != 0:
		x.host(s.Host, Candidate{Transport: x.transport()}, s.Port)
	case s.Transport != 0:
		x.orHost(x.servers(s.Transport, s.Transport.owner(s.Host)))
	case !x.pointers():
		x.orHost(x.everyTransport())
	}
	return x.candidates
}

// expansion is the work of one Expand.
type expansion struct {
	service    Service
	transports []Transport
	find       Find
	ranks      uint32
	candidates []Candidate
}

// transport is the service's own; UDP for one that gives none, but an address
// or a port (section 4.1).
func (x *expansion) transport() Transport { return cmp.Or(x.service.Transport, UDP) }

func (x *expansion) port() uint16 { return cmp.Or(x.service.Port, x.transport().port()) }

// pointers follows the NAPTR records of the host, the best first; false if
// there is none that we can use. A server that can't answer the question is
// like one that has no such records: they only tell a preference.
func (x *expansion) pointers() bool {
	answer, _ := x.find(Question{NAPTR, x.service.Host})
	usable := slices.DeleteFunc(slices.Clone(answer.Pointers), func(p Pointer) bool {
		return !strings.EqualFold(p.Flags, "s") || !slices.Contains(x.transports, transportOf(p.Service))
	})
	slices.SortStableFunc(usable, func(a, b Pointer) int {
		return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.Preference, b.Preference))
	})
	for _, p := range usable {
		x.servers(transportOf(p.Service), p.Replacement)
	}
	return len(usable) > 0
}

// transportOf returns the transport of a NAPTR service field (section 4.1).
func transportOf(service string) Transport {
	switch strings.ToUpper(service) {
	case "SIP+D2U":
		return UDP
	case "SIP+D2T":
		return TCP
	case "SIPS+D2T":
		return TLS
	default:
		return 0
	}
}

// everyTransport looks for the servers of each transport (section 4.1: where
// there is no NAPTR record), and reports whether none has any.
func (x *expansion) everyTransport() (none bool) {
	none = true
	for _, t := range x.transports {
		none = x.servers(t, t.owner(x.service.Host)) && none
	}
	return none
}

// orHost falls back to the host's own addresses, if it has no SRV records
// (section 4.2).
func (x *expansion) orHost(none bool) {
	if none {
		x.host(x.service.Host, Candidate{Transport: x.transport()}, x.port())
	}
}

// servers adds the hosts of the SRV records of that name, and reports whether
// DNS says that there are none. Where it has not said, they are unknown.
func (x *expansion) servers(t Transport, name string) (none bool) {
	answer, known := x.find(Question{SRV, name})
	servers := slices.SortedStableFunc(slices.Values(answer.Servers), func(a, b Server) int {
		return cmp.Compare(a.Priority, b.Priority)
	})
	for i, s := range servers {
		if i == 0 || s.Priority != servers[i-1].Priority {
			x.ranks++
		}
		if s.Host != "." && s.Port != 0 {
			x.host(s.Host, Candidate{Rank: x.ranks, Weight: s.Weight, Transport: t}, s.Port)
		}
	}
	return known && len(servers) == 0
}

// host adds a candidate with the addresses of a host.
func (x *expansion) host(name string, c Candidate, port uint16) {
	for _, kind := range []Kind{A, AAAA} {
		answer, _ := x.find(Question{kind, name})
		for _, addr := range answer.Addrs {
			c.Addrs = append(c.Addrs, netip.AddrPortFrom(addr.Unmap(), port))
		}
	}
	x.add(c)
}

func (x *expansion) add(c Candidate) {
	if len(c.Addrs) == 0 || len(x.candidates) == maxCandidates {
		return
	}
	c.Addrs = c.Addrs[:min(len(c.Addrs), maxAddrs)]
	x.candidates = append(x.candidates, c)
}
