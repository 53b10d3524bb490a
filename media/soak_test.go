package media

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pion/rtp"

	"maskd/media/relay"
)

// soakCalls is how many calls a soak makes, if the environment doesn't say.
const soakCalls = 5000

// soakPorts are so few that every pair has many calls, one after the other.
var soakPorts = PortRange{First: 20000, Last: 20099}

// footprint is what a process has at a moment.
type footprint struct {
	Descriptors, Goroutines int
	Usage                   Usage
}

// Many short calls leave ports, descriptors, goroutines and memory where they were.
func TestSoakLeavesNothingBehind(t *testing.T) {
	const host = "127.22.1.1"
	engine, err := NewSockets(Config{Listen: addrs(host), Ports: soakPorts, Rest: 1})
	must(t, err)
	t.Cleanup(engine.Close)
	a, b := phone(t, host), phone(t, host)
	for range 500 { // until all that grows once has grown
		shortCall(t, engine, a, b)
	}
	before, heapBefore := footprintOf(t, engine), live()
	calls := callsOfSoak(t)
	for range calls {
		shortCall(t, engine, a, b)
	}
	after, heapAfter := footprintOf(t, engine), live()
	t.Logf("%d calls: %+v before, %+v after; heap %d bytes before, %d after", calls, before, after, heapBefore, heapAfter)
	after.Descriptors = max(after.Descriptors, before.Descriptors) // fewer, if some were not needed meanwhile
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("after %d calls (-before +after):\n%s", calls, diff)
	}
	// A leak of 64 bytes per call exceeds it in the shorter soak already, what the heap
	// keeps for its own convenience does not.
	if limit := heapBefore + 256<<10; heapAfter > limit {
		t.Errorf("the heap grew from %d to %d bytes", heapBefore, heapAfter)
	}
}

// callsOfSoak reads the number of calls from MASKD_SOAK_SESSIONS.
func callsOfSoak(t *testing.T) int {
	t.Helper()
	asked, ok := os.LookupEnv("MASKD_SOAK_SESSIONS")
	if !ok {
		return soakCalls
	}
	calls, err := strconv.Atoi(asked)
	must(t, err)
	return calls
}

// shortCall is a call in which each says one word and hears one.
func shortCall(t *testing.T, engine *Engine, a, b *net.UDPConn) {
	t.Helper()
	must(t, a.SetReadDeadline(time.Now().Add(patience)))
	must(t, b.SetReadDeadline(time.Now().Add(patience)))
	s, toA, toB := connected(t, engine, a, b)
	send(t, a, toA, 8, 1, "from A")
	send(t, b, toB, 8, 1, "from B")
	if atA, atB := string(hear(t, a).Payload), string(hear(t, b).Payload); atA != "from B" || atB != "from A" {
		t.Fatalf("A heard %q, B heard %q", atA, atB)
	}
	s.Close()
}

// connected is a call in which sound passes, and where the two have to send theirs.
func connected(t *testing.T, engine *Engine, a, b *net.UDPConn) (s *Session, toA, toB netip.AddrPort) {
	t.Helper()
	s, err := engine.Open(Options{})
	must(t, err)
	must(t, s.Receive(A, offerOf(a, "8")))
	toB = portIn(t, s.Offer(B))
	must(t, s.Accept(B, offerOf(b, "8")))
	answer, err := s.Answer(A)
	must(t, err)
	s.Bridge()
	return s, portIn(t, answer), toB
}

func footprintOf(t *testing.T, engine *Engine) footprint {
	t.Helper()
	open, err := os.ReadDir("/proc/self/fd")
	must(t, err)
	return footprint{Descriptors: len(open), Goroutines: runtime.NumGoroutine(), Usage: engine.Usage()}
}

// Those of the last call on a pair of ports don't know yet that it is over, and talk on into
// the next one. In use the pair would rest for 30 s besides.
func TestLatePacketsNeverReachTheNextCall(t *testing.T) {
	const (
		host  = "127.22.1.2"
		calls = 300
	)
	// Only one call fits.
	engine, err := NewSockets(Config{Listen: addrs(host), Ports: PortRange{First: 20000, Last: 20003}, Rest: 1})
	must(t, err)
	t.Cleanup(engine.Close)
	var late atomic.Uint64
	talking := make(chan struct{})
	var lingering sync.WaitGroup
	for range 4 {
		old := phone(t, host)
		lingering.Go(func() { talkOn(old, &late, talking) })
	}
	a, b := phone(t, host), phone(t, host)
	for call := range calls {
		s, toA, toB := connected(t, engine, a, b)
		for word := range uint16(5) {
			said := fmt.Sprintf("call %d word %d", call, word)
			send(t, a, toA, 8, word, said)
			send(t, b, toB, 8, word, said)
			if atA, atB := string(hear(t, a).Payload), string(hear(t, b).Payload); atA != said || atB != said {
				t.Fatalf("A heard %q, B heard %q, want %q", atA, atB, said)
			}
		}
		if got := s.Close(); got.Leg(A).In.Packets != 5 || got.Leg(B).In.Packets != 5 {
			t.Fatalf("call %d: %+v", call, got)
		}
	}
	close(talking)
	lingering.Wait()
	t.Logf("%d calls on the same ports, %d late packets", calls, late.Load())
	if late.Load() < calls {
		t.Errorf("only %d late packets: that shows nothing", late.Load())
	}
}

// talkOn sends to every port that a call may have until the channel is closed.
func talkOn(from *net.UDPConn, late *atomic.Uint64, until <-chan struct{}) {
	at := from.LocalAddr().(*net.UDPAddr).AddrPort().Addr()
	for sequence := uint16(0); ; sequence++ {
		select {
		case <-until:
			return
		default:
		}
		word, _ := (&rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: 8, SequenceNumber: sequence, SSRC: 1}, Payload: []byte("late")}).Marshal()
		for port := uint16(20000); port <= 20003; port++ {
			if _, err := from.WriteToUDPAddrPort(word, netip.AddrPortFrom(at, port)); err == nil {
				late.Add(1)
			}
		}
		time.Sleep(100 * time.Microsecond)
	}
}

// A reader of a tap stops in the middle of a packet, for longer than the tap holds. No packet waits
// for it: each is heard before the next one is said.
func TestStalledTapReaderDelaysNoPacket(t *testing.T) {
	const (
		host  = "127.22.1.3"
		stall = 10 * time.Second // of sound, said in half the time
		ptime = 20 * time.Millisecond
	)
	fromA, fromB := strings.Repeat("A", 160), strings.Repeat("B", 160)
	engine := listening(t, host, soakPorts)
	a, b := phone(t, host), phone(t, host)
	s, toA, toB := connected(t, engine, a, b)
	tap := NewTap()
	s.Tap(tap)
	stalled, over := make(chan struct{}), make(chan struct{})
	var reading sync.WaitGroup
	defer reading.Wait()
	defer close(over)

	words, slowest := uint16(0), time.Duration(0)
	exchange := func() {
		said := time.Now()
		send(t, a, toA, 8, words, fromA)
		send(t, b, toB, 8, words, fromB)
		if atA, atB := string(hear(t, a).Payload), string(hear(t, b).Payload); atA != fromB || atB != fromA {
			t.Fatalf("A heard %q, B heard %q", atA, atB)
		}
		slowest = max(slowest, time.Since(said))
		words++
	}
	exchange()
	reading.Go(func() {
		var once sync.Once
		tap.Drain(func(Sound) {
			once.Do(func() { close(stalled) })
			<-over
		})
	})
	<-stalled
	for range stall / ptime {
		exchange()
		time.Sleep(ptime / 2)
	}
	t.Logf("%d words each way while the reader stood still, the slowest took %s; %d and %d not recorded",
		words, slowest, tap.Dropped(A), tap.Dropped(B))
	want := relay.Traffic{Packets: uint64(words), Bytes: uint64(words) * (12 + 160)}
	for _, leg := range []Leg{A, B} {
		if got := s.Stats().Leg(leg); got.In != want || got.Out != want {
			t.Errorf("leg %s: %+v, want %+v", leg, got, want)
		}
		if tap.Dropped(leg) == 0 {
			t.Errorf("leg %s: the tap never was full: that shows nothing", leg)
		}
	}
}
