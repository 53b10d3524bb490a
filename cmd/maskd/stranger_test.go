package main

import (
	"strings"
	"testing"

	"maskd/cmd/maskd/admin"
)

// TestStrangersReachAPartyEndToEnd has one who is nobody's party press an
// extension as recorded phones do, and another time reach who is open to all.
func TestStrangersReachAPartyEndToEnd(t *testing.T) {
	t.Parallel()
	const extension = "01348" // in the order in which the keys were recorded
	s := newSite(t, line{name: "strange", transport: "udp"})
	s.start(t)
	l := s.line("strange")
	c := s.converse(t, l, withNumber101, withNumber96)
	invite := func(mode, more string) admin.Interaction {
		t.Helper()
		text := s.maskd(t, "a="+l.number('b', 0)+"\n"+more, "interaction", "create", "--json", "--pool", l.name, "--mode", mode)
		i := read[admin.Interaction](t, text)
		c.did = i.Parties.A.Dial
		return i
	}
	t.Run("by an extension", func(t *testing.T) {
		i := invite("extension", "a.extension="+extension+"\n")
		c.enter(t, keysOfPIN(t, extension+"#"))
		await(t, "the two to talk", func() bool { return s.talking(t, l) })
		c.expectUndisturbed(t)
		c.hangUp(t, s)
		s.expectLastCaller(t, i.ID)
	})
	t.Run("by the DID alone", func(t *testing.T) {
		i := invite("open", "")
		c.dial(t)
		c.expectUndisturbed(t)
		c.hangUp(t, s)
		s.expectLastCaller(t, i.ID)
	})
	for _, cdr := range s.cdrs(t, l) {
		if cdr.CallerSide != "b" || cdr.Shown != cdr.DID || cdr.Outcome != "answered" {
			t.Errorf("recorded as %+v", cdr)
		}
	}
	s.stop(t)
	if strings.Contains(s.log.String(), extension) {
		t.Error("the log holds the extension")
	}
}

// expectLastCaller expects that the interaction's party can call somebody back.
func (s *site) expectLastCaller(t *testing.T, id string) {
	t.Helper()
	await(t, "the caller to be known", func() bool {
		i, err := s.client().Interaction(t.Context(), id)
		return err == nil && i.LastCaller.Ref != "" && !i.LastCalledAt.IsZero()
	})
}
