package sip

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"maskd/mapping"
	"maskd/media"
	"maskd/sip/siptest"
)

// doubted is the cast where the rider's number is not believed.
func doubted(pin string) cast {
	c := usual
	c.doubted, c.pin = true, pin
	return c
}

var withPIN = doubted("482913")

// asking is the cast where everybody may prove who he is.
func asking(pin string) cast {
	c := usual
	c.asked, c.pin = true, pin
	return c
}

// callAndHear makes the rider call, and hear that he is asked for a PIN.
func (w *world) callAndHear(edits ...siptest.Edit) {
	w.t.Helper()
	w.rider.Invite(string(riderDID), edits...)
	w.await(w.rider, "200")
	time.Sleep(2 * time.Second)
}

// press makes the rider press keys, that are heard with the sound.
func (w *world) press(keys string) {
	w.t.Helper()
	for _, key := range []byte(keys) {
		digit, ok := media.ParseDigit(key)
		calls := w.b2bua.live.all()
		if !ok || len(calls) != 1 {
			w.t.Fatalf("key %c, pressed in %d calls", key, len(calls))
		}
		session := calls[0].sound.Load()
		calls[0].noticed(media.Event{Leg: media.A, Kind: media.DigitHeard, Digit: digit,
			Duration: 100 * time.Millisecond, Swallowed: session.Swallows(media.A)})
		time.Sleep(200 * time.Millisecond)
	}
}

// rung lets the customer's phone ring, and be picked up.
func (w *world) rung() {
	w.t.Helper()
	w.await(w.customer, "INVITE")
	w.customer.Respond(180, "Customer is ringing")
	time.Sleep(2 * time.Second)
	w.customer.Answer()
	w.await(w.customer, "ACK")
	time.Sleep(10 * time.Second)
}

var pinLadders = []ladder{
	{name: "pin_right", cast: withPIN, script: func(w *world) {
		w.callAndHear()
		w.press("482913")
		w.rung()
		w.hangUp(w.rider)
	}},
	{name: "pin_right_by_info", cast: withPIN, script: func(w *world) {
		w.callAndHear()
		for _, key := range "482913" {
			w.rider.Inform("application/dtmf-relay", fmt.Sprintf("Signal=%c\r\nDuration=160\r\n", key))
			w.await(w.rider, "200 INFO")
			w.press(string(key)) // a phone may tell twice
		}
		w.rung()
		w.hangUp(w.customer)
	}},
	{name: "pin_right_at_the_third_try", cast: withPIN, script: func(w *world) {
		w.callAndHear()
		w.press("000000")
		w.press("4829#")
		w.press("4A8*2913")
		w.rung()
		w.hangUp(w.rider)
	}},
	{name: "pin_right_without_an_offer", cast: withPIN, script: func(w *world) {
		w.callAndHear(siptest.NoBody)
		w.press("482913")
		w.rung()
		w.hangUp(w.rider)
	}},
	{name: "pin_right_and_busy", cast: withPIN, script: func(w *world) {
		w.callAndHear()
		w.press("482913")
		w.await(w.customer, "INVITE")
		w.customer.Respond(486, "Customer is busy")
		w.await(w.rider, "BYE")
	}},
	{name: "pin_right_and_hung_up_while_ringing", cast: withPIN, script: func(w *world) {
		w.callAndHear()
		w.press("482913")
		w.await(w.customer, "INVITE")
		w.customer.Respond(180, "Customer is ringing")
		time.Sleep(time.Second)
		w.press("1") // nobody is told
		w.hangUp(w.rider)
	}},
	{name: "pin_right_and_expired", cast: withPIN, script: func(w *world) {
		w.callAndHear()
		w.directory.expire()
		w.press("482913")
		w.await(w.rider, "BYE")
	}},
	{name: "pin_wrong_three_times", cast: withPIN, script: func(w *world) {
		w.callAndHear()
		w.press("482912")
		w.press("482914")
		w.press("111111")
		w.await(w.rider, "BYE")
	}},
	{name: "pin_hang_up_during_entry", cast: withPIN, script: func(w *world) {
		w.callAndHear()
		w.press("482")
		w.hangUp(w.rider)
	}},
	{name: "pin_times_out", cast: withPIN, script: func(w *world) {
		w.callAndHear()
		w.press("482")
		w.await(w.rider, "BYE")
	}},
	{name: "pin_and_no_ack", cast: withPIN, script: func(w *world) {
		w.lose(always, "ACK", rider, maskd)
		w.rider.Invite(string(riderDID))
		w.await(w.rider, "BYE")
	}},
	{name: "pin_is_cancelled_too_late", cast: withPIN, script: func(w *world) {
		w.rider.Invite(string(riderDID))
		time.Sleep(3 * time.Millisecond) // so that it is under way while our 200 is
		w.rider.Cancel()
		time.Sleep(time.Second)
		w.hangUp(w.rider)
	}},
	{name: "complete_during_entry", cast: withPIN, script: func(w *world) {
		w.callAndHear()
		w.press("482")
		w.complete(1)
		w.await(w.rider, "BYE")
	}},
	{name: "complete_after_the_pin", cast: withPIN, script: func(w *world) {
		w.callAndHear()
		w.press("482913")
		w.await(w.customer, "INVITE")
		w.customer.Respond(180, "Customer is ringing")
		time.Sleep(time.Second)
		w.complete(1)
		w.await(w.rider, "BYE")
	}},
	{name: "pin_that_nobody_has", cast: doubted(""), script: func(w *world) {
		w.rider.Invite(string(riderDID))
		w.await(w.rider, "404")
	}},
	{name: "pin_is_locked", cast: withPIN, script: func(w *world) {
		w.callAndHear()
		w.press("000000")
		w.press("000000")
		w.press("000000")
		w.await(w.rider, "BYE")
		time.Sleep(50 * time.Second)
		w.rider.Invite(string(riderDID))
		w.await(w.rider, "404")
		time.Sleep(11 * time.Second)
		w.callAndHear()
		w.press("482913")
		w.rung()
		w.hangUp(w.rider)
	}},
}

// strangerLadders are calls of who is nobody's party, by his number.
var strangerLadders = []ladder{
	{name: "stranger_enters_a_pin", cast: asking("482913"), script: func(w *world) {
		w.callAndHear(anonymous)
		w.press("482913#")
		w.rung()
		w.hangUp(w.rider)
	}},
	{name: "stranger_waits_after_his_pin", cast: asking("482913"), script: func(w *world) {
		w.callAndHear(noParty)
		w.press("482913")
		w.rung()
		w.hangUp(w.customer)
	}},
	{name: "stranger_enters_a_wrong_pin", cast: asking("482913"), script: func(w *world) {
		w.callAndHear(noParty)
		w.press("482912#")
		w.press("123456789012123456789012")
		w.await(w.rider, "BYE")
		time.Sleep(time.Second)
		w.rider.Invite(string(riderDID), anonymous) // another, as far as his number tells
		w.await(w.rider, "404")
	}},
	{name: "stranger_enters_the_pin_of_a_completed_interaction", cast: asking("482913"), script: func(w *world) {
		w.callAndHear(anonymous)
		w.complete(0)
		w.press("482913#")
		w.await(w.rider, "BYE")
	}},
	{name: "stranger_enters_a_pin_and_his_party_is_busy", cast: asking("482913").counting(1), script: func(w *world) {
		w.callAndHear(anonymous)
		w.b2bua.live.mu.Lock()
		w.b2bua.live.census.counts[mapping.Common{Interaction: interaction}]++ // another of its calls is live
		w.b2bua.live.mu.Unlock()
		w.press("482913#")
		w.await(w.rider, "BYE")
	}},
	{name: "stranger_calls_where_nobody_is_asked", cast: withPIN, script: func(w *world) {
		w.rider.Invite(string(riderDID), anonymous)
		w.await(w.rider, "404")
	}},
	{name: "complete_after_a_strangers_pin", cast: asking("482913"), script: func(w *world) {
		w.callAndHear(anonymous)
		w.press("482913#")
		w.await(w.customer, "INVITE")
		w.customer.Respond(180, "Customer is ringing")
		time.Sleep(time.Second)
		w.complete(1)
		w.await(w.rider, "BYE")
	}},
}

func TestPIN(t *testing.T) { play(t, pinLadders) }

func TestPINOfAStranger(t *testing.T) { play(t, strangerLadders) }

// Nothing of the question reaches the customer's side before the PIN was right,
// and nothing of the PIN ever does.
func TestNobodyIsRungForAWrongPIN(t *testing.T) {
	for _, scene := range pinLadders {
		t.Run(scene.name, func(t *testing.T) {
			inWorld(t, scene.cast, func(w *world) {
				scene.script(w)
				for _, p := range w.sentTo(customer.host()) {
					if strings.Contains(scene.name, "wrong") || strings.Contains(scene.name, "entry") {
						t.Errorf("the customer's side is sent %.20q", p.Data)
					}
					if strings.Contains(string(p.Data), "INFO ") {
						t.Error("the customer's side is sent a key")
					}
				}
			})
		})
	}
}

// Three who guess at once have three tries together.
func TestGuessesAtOnceAreCountedTogether(t *testing.T) {
	l := newLockouts(2)
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	who := suspect{did: riderDID, caller: rider.number()}
	looked := 0
	for range 10 {
		if l.try(who, at) {
			looked++
		}
	}
	if looked != mapping.PINTries || !l.locked(who, at) {
		t.Errorf("%d tries are looked at, locked: %t", looked, l.locked(who, at))
	}
	if other := (suspect{did: riderDID, trunk: "west"}); !l.try(other, at) || l.locked(other, at) {
		t.Error("another is locked out too")
	}
	if l.try(suspect{did: customerDID}, at) {
		t.Error("one is looked at who can't be remembered")
	}
	if !l.try(suspect{did: customerDID}, at.Add(72*time.Hour)) || len(l.of) != 1 {
		t.Error("who was forgotten still takes room")
	}
	l.forget(suspect{did: customerDID})
	if len(l.of) != 0 {
		t.Error("who was right is remembered")
	}
}

func TestEntry(t *testing.T) {
	for _, row := range []struct {
		name, keys string
		length     int
		want       string
		complete   bool
	}{
		{"as long as the PIN", "482913", 6, "482913", true},
		{"not yet", "48291", 6, "48291", false},
		{"ended early", "482#", 6, "482", true},
		{"ended at once", "#", 6, "", true},
		{"other keys", "4A8*B!2", 6, "482", false},
		{"more than any PIN", "1234567890123", 20, "123456789012", true},
	} {
		e := entry{}
		e.reopen()
		complete := false
		for _, key := range []byte(row.keys) {
			digit, _ := media.ParseDigit(key)
			if complete {
				break
			}
			_, complete = e.press(uint8(digit), row.length)
		}
		if got := string(e.close()); got != row.want || complete != row.complete {
			t.Errorf("%s: %q, complete %t", row.name, got, complete)
		}
		if heeded, _ := e.press(1, row.length); heeded {
			t.Errorf("%s: a key is heeded after the end", row.name)
		}
	}
}
