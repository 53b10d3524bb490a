package relay

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pion/rtp"
)

// scene is an exchange with what leaves it, in fake time.
type scene struct {
	t   *testing.T
	x   *exchange
	now time.Time
}

func newScene(t *testing.T, x *exchange) *scene { return &scene{t: t, x: x, now: start} }

func (l *scene) wait(d time.Duration) { l.now = l.now.Add(d) }

// say has A send a packet, and gives what B receives.
func (l *scene) say(number uint8, sequence uint16, timestamp uint32, payload []byte) (p rtp.Packet, drop Drop) {
	l.t.Helper()
	out := make([]byte, maxDatagram+cryptOverhead)
	in := packet(l.t, number, sequence, timestamp, 0xCAFE, string(payload))
	n, drop := l.x.pass(0, peerA, in, out, l.now)
	l.x.account(0, len(in), n, drop)
	if drop == 0 {
		p = l.read(out[:n])
	}
	return p, drop
}

func (l *scene) mustSay(number uint8, sequence uint16, timestamp uint32, payload []byte) rtp.Packet {
	l.t.Helper()
	p, drop := l.say(number, sequence, timestamp, payload)
	if drop != 0 {
		l.t.Fatalf("packet %d dropped: %s", sequence, drop)
	}
	return p
}

// due gives the packets of ours that an end is owed now.
func (l *scene) due(end int) (packets []rtp.Packet) {
	l.t.Helper()
	for {
		out := make([]byte, maxDatagram+cryptOverhead)
		n := l.x.due(end, out, l.now)
		if n == 0 {
			return packets
		}
		packets = append(packets, l.read(out[:n]))
	}
}

func (l *scene) read(b []byte) (p rtp.Packet) {
	l.t.Helper()
	if err := p.Unmarshal(b); err != nil {
		l.t.Fatal(err)
	}
	return p
}

func (l *scene) events() (events []Event) {
	for {
		e, ok := l.x.nextEvent()
		if !ok {
			return events
		}
		events = append(events, e)
	}
}

func speech(n int) []byte { return bytes.Repeat([]byte{0x12}, n) }

func event(digit Digit, end bool, volume byte, duration uint16) []byte {
	b := []byte{byte(digit), volume, byte(duration >> 8), byte(duration)}
	if end {
		b[1] |= 0x80
	}
	return b
}

func TestDigitIsRelayed(t *testing.T) {
	l := newScene(t, talking(PCMA))
	l.mustSay(8, 10, 1600, speech(160))
	var got [][]byte
	for i, c := range []struct {
		end      bool
		duration uint16
	}{{false, 160}, {false, 320}, {false, 480}, {true, 640}, {true, 640}, {true, 640}} {
		l.wait(20 * time.Millisecond)
		p := l.mustSay(101, uint16(11+i), 1760, event(5, c.end, 27, c.duration))
		if p.PayloadType != 96 || p.SequenceNumber != uint16(101+i) || p.Timestamp != 7160 {
			t.Errorf("packet %d: type %d, sequence %d, timestamp %d", i, p.PayloadType, p.SequenceNumber, p.Timestamp)
		}
		got = append(got, p.Payload)
	}
	want := [][]byte{
		event(5, false, volume, 160), event(5, false, volume, 320), event(5, false, volume, 480),
		event(5, true, volume, 640), event(5, true, volume, 640), event(5, true, volume, 640),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("payloads (-want +got)\n%s", diff)
	}
	wantEvents := []Event{{Kind: DigitHeard, Digit: 5, Duration: 80 * time.Millisecond}}
	if diff := cmp.Diff(wantEvents, l.events()); diff != "" {
		t.Errorf("events (-want +got)\n%s", diff)
	}
	// The audio that goes on is where it would have been.
	l.wait(20 * time.Millisecond)
	if p := l.mustSay(8, 17, 2720, speech(160)); p.SequenceNumber != 107 || p.Timestamp != 7000+1120 || p.Marker {
		t.Errorf("audio after it: sequence %d, timestamp %d", p.SequenceNumber, p.Timestamp)
	}
}

func TestKeystrokesAreTold(t *testing.T) {
	type heard struct {
		timestamp uint32
		event     telephoneEvent
	}
	pressed := func(d Digit, ms int) keystroke {
		return keystroke{digit: d, duration: time.Duration(ms) * time.Millisecond}
	}
	for _, c := range []struct {
		name  string
		heard []heard
		want  []keystroke
	}{
		{"three ends are one", []heard{{0, telephoneEvent{1, true, 800}}, {0, telephoneEvent{1, true, 800}}, {0, telephoneEvent{1, true, 800}}},
			[]keystroke{pressed(1, 100)}},
		{"the same key twice", []heard{{0, telephoneEvent{1, true, 800}}, {1600, telephoneEvent{1, true, 400}}},
			[]keystroke{pressed(1, 100), pressed(1, 50)}},
		{"the end is lost", []heard{{0, telephoneEvent{1, false, 800}}, {1600, telephoneEvent{2, false, 160}}},
			[]keystroke{pressed(1, 100)}},
		{"all but one end is lost, of both", []heard{{0, telephoneEvent{1, false, 800}}, {1600, telephoneEvent{2, true, 160}}},
			[]keystroke{pressed(1, 100), pressed(2, 20)}},
		{"an end comes late", []heard{{1600, telephoneEvent{2, false, 160}}, {0, telephoneEvent{1, true, 800}}, {1600, telephoneEvent{2, true, 320}}},
			[]keystroke{pressed(2, 40)}},
		{"longer than a segment", []heard{{0, telephoneEvent{1, false, 65535}}, {65535, telephoneEvent{1, false, 160}}, {65535, telephoneEvent{1, true, 801}}},
			[]keystroke{pressed(1, 8292)}},
		{"none ended", []heard{{0, telephoneEvent{1, false, 800}}}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var k keypad
			var got []keystroke
			for _, h := range c.heard {
				p := k.hear(h.event, moment{ssrc: 1, clock: 8000, timestamp: h.timestamp}, false, false, start)
				got = append(got, p.done[:p.n]...)
			}
			if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(keystroke{})); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestDigitsOfANewSourceAreHeard(t *testing.T) {
	x, out := talking(PCMA), make([]byte, maxDatagram+cryptOverhead)
	l := newScene(t, x)
	x.pass(0, peerA, packet(t, 101, 1, 1<<30, 1, string(event(1, false, 0, 80))), out, start)
	if _, drop := x.pass(0, peerA, packet(t, 101, 1, 7, 2, string(event(2, true, 0, 160))), out, start); drop != 0 {
		t.Errorf("of a new source: %s", drop)
	}
	if _, drop := x.pass(0, peerA, packet(t, 101, 2, 1<<31+9, 2, string(event(3, true, 0, 240))), out, start.Add(time.Minute)); drop != 0 {
		t.Errorf("by a clock that was set: %s", drop)
	}
	want := []Event{
		{Kind: DigitHeard, Digit: 1, Duration: 10 * time.Millisecond},
		{Kind: DigitHeard, Digit: 2, Duration: 20 * time.Millisecond},
		{Kind: DigitHeard, Digit: 3, Duration: 30 * time.Millisecond},
	}
	if diff := cmp.Diff(want, l.events()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestDigitWithoutEndIsToldLater(t *testing.T) {
	l := newScene(t, talking(PCMA))
	l.mustSay(101, 1, 160, event(9, false, 0, 800))
	l.x.watch(0, l.now)
	if e := l.events(); e != nil {
		t.Fatalf("told at once: %v", e)
	}
	l.wait(time.Second)
	l.x.watch(0, l.now)
	l.x.watch(0, l.now)
	want := []Event{{Kind: DigitHeard, Digit: 9, Duration: 100 * time.Millisecond}}
	if diff := cmp.Diff(want, l.events()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestClocksOfEventsAreBridged(t *testing.T) {
	x := talking(PCMA)
	flow := x.flow
	a, b := &flow.Ends[0], &flow.Ends[1]
	for _, e := range []*End{a, b} {
		e.Types[Opus], e.Audio = 111, Opus
		e.Takes.Set(111, Opus)
		e.Accepts = Formats(0).With(Opus)
	}
	a.Takes.Set(101, TelephoneEvent) // 8 kHz beside Opus, as many peers have it
	b.Types[TelephoneEventFull], b.Accepts = 98, b.Accepts.With(TelephoneEventFull)
	x.install(flow, start)

	l := newScene(t, x)
	l.mustSay(111, 1, 48000, []byte("opus"))
	l.wait(20 * time.Millisecond)
	first := l.mustSay(101, 2, 77, event(3, false, 0, 160))
	l.wait(20 * time.Millisecond)
	second := l.mustSay(101, 3, 77, event(3, true, 0, 320))
	if first.PayloadType != 98 || first.Timestamp != 7000+960 || second.Timestamp != first.Timestamp || second.SequenceNumber != 102 {
		t.Errorf("placed at %d and %d, sequence %d", first.Timestamp, second.Timestamp, second.SequenceNumber)
	}
	if want := event(3, true, volume, 1920); !bytes.Equal(second.Payload, want) {
		t.Errorf("payload %x, want %x", second.Payload, want)
	}
	l.wait(20 * time.Millisecond)
	if p := l.mustSay(111, 4, 48000+2880, []byte("opus")); p.Timestamp != 7000+2880 || p.SequenceNumber != 103 {
		t.Errorf("audio goes on at %d, sequence %d", p.Timestamp, p.SequenceNumber)
	}
}

// Two seconds are two segments at 48 kHz, and one at 8 kHz.
func TestLongDigitIsOneByASlowerClock(t *testing.T) {
	x := talking(PCMA)
	x.flow.Ends[0].Takes.Set(101, TelephoneEventFull)
	x.install(x.flow, start)
	l := newScene(t, x)
	first := l.mustSay(101, 1, 500, event(3, false, 0, 0xFFFF))
	l.wait(time.Second)
	second := l.mustSay(101, 2, 500+0xFFFF, event(3, true, 0, 96000-0xFFFF))
	if second.Timestamp != first.Timestamp || !bytes.Equal(second.Payload, event(3, true, volume, 16000)) {
		t.Errorf("%x at %d, after %x at %d", second.Payload, second.Timestamp, first.Payload, first.Timestamp)
	}
}

func TestLongDigitKeepsItsSegments(t *testing.T) {
	l := newScene(t, talking(PCMA))
	first := l.mustSay(101, 1, 500, event(3, false, 0, 0xFFFF))
	l.wait(time.Second)
	second := l.mustSay(101, 2, 500+0xFFFF, event(3, true, 0, 80))
	if second.Timestamp != first.Timestamp+0xFFFF || !bytes.Equal(second.Payload, event(3, true, volume, 80)) {
		t.Errorf("%x at %d, after %x at %d", second.Payload, second.Timestamp, first.Payload, first.Timestamp)
	}
}

func TestEventsThatAreNoDigitsStay(t *testing.T) {
	l := newScene(t, talking(PCMA))
	l.mustSay(8, 1, 160, speech(160))
	for i, code := range []Digit{17, 32, 36, 64, 255} {
		if _, drop := l.say(101, uint16(2+i), 320, event(code, true, 0, 160)); drop != DropUnmatched {
			t.Errorf("event %d: %s", code, drop)
		}
	}
	if _, drop := l.say(101, 7, 320, []byte{1, 2, 3}); drop != DropMalformed {
		t.Errorf("three bytes: %s", drop)
	}
	if e := l.events(); e != nil {
		t.Errorf("told: %v", e)
	}
}

func TestEventsAreSentByTheClockOfTheAudio(t *testing.T) {
	e := End{Audio: Opus, Accepts: Formats(0).With(TelephoneEvent).With(TelephoneEventFull)}
	if got := e.event(); got != TelephoneEventFull {
		t.Errorf("with Opus: %d Hz", got.Clock())
	}
	if e.Audio = PCMA; e.event() != TelephoneEvent {
		t.Errorf("with PCMA: %d Hz", e.event().Clock())
	}
}

func TestDigitIsSent(t *testing.T) {
	l := newScene(t, talking(PCMA))
	before := l.mustSay(8, 500, 1600, speech(160))
	l.x.press(1, 7, 60*time.Millisecond, l.now)
	l.x.press(1, 8, 0, l.now)
	var got []string
	last := before
	for range 25 {
		l.wait(20 * time.Millisecond)
		for _, p := range l.due(1) {
			if p.SequenceNumber != last.SequenceNumber+1 || p.PayloadType != 96 || p.SSRC != sourceB.SSRC {
				t.Errorf("sequence %d after %d, type %d", p.SequenceNumber, last.SequenceNumber, p.PayloadType)
			}
			event, _ := parseEvent(p.Payload)
			got = append(got, fmt.Sprintf("%s %t %d %t", event.digit, event.end, event.duration, p.Marker))
			if event.end == false && event.duration > 160 && p.Timestamp != last.Timestamp {
				t.Errorf("timestamp %d within a digit that began at %d", p.Timestamp, last.Timestamp)
			}
			last = p
		}
		if len(got) < 11 && l.x.ends[1].player.busy() {
			if _, drop := l.say(8, 501, 1760, speech(160)); drop != DropPlaying && drop != DropLate {
				t.Errorf("audio of A beside the digit: %s", drop)
			}
		}
	}
	want := []string{
		"7 false 160 true", "7 false 320 false", "7 true 480 false", "7 true 480 false", "7 true 480 false",
		"8 false 160 true", "8 false 320 false", "8 true 400 false", "8 true 400 false", "8 true 400 false",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	p := l.mustSay(8, 520, 1600+160*20, speech(160))
	if p.SequenceNumber != last.SequenceNumber+1 || int32(p.Timestamp-last.Timestamp) < 400 {
		t.Errorf("audio after it: sequence %d after %d, timestamp %d after %d", p.SequenceNumber, last.SequenceNumber, p.Timestamp, last.Timestamp)
	}
}

func TestDigitIsNotSentToWhoTakesNone(t *testing.T) {
	x := talking(PCMA)
	x.flow.Ends[1].Accepts = Formats(0).With(PCMA)
	x.install(x.flow, start)
	x.press(1, 7, time.Second, start)
	if _, ok := x.nextDue(); ok {
		t.Error("it is due")
	}
}

func TestKeysHaveNames(t *testing.T) {
	for i := range 256 {
		digit, ok := ParseDigit(byte(i))
		if ok && digit.String() != string(rune(i)) {
			t.Errorf("%q is called %s", rune(i), digit)
		}
	}
	if Digit(11).String() != "#" || Digit(17).Valid() || Digit(17).String() != "?" {
		t.Error("the codes are not those of RFC 4733")
	}
}
