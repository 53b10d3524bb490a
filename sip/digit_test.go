package sip

import (
	"strings"
	"testing"
	"time"

	"maskd/media"
	"maskd/sip/siptest"
)

// deaf is the SDP of a phone that takes no digits with the sound.
func deaf(p *siptest.Phone) siptest.Edit {
	sdp := strings.Replace(p.SDP(), " 101\r\n", "\r\n", 1)
	return siptest.Body(strings.Replace(sdp, "a=rtpmap:101 telephone-event/8000\r\n", "", 1))
}

func TestDigits(t *testing.T) {
	play(t, []ladder{
		{name: "digit_by_info_is_heard_with_the_sound", script: func(w *world) {
			w.talk()
			w.rider.Inform("application/dtmf-relay", "Signal=5\r\nDuration=160\r\n")
			w.await(w.rider, "200 INFO")
			time.Sleep(time.Second)
			w.hangUp(w.rider)
		}},
		{name: "digit_by_info_is_passed_on_by_info", script: func(w *world) {
			w.ring()
			w.customer.Answer(deaf(w.customer))
			w.await(w.rider, "200")
			time.Sleep(time.Second)
			w.rider.Inform("application/dtmf-relay", "Signal= *\r\nDuration= 250\r\nX-Rider: rider-word\r\n")
			info := w.await(w.customer, "INFO")
			if info.Get("Content-Type") != "application/dtmf-relay" || info.Body != "Signal=*\r\nDuration=250\r\n" {
				w.t.Errorf("the customer is told %q", info.Body)
			}
			time.Sleep(time.Second)
			w.hangUp(w.rider)
		}},
		{name: "digit_that_only_we_may_hear", script: func(w *world) {
			w.ring()
			w.customer.Answer(deaf(w.customer))
			w.await(w.rider, "200")
			time.Sleep(time.Second)
			w.b2bua.live.all()[0].sound.Load().Swallow(media.A, true)
			w.rider.Inform("application/dtmf", "7")
			w.await(w.rider, "200 INFO")
			time.Sleep(time.Second)
			w.hangUp(w.rider)
		}},
		{name: "info_that_is_no_digit", script: func(w *world) {
			w.talk()
			w.customer.Inform("application/xml", "<number>rider?</number>")
			w.await(w.customer, "415 INFO")
			w.customer.Inform("application/dtmf", "55")
			w.await(w.customer, "415 INFO")
			time.Sleep(time.Second)
			w.hangUp(w.rider)
		}},
	})
}
