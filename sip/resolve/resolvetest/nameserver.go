// Package resolvetest is a name server for tests of what asks one.
package resolvetest

import (
	"net"
	"net/netip"
	"slices"
	"testing"

	"github.com/miekg/dns"
)

// NameServer answers by UDP what a zone says, in the form of RFC 1035, until the test ends.
func NameServer(t *testing.T, at netip.AddrPort, zone ...string) {
	t.Helper()
	var records []dns.RR
	for _, text := range zone {
		r, err := dns.NewRR(text)
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, r)
	}
	packets, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(at))
	if err != nil {
		t.Fatal(err)
	}
	server := &dns.Server{PacketConn: packets, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg).SetReply(q)
		m.Answer = slices.DeleteFunc(slices.Clone(records), func(r dns.RR) bool {
			return r.Header().Name != q.Question[0].Name || r.Header().Rrtype != q.Question[0].Qtype
		})
		_ = w.WriteMsg(m) // whoever isn't answered asks again
	})}
	served := make(chan error, 1)
	go func() { served <- server.ActivateAndServe() }()
	t.Cleanup(func() {
		_ = packets.Close()
		<-served
	})
}
