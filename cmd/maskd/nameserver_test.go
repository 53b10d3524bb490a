package main

import (
	"net"
	"net/netip"
	"slices"
	"testing"

	"github.com/miekg/dns"
)

// nameServer answers what a zone says, in the form of RFC 1035, and is the one that the
// daemon knows of: what it asks of names crosses the site's network.
func (s *site) nameServer(t *testing.T, zone ...string) {
	t.Helper()
	at := s.nameServerAt()
	packets, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(at))
	if err != nil {
		t.Fatal(err)
	}
	var records []dns.RR
	for _, text := range zone {
		r, err := dns.NewRR(text)
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, r)
	}
	server := &dns.Server{PacketConn: packets, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg).SetReply(q)
		m.Answer = slices.DeleteFunc(slices.Clone(records), func(r dns.RR) bool {
			return r.Header().Name != q.Question[0].Name || r.Header().Rrtype != q.Question[0].Qtype
		})
		_ = w.WriteMsg(m)
	})}
	served := make(chan error, 1)
	go func() { served <- server.ActivateAndServe() }()
	t.Cleanup(func() {
		_ = packets.Close()
		<-served
	})
	s.write(t, "resolv.conf", "nameserver "+at.Addr().String()+"\n")
	s.resolver = "resolv.conf"
}

// nameServerAt is where the site's name server is, if it has one.
func (s *site) nameServerAt() netip.AddrPort { return netip.AddrPortFrom(s.addr(53), 53) }
