package sip

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"maskd/mapping"
	"maskd/sip/siptest"
)

// open is the cast where anybody who calls the DID reaches the customer.
func open() cast {
	c := usual
	c.open = true
	return c
}

// extended is the cast where the customer shares the DID, and has an extension.
func extended(extension string) cast {
	c := usual
	c.extension = extension
	return c
}

// chat rings the customer, who picks up, and the rider hangs up after ten seconds.
func (w *world) chat() {
	w.t.Helper()
	w.rung()
	w.hangUp(w.rider)
}

// asked reports whether the rider's call is answered, or refused.
func (w *world) asked() bool {
	w.t.Helper()
	m, err := w.rider.Await("200", "404")
	w.must(err)
	return m.Name() == "200"
}

var openLadders = []ladder{
	{name: "open_anybody_calls", cast: open(), script: func(w *world) {
		w.rider.Invite(string(riderDID))
		w.chat()
	}},
	{name: "open_somebody_calls_who_hides", cast: open(), script: func(w *world) {
		w.rider.Invite(string(riderDID), anonymous)
		w.chat()
	}},
	{name: "open_calls_back", cast: open(), script: func(w *world) {
		w.customer.Invite(string(riderDID))
		w.await(w.rider, "INVITE")
		w.rider.Respond(180, "Rider is ringing")
		time.Sleep(time.Second)
		w.rider.Answer()
		w.await(w.rider, "ACK")
		time.Sleep(time.Second)
		w.hangUp(w.customer)
	}},
	{name: "open_and_completed_while_talking", cast: open(), script: func(w *world) {
		w.rider.Invite(string(riderDID))
		w.rung()
		w.complete(1)
		w.await(w.rider, "BYE")
		time.Sleep(time.Second)
		w.rider.Invite(string(riderDID))
		w.await(w.rider, "404")
	}},
}

var extensionLadders = []ladder{
	{name: "extension_right", cast: extended("4711"), script: func(w *world) {
		w.callAndHear(noParty)
		w.press("4711#")
		w.chat()
	}},
	{name: "extension_and_a_pause", cast: extended("4711"), script: func(w *world) {
		w.callAndHear(anonymous)
		w.press("4711")
		w.chat()
	}},
	{name: "extension_of_eight_digits", cast: extended("47110815"), script: func(w *world) {
		w.callAndHear(noParty)
		w.press("47110815")
		w.chat()
	}},
	{name: "extension_right_at_the_third_try", cast: extended("4711"), script: func(w *world) {
		w.callAndHear(noParty)
		w.press("4712#")
		w.press("471#")
		w.press("4711#")
		w.chat()
	}},
	{name: "extension_wrong_three_times", cast: extended("4711"), script: func(w *world) {
		w.callAndHear(noParty)
		w.press("4712#")
		w.press("471#")
		w.press("47111#")
		w.await(w.rider, "BYE")
		time.Sleep(time.Second)
		w.rider.Invite(string(riderDID), noParty)
		w.await(w.rider, "404")
		time.Sleep(time.Second)
		w.callAndHear() // another caller
		w.press("4711#")
		w.chat()
	}},
	{name: "extension_right_and_busy", cast: extended("4711").counting(1), script: func(w *world) {
		w.callAndHear(noParty)
		w.b2bua.live.mu.Lock()
		w.b2bua.live.census.counts[mapping.Common{Interaction: interaction}]++ // another of its calls is live
		w.b2bua.live.mu.Unlock()
		w.press("4711#")
		w.await(w.rider, "BYE")
	}},
	{name: "extension_is_not_keyed_in", cast: extended("4711"), script: func(w *world) {
		w.callAndHear(noParty)
		w.await(w.rider, "BYE")
	}},
	{name: "extension_of_a_completed_interaction", cast: extended("4711"), script: func(w *world) {
		w.callAndHear(noParty)
		w.complete(0)
		w.press("4711#")
		w.await(w.rider, "BYE")
	}},
	{name: "complete_after_the_extension", cast: extended("4711"), script: func(w *world) {
		w.callAndHear(noParty)
		w.press("4711#")
		w.await(w.customer, "INVITE")
		w.customer.Respond(180, "Customer is ringing")
		time.Sleep(time.Second)
		w.complete(1)
		w.await(w.rider, "BYE")
	}},
	{name: "extension_calls_back", cast: extended("4711"), script: func(w *world) {
		w.customer.Invite(string(riderDID))
		w.await(w.rider, "INVITE")
		w.rider.Answer()
		w.await(w.rider, "ACK")
		time.Sleep(time.Second)
		w.hangUp(w.customer)
	}},
}

func TestOpen(t *testing.T) { play(t, openLadders) }

func TestExtension(t *testing.T) { play(t, extensionLadders) }

// Nobody is rung before the extension was right, and no key passes.
func TestNobodyIsRungForAWrongExtension(t *testing.T) {
	for _, scene := range extensionLadders {
		t.Run(scene.name, func(t *testing.T) {
			inWorld(t, scene.cast, func(w *world) {
				scene.script(w)
				for _, p := range w.sentTo(customer.host()) {
					if strings.Contains(scene.name, "completed") || strings.Contains(scene.name, "busy") || strings.Contains(scene.name, "keyed") {
						t.Errorf("the customer's side is sent %.20q", p.Data)
					}
					if strings.Contains(string(p.Data), "INFO ") {
						t.Error("the customer's side is sent a key")
					}
				}
			})
		})
	}
}

// The record of a stranger's call says whom he reached, and of which side he is.
func TestAStrangersCallIsRecorded(t *testing.T) {
	for name, c := range map[string]cast{"open": open(), "extension": extended("4711")} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, c, func(w *world) {
				w.rider.Invite(string(riderDID))
				if c.extension != "" {
					w.await(w.rider, "200")
					time.Sleep(time.Second)
					w.press("4711#")
				}
				w.chat()
				w.settle()
				cdr := w.journal.final()[0]
				if cdr.Interaction != interaction || cdr.CallerSide != mapping.SideB || cdr.Caller != rider.number() ||
					cdr.Target != customer.number() || cdr.DID != riderDID || cdr.Shown != riderDID {
					t.Errorf("recorded as of side %q on %s, shown %s", cdr.CallerSide, cdr.DID, cdr.Shown)
				}
			})
		})
	}
}

// A number that the trunk does not vouch for is recorded as that: it must not be
// called back.
func TestADoubtedNumberIsRecordedAsOne(t *testing.T) {
	for _, doubted := range []bool{true, false} {
		c := extended("4711")
		c.doubted = doubted
		inWorld(t, c, func(w *world) {
			w.rider.Invite(string(riderDID))
			w.await(w.rider, "200")
			time.Sleep(time.Second)
			w.press("4711#")
			w.chat()
			w.settle()
			if cdr := w.journal.final()[0]; cdr.Doubted != doubted || cdr.Interaction != interaction {
				t.Errorf("recorded as doubted: %t, want %t", cdr.Doubted, doubted)
			}
		})
	}
}

func TestWhyAStrangerIsRefusedIsRecorded(t *testing.T) {
	inWorld(t, extended("4711"), func(w *world) {
		for range 2 { // wrong three times, and then not asked
			w.rider.Invite(string(riderDID), noParty)
			if w.asked() {
				time.Sleep(time.Second)
				w.press("4712#")
				w.press("4713#")
				w.press("4714#")
				w.await(w.rider, "BYE")
			}
			time.Sleep(time.Second)
		}
		w.settle()
		for _, cdr := range w.journal.final() {
			if cdr.Refusal != mapping.RefusalExtension || cdr.Outcome != mapping.OutcomeRefused || !cdr.Interaction.IsZero() {
				t.Errorf("recorded as %s, %q", cdr.Outcome, cdr.Refusal)
			}
		}
	})
}

// Who goes through the extensions with a new number for each call has no more
// tries than the trunk that he comes by.
func TestATrunkHasSoManyWrongExtensions(t *testing.T) {
	inWorld(t, extended("4711"), func(w *world) {
		tries := 0
		for n := range 15 {
			caller := fmt.Sprintf("<sip:+9198000%05d@guess.invalid>", n)
			w.rider.Invite(string(riderDID), siptest.With("P-Asserted-Identity", caller))
			if !w.asked() {
				continue
			}
			time.Sleep(time.Second)
			for range mapping.PINTries {
				w.press("4712#")
				tries++
			}
			w.await(w.rider, "BYE")
			time.Sleep(time.Second)
		}
		if tries < mapping.ExtensionBurst || tries > mapping.ExtensionBurst+mapping.PINTries {
			t.Errorf("%d wrong extensions are looked at", tries)
		}
	})
}
