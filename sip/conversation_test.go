package sip

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"maskd/mapping"
	"maskd/sip/siptest"
)

// deed is something that one of the two phones, or the operator, does in a
// call, in whatever state it is.
type deed uint8

const (
	deedRing deed = iota + 1
	deedRingReliably
	deedProgress
	deedAnswer
	deedFork
	deedDecline
	deedCancel
	deedBye
	deedReinvite
	deedHold
	deedAskForOffer
	deedUpdate
	deedRefresh
	deedRefuse
	deedInform
	deedRefer
	deedOptions
	deedUnheard
	deedAskAgain
	deedComplete
	deeds
)

// move is a deed of one side, and how long everybody waits after it.
type move struct {
	Customer bool
	Deed     deed
	Wait     time.Duration
}

// conversation is a call in which anything is done at any time, and what the
// network does to it.
type conversation struct {
	Asks         int  // which of the openings
	Click        bool // we begin the call, in place of that
	Moves        []move
	Loss, Double float64
	Jitter       time.Duration
	Seed         uint64
}

// openings are what an INVITE may ask for.
var openings = [][]siptest.Edit{
	nil,
	{siptest.NoBody},
	{siptest.With("Require", "100rel")},
	{siptest.With("Supported", "100rel, timer"), siptest.With("Session-Expires", "90")},
	{siptest.NoBody, siptest.With("Supported", "100rel")},
}

// prompt reports whether an ACK comes before its response is sent again.
func (c conversation) prompt() bool {
	return c.Loss == 0 && c.Double == 0 && c.Jitter < 100*time.Millisecond
}

func drawConversation(t *rapid.T) conversation {
	moves := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) move {
		return move{
			Customer: rapid.Bool().Draw(t, "customer"),
			Deed:     deed(rapid.Uint8Range(1, uint8(deeds)-1).Draw(t, "deed")),
			Wait:     time.Duration(rapid.SampledFrom([]int{0, 1, 20, 100, 600, 3000, 40000}).Draw(t, "wait")) * time.Millisecond,
		}
	}), 0, 12)
	return conversation{
		Click:  rapid.Bool().Draw(t, "click"),
		Asks:   rapid.IntRange(0, len(openings)-1).Draw(t, "asks"),
		Moves:  moves.Draw(t, "moves"),
		Loss:   rapid.SampledFrom([]float64{0, 0.1, 0.3}).Draw(t, "loss"),
		Double: rapid.SampledFrom([]float64{0, 0.3}).Draw(t, "double"),
		Jitter: time.Duration(rapid.SampledFrom([]int{1, 50, 400}).Draw(t, "jitter")) * time.Millisecond,
		Seed:   rapid.Uint64().Draw(t, "seed"),
	}
}

// TestEveryConversationEnds lets two phones do anything in any order, on a
// network that loses, doubles and swaps what they send. Whatever they do, each
// 2xx is acknowledged and its dialog ended, nothing is left 64*T1 and some
// seconds after the end, and nothing of one reaches the other.
func TestEveryConversationEnds(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) { checkConversation(t, rt) })
}

// FuzzConversation does the same with a corpus.
func FuzzConversation(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) {
		rapid.MakeFuzz(func(rt *rapid.T) { checkConversation(t, rt) })(t, data)
	})
}

func checkConversation(t *testing.T, rt *rapid.T) {
	c := drawConversation(rt)
	var faults []string
	var ladder string
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, usual)
		faults = w.converse(c)
		ladder = w.ladder()
	})
	if len(faults) > 0 {
		rt.Fatalf("%+v\n%s\n%v", c, ladder, faults)
	}
}

// lastInvite is how long an INVITE that the network loses may take to arrive
// for the first time (timer B): only then does its answer begin to be repeated.
const lastInvite = 64 * 500 * time.Millisecond

// converse plays a conversation to its end, and says what is wrong with it.
func (w *world) converse(c conversation) (faults []string) {
	dice := rand.New(rand.NewPCG(c.Seed, 1)) // the network rolls them one at a time
	w.network.Lose(func(siptest.Packet) bool { return dice.Float64() < c.Loss })
	w.network.Double(func(p siptest.Packet) bool { return dice.Float64() < c.Double && !isFailure(p) })
	w.network.Delay(func(siptest.Packet) time.Duration { return time.Duration(dice.Int64N(int64(c.Jitter))) })
	w.open(c)
	time.Sleep(100 * time.Millisecond)
	for _, m := range c.Moves {
		if m.Deed != deedRefuse || c.prompt() { // else a refusal comes again: see isFailure
			w.do(m)
		}
		time.Sleep(m.Wait)
	}
	w.directory.complete()
	w.b2bua.End(interaction)
	time.Sleep(lastInvite + afterlife)
	quiet := len(w.network.Packets())
	faults = w.leftovers()
	time.Sleep(time.Minute)
	for _, p := range w.network.Packets()[quiet:] { // an ACK answers what a peer says once more
		if name := siptest.Parse(p.Data).Name(); p.From.Addr() == maskdHost && name != "ACK" {
			faults = append(faults, "after the end we send "+name)
		}
	}
	w.close()
	faults = append(faults, w.leaks()...)
	return append(faults, w.orphans()...)
}

// isFailure reports whether a packet is a failure of an INVITE. None is
// doubled, for the reason for which a phone repeats one slowly: sipgo would wait
// with a lock held, and that stops the clock.
func isFailure(p siptest.Packet) bool {
	m := siptest.Parse(p.Data)
	return m.Method() == "INVITE" && m.Status() >= 300
}

// do does a deed, if whose deed it is can do it now.
func (w *world) do(m move) {
	p, may := w.rider, w.rider.InDialog()
	if m.Customer {
		p, may = w.customer, w.customer.InDialog()
	}
	switch m.Deed {
	case deedRing, deedRingReliably, deedProgress, deedAnswer, deedFork, deedDecline:
		if !w.rider.Called() {
			p = w.customer
		}
		if p.Called() && !p.Finished() {
			respond(p, m.Deed)
		}
	case deedCancel:
		if !w.rider.Called() {
			w.rider.Cancel()
		}
	case deedAskAgain:
		if !w.rider.Called() {
			w.rider.AskAgain()
		}
	case deedComplete:
		w.directory.complete()
		w.b2bua.End(interaction)
	default:
		if may {
			within(p, m.Deed)
		}
	}
}

// open begins the conversation.
func (w *world) open(c conversation) {
	if c.Click {
		w.must(w.originate(mapping.SideA, false))
		return
	}
	w.rider.Invite(string(riderDID), openings[c.Asks]...)
}

// respond answers a phone's call.
func respond(p *siptest.Phone, d deed) {
	switch d {
	case deedRing:
		p.Respond(180, "Ringing")
	case deedRingReliably:
		p.Respond(180, "Ringing", siptest.Reliable(1))
	case deedProgress:
		p.Respond(183, "Session Progress", siptest.Body(p.SDP()))
	case deedFork:
		p.Fork("another-at-" + p.Host)
	case deedDecline:
		p.Respond(486, "Busy Here")
	default:
		p.Answer()
	}
}

// within sends a request within the dialog.
func within(p *siptest.Phone, d deed) {
	switch d {
	case deedBye:
		p.Bye()
	case deedReinvite:
		p.Reinvite()
	case deedHold:
		p.Reinvite(siptest.Flowing("sendonly"))
	case deedAskForOffer:
		p.Reinvite(siptest.NoBody)
	case deedUpdate:
		p.Update(siptest.Body(p.SDP()))
	case deedRefresh:
		p.Update()
	case deedRefuse:
		p.Refuse(488, "Not Acceptable Here")
	case deedInform:
		p.Inform("application/dtmf-relay", "Signal=5\r\nDuration=160\r\n")
	case deedRefer:
		p.Within("REFER", siptest.With("Refer-To", "<sip:+15559990000@elsewhere.invalid>"))
	case deedUnheard:
		p.Within("NEWMETHOD")
	default:
		p.Within("OPTIONS")
	}
}

// answered names a 2xx to an INVITE of ours, and the ACK to it.
type answered struct {
	callID, tag string
	seq         int
}

// orphans says which answers to an INVITE of ours were never acknowledged, and
// which of their dialogs never ended.
func (w *world) orphans() (faults []string) {
	arrived, acked, ended := make(map[answered]bool), make(map[answered]bool), make(map[answered]bool)
	for _, p := range w.network.Packets() {
		m := siptest.Parse(p.Data)
		ours := p.From.Addr() == maskdHost
		a := answered{callID: m.Get("Call-ID"), tag: siptest.Tag(m.Get("To")), seq: m.Seq()}
		switch name := m.Name(); {
		case name == "200" && !ours && !p.Lost:
			arrived[a] = true
		case name == "ACK" && ours:
			acked[a] = true
		case name == "BYE" && ours:
			ended[answered{callID: a.callID, tag: a.tag}] = true
		case name == "BYE":
			ended[answered{callID: a.callID, tag: siptest.Tag(m.Get("From"))}] = true
		}
	}
	for a := range arrived {
		if over := ended[answered{callID: a.callID, tag: a.tag}]; !acked[a] || !over {
			faults = append(faults, fmt.Sprintf("the answer of %s to INVITE %d: acknowledged %v, its dialog ended %v", a.tag, a.seq, acked[a], over))
		}
	}
	return faults
}
