package sip

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"maskd/mapping"
	"maskd/media/sound"
	"maskd/sip/siptest"
)

// noCustomer lets the INVITE come from another number than the customer's.
var noCustomer = siptest.With("P-Asserted-Identity", "<sip:+447700900999@customer-carrier.invalid>")

// announcing is the cast where who is refused hears why: for 3 seconds, and
// where a party is busy, for 5.
func announcing() cast {
	c := usual
	c.announce = Announcements{Refused: sound.Unobtainable(), Busy: sound.Ringback().Prompt()}
	return c
}

func TestAnnouncementInPlaceOfARefusal(t *testing.T) {
	play(t, []ladder{
		{name: "refusal_is_announced", cast: announcing(), script: func(w *world) {
			w.rider.Invite(string(riderDID), noParty)
			w.await(w.rider, "183")
			sound := w.session()
			w.await(w.rider, "404")
			w.heard(sound, 148, 0)
		}},
		{name: "refusal_is_announced_reliably", cast: announcing(), script: func(w *world) {
			w.rider.Invite(string(riderDID), noParty, siptest.With("Supported", "100rel"))
			w.await(w.rider, "404")
		}},
		{name: "refusal_is_announced_and_cancelled", cast: announcing(), script: func(w *world) {
			w.rider.Invite(string(riderDID), noParty)
			w.await(w.rider, "183")
			time.Sleep(time.Second)
			w.rider.Cancel()
			w.await(w.rider, "487")
		}},
		{name: "refusal_is_announced_and_hung_up_by_an_operator", cast: announcing(), script: func(w *world) {
			w.rider.Invite(string(riderDID), noParty)
			w.await(w.rider, "183")
			w.b2bua.Hangup(w.b2bua.Calls()[0].ID)
			w.await(w.rider, "480")
		}},
		{name: "refusal_without_an_offer_is_plain", cast: announcing(), script: func(w *world) {
			w.rider.Invite(string(riderDID), noParty, siptest.NoBody)
			w.await(w.rider, "404")
		}},
		{name: "busy_is_announced", cast: announcing().counting(1), script: func(w *world) {
			w.talk()
			w.customer.Invite(string(customerDID))
			w.await(w.customer, "486")
			w.hangUp(w.rider)
		}},
	})
}

// Whatever the reason, a stranger hears the same for as long (promise 6). Who
// calls an emergency service hears nothing: his phone has to go on.
func TestAnnouncedRefusalsLookAlike(t *testing.T) {
	var first []string
	for _, scene := range refusals {
		scene.cast = announcing()
		var heard []string
		inWorld(t, scene.cast, func(w *world) {
			scene.script(w)
			w.settle()
			for _, p := range w.sentTo(rider.host()) {
				m := siptest.Parse(p.Data)
				own := m.Without("Via", "From", "To", "Call-ID", "CSeq", "Contact") // its own, and what it dialled
				heard = append(heard, fmt.Sprintf("%s %s\n%v\n%s", p.At, m.Start, own.Headers, m.Body))
			}
		})
		switch scene.name {
		case "emergency", "emergency_by_urn", "short_code":
			if len(heard) != 2 {
				t.Errorf("%s has %d packets, not a 100 and a 404", scene.name, len(heard))
			}
			continue
		}
		if first == nil {
			first = heard
		}
		if diff := cmp.Diff(first, heard); diff != "" {
			t.Errorf("%s differs (-want +got):\n%s", scene.name, diff)
		}
	}
	if len(first) != 3 {
		t.Errorf("an announced refusal has %d packets, not 100, 183 and 404", len(first))
	}
}

// When as many announcements play as may, the next refusal is a plain one, and
// when they are over, it is not.
func TestSoManyRefusalsAreAnnouncedAtOnce(t *testing.T) {
	inWorld(t, announcing(), func(w *world) {
		w.b2bua.stage.playing.Store(maxAnnouncing - 1)
		w.rider.Invite(string(riderDID), noParty)
		w.await(w.rider, "183")
		w.customer.Invite(string(customerDID), noCustomer)
		began := time.Now()
		w.await(w.customer, "404")
		if time.Since(began) > time.Second {
			t.Error("the refusal that is one too many is announced")
		}
		w.await(w.rider, "404")
		w.settle()
		if n := w.b2bua.stage.playing.Load(); n != maxAnnouncing-1 {
			t.Errorf("%d announcements play when all are over", n-maxAnnouncing+1)
		}
	})
}

func TestGoodbye(t *testing.T) {
	const notes = 37 // packets
	play(t, []ladder{
		{name: "complete_is_announced", script: func(w *world) {
			w.talk()
			sound := w.session()
			w.part(1)
			if n := w.b2bua.LiveCalls(interaction); n != 0 {
				w.t.Errorf("%d calls live after the complete", n)
			}
			time.Sleep(100 * time.Millisecond)
			w.heard(sound, notes, notes)
			w.await(w.rider, "BYE")
			w.await(w.customer, "BYE")
			time.Sleep(time.Second)
			if cdr := w.journal.final()[0]; cdr.EndedBy != mapping.EndedByComplete {
				w.t.Errorf("ended by %s", cdr.EndedBy)
			}
		}},
		{name: "complete_is_announced_and_counts_no_more", cast: usual.counting(1), script: func(w *world) {
			w.talk()
			w.part(1)
			time.Sleep(100 * time.Millisecond)
			w.b2bua.live.mu.Lock()
			if n := len(w.b2bua.live.census.counts); n != 0 {
				w.t.Errorf("a call that says goodbye counts to %d limits", n)
			}
			w.b2bua.live.mu.Unlock()
			w.await(w.rider, "BYE")
			w.await(w.customer, "BYE")
		}},
		{name: "complete_is_announced_while_ringing", script: func(w *world) {
			w.ring()
			w.part(1)
			w.await(w.customer, "CANCEL")
		}},
		{name: "complete_is_announced_and_hung_up", script: func(w *world) {
			w.talk()
			w.part(1)
			time.Sleep(300 * time.Millisecond)
			w.hangUp(w.customer)
		}},
		{name: "complete_is_announced_and_held", script: func(w *world) {
			w.talk()
			w.part(1)
			time.Sleep(100 * time.Millisecond)
			w.rider.Reinvite(siptest.Flowing("sendonly"))
			w.await(w.rider, "200")
			w.rider.Inform("application/dtmf-relay", "Signal=5\r\nDuration=160\r\n")
			w.await(w.rider, "BYE")
			w.await(w.customer, "BYE")
		}},
		{name: "complete_is_announced_and_then_not_waited_for", script: func(w *world) {
			w.talk()
			w.part(1)
			time.Sleep(100 * time.Millisecond)
			w.b2bua.End(interaction)
			w.await(w.rider, "BYE")
		}},
	})
}

// part completes the interaction and lets those who talk hear it.
func (w *world) part(calls int) {
	w.t.Helper()
	w.directory.complete()
	if n := w.b2bua.EndAnnounced(interaction); n != calls {
		w.t.Errorf("complete ended %d calls, not %d", n, calls)
	}
}

// However long a goodbye is, after ten seconds it is over.
func TestAGoodbyeIsBounded(t *testing.T) {
	inWorld(t, usual, func(w *world) {
		w.b2bua.tones[SayGoodbye] = tone(time.Minute)
		w.talk()
		began := time.Now()
		w.part(1)
		w.await(w.rider, "BYE")
		if took := time.Since(began); took < MaxGoodbye || took > MaxGoodbye+100*time.Millisecond {
			t.Errorf("hung up after %s", took)
		}
	})
}

// What the two hear of us after their talk is not of it, and is not recorded.
func TestAGoodbyeIsNotRecorded(t *testing.T) {
	c := usual
	c.record = mapping.RecordingAgreed
	inWorld(t, c, func(w *world) {
		w.talk()
		w.part(1)
		parted := time.Now()
		if m := <-w.studio.over; !m.EndedAt.Equal(parted) {
			t.Errorf("the recording ended %s after the talk", m.EndedAt.Sub(parted))
		}
		w.settle()
		w.studio.deck.Close()
		w.studio.vault.Close()
	})
}
