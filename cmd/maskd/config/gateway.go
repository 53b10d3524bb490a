package config

import (
	"errors"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

var errGateway = errors.New("expected sip:HOST:PORT, with ;transport=tcp or ;transport=tls behind it for another transport than UDP")

// Gateway is where a trunk takes our calls, written
// sip:host:port[;transport=tcp|tls].
type Gateway struct {
	Network string // "udp", "tcp" or "tls"
	Host    string // host name or IP address, IPv6 without brackets
	Port    uint16
}

func parseGateway(s string) (Gateway, error) {
	address, ok := strings.CutPrefix(s, "sip:")
	address, parameter, hasParameter := strings.Cut(address, ";")
	network := "udp"
	if hasParameter {
		network, ok = strings.CutPrefix(parameter, "transport=")
	}
	host, port, cut := cutPort(address)
	if !ok || !cut || !slices.Contains([]string{"udp", "tcp", "tls"}, network) {
		return Gateway{}, errGateway
	}
	return Gateway{network, host, port}, nil
}

func cutPort(s string) (host string, port uint16, ok bool) {
	if addr, err := netip.ParseAddrPort(s); err == nil {
		return addr.Addr().String(), addr.Port(), addr.Port() != 0
	}
	host, digits, _ := strings.Cut(s, ":")
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
	text := "sip:" + host + ":" + strconv.Itoa(int(g.Port))
	if g.Network != "udp" {
		text += ";transport=" + g.Network
	}
	return []byte(text), nil
}
