package config

import (
	"errors"
	"net/netip"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

var errListen = errors.New("expected udp://ADDRESS:PORT, tcp:// or tls:// in its place, with an IP address and a port from 1, and perhaps ?advertise=HOST behind it")

// Listen is where SIP arrives, written udp://127.0.0.1:5060. Behind NAT it may
// say what the address is called outside: udp://10.0.0.5:5060?advertise=203.0.113.7.
type Listen struct {
	Network   string // "udp", "tcp" or "tls"
	Addr      netip.AddrPort
	Advertise Host // for Via and Contact; sip.advertise if empty
}

func parseListen(s string) (Listen, error) {
	address, advertise, advertises := strings.Cut(s, "?advertise=")
	network, hostPort, ok := strings.Cut(address, "://")
	addr, err := netip.ParseAddrPort(hostPort)
	if !ok || err != nil || addr.Port() == 0 || addr.Addr().Zone() != "" || !slices.Contains([]string{"udp", "tcp", "tls"}, network) {
		return Listen{}, errListen
	}
	host, err := parseHost(advertise)
	if err != nil || advertises && host == "" {
		return Listen{}, errListen
	}
	return Listen{network, addr, host}, nil
}

// UnmarshalYAML reads the written form.
func (l *Listen) UnmarshalYAML(node ast.Node) error { return scalar(node, l, parseListen) }

// String returns the written form.
func (l Listen) String() string {
	text := l.Network + "://" + l.Addr.String()
	if l.Advertise != "" {
		text += "?advertise=" + string(l.Advertise)
	}
	return text
}

// MarshalText returns the written form.
func (l Listen) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// is reports whether the two are the same address, whatever it is called outside.
func (l Listen) is(other Listen) bool { return l.Network == other.Network && l.Addr == other.Addr }

// reaches reports whether a gateway can be sent to from the address. That of a
// gateway with a name is known only to DNS.
func (l Listen) reaches(g Gateway) bool {
	addr, err := netip.ParseAddr(g.Host)
	return (g.Network == "" || l.Network == g.Network) && (err != nil || l.Addr.Addr().Unmap().Is4() == addr.Unmap().Is4())
}
