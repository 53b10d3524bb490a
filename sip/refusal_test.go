package sip

import (
	"testing"
	"time"

	"maskd/mapping"
	"maskd/sip/siptest"
)

// anonymous is the INVITE of a caller who withholds his number.
func anonymous(m *siptest.Message) {
	siptest.Without("P-Asserted-Identity")(m)
	siptest.With("From", `"Anonymous" <sip:anonymous@anonymous.invalid>;tag=withheld`)(m)
	siptest.With("Privacy", "id")(m)
}

// noParty lets the INVITE come from a number that is no party's.
var noParty = siptest.With("P-Asserted-Identity", "<sip:+919876500000@rider-carrier.invalid>")

// startingWith replaces the start line.
func startingWith(line string) siptest.Edit {
	return func(m *siptest.Message) { m.Start = line }
}

const noDID = "+15550100999"

// refusals are the reasons for which a well-formed call is not connected.
var refusals = []ladder{
	{name: "unknown_caller", script: func(w *world) { w.rider.Invite(string(riderDID), noParty) }},
	{name: "unknown_did", script: func(w *world) { w.rider.Invite(noDID) }},
	{name: "dialled_is_no_number", script: func(w *world) { w.rider.Invite("front-desk") }},
	{name: "withheld_caller", script: func(w *world) { w.rider.Invite(string(riderDID), anonymous) }},
	{name: "emergency", script: func(w *world) { w.rider.Invite("112") }},
	{name: "emergency_by_urn", script: func(w *world) { w.rider.Invite("", startingWith("INVITE urn:service:sos SIP/2.0")) }},
	{name: "short_code", script: func(w *world) { w.rider.Invite("12345") }},
	{name: "expired", script: func(w *world) {
		w.directory.expire()
		w.rider.Invite(string(riderDID))
	}},
	{name: "blocked", script: func(w *world) {
		w.directory.refuse(mapping.RefusalBlocked)
		w.rider.Invite(string(riderDID))
	}},
	{name: "not_to_be_disturbed", script: func(w *world) {
		w.directory.refuse(mapping.RefusalQuiet)
		w.rider.Invite(string(riderDID))
	}},
	{name: "calls_in_all_are_spent", script: func(w *world) {
		w.directory.refuse(mapping.RefusalSpent)
		w.rider.Invite(string(riderDID))
	}},
	{name: "outside_hours", script: func(w *world) {
		w.directory.refuse(mapping.RefusalOutsideHours)
		w.rider.Invite(string(riderDID))
	}},
	{name: "completed", script: func(w *world) {
		w.complete(0)
		w.rider.Invite(string(riderDID))
	}},
	{name: "completed_during_look_up", script: func(w *world) {
		w.directory.gone = true
		w.rider.Invite(string(riderDID))
	}},
}

func TestRefusal(t *testing.T) {
	play(t, refusals)
}

// A call from one of our own DIDs is one of ours that has come back.
func TestLoop(t *testing.T) {
	play(t, []ladder{{name: "caller_is_our_did", script: func(w *world) {
		w.directory.own = customerDID
		w.rider.Invite(string(riderDID), siptest.With("P-Asserted-Identity", "<sip:"+string(customerDID)+"@carrier.invalid>"))
	}}})
}

// Two who forward their calls to their DIDs would ring each other without end.
func TestCallsInCircles(t *testing.T) {
	play(t, []ladder{{name: "same_call_too_often", cast: twoGateways, script: func(w *world) {
		w.b2bua.maxAlike = 1
		w.customer.Invite(string(customerDID))
		w.await(w.rider, "INVITE")
		w.second.Invite(string(customerDID), siptest.With("Call-ID", "another@customer-host.invalid")) // else it were merged
		w.await(w.second, "482")
		w.rider.Respond(486, "Busy")
		w.await(w.customer, "486")
		w.second.Invite(string(customerDID)) // now it is no circle
		w.await(w.rider, "INVITE")
		w.rider.Respond(486, "Busy")
		w.await(w.second, "486")
	}}})
}

// A caller may hide from whom he calls, not from us: what his network asserts is
// looked up, and shown to nobody.
func TestCallerHidesHisNumber(t *testing.T) {
	play(t, []ladder{{name: "hidden_caller", script: func(w *world) {
		w.rider.Invite(string(riderDID), siptest.With("From", `"Anonymous" <sip:anonymous@anonymous.invalid>;tag=hidden`),
			siptest.With("Privacy", "id"))
		w.await(w.customer, "INVITE")
		w.customer.Respond(486, "Busy")
		w.await(w.rider, "486")
	}}})
}

func TestOfferIsNoUse(t *testing.T) {
	play(t, []ladder{
		{name: "offer_without_audio", script: func(w *world) {
			w.rider.Invite(string(riderDID), siptest.Body("v=0\r\no=- 1 1 IN IP4 10.11.12.13\r\ns=-\r\n"+
				"c=IN IP4 10.11.12.13\r\nt=0 0\r\nm=video 40000 RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\n"))
		}},
		{name: "offer_without_our_codecs", script: func(w *world) {
			w.rider.Invite(string(riderDID), siptest.Body("v=0\r\no=- 1 1 IN IP4 10.11.12.13\r\ns=-\r\n"+
				"c=IN IP4 10.11.12.13\r\nt=0 0\r\nm=audio 40000 RTP/AVP 9\r\n"))
		}},
		{name: "offer_is_garbage", script: func(w *world) {
			w.rider.Invite(string(riderDID), siptest.Body("this is no SDP"))
		}},
	})
}

func TestStrangerHearsNothing(t *testing.T) {
	inWorld(t, usual, func(w *world) {
		stranger := part{addr: "10.99.1.2:5060", id: w.cast.rider.id}
		phone := w.phone(stranger)
		defer phone.Close()
		phone.Invite(string(riderDID))
		phone.Ask("OPTIONS", noDID)
		phone.Ask("BYE", noDID)
		time.Sleep(time.Minute)
		if sent := w.sentTo(stranger.host()); len(sent) != 0 {
			t.Errorf("a stranger was sent %d packets, the first: %s", len(sent), sent[0].Data)
		}
		if n := w.journal.admitted(); n != 0 {
			t.Errorf("%d calls of a stranger were admitted", n)
		}
	})
}
