package sip

import (
	"time"

	"maskd/mapping"
	"maskd/sip/leg"
)

// Meter is told how each call went. It must not wait.
type Meter interface {
	Ended(Figures)
}

// Figures is what RFC 6076 measures of one call. There is no number in it.
type Figures struct {
	TrunkIn  string
	TrunkOut string // empty if nobody was rung
	Outcome  mapping.Outcome
	Status   int // the final response to the caller

	// RequestDelay is the Session Request Delay (section 4.3): from our INVITE
	// to the callee's side until it rang, was answered or failed; 0 for none.
	RequestDelay time.Duration
	// DisconnectDelay is the Session Disconnect Delay (section 4.4): from our
	// BYE to its answer, on the slower leg; 0 if we sent none.
	DisconnectDelay time.Duration
	// Talked is the Session Duration Time (section 4.5).
	Talked time.Duration
}

// stopwatch takes the times of one call that its CDR has no place for.
type stopwatch struct {
	invited    time.Time
	request    time.Duration
	saidBye    [2]time.Time // on leg A and leg B
	disconnect time.Duration
}

// sent notes an action of a leg.
func (w *stopwatch) sent(on Target, v leg.Verb, now time.Time) {
	switch v {
	case leg.SendInvite:
		if on == LegB && w.invited.IsZero() { // from the first gateway on: that is how long a caller waits
			w.invited = now
		}
	case leg.SendBye:
		w.saidBye[endOf(on)] = now
	}
}

// heard notes an input of a leg.
func (w *stopwatch) heard(on Target, k leg.InputKind, now time.Time) {
	switch k {
	case leg.GotRinging, leg.GotProgress, leg.GotOK, leg.GotBadOK, leg.GotFinal, leg.GotFailure:
		if w.request == 0 && on >= LegB && !w.invited.IsZero() {
			w.request = now.Sub(w.invited)
		}
	case leg.ByeOver:
		if said := w.saidBye[endOf(on)]; !said.IsZero() {
			w.disconnect = max(w.disconnect, now.Sub(said))
		}
	}
}

// endOf is 0 for leg A, and 1 for every leg B.
func endOf(on Target) int { return min(int(on-LegA), 1) }

// figures is what the call tells the meter when it has ended.
func (c *call) figures() Figures {
	return Figures{
		TrunkIn: c.cdr.TrunkIn, TrunkOut: c.cdr.TrunkOut, Outcome: c.cdr.Outcome, Status: c.cdr.Status,
		RequestDelay: c.watch.request, DisconnectDelay: c.watch.disconnect, Talked: c.cdr.Talked(),
	}
}
