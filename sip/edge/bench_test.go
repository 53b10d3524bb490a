package edge

import (
	"net/netip"
	"testing"
	"time"
)

// strangersDatagram is what is seen of one first.
func strangersDatagram() (*Edge, netip.Addr, int) {
	west, east, gone := carrier("192.0.2.0/28", "2001:db8::/48"), carrier("198.51.100.0/24"), carrier("203.0.113.64/28")
	e := new(Edge)
	e.peering.Store(&peering{trunks: trunks{&west, &east}, leaving: trunks{&gone}})
	return e, netip.MustParseAddrPort(strangerAddr).Addr(), len(invite().text(sdp))
}

// A stranger costs us no memory: a flood of datagrams makes no garbage.
func TestAStrangerCostsNoMemory(t *testing.T) {
	e, from, length := strangersDatagram()
	if n := testing.AllocsPerRun(1000, func() { e.admits(from, UDP, length) }); n != 0 {
		t.Errorf("%v allocations for a stranger's datagram", n)
	}
	if n := e.counts.strangers.Load(); n != 1001 {
		t.Errorf("%d strangers counted", n)
	}
}

func BenchmarkAdmitStranger(b *testing.B) {
	e, from, length := strangersDatagram()
	b.ReportAllocs()
	for b.Loop() {
		e.admits(from, UDP, length)
	}
}

func BenchmarkScreen(b *testing.B) {
	req := request(b, invite(), sdp)
	b.ReportAllocs()
	for b.Loop() {
		screen(req)
	}
}

func BenchmarkIdentify(b *testing.B) {
	req := request(b, invite().and("P-Asserted-Identity: <sip:+447700900123@h>, <tel:+447700900123>"), sdp)
	trunk := carrier()
	b.ReportAllocs()
	for b.Loop() {
		identify(req, &trunk, time.Time{})
	}
}

// What is sent is written then and there.
func BenchmarkComposeInvite(b *testing.B) {
	l := newListener(UDP)
	d, offer := outboundDialog(l), []byte(sdp)
	b.ReportAllocs()
	for b.Loop() {
		req := l.composeInvite(&d, "z9hG4bKours", 0, offer)
		_ = l.edge.texts.length(&req)
	}
}
