package relay

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// rising is a clip whose every sample can be told from its neighbours.
func rising(samples int) *Clip {
	s := make([]int16, samples)
	for i := range s {
		s[i] = int16(i%60)*500 - 15000
	}
	return NewClip(s)
}

func TestClipIsPlayedWhole(t *testing.T) {
	for _, law := range []Format{PCMA, PCMU} {
		l := newScene(t, talking(law))
		l.mustSay(8, 900, 1600, speech(160))
		clip := rising(8000)
		l.wait(20 * time.Millisecond)
		l.x.play(1, clip, false, l.now)
		var sound []byte
		sequence, timestamp := uint16(100), uint32(7000)
		for l.x.ends[1].player.busy() {
			packets := l.due(1)
			if len(packets) != 1 {
				t.Fatalf("%d packets in 20 ms", len(packets))
			}
			p := packets[0]
			if p.Marker != (len(sound) == 0) || p.PayloadType != numberOf(law) || p.SSRC != sourceB.SSRC ||
				p.SequenceNumber != sequence+1 || p.Timestamp != timestamp+160 {
				t.Fatalf("after %d bytes: %+v", len(sound), p.Header)
			}
			sequence, timestamp, sound = p.SequenceNumber, p.Timestamp, append(sound, p.Payload...)
			if l.x.ends[1].player.busy() {
				if _, drop := l.say(8, 901, 1760, speech(160)); drop != DropPlaying && drop != DropLate {
					t.Fatalf("A beside it: %s", drop)
				}
			}
			l.wait(20 * time.Millisecond)
		}
		if !bytes.Equal(sound, clip.in(law)) {
			t.Errorf("%s: what is played is not the clip", law)
		}
		if diff := cmp.Diff([]Event{{End: 1, Kind: Played}}, l.events()); diff != "" {
			t.Errorf("events (-want +got)\n%s", diff)
		}
		p := l.mustSay(8, 960, 1600+60*160, speech(160))
		if p.SequenceNumber != sequence+1 || p.Timestamp != timestamp+160 || !p.Marker {
			t.Errorf("A after it: %+v", p.Header)
		}
	}
}

func TestOtherDirectionHasNoGapWhilePlaying(t *testing.T) {
	l := newScene(t, talking(PCMA))
	l.x.play(1, rising(8000), true, l.now)
	out := make([]byte, maxDatagram+cryptOverhead)
	for i := range 100 {
		if len(l.due(1)) != 1 {
			t.Fatalf("packet %d of the clip is not due", i)
		}
		n, drop := l.x.pass(1, peerB, packet(t, 8, uint16(i), uint32(160*i), 5, "speech of B"), out, l.now)
		if drop != 0 {
			t.Fatalf("B is not heard: %s", drop)
		}
		want := sourceA.Sequence + uint16(i)
		if p := l.read(out[:n]); p.SequenceNumber != want || p.Timestamp != sourceA.Timestamp+uint32(160*i) {
			t.Fatalf("B's packet %d: %+v", i, p.Header)
		}
		l.wait(20 * time.Millisecond)
	}
}

func TestClipIsRepeatedWithoutASeam(t *testing.T) {
	l := newScene(t, talking(PCMA))
	clip := rising(250) // neither a multiple of a packet, nor longer than two
	l.x.play(1, clip, true, l.now)
	var sound []byte
	for range 50 {
		for _, p := range l.due(1) {
			sound = append(sound, p.Payload...)
		}
		l.wait(20 * time.Millisecond)
	}
	want := bytes.Repeat(clip.in(PCMA), 32)
	if !bytes.Equal(sound, want[:len(sound)]) || len(sound) != 8000 {
		t.Errorf("%d bytes are not the clip over and over", len(sound))
	}
	l.x.stop(1)
	if _, ok := l.x.nextDue(); ok || l.due(1) != nil {
		t.Error("stopped, yet something is due")
	}
}

func TestEmptyClipIsOverAtOnce(t *testing.T) {
	for _, loop := range []bool{false, true} {
		l := newScene(t, talking(PCMA))
		l.x.play(1, NewClip(nil), loop, l.now)
		if p := l.due(1); len(p) != 1 || !quiet(p[0].Payload, PCMA) {
			t.Errorf("loop %t: %v", loop, p)
		}
		l.x.stop(1)
	}
}

func TestLatePlayerCatchesUp(t *testing.T) {
	l := newScene(t, talking(PCMA))
	l.x.play(1, rising(80000), false, l.now)
	first := l.due(1)[0]
	l.wait(100 * time.Millisecond)
	late := l.due(1)
	if len(late) != 5 || late[4].Timestamp != first.Timestamp+5*160 {
		t.Errorf("%d packets after 100 ms", len(late))
	}
	l.wait(time.Minute)
	if missed := l.due(1); len(missed) != 1 || missed[0].Timestamp < late[4].Timestamp+59*8000 || !missed[0].Marker {
		t.Errorf("%d packets after a minute", len(missed))
	}
}

func TestPromptBeforeTheOtherPeerIsThere(t *testing.T) {
	x := newExchange()
	l := newScene(t, x)
	x.play(0, rising(800), false, l.now)
	if _, ok := x.nextDue(); ok {
		t.Error("due before there is anybody")
	}
	l.wait(time.Second)
	x.install(Flow{Ends: [2]End{end(peerA, PCMA, 8, 101)}}, l.now)
	if p := l.due(0); len(p) != 1 || p[0].SequenceNumber != sourceA.Sequence || p[0].Timestamp != sourceA.Timestamp {
		t.Errorf("%v", p)
	}
	if _, drop := l.say(8, 1, 1, speech(160)); drop != DropHeld {
		t.Errorf("A is sent on to nobody: %s", drop)
	}
	if _, drop := l.say(101, 2, 1, event(3, true, 0, 800)); drop != DropHeld || len(l.events()) != 1 {
		t.Errorf("A's digit is not told: %s", drop)
	}
}

func TestClipWaitsForItsPeer(t *testing.T) {
	x := newExchange()
	l := newScene(t, x)
	whole := talking(PCMA).flow
	x.play(1, rising(800), false, l.now)
	x.install(Flow{Ends: [2]End{whole.Ends[0], {}}}, l.now)
	if e := l.events(); e != nil || l.due(1) != nil {
		t.Errorf("played to nobody: %v", e)
	}
	x.install(whole, l.now)
	if len(l.due(1)) != 1 {
		t.Error("not played")
	}
}

func TestClipToWhoCannotHearIt(t *testing.T) {
	x := talking(PCMA)
	x.play(1, rising(800), true, start)
	flow := x.flow
	flow.Ends[1].Audio, flow.Ends[1].Accepts = G729, Formats(0).With(G729)
	x.install(flow, start)
	l := newScene(t, x)
	if diff := cmp.Diff([]Event{{End: 1, Kind: Played}}, l.events()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if p := l.due(1); p != nil {
		t.Errorf("played: %v", p)
	}
}

func TestClipGoesOnUnheardOnHold(t *testing.T) {
	x := talking(PCMA)
	l := newScene(t, x)
	clip := rising(8000)
	x.play(1, clip, false, l.now)
	l.due(1)
	x.flow.Ends[1].Listens = false
	l.wait(100 * time.Millisecond)
	if p := l.due(1); p != nil {
		t.Errorf("played on hold: %d packets", len(p))
	}
	x.flow.Ends[1].Listens = true
	l.wait(20 * time.Millisecond)
	if p := l.due(1); len(p) != 1 || !bytes.Equal(p[0].Payload, clip.in(PCMA)[6*160:7*160]) || !p[0].Marker {
		t.Errorf("after the hold: %v", p)
	}
}

func TestPacketsOfOursAreAsLongAsAgreed(t *testing.T) {
	for _, ptime := range []time.Duration{10, 20, 30, 40, 60, 0, 200, 1} {
		x := talking(PCMA)
		x.flow.Ends[1].PTime = ptime * time.Millisecond
		x.install(x.flow, start)
		l := newScene(t, x)
		x.play(1, rising(8000), true, l.now)
		samples := 0
		for range 120 {
			for _, p := range l.due(1) {
				samples += len(p.Payload)
				if want := int(x.flow.Ends[1].frame().Milliseconds()) * 8; len(p.Payload) != want {
					t.Fatalf("%d ms: %d samples", ptime, len(p.Payload))
				}
			}
			l.wait(10 * time.Millisecond)
		}
		if samples != 9600 {
			t.Errorf("%d ms: %d samples in 1.2 s", ptime, samples)
		}
	}
}

func TestDigitInterruptsAClip(t *testing.T) {
	l := newScene(t, talking(PCMA))
	l.x.play(1, rising(8000), true, l.now)
	last := l.due(1)[0]
	l.x.press(1, 5, 40*time.Millisecond, l.now)
	var types []uint8
	for range 12 {
		l.wait(20 * time.Millisecond)
		for _, p := range l.due(1) {
			if p.SequenceNumber != last.SequenceNumber+1 || int32(p.Timestamp-last.Timestamp) < 0 {
				t.Errorf("%d at %d after %d at %d", p.SequenceNumber, p.Timestamp, last.SequenceNumber, last.Timestamp)
			}
			last, types = p, append(types, p.PayloadType)
			elapsed := sourceB.Timestamp + samples(l.now.Sub(start), 8000)
			if p.PayloadType == 8 && p.Timestamp != elapsed {
				t.Errorf("timestamp %d when it should be %d", p.Timestamp, elapsed)
			}
		}
	}
	if diff := cmp.Diff([]uint8{96, 96, 96, 96, 96, 8, 8, 8, 8, 8, 8}, types); diff != "" {
		t.Errorf("types (-want +got)\n%s", diff)
	}
}

func TestDigitsThatAreClearedAreNotSent(t *testing.T) {
	l := newScene(t, talking(PCMA))
	l.x.clear() // of nothing
	for end := range 2 {
		l.x.press(end, 5, time.Second, l.now)
		l.x.press(end, 6, time.Second, l.now)
		if got := l.due(end); len(got) != 1 || got[0].PayloadType != l.x.flow.Ends[end].Types[l.x.flow.Ends[end].event()] {
			t.Fatalf("end %d: %v", end, got)
		}
	}
	l.x.clear()
	l.wait(20 * time.Millisecond)
	if a, b := l.due(0), l.due(1); len(a)+len(b) != 0 {
		t.Errorf("sent %v and %v", a, b)
	}
	l.x.play(1, rising(160), false, l.now)
	if got := l.due(1); len(got) != 1 || got[0].PayloadType != 8 {
		t.Errorf("the clip after it: %v", got)
	}
}

func TestPlayingAllocatesNothing(t *testing.T) {
	x, out, now := talking(PCMA), make([]byte, maxDatagram+cryptOverhead), start
	x.play(1, rising(8000), true, now)
	allocs := testing.AllocsPerRun(1000, func() {
		now = now.Add(20 * time.Millisecond)
		if x.due(1, out, now) == 0 {
			t.Fatal("nothing is due")
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations for a packet", allocs)
	}
}
