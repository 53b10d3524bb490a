package sip

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"maskd/mapping"
	"maskd/sip/siptest"
)

// TestRefusalsLookAlike plays every refusal, and compares what the caller is
// sent, and when: it must not learn which of them it is (promise 6).
func TestRefusalsLookAlike(t *testing.T) {
	var first []string
	for i, scene := range refusals {
		got := refused(t, scene)
		if i == 0 {
			first = got
		}
		if diff := cmp.Diff(first, got); diff != "" {
			t.Errorf("%s differs from %s (-want +got):\n%s", scene.name, refusals[0].name, diff)
		}
	}
	if len(first) != 2 {
		t.Errorf("a refusal has %d packets, not a 100 and a 404", len(first))
	}
}

// Whose interaction is over is treated as who never had one: where strangers are asked
// for something, sent elsewhere or the arbiter decides about them, so is he.
func TestWhoIsNobodysPartyAnyMoreIsAStranger(t *testing.T) {
	asked, keyed := usual, usual
	asked.asked, asked.pin, keyed.extension = true, "482913", "4711"
	for name, c := range map[string]cast{
		"a PIN": asked, "an extension": keyed, "the hook": hooked(""), "elsewhere": redirecting(), "an announcement": announcing(),
	} {
		t.Run(name, func(t *testing.T) {
			var first []string
			for _, refusal := range []mapping.Refusal{mapping.RefusalUnknown, mapping.RefusalExpired, mapping.RefusalCompleted} {
				got := treated(t, c, func(w *world) {
					w.rules(refuse)
					w.directory.refusal = refusal
					w.rider.Invite(string(riderDID), noParty)
				})
				if first == nil {
					first = got
				}
				if diff := cmp.Diff(first, got); diff != "" {
					t.Errorf("%s differs from unknown (-want +got):\n%s", refusal, diff)
				}
			}
		})
	}
}

// refused plays a refusal, and returns what the caller is sent without what it
// said itself.
func refused(t *testing.T, scene ladder) []string {
	t.Helper()
	return treated(t, usual, scene.script)
}

func treated(t *testing.T, c cast, script func(*world)) []string {
	t.Helper()
	var heard []string
	inWorld(t, c, func(w *world) {
		script(w)
		w.settle()
		for _, p := range w.sentTo(rider.host()) {
			m := siptest.Parse(p.Data)
			own := m.Without("Via", "From", "To", "Call-ID", "CSeq")
			heard = append(heard, fmt.Sprintf("%s %s\n%v\ntag %d characters\n%s",
				p.At, m.Start, own.Headers, len(siptest.Tag(m.Get("To"))), m.Body))
		}
	})
	return heard
}
