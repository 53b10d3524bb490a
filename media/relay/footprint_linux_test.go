package relay

import (
	"net/netip"
	"runtime"
	"testing"
)

// BenchmarkSetUp makes and releases a call: on sockets that were bound for an earlier one.
func BenchmarkSetUp(b *testing.B) {
	m := mustSwitch(b, "127.23.0.1")
	flow := talking(PCMA).flow
	b.ReportAllocs()
	for b.Loop() {
		m.Release(mustBegin(b, m, flow))
	}
}

// What a call takes while it lasts. The collector lets a process grow to twice what lives, so this
// is half of the 8 KB that a call may take in all.
func TestCallTakesLittleMemory(t *testing.T) {
	const calls, most = 500, 4 << 10
	m, flow := mustSwitch(t, "127.23.0.2"), talking(PCMA).flow
	before := live()
	var last Circuit
	for range calls {
		last = mustBegin(t, m, flow)
	}
	m.Stats(last) // all have their flows
	if each := (live() - before) / calls; each > most {
		t.Errorf("a call takes %d bytes, more than %d", each, most)
	}
}

// live is how much memory is in use, in bytes. What is kept to be used again goes with the second collection.
func live() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func mustSwitch(t testing.TB, host string) *Switchboard {
	t.Helper()
	m, err := NewEpoll(Config{Listen: []netip.Addr{netip.MustParseAddr(host)}, Ports: PortRange{First: 20000, Last: 29999}, Rest: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	return m
}

func mustBegin(t testing.TB, m *Switchboard, flow Flow) Circuit {
	t.Helper()
	id, err := m.Reserve([2]Source{sourceA, sourceB}, [2]Family{})
	if err != nil {
		t.Fatal(err)
	}
	m.Install(id, flow)
	return id
}
