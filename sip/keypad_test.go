package sip

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"maskd/media"
	"maskd/sip/leg"
)

// What a keypad has forgotten is nowhere in the memory that it has, or had.
func TestAForgottenKeyIsNowhereInMemory(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for name, forget := range map[string]func(*keypad){
		"all of them":          (*keypad).wipe,
		"after some time":      func(k *keypad) { k.forget(now.Add(time.Minute)) },
		"but for a later one":  func(k *keypad) { k.isCopy(leg.Digit{Key: 4}, inSound, now.Add(time.Minute)); k.wipe() },
		"told of on both ways": func(k *keypad) { allAgain(k, now) },
	} {
		var k keypad
		k.isCopy(leg.Digit{Key: 4}, inSound, now)
		first := k.told[:cap(k.told)]
		for key := range uint8(3 * mostTold) {
			k.isCopy(leg.Digit{Key: 4 + key%6}, inSound, now)
		}
		forget(&k)
		k.wipe()
		for _, s := range slices.Concat(first, k.told[:cap(k.told)]) {
			if s != (keystroke{}) {
				t.Errorf("%s: %+v is there still", name, s)
			}
		}
	}
}

// allAgain has the other path tell of all keys.
func allAgain(k *keypad, now time.Time) {
	for len(k.told) > 0 {
		k.isCopy(leg.Digit{Key: k.told[0].key}, inDialog, now)
	}
}

// The keys of a PIN are forgotten some time after it was judged, be it right or wrong, and at once when the call ends.
func TestThePINIsForgotten(t *testing.T) {
	for name, keys := range map[string]string{"right": "482913", "wrong": "482914", "not all of it": "4829"} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, withPIN, func(w *world) {
				w.callAndHear()
				w.press(keys)
				c := w.b2bua.live.all()[0]
				var memory []keystroke
				c.atRest(func() { told := c.keypads[endOf(LegA)].told; memory = told[:cap(told)] })
				if len(memory) == 0 {
					t.Fatal("nothing was noted of the keys: that shows nothing")
				}
				if name != "not all of it" {
					time.Sleep(clinging)
					expectBlank(t, "judged", c, memory)
				}
				w.hangUp(w.rider)
				w.settle()
				expectBlank(t, "over", c, memory)
			})
		})
	}
}

func expectBlank(t *testing.T, when string, c *call, memory []keystroke) {
	t.Helper()
	c.atRest(func() {
		if slices.ContainsFunc(memory, func(s keystroke) bool { return s != keystroke{} }) {
			t.Errorf("%s: the keys are there still: %+v", when, memory)
		}
		if c.entry.digits != (entry{}).digits {
			t.Errorf("%s: so is the entry: %q", when, c.entry.digits)
		}
	})
}

// atRest looks at a call while it waits for mail.
func (c *call) atRest(look func()) {
	synctest.Wait()
	c.mail.mu.Lock()
	defer c.mail.mu.Unlock()
	look()
}

// A phone that tells of a key by signalling when it is pressed, and with the sound when it is let go, is heard once
// though the key was held, and the PIN was judged meanwhile.
func TestALongLastKeyOfAPINIsNotTheFirstOfTheNext(t *testing.T) {
	inWorld(t, withPIN, func(w *world) {
		w.callAndHear()
		w.press("48291")
		w.rider.Inform("application/dtmf-relay", "Signal=7\r\nDuration=160\r\n")
		w.await(w.rider, "200 INFO")
		const held = 6 * time.Second
		time.Sleep(held)
		w.b2bua.live.all()[0].noticed(media.Event{Leg: media.A, Kind: media.DigitHeard, Digit: 7, Duration: held, Swallowed: true})
		w.press("482913")
		w.rung()
		w.hangUp(w.rider)
	})
}
