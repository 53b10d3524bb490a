package edge

import (
	"net/netip"
	"slices"

	"github.com/emiago/sipgo/sip"

	"maskd/sip/resolve"
)

// Target is one address that a gateway is reached at.
type Target struct {
	Gateway Gateway // as the configuration names it: what the Request-URI says
	Network Network
	Addr    netip.AddrPort
}

// place is what a target is known by: two gateways can be at one.
type place struct {
	network Network
	addr    netip.AddrPort
}

func (t Target) place() place { return place{t.Network, t.Addr} }

// uri returns the URI of a user at the target's gateway. It is the one
// configured, not what DNS made of it (RFC 3263 section 4).
func (t Target) uri(user string) sip.Uri {
	uri := sip.Uri{Scheme: "sip", User: user, Host: t.Gateway.Host, Port: int(t.Gateway.Port)}
	if n := t.Gateway.Network; n != UDP && n != AnyNetwork {
		uri.UriParams = sip.HeaderParams{{K: "transport", V: n.param()}}
	}
	return uri
}

// service is the gateway as the resolver knows it.
func (g Gateway) service() resolve.Service {
	s := resolve.Service{Host: g.Host, Port: g.Port}
	for _, t := range transports() {
		if networkOf(t) == g.Network {
			s.Transport = t
		}
	}
	return s
}

// transports are all that DNS can name, the best liked first.
func transports() []resolve.Transport {
	return []resolve.Transport{resolve.UDP, resolve.TCP, resolve.TLS}
}

// spoken are the transports that there is an address to send from for.
func spoken(on []Listen) []resolve.Transport {
	return slices.DeleteFunc(transports(), func(t resolve.Transport) bool {
		return !slices.ContainsFunc(on, func(l Listen) bool { return l.Network == networkOf(t) })
	})
}

func networkOf(t resolve.Transport) Network {
	switch t {
	case resolve.UDP:
		return UDP
	case resolve.TCP:
		return TCP
	case resolve.TLS:
		return TLS
	default:
		return AnyNetwork
	}
}

// services are those of all gateways and registrars.
func services(trunks trunks) (list []resolve.Service) {
	for _, trunk := range trunks {
		for _, g := range trunk.Gateways {
			list = append(list, g.service())
		}
		if trunk.Register != nil {
			list = append(list, trunk.Register.Registrar.service())
		}
	}
	return list
}
