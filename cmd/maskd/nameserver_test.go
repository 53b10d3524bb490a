package main

import (
	"net/netip"
	"testing"

	"maskd/sip/resolve/resolvetest"
)

// nameServer answers what a zone says, and is the one that the daemon knows of: what it
// asks of names crosses the site's network.
func (s *site) nameServer(t *testing.T, zone ...string) {
	t.Helper()
	at := s.nameServerAt()
	resolvetest.NameServer(t, at, zone...)
	s.write(t, "resolv.conf", "nameserver "+at.Addr().String()+"\n")
	s.resolver = "resolv.conf"
}

// nameServerAt is where the site's name server is, if it has one.
func (s *site) nameServerAt() netip.AddrPort { return netip.AddrPortFrom(s.addr(53), 53) }
