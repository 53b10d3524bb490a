package sip

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"maskd/media"
	"maskd/sip/siptest"
)

// Several phones ring (RFC 3261 section 13.2.2.4): each has a tag of its own,
// and a row of reliable responses of its own (RFC 3262 section 4).

// upstairs is the tag of the other phone, and upstairsPort where it hears.
const (
	upstairs     = "upstairs"
	upstairsPort = 47474
)

// upstairsSDP is what the other phone describes itself with.
func (w *world) upstairsSDP() string {
	return strings.Replace(w.customer.SDP(), "46464", "47474", 1)
}

func TestForks(t *testing.T) {
	play(t, []ladder{
		{name: "two_forks_ring_reliably", script: func(w *world) {
			w.invite()
			w.customer.Respond(180, "Ringing", siptest.Reliable(71))
			w.await(w.customer, "PRACK")
			w.customer.Respond(180, "Ringing upstairs", siptest.Tagged(upstairs), siptest.Reliable(9000))
			w.await(w.customer, "PRACK")
			w.customer.Respond(183, "Progress", siptest.Reliable(72))
			w.await(w.customer, "PRACK")
			w.customer.Answer()
			w.await(w.rider, "200")
			w.customer.Fork(upstairs)
			w.await(w.customer, "BYE")
			time.Sleep(time.Second)
			w.hangUp(w.rider)
		}},
		{name: "a_fork_updates_what_only_another_has_settled", script: func(w *world) {
			w.invite()
			w.customer.Respond(183, "Progress", siptest.Reliable(71), siptest.Body(w.customer.SDP()))
			w.await(w.customer, "PRACK")
			w.customer.Respond(180, "Ringing upstairs", siptest.Tagged(upstairs), siptest.Reliable(9000))
			w.await(w.customer, "PRACK")
			w.customer.Update(siptest.Body(w.upstairsSDP()))
			w.await(w.customer, "491 UPDATE")
			w.customer.Answer(siptest.NoBody)
			w.await(w.rider, "200")
			time.Sleep(time.Second)
			w.hangUp(w.rider)
		}},
		{name: "a_fork_ends_before_another_answers", script: func(w *world) { // RFC 6228
			w.invite()
			w.customer.Respond(183, "Progress upstairs", siptest.Tagged(upstairs), siptest.Body(w.upstairsSDP()), siptest.With("P-Early-Media", "sendonly"))
			w.await(w.rider, "180")
			w.customer.Respond(199, "Early Dialog Terminated", siptest.Tagged(upstairs))
			w.await(w.rider, "183")
			w.answerAndEnd()
		}},
		{name: "an_18x_leaves_a_gap", script: func(w *world) {
			w.invite()
			w.lose(2, "180", customer, maskd)
			w.customer.Respond(180, "Ringing", siptest.Reliable(71))
			w.await(w.customer, "PRACK")
			w.customer.Respond(183, "Progress", siptest.Reliable(73))
			time.Sleep(2 * time.Second)
			w.answerAndEnd()
		}},
	})
}

// bothRing makes both phones ring and describe themselves, the other one last.
func (w *world) bothRing() {
	w.invite()
	w.customer.Respond(183, "Progress", siptest.Reliable(71), siptest.Body(w.customer.SDP()))
	w.await(w.customer, "PRACK")
	w.customer.Respond(183, "Progress", siptest.Tagged(upstairs), siptest.Reliable(9000), siptest.Body(w.upstairsSDP()))
	w.await(w.customer, "PRACK")
}

// The phone that answers is the one that is heard, whichever described itself last.
func TestTheForkThatAnswersIsHeard(t *testing.T) {
	for _, row := range []struct {
		name string
		wins func(*world)
		port uint16
	}{
		{"the first", func(w *world) { w.customer.Answer(siptest.NoBody) }, uint16(customer.id.Port)},
		{"the first, that has changed its mind before", func(w *world) {
			w.customer.Respond(180, "Ringing", siptest.Reliable(72))
			w.await(w.customer, "PRACK")
			w.customer.Update(siptest.Body(w.customer.SDP()))
			w.await(w.customer, "200 UPDATE")
			w.customer.Answer(siptest.NoBody)
		}, uint16(customer.id.Port)},
		{"the second, though the first has changed its mind", func(w *world) {
			w.customer.Respond(180, "Ringing", siptest.Reliable(72))
			w.await(w.customer, "PRACK")
			w.customer.Update(siptest.Body(w.customer.SDP()))
			w.await(w.customer, "200 UPDATE")
			w.customer.Answer(siptest.NoBody, siptest.Tagged(upstairs))
		}, upstairsPort},
		{"the second", func(w *world) { w.customer.Answer(siptest.NoBody, siptest.Tagged(upstairs)) }, upstairsPort},
	} {
		t.Run(row.name, func(t *testing.T) {
			inWorld(t, usual, func(w *world) {
				w.bothRing()
				row.wins(w)
				w.await(w.rider, "200")
				time.Sleep(time.Second)
				want := netip.AddrPortFrom(w.cast.customer.host(), row.port)
				if got := w.b2bua.live.all()[0].sound.Load().Way(media.B).Peer; got != want {
					w.t.Errorf("heard at %s, want %s", got, want)
				}
				w.hangUp(w.rider)
			})
		})
	}
}
