package leg_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"maskd/sip/leg"
)

// past is one more than the last input, so that a number that means nothing is
// tried as well.
const past = leg.ExpireFired + 1

// theirs and ours are session timers that the peer, and that we, refresh.
var (
	theirs = leg.SessionTimer{Every: 90 * time.Second}
	ours   = leg.SessionTimer{Every: 90 * time.Second, Ours: true}
	terms  = []leg.SessionTimer{{}, theirs, ours}
)

// everyInput is each input in each form that makes a difference to some state.
var everyInput = slices.Concat(bare(), ended(), heard(), alerts(), changes())

// bare is each input with nothing to it, even where there ought to be something.
func bare() []leg.Input {
	inputs := make([]leg.Input, 0, past)
	for k := range past + 1 {
		inputs = append(inputs, in(k))
	}
	return inputs
}

func ended() (inputs []leg.Input) {
	for _, k := range []leg.InputKind{leg.Release, leg.GotFinal, leg.GotRetry} {
		for c := leg.CauseHangup; c <= leg.CauseShutdown; c++ {
			inputs = append(inputs, because(k, c))
		}
	}
	return inputs
}

// heard are the messages that may have an answer for us, good or bad.
func heard() (inputs []leg.Input) {
	for _, k := range []leg.InputKind{leg.GotPrack, leg.GotAck, leg.GotChangeAck, leg.GotOK} {
		for body := leg.BodyOffer; body <= leg.BodyBad; body++ {
			for flow := range leg.FlowResume + 1 {
				inputs = append(inputs, leg.Input{Kind: k, Body: body, Flow: flow})
			}
		}
	}
	for _, timer := range terms {
		inputs = append(inputs, leg.Input{Kind: leg.GotOK, Timer: timer})
	}
	return inputs
}

func alerts() (inputs []leg.Input) {
	for _, early := range []bool{false, true} {
		inputs = append(inputs, leg.Input{Kind: leg.Ring, Early: early}, leg.Input{Kind: leg.Advance, Early: early})
		for _, k := range []leg.InputKind{leg.GotRinging, leg.GotProgress} {
			for _, body := range []leg.Body{leg.BodyNone, leg.BodyAnswer} {
				inputs = append(inputs, leg.Input{Kind: k, Body: body, Early: early},
					leg.Input{Kind: k, Body: body, Early: early, Reliable: true})
			}
		}
	}
	return inputs
}

// changes are what changes or refreshes a session.
func changes() (inputs []leg.Input) {
	for _, k := range []leg.InputKind{leg.GotReinvite, leg.GotUpdate, leg.GotChanged} {
		for body := range leg.BodyBad + 1 {
			for flow := range leg.FlowResume + 1 {
				for _, timer := range terms {
					inputs = append(inputs, leg.Input{Kind: k, Body: body, Flow: flow, Timer: timer})
				}
			}
		}
	}
	return inputs
}

// reach calls f with every input in every state that inputs lead to, likely or
// not. How long an interval is decides nothing, so each counts as T1: an 18x's
// doubles for ever.
func reach[S comparable](from []S, step func(S, leg.Input) S, f func(S, leg.Input)) int {
	seen := make(map[S]bool)
	for todo := from; len(todo) > 0; {
		here := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[here] {
			continue
		}
		seen[here] = true
		for _, in := range everyInput {
			f(here, in)
			if next := step(here, in); !seen[next] {
				todo = append(todo, next)
			}
		}
	}
	return len(seen)
}

// short takes any interval for the shortest.
func short(intervals ...*time.Duration) {
	for _, interval := range intervals {
		*interval = min(*interval, leg.T1)
	}
}

// A leg takes every input in every state: it stays a leg, keeps to its side's
// messages, answers every request once, and what has ended stays so.
func TestUASIsTotal(t *testing.T) {
	foreign := []leg.Verb{leg.SendInvite, leg.SendAgain, leg.SendPrack, leg.SendAck, leg.SendCancel}
	var invited []leg.UAS
	for _, timer := range terms {
		for r := range leg.ReliableRequired + 1 {
			for _, late := range []bool{false, true} {
				invited = append(invited, leg.UAS{Asks: leg.Asks{Reliable: r, Late: late, Timer: timer}})
			}
		}
	}
	step := func(u leg.UAS, in leg.Input) leg.UAS {
		u, _ = u.Step(in, nil)
		short(&u.Interval, &u.Early.Interval, &u.Session.Interval)
		return u
	}
	states := reach(invited, step, func(before leg.UAS, in leg.Input) {
		after, acts := before.Step(in, nil)
		if strings.HasPrefix(after.State.String(), "uas(") {
			t.Errorf("%s, %s: no such state as %s", before.State, in.Kind, after.State)
		}
		if before.Over() && after != before {
			t.Errorf("%s: %s changes it into %+v", before.State, in.Kind, after)
		}
		checkAnswers(t, before.State.String(), in, acts)
		checkActions(t, before.State.String(), in, acts, foreign)
	})
	t.Logf("%d states, %d inputs", states, len(everyInput))
}

// As TestUASIsTotal; and every 2xx to an INVITE of ours is acknowledged, and
// every reliable 18x while the INVITE has no final response. A PRACK is not
// heard: we send nothing that it could be for, and the edge answers it 481.
func TestUACIsTotal(t *testing.T) {
	foreign := []leg.Verb{leg.SendRinging, leg.SendProgress, leg.ResendEarly, leg.SendOK, leg.ResendOK, leg.SendFinal}
	step := func(u leg.UAC, in leg.Input) leg.UAC {
		u, _ = u.Step(in, nil)
		short(&u.Session.Interval)
		return u
	}
	states := reach([]leg.UAC{{}, {Gateways: 1}}, step, func(before leg.UAC, in leg.Input) {
		if in.Kind == leg.GotPrack {
			return
		}
		after, acts := before.Step(in, nil)
		state := before.State.String()
		if strings.HasPrefix(after.State.String(), "uac(") {
			t.Errorf("%s, %s: no such state as %s", state, in.Kind, after.State)
		}
		if before.State == leg.UACEnded && after != before {
			t.Errorf("%s: %s changes it into %+v", state, in.Kind, after)
		}
		if after.Gateways > before.Gateways {
			t.Errorf("%s, %s: %d gateways are left of %d", state, in.Kind, after.Gateways, before.Gateways)
		}
		if before.State != leg.UACIdle {
			checkAnswers(t, state, in, acts)
			checkAcknowledged(t, before, in, acts)
		}
		checkActions(t, state, in, acts, foreign)
	})
	t.Logf("%d states, %d inputs", states, len(everyInput))
}

// checkAnswers fails unless a request of the peer is answered once, and a 2xx
// to ours is acknowledged once.
func checkAnswers(t *testing.T, state string, in leg.Input, acts []leg.Action) {
	t.Helper()
	for _, row := range []struct {
		got   []leg.InputKind
		verbs []leg.Verb
	}{
		{[]leg.InputKind{leg.GotBye}, []leg.Verb{leg.AcceptBye}},
		{[]leg.InputKind{leg.GotPrack}, []leg.Verb{leg.AcceptPrack}},
		{[]leg.InputKind{leg.GotReinvite, leg.GotUpdate}, []leg.Verb{leg.AcceptChange, leg.RefuseChange}},
		{[]leg.InputKind{leg.GotChanged}, []leg.Verb{leg.AckChange}},
	} {
		want := 0
		if slices.Contains(row.got, in.Kind) {
			want = 1
		}
		if n := count(acts, row.verbs...); n != want {
			t.Errorf("%s: %s is answered %d times", state, in.Kind, n)
		}
	}
}

// checkAcknowledged fails unless a response to our INVITE is acknowledged as
// often as it has to be.
func checkAcknowledged(t *testing.T, before leg.UAC, in leg.Input, acts []leg.Action) {
	t.Helper()
	answer := in.Kind == leg.GotOK || in.Kind == leg.GotBadOK
	if answer != (count(acts, leg.SendAck) == 1) {
		t.Errorf("%s: %s is acknowledged %d times", before.State, in.Kind, count(acts, leg.SendAck))
	}
	pending := before.State < leg.UACConfirmed || before.State == leg.UACCancelWait || before.State == leg.UACCancelling
	if !pending {
		return
	}
	reliable := in.Reliable && (in.Kind == leg.GotRinging || in.Kind == leg.GotProgress)
	if reliable != (count(acts, leg.SendPrack) == 1) {
		t.Errorf("%s: a reliable %s has %d PRACKs", before.State, in.Kind, count(acts, leg.SendPrack))
	}
}

// checkActions fails if an action is unknown, is the other side's, or lacks
// what its verb needs.
func checkActions(t *testing.T, state string, in leg.Input, acts []leg.Action, foreign []leg.Verb) {
	t.Helper()
	for _, a := range acts {
		timer := a.Do == leg.StartTimer || a.Do == leg.StopTimer
		switch {
		case strings.HasPrefix(a.Do.String(), "verb("):
			t.Errorf("%s, %s: no such action as %s", state, in.Kind, a.Do)
		case slices.Contains(foreign, a.Do):
			t.Errorf("%s, %s: %s is for the other side", state, in.Kind, a.Do)
		case timer != (a.Timer > 0 && a.Timer < leg.Timers):
			t.Errorf("%s, %s: %s with timer %d", state, in.Kind, a.Do, a.Timer)
		case (a.Do == leg.StartTimer) != (a.After > 0):
			t.Errorf("%s, %s: %s after %s", state, in.Kind, a.Do, a.After)
		case a.Spread > 0 && a.Do != leg.StartTimer:
			t.Errorf("%s, %s: %s up to %s later", state, in.Kind, a.Do, a.Spread)
		case (a.Do == leg.Tell) != (a.Event.Kind != 0):
			t.Errorf("%s, %s: %s of %s", state, in.Kind, a.Do, a.Event.Kind)
		case (a.Do == leg.RefuseChange) != (a.Status != 0):
			t.Errorf("%s, %s: %s with status %d", state, in.Kind, a.Do, a.Status)
		case a.Body == leg.BodyBad:
			t.Errorf("%s, %s: %s with a bad SDP", state, in.Kind, a.Do)
		}
	}
}

func count(acts []leg.Action, verbs ...leg.Verb) int {
	n := 0
	for _, a := range acts {
		if slices.Contains(verbs, a.Do) {
			n++
		}
	}
	return n
}
