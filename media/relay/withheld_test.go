package relay

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// withholding is an exchange that passes none of A's keys on which are told apart.
func withholding(keys Keys) *exchange {
	x := talking(PCMU)
	flow := x.flow
	flow.Ends[0].Withholds = keys
	x.install(flow, start)
	return x
}

// Keys that are withheld are told and not passed on, nor is the one behind a star; all others pass.
func TestAWithheldDigitIsToldAndNotPassedOn(t *testing.T) {
	digit := func(key byte) Digit { d, _ := ParseDigit(key); return d }
	for _, tt := range []struct {
		name    string
		keys    Keys
		pressed string
		passed  string
	}{
		{"nothing is", 0, "12*2", "12*2"},
		{"some are", Keys(0).With(1, 2), "12*2", "*"},
		{"the star, and what is behind it", Keys(0).With(Star), "12*23", "123"},
		{"a star behind a star", Keys(0).With(Star), "**23", "3"},
		{"some, and the star", Keys(0).With(Star, 1), "12*213", "23"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := withholding(tt.keys)
			l, sequence, passed := newScene(t, x), uint16(0), ""
			for n, key := range []byte(tt.pressed) {
				for copies := range 4 {
					sequence++
					p, drop := l.say(101, sequence, uint32(4000*n), event(digit(key), copies > 0, 0, uint16(160+160*min(copies, 1))))
					if drop == 0 && copies == 0 {
						passed += string(keys[p.Payload[0]])
					}
					if drop != 0 && drop != DropSwallowed {
						t.Fatalf("%c: %s", key, drop)
					}
					l.wait(20 * time.Millisecond)
				}
			}
			if passed != tt.passed {
				t.Errorf("%q is passed on, want %q", passed, tt.passed)
			}
			told, heard := "", ""
			for _, e := range l.events() {
				told += e.Digit.String()
				if !e.Withheld {
					heard += e.Digit.String()
				}
			}
			if told != tt.pressed || heard != tt.passed {
				t.Errorf("%q is told, %q as passed on", told, heard)
			}
		})
	}
}

// What comes while a digit is sent on late waits its turn.
func TestADigitDoesNotOvertakeOneThatWasWithheld(t *testing.T) {
	x := withholding(Keys(0).With(Star))
	l := newScene(t, x)
	x.press(1, Star, 100*time.Millisecond, l.now)
	if _, drop := l.say(101, 1, 160, event(5, true, 0, 160)); drop != DropSwallowed {
		t.Errorf("while it is sent: %s", drop)
	}
	want := []Event{{Kind: DigitHeard, Digit: 5, Duration: 20 * time.Millisecond, Withheld: true}}
	if diff := cmp.Diff(want, l.events()); diff != "" {
		t.Errorf("events (-want +got)\n%s", diff)
	}
}

// Some phones have a source of their own for each key.
func TestWhatIsBehindAStarIsWithheldFromAnotherSource(t *testing.T) {
	x, out := withholding(Keys(0).With(Star)), make([]byte, largestSent)
	for n, digit := range []Digit{Star, 2} {
		if _, drop := x.pass(0, peerA, packet(t, 101, 1, 160, uint32(n+1), string(event(digit, true, 0, 160))), out, start); drop != DropSwallowed {
			t.Errorf("%s: %s", digit, drop)
		}
	}
}

// A phone, or who is between it and us, may change its source while a key is held, and some have one for
// keys and another for sound: the key is still one, and stays withheld.
func TestADigitThatChangesItsSourceIsOneDigit(t *testing.T) {
	digit := func(key byte) Digit { d, _ := ParseDigit(key); return d }
	for name, source := range map[string]func(n int) (event, sound uint32){
		"amid the digit":               func(n int) (uint32, uint32) { s := 1 + uint32(n/6); return s, s },
		"of its own for keys":          func(int) (uint32, uint32) { return 2, 1 },
		"of its own for each key":      func(n int) (uint32, uint32) { return 2 + uint32(n/8), 1 },
		"that counts anew, amid a key": func(int) (uint32, uint32) { return 1, 1 },
	} {
		for _, keys := range []Keys{0, Keys(0).With(Star)} {
			x, out := withholding(keys), make([]byte, largestSent)
			l, told, sent, last := newScene(t, x), "", "", uint32(0)
			for n := range 32 { // four keys of eight packets, of which three are its end
				key, step := digit("*255"[n/8]), n%8
				events, sound := source(n)
				sequence, clock := uint16(1000+2*n), uint32(320*n)
				if name == "that counts anew, amid a key" && n >= 12 {
					sequence, clock = sequence+20_000, clock+1<<30
				}
				begun := clock - uint32(320*step)
				if name == "amid the digit" && n >= 12 { // by the other clock
					begun += 77
				}
				e := event(key, step > 4, 0, uint16(320*min(step+1, 6)))
				size, _ := x.pass(0, peerA, packet(t, 101, sequence, begun, events, string(e)), out, l.now)
				if size > 0 {
					if p := l.read(out[:size]); sent == "" || p.Timestamp != last {
						sent, last = sent+Digit(p.Payload[0]).String(), p.Timestamp
					}
				}
				x.pass(0, peerA, packet(t, 8, sequence+1, clock, sound, string(speech(160))), out, l.now)
				l.wait(20 * time.Millisecond)
			}
			for _, e := range l.events() {
				told += e.Digit.String()
			}
			want := map[Keys]string{0: "*255", Keys(0).With(Star): "55"}[keys]
			if told != "*255" || sent != want {
				t.Errorf("a source %s: %q is told, %q sent on, want %q", name, told, sent, want)
			}
		}
	}
}

// The sound of a key that is withheld is heard and recorded by nobody either.
func TestAWithheldDigitIsSilent(t *testing.T) {
	x := withholding(Keys(0).With(Star))
	x.tap = NewTap()
	l := newScene(t, x)
	l.mustSay(8, 1, 0, speech(160))
	l.say(101, 2, 160, event(Star, false, 0, 160))
	l.mustSay(8, 3, 160, speech(160))
	l.say(101, 4, 160, event(Star, true, 0, 320))
	l.mustSay(8, 5, 480, speech(160))
	var taped []bool
	x.tap.Drain(func(p TapPacket) { taped = append(taped, quiet(p.Payload, p.Format)) })
	if diff := cmp.Diff([]bool{false, true, false}, taped); diff != "" {
		t.Errorf("silent on the recording (-want +got)\n%s", diff)
	}
}
