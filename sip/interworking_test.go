package sip

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"maskd/mapping"
	"maskd/media"
	"maskd/sip/siptest"
)

// cell is one way in which the two sides of a call can be unlike.
type cell struct {
	policy   EarlyMedia
	late     bool   // the rider's INVITE has no offer
	reliable string // the header by which the rider speaks of 100rel; empty for none
	answers  answering
	ends     hangsUp
}

// answering is how the customer's side comes to a 200.
type answering string

const (
	rings        answering = "180, 200"
	sounds       answering = "183 with SDP, 200"
	soundsSurely answering = "reliable 183, 200"
	atOnce       answering = "200"
)

// hangsUp is who ends the call.
type hangsUp string

const (
	byRider    hangsUp = "rider"
	byCustomer hangsUp = "customer"
	byComplete hangsUp = "complete"
)

// cells are all there are: 72 for each policy of early media.
func cells() (all []cell) {
	for _, policy := range []EarlyMedia{EarlyLocal, EarlyRelay} {
		for _, late := range []bool{false, true} {
			for _, reliable := range []string{"", "Supported", "Require"} {
				for _, answers := range []answering{rings, sounds, soundsSurely, atOnce} {
					for _, ends := range []hangsUp{byRider, byCustomer, byComplete} {
						all = append(all, cell{policy, late, reliable, answers, ends})
					}
				}
			}
		}
	}
	return all
}

func (c cell) name() string {
	words := []string{"ringback"}
	if c.policy == EarlyRelay {
		words = []string{"early media"}
	}
	if c.late {
		words = append(words, "late offer")
	}
	if c.reliable != "" {
		words = append(words, c.reliable+" 100rel")
	}
	return strings.Join(append(words, string(c.answers), string(c.ends)+" ends it"), "; ")
}

// TestInterworking plays every cell. That nothing is left over and nothing
// leaked is what every world ends with.
func TestInterworking(t *testing.T) {
	for _, c := range cells() {
		t.Run(c.name(), func(t *testing.T) {
			inWorld(t, usual.early(c.policy), c.play)
		})
	}
}

func (c cell) play(w *world) {
	c.invite(w)
	c.answer(w)
	w.await(w.rider, "200")
	time.Sleep(time.Second)
	w.checkBothWays()
	c.end(w)
	w.settle()
	w.checkExchange("rider", w.cast.rider.host(), c.ofRider())
	w.checkExchange("customer", w.cast.customer.host(), c.ofCustomer())
	c.checkRecord(w)
}

func (c cell) invite(w *world) {
	var edits []siptest.Edit
	if c.late {
		edits = append(edits, siptest.NoBody)
	}
	if c.reliable != "" {
		edits = append(edits, siptest.With(c.reliable, "100rel"))
	}
	w.rider.Invite(string(riderDID), edits...)
	w.await(w.customer, "INVITE")
}

func (c cell) answer(w *world) {
	switch c.answers {
	case rings:
		w.customer.Respond(180, "Ringing")
	case sounds:
		w.customer.Respond(183, "Session Progress", siptest.Body(w.customer.SDP()))
	case soundsSurely:
		w.customer.Respond(183, "Session Progress", siptest.Reliable(71), siptest.Body(w.customer.SDP()))
		w.await(w.customer, "PRACK")
		w.customer.Answer(siptest.NoBody)
		return
	}
	time.Sleep(time.Second)
	w.customer.Answer()
}

// end ends the call, and sees that the other side hears of it.
func (c cell) end(w *world) {
	switch c.ends {
	case byRider:
		w.rider.Bye()
		w.await(w.customer, "BYE")
	case byCustomer:
		w.customer.Bye()
		w.await(w.rider, "BYE")
	default:
		w.complete(1)
		w.await(w.rider, "BYE")
		w.await(w.customer, "BYE")
	}
}

// ofRider is which messages of the rider's leg must have the offer and the answer.
func (c cell) ofRider() exchange {
	early := "183"
	if c.answers == rings || c.policy == EarlyLocal {
		early = "180"
	}
	sound := c.policy == EarlyRelay && (c.answers == sounds || c.answers == soundsSurely)
	switch {
	case c.late && c.reliable == "Require" && c.answers != atOnce:
		return exchange{early, "PRACK"}
	case c.late:
		return exchange{"200", "ACK"}
	case c.reliable != "" && sound:
		return exchange{"INVITE", early}
	default:
		return exchange{"INVITE", "200"}
	}
}

// ofCustomer is the same of the customer's leg.
func (c cell) ofCustomer() exchange {
	if c.answers == soundsSurely {
		return exchange{"INVITE", "183"}
	}
	return exchange{"INVITE", "200"}
}

func (c cell) checkRecord(w *world) {
	w.t.Helper()
	by := map[hangsUp]mapping.EndedBy{
		byRider: mapping.EndedByCaller, byCustomer: mapping.EndedByCallee, byComplete: mapping.EndedByComplete}
	final := w.journal.final()
	if len(final) != 1 {
		w.t.Fatalf("%d final CDRs", len(final))
	}
	if cdr := final[0]; cdr.Outcome != mapping.OutcomeAnswered || cdr.Status != 200 || cdr.EndedBy != by[c.ends] || cdr.Talked() <= 0 {
		w.t.Errorf("CDR: %s, %d, ended by %s, talked %s", cdr.Outcome, cdr.Status, cdr.EndedBy, cdr.Talked())
	}
}

// checkBothWays fails unless the two can hear each other, at the ports that
// their SDP names.
func (w *world) checkBothWays() {
	w.t.Helper()
	calls := w.b2bua.live.all()
	if len(calls) != 1 {
		w.t.Fatalf("there are %d calls", len(calls))
	}
	session := calls[0].sound.Load()
	for side, p := range map[media.Leg]part{media.A: w.cast.rider, media.B: w.cast.customer} {
		want := media.Way{Peer: netip.AddrPortFrom(p.host(), uint16(p.id.Port)), Speaks: true, Listens: true}
		if got := session.Way(side); got != want {
			w.t.Errorf("leg %s: %+v, want %+v", side, got, want)
		}
	}
}

// exchange names the messages of an offer and its answer.
type exchange struct{ Offer, Answer string }

// checkExchange fails unless offer and answer were exchanged once on a leg, and
// in these messages (RFC 3261 section 13.2.1, RFC 3262 section 5).
func (w *world) checkExchange(name string, host netip.Addr, want exchange) {
	w.t.Helper()
	if diff := cmp.Diff([]exchange{want}, exchanges(w.between(host, maskdHost))); diff != "" {
		w.t.Errorf("offers and answers on the leg of the %s (-want +got):\n%s", name, diff)
	}
}

// between returns what two hosts sent each other, in order, and each message
// once however often it was sent.
func (w *world) between(one, other netip.Addr) []siptest.Message {
	var messages []siptest.Message
	seen := make(map[string]bool)
	for _, p := range w.network.Packets() {
		to, fro := p.From.Addr() == one && p.To.Addr() == other, p.From.Addr() == other && p.To.Addr() == one
		if (to || fro) && !seen[string(p.Data)] {
			seen[string(p.Data)] = true
			messages = append(messages, siptest.Parse(p.Data))
		}
	}
	return messages
}

// exchanges reads the offers and answers of a leg as RFC 3264 has them. An SDP
// in an unreliable provisional response is neither: it only says beforehand
// what the answer will be.
func exchanges(messages []siptest.Message) []exchange {
	var all []exchange
	open := false
	for _, m := range messages {
		unreliable := m.Status() > 100 && m.Status() < 200 && m.Get("RSeq") == ""
		switch {
		case m.Body == "" || unreliable:
		case open:
			all[len(all)-1].Answer, open = m.Name(), false
		case m.Name() == "200" && len(all) > 0 && all[0].Offer == "INVITE":
			all = append(all, exchange{Offer: fmt.Sprintf("a second SDP in the %s", m.Name())})
		default:
			all, open = append(all, exchange{Offer: m.Name()}), true
		}
	}
	return all
}
