package relay

import (
	"net/netip"
	"runtime"
	"testing"
	"unsafe"
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

// What a call takes while it lasts, of the 8 KB that it may take in all. Its session takes most of the rest.
func TestCallTakesLittleMemory(t *testing.T) {
	const calls, most = 500, 3<<10 + 256
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

// The allocator gives what is one byte larger a piece of the next size that it has, which is a seventh more, and half as
// much again for a port.
func TestWhatACallConsistsOfFitsItsPiecesOfMemory(t *testing.T) {
	for name, c := range map[string]struct{ size, most uintptr }{
		"circuit":                 {unsafe.Sizeof(circuit{}), 2688},
		"port, of which are four": {unsafe.Sizeof(port{}), 64},
		"flow on its way":         {unsafe.Sizeof(Flow{}), 416},
	} {
		if c.size > c.most {
			t.Errorf("%s: %d bytes, more than %d", name, c.size, c.most)
		}
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
