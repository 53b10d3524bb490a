package sip

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"maskd/sip/siptest"
)

// The other rider and the other customer are like the first in nothing, but
// that as many packets go to and fro.
var (
	otherRider = part{addr: "10.200.1.9:5060", id: siptest.Identity{
		Number: "+12025550147", Name: "Quentin", Agent: "z/1", Host: "q.example", Session: "-", Origin: 7, SSRC: 1,
		Port: 5004, Seq: 1, Codecs: "101 8 0 9 18\na=ptime:40\na=rtpmap:9 G722/8000\n"}}
	// answeringRider is the other rider who answers: with nothing that was not offered.
	answeringRider = otherRider.speaking("101 8 0\na=ptime:40\n")
	otherCustomer  = part{addr: "172.31.250.251:5060", id: siptest.Identity{
		Number: "+8613800138000", Name: "A customer of a rather long name", Agent: "Other/0.0.1-beta (something)",
		Host: "far-away.example", Session: "other-session-name", Origin: 99, SSRC: 4000000000,
		Port: 65000, Seq: 1618033988, Codecs: "0 8 101\na=ptime:60\na=silenceSupp:off - - - -\n"}}
)

// speaking is the same with other codecs.
func (p part) speaking(codecs string) part {
	p.id.Codecs = codecs
	return p
}

// differential are scripts in which something crosses at every stage.
var differential = []ladder{
	{name: "rider hangs up", script: func(w *world) {
		w.talk()
		w.hangUp(w.rider)
	}},
	{name: "customer hangs up", script: func(w *world) {
		w.talk()
		w.hangUp(w.customer)
	}},
	{name: "customer is busy", script: func(w *world) {
		w.ring()
		w.customer.Respond(486, w.cast.customer.id.Name)
		w.await(w.rider, "486")
	}},
	{name: "rider cancels", script: func(w *world) {
		w.ring()
		w.rider.Cancel()
		w.await(w.rider, "487")
	}},
	{name: "completed", script: func(w *world) {
		w.talk()
		w.complete(1)
		w.await(w.rider, "BYE")
	}},
	{name: "early media", script: func(w *world) {
		w.invite()
		w.customer.Respond(183, "Progress", siptest.Body(w.customer.SDP()))
		w.await(w.rider, "180")
		time.Sleep(time.Second)
		w.customer.Answer()
		w.await(w.rider, "200")
		time.Sleep(time.Second)
		w.hangUp(w.customer)
	}},
	{name: "early media is relayed", cast: usual.early(EarlyRelay), script: func(w *world) {
		w.rider.Invite(string(riderDID), siptest.With("Supported", "100rel"))
		w.await(w.customer, "INVITE")
		w.customer.Respond(183, "Progress", siptest.Reliable(71), siptest.Body(w.customer.SDP()))
		w.await(w.rider, "200 PRACK")
		time.Sleep(time.Second)
		w.customer.Answer(siptest.NoBody)
		w.await(w.rider, "200")
		time.Sleep(time.Second)
		w.hangUp(w.customer)
	}},
	{name: "early dialogs are updated", cast: usual.early(EarlyRelay), script: func(w *world) {
		w.rider.Invite(string(riderDID), siptest.With("Require", "100rel"))
		w.await(w.customer, "INVITE")
		w.customer.Respond(183, "Progress", siptest.Reliable(71), siptest.Body(w.customer.SDP()))
		w.await(w.rider, "200 PRACK")
		time.Sleep(time.Second)
		w.rider.Update(siptest.Body(w.rider.SDP()))
		time.Sleep(time.Second)
		w.customer.Update(siptest.Body(w.customer.SDP()))
		time.Sleep(time.Second)
		w.customer.Answer(siptest.NoBody)
		w.await(w.rider, "200")
		time.Sleep(time.Second)
		w.hangUp(w.rider)
	}},
	{name: "offer comes late", cast: cast{rider: answeringRider}, script: func(w *world) {
		w.rider.Invite(string(riderDID), siptest.NoBody)
		w.await(w.customer, "INVITE")
		w.customer.Respond(180, "Ringing")
		time.Sleep(time.Second)
		w.answerAndEnd()
	}},
	{name: "each holds", script: func(w *world) {
		w.talk()
		for _, p := range []*siptest.Phone{w.rider, w.customer} {
			p.Reinvite(siptest.Flowing("sendonly"))
			time.Sleep(time.Second)
			p.Update(siptest.Body(p.SDP()))
			time.Sleep(time.Second)
		}
		w.hangUp(w.rider)
	}},
	{name: "each asks for an offer", cast: cast{rider: answeringRider}, script: func(w *world) {
		w.talk()
		for _, p := range []*siptest.Phone{w.rider, w.customer} {
			p.Reinvite(siptest.NoBody)
			time.Sleep(time.Second)
		}
		w.hangUp(w.customer)
	}},
}

// TestTwoRidersLookTheSame plays a script with two riders who differ in all
// they say, and compares every byte that the customer is sent, and when.
func TestTwoRidersLookTheSame(t *testing.T) {
	for _, scene := range differential {
		t.Run(scene.name, func(t *testing.T) {
			one := heard(t, scene.with(rider, customer), scene.script, customer.host())
			other := heard(t, scene.with(scene.other(), customer), scene.script, customer.host())
			if diff := cmp.Diff(one, other); diff != "" {
				t.Errorf("the customer can tell two riders apart (-one +other):\n%s", diff)
			}
		})
	}
}

// TestTwoCustomersLookTheSame is the reverse.
func TestTwoCustomersLookTheSame(t *testing.T) {
	for _, scene := range differential {
		t.Run(scene.name, func(t *testing.T) {
			one := heard(t, scene.with(rider, customer), scene.script, rider.host())
			other := heard(t, scene.with(rider, otherCustomer), scene.script, rider.host())
			if diff := cmp.Diff(one, other); diff != "" {
				t.Errorf("the rider can tell two customers apart (-one +other):\n%s", diff)
			}
		})
	}
}

// other is the rider that a scene is played with once more.
func (l ladder) other() part {
	if l.cast.rider.addr == answeringRider.addr {
		return answeringRider
	}
	return otherRider
}

// with is the cast of a scene, with these two in it.
func (l ladder) with(rider, customer part) cast {
	return cast{rider: rider, customer: customer, policy: l.cast.policy}
}

// TestHowARiderSpeaksIsNotSeen plays a call with riders whose phones do the same
// by different means, and compares what the customer is sent. Only that the
// call is held, and resumed, crosses: as a direction.
func TestHowARiderSpeaksIsNotSeen(t *testing.T) {
	holdBy := func(change func(*siptest.Phone, ...siptest.Edit)) func(*world) {
		return func(w *world) {
			change(w.rider, siptest.Body(w.rider.SDP()), siptest.Flowing("sendonly"))
			time.Sleep(5 * time.Second)
			change(w.rider, siptest.Body(w.rider.SDP()))
			time.Sleep(5 * time.Second)
		}
	}
	plain := means{hold: holdBy((*siptest.Phone).Reinvite)}
	one := heard(t, usual, plain.play, customer.host())
	for name, m := range map[string]means{
		"no offer in the INVITE": {invite: []siptest.Edit{siptest.NoBody}, hold: plain.hold},
		"reliable responses":     {invite: []siptest.Edit{siptest.With("Require", "100rel")}, hold: plain.hold},
		"both":                   {invite: []siptest.Edit{siptest.NoBody, siptest.With("Require", "100rel")}, hold: plain.hold},
		"a session timer": {invite: []siptest.Edit{siptest.With("Supported", "timer"), siptest.With("Session-Expires", "90;refresher=uac")},
			hold: plain.hold},
		"hold by UPDATE": {hold: holdBy((*siptest.Phone).Update)},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(one, heard(t, usual, m.play, customer.host())); diff != "" {
				t.Errorf("the customer can tell (-plain +%s):\n%s", name, diff)
			}
		})
	}
}

// means are how a phone says what it says.
type means struct {
	invite []siptest.Edit
	hold   func(*world)
}

func (m means) play(w *world) {
	w.rider.Invite(string(riderDID), m.invite...)
	w.await(w.customer, "INVITE")
	w.customer.Respond(180, "Ringing")
	time.Sleep(time.Second)
	w.customer.Answer()
	w.await(w.customer, "ACK")
	time.Sleep(5 * time.Second)
	m.hold(w)
	w.hangUp(w.rider)
}

// heard plays a script, and returns when and what a host was sent.
//
// Randomness is the same in each play. It is drawn from one stream by one call,
// whose goroutine and whose reader never run in the same instant of these
// scripts; if what is drawn, or in what order, depends on a party, what
// follows differs and the comparison fails, as it should.
func heard(t *testing.T, c cast, script func(*world), host netip.Addr) []string {
	t.Helper()
	var heard []string
	inWorld(t, c, func(w *world) {
		script(w)
		w.settle()
		for _, p := range w.sentTo(host) {
			heard = append(heard, p.At.String()+"\r\n"+comparand(p.Data))
		}
	})
	if len(heard) == 0 {
		t.Fatal("nothing was sent")
	}
	return heard
}

// comparand returns a message for comparison. The transaction layer answers a
// CANCEL by itself, with a tag that it draws from elsewhere.
func comparand(data []byte) string {
	m := siptest.Parse(data)
	if m.Name() != "200 CANCEL" {
		return string(data)
	}
	return strings.Replace(string(data), siptest.Tag(m.Get("To")), "drawn", 1)
}
