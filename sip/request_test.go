package sip

import (
	"testing"

	"maskd/sip/siptest"
)

func TestRequestsOutsideOfCalls(t *testing.T) {
	play(t, []ladder{
		{name: "options", script: func(w *world) {
			w.rider.Ask("OPTIONS", string(riderDID))
			if m := w.await(w.rider, "200 OPTIONS"); m.Get("Allow") == "" {
				w.t.Error("200 to OPTIONS does not say what is allowed")
			}
		}},
		{name: "unknown_method", script: func(w *world) {
			w.rider.Ask("PUBLISH", string(riderDID))
			if m := w.await(w.rider, "405 PUBLISH"); m.Get("Allow") == "" {
				w.t.Error("405 does not say what is allowed (RFC 3261 section 8.2.1)")
			}
		}},
		{name: "cancel_for_nothing", script: func(w *world) {
			w.rider.Ask("CANCEL", string(riderDID))
			w.await(w.rider, "481 CANCEL")
		}},
		{name: "bye_for_nothing", script: func(w *world) {
			w.rider.Ask("BYE", string(riderDID))
			w.await(w.rider, "481 BYE")
			w.rider.Ask("BYE", string(riderDID), siptest.With("To", "<sip:x@192.0.2.50>;tag=long-gone"))
			w.await(w.rider, "481 BYE")
		}},
		{name: "required_extension", script: func(w *world) {
			w.rider.Invite(string(riderDID), siptest.With("Require", "replaces"))
			if m := w.await(w.rider, "420"); m.Get("Unsupported") != "replaces" {
				w.t.Errorf("420 says that %q is not supported", m.Get("Unsupported"))
			}
		}},
		{name: "too_many_hops", script: func(w *world) {
			w.rider.Invite(string(riderDID), siptest.With("Max-Forwards", "0"))
			w.await(w.rider, "483")
		}},
	})
}

func TestRequestsWithinACall(t *testing.T) {
	play(t, []ladder{
		{name: "invite_comes_again", script: func(w *world) {
			w.ring()
			w.rider.AskAgain()
			w.await(w.rider, "180")
			w.answerAndEnd()
		}},
	})
}
