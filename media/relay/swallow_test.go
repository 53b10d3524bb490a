package relay

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSwallowedDigitIsHeardByNobody(t *testing.T) {
	x := talking(PCMU)
	flow := x.flow
	flow.Ends[0].Swallow = true
	x.install(flow, start)
	x.tap = NewTap()
	l := newScene(t, x)
	sequence := uint16(0)
	var lastSequence uint16
	var heard []string
	hear := func(number uint8, timestamp uint32, payload []byte) {
		sequence++
		p, drop := l.say(number, sequence, timestamp, payload)
		switch {
		case drop != 0:
			heard = append(heard, drop.String())
		case quiet(p.Payload, PCMU):
			heard = append(heard, "silence")
		default:
			heard = append(heard, "speech")
		}
		if drop == 0 {
			if lastSequence != 0 && p.SequenceNumber != lastSequence+1 {
				t.Errorf("a gap from %d to %d", lastSequence, p.SequenceNumber)
			}
			lastSequence = p.SequenceNumber
		}
		l.wait(10 * time.Millisecond)
	}
	hear(8, 1000, speech(160))
	hear(101, 1160, event(4, false, 0, 80))
	hear(8, 1160, speech(160))
	hear(101, 1160, event(4, false, 0, 240))
	hear(8, 1320, speech(160)) // the key is still held
	hear(101, 1160, event(4, true, 0, 400))
	hear(8, 1480, speech(160)) // its beginning is covered
	hear(101, 1160, event(4, true, 0, 400))
	hear(8, 1640, speech(160))
	flow.Ends[0].Swallow = false
	x.install(flow, l.now)
	hear(8, 1800, speech(160))
	// The first packet is before the first that names the digit, and may hold its tone.
	want := []string{"silence", "swallowed", "silence", "swallowed", "silence", "swallowed", "silence", "swallowed", "silence", "speech"}
	if diff := cmp.Diff(want, heard); diff != "" {
		t.Errorf("B hears (-want +got)\n%s", diff)
	}
	var taped int
	x.tap.Drain(func(p TapPacket) {
		if !quiet(p.Payload, p.Format) {
			taped++
		}
	})
	if taped != 1 {
		t.Errorf("%d packets of speech recorded, want 1", taped)
	}
	if e := l.events(); len(e) != 1 || e[0].Digit != 4 || e[0].Duration != 50*time.Millisecond || !e[0].Swallowed {
		t.Errorf("told %v", e)
	}
}

// However a digit comes to its end: what was swallowed of it is told with it.
func TestDigitThatWasSwallowedIsToldSo(t *testing.T) {
	for name, end := range map[string]func(l *scene){
		"by its end":  func(l *scene) { l.say(101, 2, 160, event(5, true, 0, 320)) },
		"by the next": func(l *scene) { l.say(101, 2, 1600, event(6, false, 0, 160)) },
		"by a new source": func(l *scene) {
			l.x.pass(0, peerA, packet(t, 101, 9, 9, 9, string(event(5, true, 0, 320))), make([]byte, largestSent), l.now)
		},
		"by nothing": func(l *scene) { l.wait(time.Second); l.x.watch(0, l.now) },
	} {
		for _, began := range []bool{true, false} {
			x := talking(PCMA)
			l := newScene(t, x)
			x.flow.Ends[0].Swallow = began
			l.say(101, 1, 160, event(5, false, 0, 160))
			x.flow.Ends[0].Swallow = false
			end(l)
			if e := l.events(); len(e) != 1 || e[0].Digit != 5 || e[0].Swallowed != began {
				t.Errorf("%s, began swallowed %t: %v", name, began, e)
			}
		}
	}
}

// The last key of a PIN is told with the first copy of its end; whoever waited
// for it stops to swallow, and the other copies are still to come.
func TestASwallowedDigitStaysSwallowedToItsLastCopy(t *testing.T) {
	x := talking(PCMU)
	flow := x.flow
	flow.Ends[0].Swallow = true
	x.install(flow, start)
	l := newScene(t, x)
	l.say(101, 1, 160, event(5, false, 0, 160))
	l.say(101, 2, 160, event(5, true, 0, 800))
	flow.Ends[0].Swallow = false
	x.install(flow, start)
	for sequence := uint16(3); sequence <= 4; sequence++ {
		if _, drop := l.say(101, sequence, 160, event(5, true, 0, 800)); drop != DropSwallowed {
			t.Errorf("copy %d of the end: %s", sequence-1, drop)
		}
	}
	if _, drop := l.say(101, 5, 4000, event(6, true, 0, 160)); drop != 0 {
		t.Errorf("the next digit: %s", drop)
	}
	want := []Event{
		{Kind: DigitHeard, Digit: 5, Duration: 100 * time.Millisecond, Swallowed: true},
		{Kind: DigitHeard, Digit: 6, Duration: 20 * time.Millisecond},
	}
	if diff := cmp.Diff(want, l.events()); diff != "" {
		t.Errorf("events (-want +got)\n%s", diff)
	}
}

func TestSpeechUnderASwallowedDigitStays(t *testing.T) {
	x := talking(PCMA)
	for i := range x.flow.Ends {
		e := &x.flow.Ends[i]
		e.Types[G729], e.Audio, e.Accepts = 18, G729, Formats(0).With(G729)
		e.Takes.Set(18, G729)
	}
	x.flow.Ends[0].Swallow = true
	x.install(x.flow, start)
	l := newScene(t, x)
	l.mustSay(18, 1, 0, speech(20))
	l.say(101, 2, 160, event(4, true, 0, 160))
	if _, drop := l.say(18, 3, 160, speech(20)); drop != DropSwallowed {
		t.Errorf("under the digit: %s", drop)
	}
	if p := l.mustSay(18, 4, 320, speech(20)); p.SequenceNumber != 101 {
		t.Errorf("after it: %+v", p.Header)
	}
}
