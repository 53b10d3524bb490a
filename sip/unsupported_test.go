package sip

import (
	"testing"
	"time"

	"maskd/sip/siptest"
)

// What we don't do is said so, and changes nothing.
func TestWhatWeDoNotDo(t *testing.T) {
	within := func(name, method, want string, edits ...siptest.Edit) ladder {
		return ladder{name: name, script: func(w *world) {
			w.talk()
			w.customer.Within(method, edits...)
			m := w.await(w.customer, want+" "+method)
			if want == "405" && m.Get("Allow") == "" {
				w.t.Error("405 does not say what is allowed (RFC 3261 section 8.2.1)")
			}
			time.Sleep(time.Second)
			w.hangUp(w.rider)
		}}
	}
	play(t, []ladder{
		within("refer_within_a_call", "REFER", "405", siptest.With("Refer-To", "<sip:+15559990000@elsewhere.invalid>")),
		within("message_within_a_call", "MESSAGE", "405", siptest.With("Content-Type", "text/plain")),
		within("subscribe_within_a_call", "SUBSCRIBE", "405", siptest.With("Event", "dialog")),
		within("unheard_of_within_a_call", "NEWMETHOD", "501"),
		within("options_within_a_call", "OPTIONS", "200"),
		within("extension_required_within_a_call", "INFO", "420", siptest.With("Require", "nothingSupportsThis")),
		{name: "replaces", script: func(w *world) {
			w.rider.Invite(string(riderDID), siptest.With("Replaces", "call@host.invalid;to-tag=a;from-tag=b"))
			w.await(w.rider, "481")
		}},
		{name: "invite_expires", script: func(w *world) {
			w.rider.Invite(string(riderDID), siptest.With("Expires", "5"))
			w.await(w.customer, "INVITE")
			w.customer.Respond(180, "Ringing")
			w.await(w.rider, "180")
			w.await(w.rider, "487")
			w.await(w.customer, "CANCEL")
		}},
		{name: "invite_with_several_bodies", script: func(w *world) {
			w.rider.Invite(string(riderDID), mixed(w.rider))
			w.await(w.customer, "INVITE")
			w.customer.Respond(180, "Ringing")
			w.await(w.rider, "180")
			w.customer.Answer(mixed(w.customer))
			w.await(w.rider, "200")
			w.await(w.customer, "ACK")
			time.Sleep(time.Second)
			w.hangUp(w.rider)
		}},
		{name: "offer_is_compressed", script: func(w *world) {
			w.rider.Invite(string(riderDID), siptest.With("Content-Encoding", "gzip"))
			if m := w.await(w.rider, "415"); m.Get("Accept-Encoding") != "identity" {
				w.t.Errorf("415 says that %q is accepted (RFC 3261 section 8.2.3)", m.Get("Accept-Encoding"))
			}
		}},
	})
}

// mixed makes a body of SDP and of the ISUP that a carrier's gateway adds (RFC
// 3204). The ISUP says who calls.
func mixed(p *siptest.Phone) siptest.Edit {
	return func(m *siptest.Message) {
		sdp := p.SDP()
		siptest.With("Content-Type", "multipart/mixed;boundary=carrierpart")(m)
		m.Body = "--carrierpart\r\nContent-Type: application/isup;version=itu-t92+\r\n" +
			"Content-Disposition: signal;handling=optional\r\n\r\n" + p.Session + "-isup" +
			"\r\n--carrierpart\r\nContent-Type: application/sdp\r\n\r\n" + sdp + "\r\n--carrierpart--\r\n"
	}
}
