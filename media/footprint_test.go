package media

import (
	"bytes"
	"runtime"
	"testing"
	"unsafe"
)

// The allocator gives what is one byte larger a piece of the next size that it has: 1,536.
func TestSessionFitsItsPieceOfMemory(t *testing.T) {
	const most = 1408
	if size := unsafe.Sizeof(Session{}); size > most {
		t.Errorf("a session takes %d bytes, more than %d", size, most)
	}
}

// setUpAtOnce is how many calls are weighed together.
const setUpAtOnce = 500

// What a session keeps for as long as its call lasts, beside what its circuit does. A peer's SDP is
// not among it, however long that is.
func TestSessionTakesLittleMemory(t *testing.T) {
	const most = 3 << 10
	cfg := fixed()
	cfg.Ports.Last = cfg.Ports.First + 4*setUpAtOnce
	engine := NewMute(cfg)
	t.Cleanup(engine.Close)
	long := append(bytes.Clone(both), bytes.Repeat([]byte("a=x-what-nobody-asked-for\r\n"), 200)...)
	if each := weigh(t, engine, long); each > most {
		t.Errorf("a session takes %d bytes, more than %d", each, most)
	}
}

// What a call with sockets takes that is set up with 499 others at once, what is on its way or kept to be used again
// included: a process gives none of that back. The collector and the allocator add half a kilobyte to it, and what is
// touched once for all calls a kilobyte, so it must be well below the 8 KB that a call may take.
func TestCallsSetUpAtOnceTakeLittleMemory(t *testing.T) {
	const most, host = 5<<10 + 512, "127.22.1.9"
	engine, err := NewSockets(Config{Listen: addrs(host), Ports: PortRange{First: 20000, Last: 29999}})
	must(t, err)
	t.Cleanup(engine.Close)
	if each := weigh(t, engine, sdpOf(host, audio)); each > most {
		t.Errorf("a call takes %d bytes, more than %d", each, most)
	}
}

// weigh is how many bytes a call takes of which both peers describe themselves so.
func weigh(t *testing.T, engine *Engine, peer []byte) (each uint64) {
	t.Helper()
	before := live()
	for range setUpAtOnce {
		s, err := engine.Open(Options{})
		must(t, err)
		talk(t, s, peer, peer)
		s.Bridge()
	}
	return (live() - before) / setUpAtOnce
}

// live is how much memory is in use, in bytes. What is kept to be used again, or waits for its
// finalizer, goes with the second collection.
func live() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
