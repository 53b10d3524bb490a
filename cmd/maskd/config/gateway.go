package config

import (
	"errors"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

var errGateway = errors.New("expected sip:HOST:PORT or sip:HOST, with ;transport=udp, tcp or tls behind it or not")

// Gateway is where a trunk takes our calls, written
// sip:host[:port][;transport=udp|tcp|tls]. What a host name leaves out, DNS
// says (RFC 3263); with a port or an IP address the transport is UDP if not
// given.
type Gateway struct {
	Network string // "udp", "tcp" or "tls"; empty: DNS chooses
	Host    string // host name or IP address, IPv6 without brackets
	Port    uint16 // 0: DNS chooses
}

func parseGateway(s string) (Gateway, error) {
	address, ok := strings.CutPrefix(s, "sip:")
	address, parameter, hasParameter := strings.Cut(address, ";")
	host, port, cut := cutPort(address)
	network := Gateway{Host: host, Port: port}.usualNetwork()
	named := true
	if hasParameter {
		network, named = strings.CutPrefix(parameter, "transport=")
		named = named && slices.Contains([]string{"udp", "tcp", "tls"}, network)
	}
	if !ok || !cut || !named {
		return Gateway{}, errGateway
	}
	if _, err := netip.ParseAddr(host); err == nil && port == 0 { // nobody can look up the port of an address
		port = defaultPort
		if network == "tls" {
			port = defaultTLSPort
		}
	}
	return Gateway{network, host, port}, nil
}

// SIP's ports over UDP and TCP, and over TLS (RFC 3261 section 19.1.2).
const (
	defaultPort    = 5060
	defaultTLSPort = 5061
)

// usualNetwork is the transport of a gateway that names none (RFC 3263 section
// 4.1).
func (g Gateway) usualNetwork() string {
	if _, err := netip.ParseAddr(g.Host); err == nil || g.Port != 0 {
		return "udp"
	}
	return ""
}

// cutPort reads host:port, or a host alone.
func cutPort(s string) (host string, port uint16, ok bool) {
	if addr, err := netip.ParseAddrPort(s); err == nil {
		return addr.Addr().String(), addr.Port(), addr.Port() != 0
	}
	inside, bracketed := strings.CutPrefix(s, "[")
	inside, closed := strings.CutSuffix(inside, "]")
	if addr, err := netip.ParseAddr(inside); err == nil && addr.Is6() == bracketed && bracketed == closed {
		return addr.String(), 0, true
	}
	host, digits, hasPort := strings.Cut(s, ":")
	if !hasPort {
		return host, 0, hostName.MatchString(host)
	}
	n, err := strconv.ParseUint(digits, 10, 16)
	return host, uint16(n), err == nil && n != 0 && hostName.MatchString(host)
}

// UnmarshalYAML reads the written form.
func (g *Gateway) UnmarshalYAML(node ast.Node) error { return scalar(node, g, parseGateway) }

// MarshalText returns the written form.
func (g Gateway) MarshalText() ([]byte, error) {
	host := g.Host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	text := "sip:" + host
	if g.Port != 0 {
		text += ":" + strconv.Itoa(int(g.Port))
	}
	if g.Network != g.usualNetwork() {
		text += ";transport=" + g.Network
	}
	return []byte(text), nil
}
