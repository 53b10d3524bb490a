package relay

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestTapShowsWhatPasses(t *testing.T) {
	x := talking(PCMU)
	x.tap = NewTap()
	out := make([]byte, maxDatagram+cryptOverhead)
	x.pass(0, peerA, packet(t, 8, 1, 1600, 7, "\xd5\xaa"), out, start)
	x.pass(0, peerA, packet(t, 101, 2, 1760, 7, "\x05\x8a\x00\xa0"), out, start)
	x.pass(0, peerB, packet(t, 8, 3, 1760, 7, "injected"), out, start)
	x.pass(1, peerB, packet(t, 0, 1, 99, 8, "\x00"), out, start.Add(time.Second))
	x.pass(0, peerA, packet(t, 8, 4, 0, 9, "\x2a"), out, start.Add(2*time.Second))
	var got []TapPacket
	x.tap.Drain(func(p TapPacket) {
		p.Payload, p.At = bytes.Clone(p.Payload), p.At.UTC()
		got = append(got, p)
	})
	want := []TapPacket{
		{End: 0, At: start, Format: PCMU, Timestamp: 7000, Source: 1, Payload: []byte("\xfe\x80")},
		{End: 0, At: start.Add(2 * time.Second), Format: PCMU, Timestamp: 7000 + 160 + 16000, Source: 2, Payload: []byte{0x00}},
		{End: 1, At: start.Add(time.Second), Format: PCMA, Timestamp: sourceA.Timestamp, Source: 1, Payload: []byte{0x2a}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// A tap shows in which form AMR passes, which no packet of it says.
func TestTapShowsTheFormOfAMR(t *testing.T) {
	for _, aligned := range []bool{true, false} {
		x := talking(AMR)
		x.flow.Ends[0].Aligned, x.flow.Ends[1].Aligned = aligned, aligned
		x.tap = NewTap()
		x.record(0, AMR, 1, []byte("\xf0\x7c"), start)
		x.tap.Drain(func(p TapPacket) {
			if p.Aligned != aligned {
				t.Errorf("aligned %v is shown as %v", aligned, p.Aligned)
			}
		})
	}
}

// A reader that stops for 10 s costs the recording what the ring can't hold, and the call nothing.
func TestReaderThatStopsDelaysNothing(t *testing.T) {
	x := talking(PCMA)
	x.tap = NewTap()
	out := make([]byte, maxDatagram+cryptOverhead)
	for i := range 500 {
		at := start.Add(time.Duration(i) * 20 * time.Millisecond)
		if _, drop := x.pass(0, peerA, packet(t, 8, uint16(i), uint32(160*i), 7, string(speech(160))), out, at); drop != 0 {
			t.Fatalf("packet %d: %s", i, drop)
		}
	}
	shown := 0
	x.tap.Drain(func(p TapPacket) {
		if want := 7000 + uint32(160*shown); p.Timestamp != want {
			t.Errorf("packet %d: timestamp %d, want %d", shown, p.Timestamp, want)
		}
		shown++
	})
	if dropped := x.tap.Dropped(); shown < 32 || dropped != [2]uint64{uint64(500 - shown), 0} {
		t.Errorf("%d shown, %d dropped", shown, dropped)
	}
	x.pass(0, peerA, packet(t, 8, 500, 80000, 7, "more"), out, start.Add(10*time.Second))
	shown = 0
	x.tap.Drain(func(p TapPacket) { shown++ })
	if shown != 1 {
		t.Errorf("%d shown after that, want 1", shown)
	}
}

// One goroutine writes packets of all sizes while another reads them: each is shown whole and in
// order, or counted as dropped.
func TestRingIsSafeBetweenTwo(t *testing.T) {
	const packets = 20000
	tap := NewTap()
	var writing sync.WaitGroup
	writing.Go(func() {
		for i := range packets {
			payload := bytes.Repeat([]byte{byte(i)}, 4+i%1400)
			binary.LittleEndian.PutUint32(payload, uint32(i))
			tap.put(TapPacket{End: 1, Timestamp: uint32(i), Payload: payload})
			if i%8 == 0 {
				runtime.Gosched()
			}
		}
	})
	done := make(chan struct{})
	go func() { writing.Wait(); close(done) }()
	shown, last := 0, -1
	show := func(p TapPacket) {
		i := int(p.Timestamp)
		if i <= last || len(p.Payload) != 4+i%1400 || binary.LittleEndian.Uint32(p.Payload) != uint32(i) ||
			bytes.Count(p.Payload[4:], []byte{byte(i)}) != len(p.Payload)-4 {
			t.Errorf("packet %d after %d is not whole", i, last)
		}
		shown, last = shown+1, i
	}
	for finished := false; !finished; {
		select {
		case <-done:
			finished = true
		default:
		}
		tap.Drain(show)
		runtime.Gosched()
	}
	if dropped := int(tap.Dropped()[1]); shown+dropped != packets || shown == 0 {
		t.Errorf("%d shown and %d dropped of %d", shown, dropped, packets)
	}
}

// A reader that comes in time needs a small part of the ring, whatever the sizes, and loses nothing.
func TestARingThatIsReadInTimeStaysSmall(t *testing.T) {
	const atOnce, largest = 5, 700
	var r ring
	dice, shown := rand.New(rand.NewPCG(1, 2)), 0
	for range 5000 {
		for range atOnce {
			r.put(&TapPacket{Format: PCMA, Payload: bytes.Repeat([]byte{1}, dice.IntN(largest))})
		}
		r.drain(func(TapPacket) { shown++ })
	}
	if dropped := r.dropped.Load(); dropped != 0 || shown != 5000*atOnce {
		t.Errorf("%d shown, %d dropped", shown, dropped)
	}
	needed := bytes.LastIndexFunc(r.bytes[:], func(octet rune) bool { return octet != 0 })
	if most := 2 * atOnce * (largest + recordHead + recordAlign); needed > most {
		t.Errorf("%d bytes of the ring were needed, want %d at the most", needed, most)
	}
}

// BenchmarkThousandTaps is what a packet of one of 500 recorded calls costs, when each is read ten times a second.
func BenchmarkThousandTaps(b *testing.B) {
	var taps [500]*Tap
	for i := range taps {
		taps[i] = NewTap()
	}
	p := TapPacket{Format: PCMA, Payload: make([]byte, 160), At: start}
	b.ReportAllocs()
	for i := range b.N {
		p.End = i & 1
		taps[i/2%len(taps)].put(p)
		if i%(10*len(taps)) == 0 {
			for _, tap := range taps {
				tap.Drain(func(TapPacket) {})
			}
		}
	}
}

func BenchmarkTap(b *testing.B) {
	tap := NewTap()
	p := TapPacket{Format: PCMA, Payload: make([]byte, 160), At: start}
	b.ReportAllocs()
	for i := range b.N {
		tap.put(p)
		if i%32 == 0 {
			tap.Drain(func(TapPacket) {})
		}
	}
}
