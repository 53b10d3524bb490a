package config

import (
	"errors"
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"maskd/media"
)

// What each kind of address is expected to look like.
var (
	errHost      = errors.New("expected a host name or an IP address, or nothing")
	errAddress   = errors.New("expected an IP address")
	errTCP       = errors.New("expected ADDRESS:PORT with an IP address and a port from 1, or nothing")
	errPrefix    = errors.New("expected an IP prefix such as 192.0.2.0/24, with no bit set behind its length")
	errPortRange = errors.New("expected FIRST-LAST, two port numbers")
)

// hostName is a DNS name as RFC 1123 section 2.1 allows it.
var hostName = regexp.MustCompile(`^([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.?$`)

// Host is a host name or an IP address; empty for none.
type Host string

func parseHost(s string) (Host, error) {
	if _, err := netip.ParseAddr(s); err != nil && s != "" && !hostName.MatchString(s) {
		return "", errHost
	}
	return Host(s), nil
}

// UnmarshalYAML reads the written form.
func (h *Host) UnmarshalYAML(node ast.Node) error { return scalar(node, h, parseHost) }

// TCPAddress is an IP address and a TCP port; zero for none.
type TCPAddress struct{ netip.AddrPort }

func parseTCPAddress(s string) (TCPAddress, error) {
	if s == "" {
		return TCPAddress{}, nil
	}
	addr, err := netip.ParseAddrPort(s)
	if err != nil || addr.Port() == 0 {
		return TCPAddress{}, errTCP
	}
	return TCPAddress{addr}, nil
}

// String returns the written form.
func (a TCPAddress) String() string {
	if !a.IsValid() {
		return ""
	}
	return a.AddrPort.String()
}

// UnmarshalYAML reads the written form.
func (a *TCPAddress) UnmarshalYAML(node ast.Node) error { return scalar(node, a, parseTCPAddress) }

// Prefix is a range of IP addresses.
type Prefix struct{ netip.Prefix }

func parsePrefix(s string) (Prefix, error) {
	prefix, err := netip.ParsePrefix(s)
	if err != nil || prefix != prefix.Masked() {
		return Prefix{}, errPrefix
	}
	return Prefix{prefix}, nil
}

// UnmarshalYAML reads the written form.
func (p *Prefix) UnmarshalYAML(node ast.Node) error { return scalar(node, p, parsePrefix) }

// PortRange is the range of UDP ports for media, written 20000-29999.
type PortRange media.PortRange

func parsePortRange(s string) (PortRange, error) {
	from, to, _ := strings.Cut(s, "-")
	first, errFirst := strconv.ParseUint(from, 10, 16)
	last, errLast := strconv.ParseUint(to, 10, 16)
	if errFirst != nil || errLast != nil {
		return PortRange{}, errPortRange
	}
	ports := media.PortRange{First: uint16(first), Last: uint16(last)}
	return PortRange(ports), ports.Validate()
}

// UnmarshalYAML reads the written form.
func (r *PortRange) UnmarshalYAML(node ast.Node) error { return scalar(node, r, parsePortRange) }

// MarshalText returns the written form.
func (r PortRange) MarshalText() ([]byte, error) { return []byte(media.PortRange(r).String()), nil }
