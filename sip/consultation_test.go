package sip

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"maskd/mapping"
	"maskd/sip/siptest"
)

// arbiter is a decision hook that takes its time.
type arbiter struct {
	takes  time.Duration
	ruling mapping.Ruling
	err    error
	breaks bool // it panics

	mu    sync.Mutex
	cases []mapping.Case
}

var errNoAnswer = errors.New("no answer in time")

func (a *arbiter) Rule(ctx context.Context, c mapping.Case) (mapping.Ruling, error) {
	a.mu.Lock()
	a.cases = append(a.cases, c)
	a.mu.Unlock()
	select {
	case <-time.After(a.takes):
	case <-ctx.Done():
		return mapping.Ruling{}, ctx.Err()
	}
	if a.breaks {
		panic("the arbiter is broken")
	}
	return a.ruling, a.err
}

// rules lets the arbiter answer so, after 300 ms.
func (w *world) rules(r mapping.Ruling) { w.arbiter.takes, w.arbiter.ruling = 300*time.Millisecond, r }

var (
	connect = mapping.Ruling{Verdict: mapping.VerdictConnect}
	refuse  = mapping.Ruling{Verdict: mapping.VerdictRefuse}
	vouch   = mapping.Ruling{Verdict: mapping.VerdictConnect, Interaction: interaction}
)

// hooked is the cast where the arbiter is asked.
func hooked(pin string) cast {
	c := usual
	c.hooked = true
	if pin != "" {
		c.doubted, c.pin = true, pin
	}
	return c
}

// The call's own goroutine never waits for the arbiter: whatever ends the call
// meanwhile ends it at once.
func TestACallWaitsForTheArbiter(t *testing.T) {
	play(t, []ladder{
		{name: "hook_connects", cast: hooked(""), script: func(w *world) {
			w.rules(connect)
			w.rider.Invite(string(riderDID))
			w.rung()
			w.hangUp(w.rider)
		}},
		{name: "hook_bounds_the_call", cast: hooked(""), script: func(w *world) {
			ruling := connect
			ruling.CallTime = 20 * time.Second
			w.rules(ruling)
			w.rider.Invite(string(riderDID))
			w.rung()
			w.await(w.rider, "BYE")
		}},
		{name: "hook_refuses", cast: hooked(""), script: func(w *world) {
			w.rules(refuse)
			w.rider.Invite(string(riderDID))
			w.await(w.rider, "404")
		}},
		{name: "hook_gives_no_answer", cast: hooked(""), script: func(w *world) {
			w.arbiter.takes, w.arbiter.err = 800*time.Millisecond, errNoAnswer
			w.rider.Invite(string(riderDID))
			w.await(w.rider, "404")
		}},
		{name: "hook_gives_an_answer_to_another_question", cast: hooked(""), script: func(w *world) {
			w.rules(vouch)
			w.rider.Invite(string(riderDID))
			w.await(w.rider, "404")
		}},
		{name: "hook_breaks", cast: hooked(""), script: func(w *world) {
			w.arbiter.breaks = true
			w.rider.Invite(string(riderDID))
			w.await(w.rider, "404")
		}},
		{name: "complete_while_the_hook_is_asked", cast: hooked(""), script: func(w *world) {
			w.rules(connect)
			w.rider.Invite(string(riderDID))
			time.Sleep(100 * time.Millisecond)
			w.complete(1)
			w.await(w.rider, "480")
		}},
		{name: "cancel_while_the_hook_is_asked", cast: hooked(""), script: func(w *world) {
			w.rules(connect)
			w.rider.Invite(string(riderDID))
			time.Sleep(100 * time.Millisecond)
			w.rider.Cancel()
			w.await(w.rider, "487")
		}},
		{name: "expired_while_the_hook_is_asked", cast: hooked(""), script: func(w *world) {
			w.rules(connect)
			w.rider.Invite(string(riderDID))
			time.Sleep(100 * time.Millisecond)
			w.directory.expire()
			w.await(w.rider, "404")
		}},
		{name: "daemon_stops_while_the_hook_is_asked", cast: hooked(""), script: func(w *world) {
			w.arbiter.takes = time.Hour
			w.rider.Invite(string(riderDID))
			time.Sleep(100 * time.Millisecond)
			stopped := time.Now()
			w.b2bua.Close(context.Background())
			if took := time.Since(stopped); took > time.Second {
				w.t.Errorf("the daemon waits for the hook %s", took)
			}
		}},
		{name: "complete_as_the_hook_connects", cast: hooked("482913"), script: func(w *world) {
			w.rules(connect)
			w.callAndHear()
			w.press("482913")
			time.Sleep(95 * time.Millisecond) // of 300, 200 have passed: it answers while the BYE is under way
			w.complete(1)
			w.await(w.rider, "BYE")
		}},
		{name: "hook_connects_after_the_pin", cast: hooked("482913"), script: func(w *world) {
			w.rules(connect)
			w.callAndHear()
			w.press("482913")
			w.rung()
			w.hangUp(w.rider)
		}},
		{name: "hook_refuses_after_the_pin", cast: hooked("482913"), script: func(w *world) {
			w.rules(refuse)
			w.callAndHear()
			w.press("482913")
			w.await(w.rider, "BYE")
		}},
	})
}

// What is changed while the arbiter is asked holds for the call, whatever it says.
func TestWhatChangesWhileTheArbiterIsAsked(t *testing.T) {
	outside := hooked("")
	outside.announce = announcing().announce
	change := func(to mapping.Refusal) func(*world) {
		return func(w *world) {
			w.rules(connect)
			w.rider.Invite(string(riderDID))
			time.Sleep(100 * time.Millisecond)
			w.directory.change(to)
			w.await(w.rider, "404")
			if cdr := w.journal.final()[0]; cdr.Refusal != to || cdr.Tried != 0 {
				w.t.Errorf("refusal %q, %d were rung", cdr.Refusal, cdr.Tried)
			}
		}
	}
	play(t, []ladder{
		{name: "blocked_while_the_hook_is_asked", cast: hooked(""), script: change(mapping.RefusalBlocked)},
		{name: "hours_end_while_the_hook_is_asked", cast: outside, script: change(mapping.RefusalOutsideHours)},
		{name: "quiet_while_the_hook_is_asked_after_a_pin", cast: hooked("482913"), script: func(w *world) {
			w.rules(connect)
			w.callAndHear()
			w.press("482913") // 200 ms ago
			w.directory.change(mapping.RefusalQuiet)
			w.await(w.rider, "BYE")
		}},
	})
}

// The arbiter can have the party's fallback rung, and no number of its own.
func TestTheArbiterHasTheFallbackRung(t *testing.T) {
	c := hooked("")
	c.hunt.Fallback = customer.number() // the desk is rung else
	play(t, []ladder{{name: "hook_has_the_fallback_rung", cast: c, script: func(w *world) {
		w.rules(mapping.Ruling{Verdict: mapping.VerdictFallback})
		w.rider.Invite(string(riderDID))
		w.rung()
		w.hangUp(w.rider)
		w.settle()
		if cdr := w.journal.final()[0]; cdr.Diverted != mapping.DiversionHook || cdr.Target != customer.number() || cdr.Tried != 1 {
			w.t.Errorf("%d were rung, the last because of %q", cdr.Tried, cdr.Diverted)
		}
	}}})
	t.Run("where there is none", func(t *testing.T) {
		inWorld(t, hooked(""), func(w *world) {
			w.rules(mapping.Ruling{Verdict: mapping.VerdictFallback})
			w.rider.Invite(string(riderDID))
			w.await(w.rider, "404")
		})
	})
}

func TestTheArbiterSaysWhoAStrangerIs(t *testing.T) {
	play(t, []ladder{
		{name: "hook_vouches_for_a_stranger", cast: hooked(""), script: func(w *world) {
			w.rules(vouch)
			w.rider.Invite(string(riderDID), noParty)
			w.rung()
			w.hangUp(w.customer)
		}},
		{name: "hook_knows_no_stranger", cast: hooked(""), script: func(w *world) {
			w.rules(refuse)
			w.rider.Invite(string(riderDID), anonymous)
			w.await(w.rider, "404")
		}},
		{name: "hook_connects_a_stranger_to_nobody", cast: hooked(""), script: func(w *world) {
			w.rules(connect)
			w.rider.Invite(string(riderDID), noParty)
			w.await(w.rider, "404")
		}},
		{name: "hook_vouches_for_a_stranger_of_no_interaction", cast: hooked(""), script: func(w *world) {
			w.rules(mapping.Ruling{Verdict: mapping.VerdictConnect, Interaction: mapping.ID{9}})
			w.rider.Invite(string(riderDID), noParty)
			w.await(w.rider, "404")
		}},
		{name: "complete_as_the_hook_vouches_for_a_stranger", cast: hooked(""), script: func(w *world) {
			w.rules(vouch)
			w.directory.gone = true
			w.rider.Invite(string(riderDID), noParty)
			w.await(w.rider, "404")
		}},
	})
}

func TestTheArbiterPicksWhoIsRung(t *testing.T) {
	inWorld(t, hooked(""), func(w *world) {
		w.rules(mapping.Ruling{Verdict: mapping.VerdictConnect, Picks: true, Target: 1})
		w.rider.Invite(string(riderDID))
		if m := w.await(w.customer, "INVITE"); !strings.Contains(m.Start, "+447700900124@") {
			t.Errorf("rung is %s", m.Start)
		}
		w.customer.Respond(486, "Busy")
		w.await(w.rider, "486")
	})
}

func TestTheArbiterSaysWhetherACallIsRecorded(t *testing.T) {
	for name, edits := range map[string][]siptest.Edit{"of a party": nil, "of a stranger": {noParty}} {
		for way, want := range map[mapping.Recording]string{mapping.RecordingAgreed: "0", mapping.RecordingOptIn: "~0", 0: ""} {
			t.Run(name+" "+way.String(), func(t *testing.T) {
				c := hooked("")
				c.record = mapping.RecordingOff
				inWorld(t, c, func(w *world) {
					ruling := connect
					if edits != nil {
						ruling = vouch
					}
					ruling.Record = way
					w.rules(ruling)
					w.rider.Invite(string(riderDID), edits...)
					w.rung()
					w.hangUp(w.rider)
					time.Sleep(time.Second)
					if cdr := w.journal.final()[0]; cdr.Record != way {
						t.Errorf("recorded as %s", cdr.Record)
					}
					if want == "" {
						w.studio.deck.Close()
						w.studio.vault.Close()
						return
					}
					if got := w.listened(); got != want {
						t.Errorf("listened from %s on", got)
					}
				})
			})
		}
	}
}

// What the arbiter is told of who calls.
func TestTheArbiterIsTold(t *testing.T) {
	for _, row := range []struct {
		name   string
		cast   cast
		edits  []siptest.Edit
		matter mapping.Matter
		caller string
	}{
		{"of a party", hooked(""), nil, mapping.MatterParty, ""},
		{"of a stranger", hooked(""), []siptest.Edit{noParty}, mapping.MatterUnknown, "num_caller"},
		{"of who withholds his number", hooked(""), []siptest.Edit{anonymous}, mapping.MatterUnknown, ""},
		{"of a number that is not believed", hooked("482913"), []siptest.Edit{noParty}, mapping.MatterUnknown, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			inWorld(t, row.cast, func(w *world) {
				w.rules(refuse)
				w.rider.Invite(string(riderDID), row.edits...)
				w.await(w.rider, "404")
				cdr := w.journal.final()[0]
				if cases := w.arbiter.cases; len(cases) != 1 || cases[0].Matter != row.matter || cases[0].Caller != row.caller ||
					cases[0].Call != cdr.Call || cases[0].DID != riderDID || cases[0].At.IsZero() || cdr.Refusal != mapping.RefusalHook {
					t.Errorf("told %+v, refused %q", cases, cdr.Refusal)
				}
			})
		})
	}
}

func TestWithoutAnArbiterWhoNeedsItIsRefused(t *testing.T) {
	inWorld(t, hooked(""), func(w *world) {
		w.b2bua.arbiter = nil
		w.rider.Invite(string(riderDID))
		w.await(w.rider, "404")
	})
}
