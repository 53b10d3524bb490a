package relay

import (
	"net/netip"
	"testing"
)

// BenchmarkSetUp makes and releases a call: four sockets bound, aimed, waited for and closed.
func BenchmarkSetUp(b *testing.B) {
	m := mustSwitch(b, "127.23.0.1")
	flow := talking(PCMA).flow
	b.ReportAllocs()
	for b.Loop() {
		m.Release(mustBegin(b, m, flow))
	}
}

func mustSwitch(t testing.TB, host string) *Switchboard {
	t.Helper()
	m, err := NewEpoll(Config{Listen: netip.MustParseAddr(host), Ports: PortRange{First: 20000, Last: 29999}, Rest: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	return m
}

func mustBegin(t testing.TB, m *Switchboard, flow Flow) Circuit {
	t.Helper()
	id, err := m.Reserve([2]Source{sourceA, sourceB})
	if err != nil {
		t.Fatal(err)
	}
	m.Install(id, flow)
	return id
}
