package sip

import (
	"strings"
	"testing"
	"time"

	"maskd/mapping"
	"maskd/media"
	"maskd/sip/siptest"
)

// timed is the usual cast, whose calls last a minute; who hears that it is nearly
// over does so 20 and 10 seconds before.
func timed(audience mapping.Audience) cast {
	c := usual
	c.bounds = mapping.Limits{CallTime: time.Minute, Warn: []time.Duration{20 * time.Second, 10 * time.Second}, Warned: audience}
	return c
}

// session returns the sound of the only call.
func (w *world) session() *media.Session {
	w.t.Helper()
	calls := w.b2bua.live.all()
	if len(calls) != 1 {
		w.t.Fatalf("%d calls live", len(calls))
	}
	return calls[0].sound.Load()
}

// heard fails unless the legs' peers were played so many packets.
func (w *world) heard(s *media.Session, a, b uint64) {
	w.t.Helper()
	stats := s.Stats()
	if stats.Leg(media.A).Out.Packets != a || stats.Leg(media.B).Out.Packets != b {
		w.t.Errorf("A and B are played %d and %d packets, want %d and %d",
			stats.Leg(media.A).Out.Packets, stats.Leg(media.B).Out.Packets, a, b)
	}
}

// beeps is a warning, in packets of 20 ms.
const beeps = 30

func TestCallTime(t *testing.T) {
	play(t, []ladder{
		{name: "call_time_is_over", cast: timed(mapping.AudienceBoth), script: func(w *world) {
			w.ring()
			time.Sleep(10 * time.Second) // ringing takes none of it
			w.customer.Answer()
			w.await(w.customer, "ACK")
			sound := w.session()
			answered := w.b2bua.Calls()[0].AnsweredAt
			time.Sleep(time.Until(answered.Add(40*time.Second - 1)))
			w.heard(sound, 0, 0)
			time.Sleep(time.Millisecond)
			w.heard(sound, beeps, beeps)
			time.Sleep(10 * time.Second)
			w.heard(sound, 2*beeps, 2*beeps)
			w.await(w.customer, "BYE")
			w.await(w.rider, "BYE")
			time.Sleep(time.Second)
			if cdr := w.journal.final()[0]; cdr.Talked() != time.Minute {
				w.t.Errorf("they talked for %s", cdr.Talked())
			}
		}},
		{name: "call_time_is_over_before_the_ack", cast: timed(mapping.AudienceBoth), script: func(w *world) {
			w.directory.bound(mapping.Limits{CallTime: mapping.MinCallTime})
			w.lose(always, "ACK", rider, maskd)
			w.ring()
			w.customer.Answer()
			w.await(w.customer, "BYE")
			w.await(w.rider, "BYE")
		}},
		{name: "hung_up_before_the_call_time_is_over", cast: timed(mapping.AudienceBoth), script: func(w *world) {
			w.talk()
			w.hangUp(w.rider)
		}},
	})
}

// The party is warned that is to be, whichever of the two calls.
func TestWhoHearsTheWarning(t *testing.T) {
	for _, row := range []struct {
		audience mapping.Audience
		calls    func(*world)
		a, b     uint64 // packets to the caller's leg, and to the callee's
	}{
		{mapping.AudienceA, (*world).talk, 2 * beeps, 0},
		{mapping.AudienceB, (*world).talk, 0, 2 * beeps},
		{mapping.AudienceA, (*world).callBack, 0, 2 * beeps},
		{mapping.AudienceB, (*world).callBack, 2 * beeps, 0},
	} {
		inWorld(t, timed(row.audience), func(w *world) {
			row.calls(w)
			sound := w.session()
			w.settle()
			w.heard(sound, row.a, row.b)
		})
	}
}

// callBack makes the customer call, and the rider answer.
func (w *world) callBack() {
	w.t.Helper()
	w.customer.Invite(string(customerDID))
	w.await(w.rider, "INVITE")
	w.rider.Answer()
	w.await(w.customer, "200")
}

// Who hears that he is recorded hears it to its end: a beep in its place would
// pass for it.
func TestAWarningIsNoNoticeOfARecording(t *testing.T) {
	c := timed(mapping.AudienceBoth)
	c.record = mapping.RecordingAnnounce
	inWorld(t, c, func(w *world) {
		w.talk()
		sound := w.session()
		notice := sound.Stats().Leg(media.A).Out.Packets
		w.told(media.B)
		w.after(35)
		w.heard(sound, notice, notice+beeps)
		w.settle()
		if got := w.listened(); got != "~0" {
			t.Errorf("the recording listened %q", got)
		}
	})
}

// Who is to be warned is offered what he can be warned in.
func TestAWarningCanBeHeard(t *testing.T) {
	for _, limits := range []mapping.Limits{timed(mapping.AudienceB).bounds, {CallTime: time.Minute}} {
		c := usual
		c.bounds, c.sound = limits, media.LegOptions{Codecs: []media.Codec{media.Opus, media.PCMA, media.TelephoneEvent}}
		c.riders = c.sound
		inWorld(t, c, func(w *world) {
			sdp := strings.NewReplacer(" 0 8 101\r\n", " 111 8 101\r\n", "a=rtpmap:101 ", "a=rtpmap:111 opus/48000/2\r\na=rtpmap:101 ").Replace(w.rider.SDP())
			w.rider.Invite(string(riderDID), siptest.Body(sdp))
			if offer := w.await(w.customer, "INVITE").Body; strings.Contains(offer, "opus") != (len(limits.Warn) == 0) {
				t.Errorf("warned %v before the end, the customer is offered\n%s", limits.Warn, offer)
			}
			w.rider.Cancel()
			w.await(w.rider, "487")
		})
	}
}
