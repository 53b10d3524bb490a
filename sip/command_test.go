package sip

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"maskd/mapping"
	"maskd/media"
)

// commanded is a call in which all can be said by key that can be: a recorded one of a
// daemon that has keys for wishes.
func commanded(g *genie) cast {
	c := inALaw(mapping.RecordingAgreed)
	c.wishes = g
	return c
}

// presses is what a party does with keys: one after the other, or, at a space, some time later.
type presses string

// byEvent has the party's phone send keys with the sound (RFC 4733).
func (w *world) byEvent(l media.Leg, keys presses) {
	w.t.Helper()
	for _, key := range keys {
		if key == ' ' {
			time.Sleep(dallying + time.Second)
			continue
		}
		w.pressesAloud(l, string(key))
	}
}

// byInfo has it tell of them in INFO.
func (w *world) byInfo(l media.Leg, keys presses) {
	w.t.Helper()
	phone := w.rider
	if l == media.B {
		phone = w.customer
	}
	for _, key := range keys {
		if key == ' ' {
			time.Sleep(dallying + time.Second)
			continue
		}
		phone.Inform("application/dtmf-relay", "Signal="+string(key)+"\r\nDuration=100\r\n")
		w.await(phone, "200 INFO")
		time.Sleep(100 * time.Millisecond)
	}
}

// A command is for us: the other hears neither its star nor its key, by whichever way it comes
// from whichever side. What turns out to be none he hears, all of it and in its order.
func TestACommandIsHeardByNobodyElse(t *testing.T) {
	ways := map[string]func(*world, media.Leg, presses){"by event": (*world).byEvent, "by INFO": (*world).byInfo}
	for _, tt := range []struct {
		name  string
		keys  presses
		other string // what he hears
		heard string // from when on the recording listens
	}{
		{"withdraws", "*2", "", "0 ~3"},
		{"pauses, and goes on", "*3 *3", "", "0 ~3 7"},
		{"wants not to be reached", "*8", "", "0"},
		{"blocks", "*9", "", "0"},
		{"blocks twice", "*9 *9", "", "0"},
		{"withdraws after some time", "* 2", "*", "0 ~7"},
		{"withdraws behind a star too many", "**2", "*", "0 ~3"},
		{"no star, no command", "2389", "2389", "0"},
		{"a star that is left alone", "*", "*", "0"},
		{"a star that is somebody else's", "*5", "*5", "0"},
		{"and is followed by more", "*527", "*527", "0"},
		{"a command behind that", "*52*2", "*52", "0 ~3"},
	} {
		for way, press := range ways {
			for _, from := range []media.Leg{media.A, media.B} {
				t.Run(tt.name+" "+way+" from "+from.String(), func(t *testing.T) {
					inWorld(t, commanded(&genie{takes: 100 * time.Millisecond}), func(w *world) {
						w.ring()
						w.customer.Answer()
						w.await(w.rider, "200")
						w.speak()
						time.Sleep(2250 * time.Millisecond)
						press(w, from, tt.keys)
						time.Sleep(dallying + time.Second)
						w.hangUp(w.rider)
						w.hush()
						w.settle()
						if got := w.speakers[from.Other()-media.A].hears(); got != tt.other {
							t.Errorf("the other hears %q, want %q", got, tt.other)
						}
						if got := w.speakers[from-media.A].hears(); got != "" {
							t.Errorf("he hears %q himself", got)
						}
						if got := w.listened(); got != tt.heard && way == "by event" {
							t.Errorf("the recording listened %q, want %q", got, tt.heard)
						}
					})
				})
			}
		}
	}
}

// While the parties make up their minds their answers are for us, and their other keys are not.
func TestAnAnswerIsHeardByNobodyElse(t *testing.T) {
	inWorld(t, inALaw(mapping.RecordingOptIn), func(w *world) {
		w.ring()
		w.customer.Answer()
		w.await(w.rider, "200")
		a, b := w.speak()
		time.Sleep(notice + 1250*time.Millisecond)
		w.byEvent(media.A, "51")
		w.byEvent(media.B, "1 ")
		w.byEvent(media.A, "15") // he has answered
		w.after(5)
		w.hangUp(w.rider)
		w.hush()
		w.settle()
		if forB, forA := b.hears(), a.hears(); forB != "515" || forA != "" {
			t.Errorf("B hears %q, A %q", forB, forA)
		}
		if got := w.listened(); got != "~0 5" {
			t.Errorf("the recording listened %q", got)
		}
	})
}

// A phone that sends the tones of its keys too has them heard and recorded no more than their events.
func TestTheSoundOfACommandIsNotRecorded(t *testing.T) {
	for _, from := range []media.Leg{media.A, media.B} {
		t.Run(from.String(), func(t *testing.T) {
			inWorld(t, commanded(&genie{}), func(w *world) {
				w.changes(true, func() {
					w.ring()
					w.customer.Answer()
					w.await(w.rider, "200")
				})
				w.speak()
				w.speakers[from-media.A].sounding(time.Second)
				w.after(5)
				w.changes(false, func() { w.byEvent(from, "*2") })
				w.after(5)
				w.hangUp(w.rider)
				w.hush()
				w.settle()
				w.compare(w.audit())
			})
		})
	}
}

// byBoth has a party's phone tell of keys in both ways, by INFO so long after the key is pressed;
// less than nothing is before its first event is heard.
func (w *world) byBoth(l media.Leg, lag time.Duration, keys presses) {
	w.t.Helper()
	for _, key := range keys {
		aloud := func() {
			digit, _ := media.ParseDigit(byte(key))
			w.speakers[l-media.A].keys <- digit
		}
		if lag >= 0 {
			aloud()
			time.Sleep(lag)
		}
		w.byInfo(l, presses(key))
		if lag < 0 {
			aloud()
		}
		time.Sleep(300 * time.Millisecond)
	}
}

// A phone that tells of its keys in both ways is heard once, whichever is the first to come, and one
// that changes from the one to the other is still heard. A command is one either way.
func TestAKeyThatComesInBothWaysIsOneKey(t *testing.T) {
	after := func(lag time.Duration) func(*world, media.Leg, presses) {
		return func(w *world, l media.Leg, keys presses) { w.byBoth(l, lag, keys) }
	}
	inTurn := func(ways ...func(*world, media.Leg, presses)) func(*world, media.Leg, presses) {
		return func(w *world, l media.Leg, keys presses) { // but the same key twice, which would be one
			for n, key := range strings.NewReplacer("55", "5", "77", "7").Replace(string(keys)) {
				ways[n%2](w, l, presses(key))
			}
		}
	}
	ways := map[string]func(*world, media.Leg, presses){
		"INFO is the first":              after(-1),
		"INFO comes as the key is held":  after(50 * time.Millisecond),
		"INFO comes at the key's end":    after(100 * time.Millisecond),
		"INFO is long after the key":     after(400 * time.Millisecond),
		"each key comes in another way":  inTurn((*world).byEvent, (*world).byInfo),
		"each key in another, from INFO": inTurn((*world).byInfo, (*world).byEvent),
	}
	for name, press := range ways {
		for _, from := range []media.Leg{media.A, media.B} {
			for _, commands := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s, from %s, commands %t", name, from, commands), func(t *testing.T) {
					g := &genie{}
					c, want, wishes := commanded(g), "*5577", 1
					if strings.HasPrefix(name, "each") {
						want = "*57"
					}
					if !commands {
						c, want, wishes = inALaw(mapping.RecordingOff), "*9"+want, 0
						c.wishes = nil
					}
					inWorld(t, c, func(w *world) {
						w.ring()
						w.customer.Answer()
						w.await(w.rider, "200")
						w.speak()
						w.after(1)
						press(w, from, "*9*5577")
						w.after(6)
						w.hangUp(w.rider)
						w.hush()
						w.settle()
						if got := w.speakers[from.Other()-media.A].hears(); got != want || len(g.granted) != wishes {
							t.Errorf("the other hears %q, want %q; %d wishes are granted", got, want, len(g.granted))
						}
						if commands {
							w.listened()
						}
					})
				})
			}
		}
	}
}

// What a party wants is on no wire but his own.
func TestWishesOnTheWire(t *testing.T) {
	wishing := func() cast { c := usual; c.wishes = &genie{takes: 100 * time.Millisecond}; return c }
	byInfo := func(keys presses) func(*world) {
		return func(w *world) {
			w.ring()
			w.customer.Answer(deaf(w.customer))
			w.await(w.rider, "200")
			w.after(1)
			w.byInfo(media.A, keys)
			w.after(1)
			w.hangUp(w.rider)
		}
	}
	byEvent := func(keys string) func(*world) {
		return func(w *world) {
			w.talk()
			w.keyed(media.A, keys)
			w.after(1)
			w.hangUp(w.rider)
		}
	}
	play(t, []ladder{
		{name: "wish_not_to_be_reached", cast: wishing(), script: byEvent("*8")},
		{name: "wish_to_block", cast: wishing(), script: byEvent("*9")},
		{name: "wish_to_block_twice", cast: wishing(), script: byEvent("*9*9")},
		{name: "wish_not_to_be_reached_by_info", cast: wishing(), script: byInfo("*8")},
		{name: "wish_to_block_by_info", cast: wishing(), script: byInfo("*9")},
		{name: "wish_to_block_twice_by_info", cast: wishing(), script: byInfo("*9 *9")},
		{name: "star_by_info_that_begins_no_wish", cast: wishing(), script: byInfo("*5")},
		{name: "star_by_info_that_is_left_alone", cast: wishing(), script: byInfo("* ")},
		{name: "star_by_info_then_complete", cast: wishing(), script: func(w *world) {
			w.ring()
			w.customer.Answer(deaf(w.customer))
			w.await(w.rider, "200")
			w.after(1)
			w.rider.Inform("application/dtmf-relay", "Signal=*\r\nDuration=100\r\n")
			w.await(w.rider, "200 INFO")
			w.complete(1)
			w.after(5)
		}},
	})
}

// What a party says of being recorded is told of once, with who it was; a pause and what
// changes nothing is no such word.
func TestWhatIsSaidOfBeingRecordedIsTold(t *testing.T) {
	for _, tt := range []struct {
		way  mapping.Recording
		keys presses // of B
		want string
	}{
		{mapping.RecordingOptIn, "1", "B yes"},
		{mapping.RecordingOptIn, "2*2", "B no"},
		{mapping.RecordingOptIn, "1*3*3*2*2", "B yes, B withdrawn"},
		{mapping.RecordingAgreed, "12*3 *2", "B withdrawn"},
		{mapping.RecordingAgreed, "57", ""},
	} {
		t.Run(tt.way.String()+" "+string(tt.keys), func(t *testing.T) {
			c := inALaw(tt.way)
			told := make(chan Statement, 9)
			c.said = func(_ context.Context, s Statement) { told <- s }
			inWorld(t, c, func(w *world) {
				w.ring()
				w.customer.Answer()
				w.await(w.rider, "200")
				w.speak()
				time.Sleep(notice + 1250*time.Millisecond)
				call := w.b2bua.live.all()[0]
				w.byEvent(media.B, tt.keys)
				w.after(6)
				w.hangUp(w.rider)
				w.hush()
				w.settle()
				w.listened()
				close(told)
				var got []string
				for s := range told {
					if s.Call != call.id || s.Interaction != call.route.Interaction || s.At.IsZero() {
						t.Errorf("told %+v", s)
					}
					got = append(got, strings.ToUpper(s.Side.String())+" "+s.Answer.String())
				}
				if got := strings.Join(got, ", "); got != tt.want {
					t.Errorf("told %q, want %q", got, tt.want)
				}
			})
		})
	}
}

// Whom a word of being recorded is told may be a disk that stands still: the call ends as if it
// were not, nobody who comes as it does waits for it, and nothing of it is kept.
func TestACallsEndDoesNotWaitForWhoIsTold(t *testing.T) {
	c := inALaw(mapping.RecordingAgreed)
	told := make(chan time.Time, 1)
	c.said = func(ctx context.Context, _ Statement) {
		<-ctx.Done()
		told <- time.Now()
	}
	inWorld(t, c, func(w *world) {
		said := w.withdrawsAtTheEnd()
		w.complete(0)
		if left := w.leftovers(); len(left) > 0 || time.Since(said) > time.Second {
			t.Errorf("%v after the word there are left %q", time.Since(said), left)
		}
		w.hush()
		w.settle()
		w.listened()
		if last := w.journal.final()[0]; last.ConsentB != mapping.AnswerWithdrawn {
			t.Errorf("the record says %v", last.ConsentB)
		}
		if waited := (<-told).Sub(said); waited < granting/2 {
			t.Errorf("what is told ended with the call, after %v", waited)
		}
	})
}

// withdrawsAtTheEnd has a call in which B takes back his word of being recorded, at the moment that is
// returned, and at once the rider hangs up.
func (w *world) withdrawsAtTheEnd() (said time.Time) {
	w.t.Helper()
	w.ring()
	w.customer.Answer()
	w.await(w.rider, "200")
	w.speak()
	w.after(1)
	w.pressesAloud(media.B, "*2")
	said = time.Now()
	w.hangUp(w.rider)
	w.await(w.customer, "BYE")
	time.Sleep(100 * time.Millisecond)
	return said
}

// The daemon ends when that is told, for the audit log ends with it.
func TestCloseWaitsForWhoIsTold(t *testing.T) {
	c := inALaw(mapping.RecordingAgreed)
	var told atomic.Bool
	c.said = func(ctx context.Context, _ Statement) {
		<-ctx.Done()
		told.Store(true)
	}
	inWorld(t, c, func(w *world) {
		w.withdrawsAtTheEnd()
		w.hush()
		if told.Load() || w.b2bua.Size() > 0 {
			t.Fatal("the call has waited for it: that shows nothing")
		}
		w.b2bua.Close(context.Background())
		if !told.Load() {
			t.Error("it is closed while somebody is told")
		}
		w.listened()
	})
}
