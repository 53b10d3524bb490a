package resolve

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// zone is what DNS says: by question, written "SRV _sip._udp.h".
type zone map[string]Answer

func (z zone) find(q Question) (Answer, bool) {
	a, ok := z[q.Kind.String()+" "+q.Name]
	return a, ok
}

// none is the answer that there are no such records.
var none = Answer{}

func addrs(texts ...string) Answer {
	a := Answer{TTL: time.Minute}
	for _, text := range texts {
		a.Addrs = append(a.Addrs, netip.MustParseAddr(text))
	}
	return a
}

func servers(list ...Server) Answer { return Answer{Servers: list, TTL: time.Minute} }

func pointers(list ...Pointer) Answer { return Answer{Pointers: list, TTL: time.Minute} }

// written writes candidates as rank/weight transport addr,addr.
func written(cs []Candidate) string {
	texts := make([]string, len(cs))
	for i, c := range cs {
		list := make([]string, len(c.Addrs))
		for j, a := range c.Addrs {
			list[j] = a.String()
		}
		texts[i] = fmt.Sprintf("%d/%d %s %s", c.Rank, c.Weight, c.Transport, strings.Join(list, ","))
	}
	return strings.Join(texts, "; ")
}

func TestAServiceIsFoundAsRFC3263Says(t *testing.T) {
	all := []Transport{UDP, TCP, TLS}
	bare := Service{Host: "h"}
	noServers := zone{"SRV _sip._udp.h": none, "SRV _sip._tcp.h": none, "SRV _sips._tcp.h": none,
		"A h": addrs("192.0.2.1"), "AAAA h": none}
	full := zone{
		"NAPTR h": pointers(
			Pointer{50, 1, "s", "SIP+D2T", "_sip._tcp.h"},
			Pointer{10, 20, "S", "sip+d2u", "_sip._udp.h"},
			Pointer{10, 10, "s", "SIPS+D2T", "_sips._tcp.h"},
			Pointer{1, 1, "s", "SIP+D2S", "_sip._sctp.h"},
			Pointer{1, 1, "u", "SIP+D2U", "_sip._udp.wrong"}),
		"SRV _sip._udp.h":  servers(Server{20, 0, 5062, "b"}, Server{10, 5, 5060, "a"}, Server{10, 7, 5061, "b"}),
		"SRV _sip._tcp.h":  servers(Server{1, 1, 5070, "a"}),
		"SRV _sips._tcp.h": servers(Server{1, 1, 5071, "a"}),
		"A a":              addrs("192.0.2.1", "192.0.2.2"), "AAAA a": none,
		"A b": none, "AAAA b": addrs("2001:db8::2"),
	}
	for _, row := range []struct {
		name       string
		service    Service
		transports []Transport
		zone       zone
		want       string
	}{
		{"an address", Service{Host: "192.0.2.9"}, all, nil, "0/0 udp 192.0.2.9:5060"},
		{"an address with a port", Service{Host: "192.0.2.9", Port: 5070}, all, nil, "0/0 udp 192.0.2.9:5070"},
		{"an address by TLS", Service{Host: "2001:db8::1", Transport: TLS}, all, nil, "0/0 tls [2001:db8::1]:5061"},
		{"a name with a port: no SRV, UDP (4.1, 4.2)", Service{Host: "a", Port: 5080}, all, full, "0/0 udp 192.0.2.1:5080,192.0.2.2:5080"},
		{"a name with port and transport", Service{Host: "a", Port: 5080, Transport: TCP}, all, full, "0/0 tcp 192.0.2.1:5080,192.0.2.2:5080"},
		{"a transport: SRV of that one, no NAPTR (4.1)", Service{Host: "h", Transport: TCP}, all, full, "1/1 tcp 192.0.2.1:5070,192.0.2.2:5070"},
		{"a transport by TLS", Service{Host: "h", Transport: TLS}, all, full, "1/1 tls 192.0.2.1:5071,192.0.2.2:5071"},
		{"neither: NAPTR by order and preference", bare, all, full,
			"1/1 tls 192.0.2.1:5071,192.0.2.2:5071; 2/5 udp 192.0.2.1:5060,192.0.2.2:5060; " +
				"2/7 udp [2001:db8::2]:5061; 3/0 udp [2001:db8::2]:5062; 4/1 tcp 192.0.2.1:5070,192.0.2.2:5070"},
		{"a transport that we have not is passed over", bare, []Transport{TCP}, full, "1/1 tcp 192.0.2.1:5070,192.0.2.2:5070"},
		{"no NAPTR: SRV of every transport", bare, []Transport{UDP, TCP}, full.with("NAPTR h", none),
			"1/5 udp 192.0.2.1:5060,192.0.2.2:5060; 1/7 udp [2001:db8::2]:5061; 2/0 udp [2001:db8::2]:5062; " +
				"3/1 tcp 192.0.2.1:5070,192.0.2.2:5070"},
		{"no NAPTR, no SRV: the host itself", bare, all, noServers.with("NAPTR h", none), "0/0 udp 192.0.2.1:5060"},
		{"a server that can't say NAPTR is like none", bare, all, noServers, "0/0 udp 192.0.2.1:5060"},
		{"no SRV of a transport: the host itself", Service{Host: "h", Transport: TLS}, all, noServers, "0/0 tls 192.0.2.1:5061"},
		{"SRV is not known yet: not the host itself", Service{Host: "h", Transport: UDP}, all, zone{"A h": addrs("192.0.2.1")}, ""},
		{"decidedly not here (RFC 2782)", Service{Host: "h", Transport: UDP}, all,
			zone{"SRV _sip._udp.h": servers(Server{0, 0, 0, "."}), "A h": addrs("192.0.2.1")}, ""},
		{"a server whose address is not known is left out", Service{Host: "h", Transport: UDP}, all,
			zone{"SRV _sip._udp.h": servers(Server{1, 0, 5060, "x"}, Server{2, 0, 5060, "y"}), "A y": addrs("192.0.2.7")},
			"2/0 udp 192.0.2.7:5060"},
		{"an IPv4 address in IPv6 is IPv4", Service{Host: "::ffff:192.0.2.9"}, all, nil, "0/0 udp 192.0.2.9:5060"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := written(Expand(row.service, row.transports, row.zone.find)); got != row.want {
				t.Errorf("got  %s\nwant %s", got, row.want)
			}
		})
	}
}

// with returns the zone with one answer changed.
func (z zone) with(question string, a Answer) zone {
	changed := zone{question: a}
	for q, a := range z {
		if q != question {
			changed[q] = a
		}
	}
	return changed
}

func TestAZoneWithoutEndIsBounded(t *testing.T) {
	z := zone{}
	for i := range 100 {
		z["SRV _sip._udp.h"] = servers(append(z["SRV _sip._udp.h"].Servers, Server{uint16(i), 0, 5060, "a"})...)
		z["A a"] = addrs(append(texts(z["A a"].Addrs), fmt.Sprintf("192.0.2.%d", i))...)
	}
	cs := Expand(Service{Host: "h", Transport: UDP}, []Transport{UDP}, z.find)
	if len(cs) != maxCandidates || len(cs[0].Addrs) != maxAddrs {
		t.Errorf("%d candidates with %d addresses", len(cs), len(cs[0].Addrs))
	}
}

func texts(list []netip.Addr) []string {
	out := make([]string, len(list))
	for i, a := range list {
		out[i] = a.String()
	}
	return out
}
