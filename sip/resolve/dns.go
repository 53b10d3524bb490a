package resolve

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// ErrNoAnswer says that no name server answered.
var ErrNoAnswer = errors.New("no name server answered")

const (
	// serverTime is how long one server has to answer on one transport.
	serverTime = 2 * time.Second
	// bufferSize is what a DNS datagram may have: it passes every path without
	// fragments (DNS Flag Day 2020).
	bufferSize = 1232
)

// DNS asks name servers.
type DNS struct {
	servers func() []string
}

// SystemDNS asks the name servers of the system. They are read from the
// system's file at every look-up, because they may change while we run.
func SystemDNS(file string) DNS {
	return DNS{func() []string {
		config, err := dns.ClientConfigFromFile(file)
		if err != nil || len(config.Servers) == 0 {
			return []string{"127.0.0.1:53"} // what resolv.conf(5) says of a missing file
		}
		servers := make([]string, len(config.Servers))
		for i, s := range config.Servers {
			servers[i] = joinHostPort(s, config.Port)
		}
		return servers
	}}
}

func joinHostPort(host, port string) string {
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return host + ":" + port
}

// DNSAt asks these servers.
func DNSAt(servers ...netip.AddrPort) DNS {
	names := make([]string, len(servers))
	for i, s := range servers {
		names[i] = s.String()
	}
	return DNS{func() []string { return names }}
}

// Lookup asks one server after the other until one answers. A name is always
// asked for as it is, without the search domains of the system. Errors:
// ErrNoAnswer, or that the name is none.
func (d DNS) Lookup(ctx context.Context, q Question) (Answer, error) {
	name := dns.Fqdn(q.Name)
	if _, ok := dns.IsDomainName(name); !ok {
		return Answer{}, fmt.Errorf("look up %s: not a domain name", q.Kind)
	}
	query := new(dns.Msg)
	query.SetQuestion(name, typeOf(q.Kind))
	query.SetEdns0(bufferSize, false)
	for _, server := range d.servers() {
		if reply, ok := exchange(ctx, query, server); ok {
			return answerOf(reply, query.Question[0]), nil
		}
	}
	return Answer{}, fmt.Errorf("look up %s: %w", q.Kind, ErrNoAnswer)
}

// exchange asks one server: by a datagram, and over TCP for what is longer.
func exchange(ctx context.Context, query *dns.Msg, server string) (*dns.Msg, bool) {
	for _, network := range []string{"udp", "tcp"} {
		client := dns.Client{Net: network, Timeout: serverTime, UDPSize: bufferSize}
		reply, _, err := client.ExchangeContext(ctx, query, server)
		switch {
		case err != nil || len(reply.Question) != 1 || !sameQuestion(reply.Question[0], query.Question[0]):
			return nil, false
		case reply.Truncated && network == "udp":
			continue
		default:
			return reply, reply.Rcode == dns.RcodeSuccess || reply.Rcode == dns.RcodeNameError
		}
	}
	return nil, false
}

func sameQuestion(a, b dns.Question) bool {
	return a.Qtype == b.Qtype && a.Qclass == b.Qclass && strings.EqualFold(a.Name, b.Name)
}

func typeOf(k Kind) uint16 {
	switch k {
	case NAPTR:
		return dns.TypeNAPTR
	case SRV:
		return dns.TypeSRV
	case AAAA:
		return dns.TypeAAAA
	default:
		return dns.TypeA
	}
}
