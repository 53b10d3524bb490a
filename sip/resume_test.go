package sip

import (
	"testing"
	"time"

	"maskd/media"
	"maskd/sip/siptest"
)

// After both are back, both are heard: whoever asked first, and however often
// the other had to be asked.
func TestResume(t *testing.T) {
	play(t, []ladder{
		{name: "both_resume_at_once", script: func(w *world) {
			w.talk()
			w.customer.Reinvite(siptest.Flowing("sendonly"))
			time.Sleep(5 * time.Second)
			w.rider.Reinvite(siptest.Flowing("inactive"))
			time.Sleep(5 * time.Second)
			w.rider.Reinvite()
			w.customer.Reinvite()
			time.Sleep(3 * time.Second)
			w.customer.Reinvite() // as section 14.1 has it after a 491
			time.Sleep(10 * time.Second)
			w.bothAreHeard()
			w.hangUp(w.rider)
		}},
		{name: "resume_is_refused_for_now", script: func(w *world) {
			w.talk()
			w.rider.Reinvite(siptest.Flowing("sendonly"))
			time.Sleep(5 * time.Second)
			w.customer.Refuse(500, "Server Internal Error")
			w.rider.Reinvite()
			time.Sleep(30 * time.Second)
			w.bothAreHeard()
			w.hangUp(w.rider)
		}},
		{name: "our_reinvite_is_never_answered", script: func(w *world) {
			w.talk()
			w.customer.Refuse(100, "Trying")
			w.rider.Reinvite(siptest.Flowing("sendonly"))
			time.Sleep(time.Minute)
			w.customer.Reinvite()
			w.await(w.customer, "200")
			time.Sleep(time.Second)
			w.hangUp(w.rider)
		}},
	})
}

// bothAreHeard expects that sound may pass both ways.
func (w *world) bothAreHeard() {
	w.t.Helper()
	session := w.b2bua.live.all()[0].sound.Load()
	for _, l := range []media.Leg{media.A, media.B} {
		if way := session.Way(l); !way.Speaks || !way.Listens {
			w.t.Errorf("leg %v: speaks %t, listens %t", l, way.Speaks, way.Listens)
		}
	}
}
