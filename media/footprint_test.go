package media

import (
	"bytes"
	"runtime"
	"testing"
)

// What a session keeps for as long as its call lasts, beside what its circuit does. A peer's SDP is
// not among it, however long that is.
func TestSessionTakesLittleMemory(t *testing.T) {
	const calls, most = 500, 3 << 10
	cfg := fixed()
	cfg.Ports.Last = cfg.Ports.First + 4*calls
	engine := NewMute(cfg)
	t.Cleanup(engine.Close)
	long := append(bytes.Clone(both), bytes.Repeat([]byte("a=x-what-nobody-asked-for\r\n"), 200)...)
	before := live()
	for range calls {
		s, err := engine.Open(Options{})
		must(t, err)
		talk(t, s, long, long)
		s.Bridge()
	}
	if each := (live() - before) / calls; each > most {
		t.Errorf("a session takes %d bytes, more than %d", each, most)
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
