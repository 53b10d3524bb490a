package sip

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

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

// refused plays a refusal, and returns what the caller is sent without what it
// said itself.
func refused(t *testing.T, scene ladder) []string {
	t.Helper()
	var heard []string
	inWorld(t, usual, func(w *world) {
		scene.script(w)
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
