package resolve

import (
	"net/netip"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// maxAliases bounds a chain of CNAME records.
const maxAliases = 8

// answerOf reads a reply: the records of the kind asked for, of the name asked
// for or an alias of it. Others are somebody's wish, not an answer.
func answerOf(reply *dns.Msg, asked dns.Question) Answer {
	names, ttl := aliases(reply.Answer, asked.Name)
	answer := Answer{TTL: ttl}
	for _, record := range reply.Answer {
		h := record.Header()
		if h.Rrtype != asked.Qtype || h.Class != dns.ClassINET || !names[canonical(h.Name)] {
			continue
		}
		answer.take(record)
		answer.TTL = min(answer.TTL, seconds(h.Ttl))
	}
	if answer.empty() {
		answer.TTL = negativeTTL(reply.Ns)
	}
	return answer
}

// aliases returns the name and what it stands for, and the shortest life of
// the records that say so.
func aliases(records []dns.RR, name string) (names map[string]bool, ttl time.Duration) {
	names, ttl = map[string]bool{canonical(name): true}, maxTTL
	for range maxAliases {
		before := len(names)
		for _, record := range records {
			alias, ok := record.(*dns.CNAME)
			if !ok || !names[canonical(alias.Hdr.Name)] {
				continue
			}
			names[canonical(alias.Target)] = true
			ttl = min(ttl, seconds(alias.Hdr.Ttl))
		}
		if len(names) == before {
			break
		}
	}
	return names, ttl
}

// take adds what a record says.
func (a *Answer) take(record dns.RR) {
	switch r := record.(type) {
	case *dns.NAPTR:
		a.Pointers = append(a.Pointers, Pointer{Order: r.Order, Preference: r.Preference,
			Flags: r.Flags, Service: r.Service, Replacement: canonical(r.Replacement)})
	case *dns.SRV:
		a.Servers = append(a.Servers, Server{Priority: r.Priority, Weight: r.Weight, Port: r.Port, Host: canonical(r.Target)})
	case *dns.A:
		a.takeAddr(r.A)
	case *dns.AAAA:
		a.takeAddr(r.AAAA)
	}
}

func (a *Answer) takeAddr(ip []byte) {
	if addr, ok := netip.AddrFromSlice(ip); ok {
		a.Addrs = append(a.Addrs, addr.Unmap())
	}
}

// negativeTTL is how long the zone says that what is missing stays so (RFC
// 2308 section 5).
func negativeTTL(authority []dns.RR) time.Duration {
	for _, record := range authority {
		if soa, ok := record.(*dns.SOA); ok {
			return seconds(min(soa.Hdr.Ttl, soa.Minttl))
		}
	}
	return 0
}

// canonical writes a name in lower case and without the dot at its end; the
// root keeps it.
func canonical(name string) string {
	if name == "." {
		return name
	}
	return strings.ToLower(strings.TrimSuffix(name, "."))
}

func seconds(n uint32) time.Duration { return time.Duration(n) * time.Second }
