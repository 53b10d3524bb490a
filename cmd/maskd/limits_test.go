package main

import (
	"slices"
	"testing"

	"maskd/cmd/maskd/admin"
)

// TestACallIsWarnedAndSaidGoodbyeEndToEnd has a caller hear that his time is
// nearly over while the callee goes on hearing him, and both a goodbye when the
// interaction is completed, and nothing of each other from then on.
func TestACallIsWarnedAndSaidGoodbyeEndToEnd(t *testing.T) {
	t.Parallel()
	s := newSite(t, line{name: "timed", transport: "udp"})
	s.tune(t, map[string]string{"timed": "max_call_seconds: 3600, warn_seconds: [3599]"})
	s.start(t)
	l := s.line("timed")
	c := s.converse(t, l, withNumber101, withNumber96)
	parties := "a=" + l.number('a', 0) + "\nb=" + l.number('b', 1) + "\n"
	i := read[admin.Interaction](t, s.maskd(t, parties, "interaction", "create", "--json", "--pool", l.name, "--max-call", "1h", "--warn", "3598s", "--warned", "a"))
	c.did = i.Parties.A.Dial
	c.dial(t)
	await(t, "the caller to be warned", func() bool {
		c.talk(1)
		return c.a.injected(c.saidB) > 20
	})
	c.settleB()
	if missed := c.b.missed(c.saidA); missed > 0 || c.b.injected(c.saidA) > 0 {
		t.Errorf("while the caller is warned, the callee misses %d of his words, and hears %d packets of ours", missed, c.b.injected(c.saidA))
	}
	s.maskd(t, "", "interaction", "complete", "--calls", "announce", i.ID)
	c.a.forget()
	c.b.forget()
	c.saidA, c.saidB = nil, nil
	c.talk(10)
	await(t, "both to hear a goodbye", func() bool { return c.a.sounds() > 10 && c.b.sounds() > 10 })
	c.expectOver(t, s, "complete")
	if missed := c.a.missed(c.saidB) + c.b.missed(c.saidA); missed != 20 {
		t.Errorf("of 20 words that were said after the complete, %d were heard", 20-missed)
	}
	s.stop(t)
}

// TestARefusalIsHeardEndToEnd has a stranger hear a tone, and nobody ring.
func TestARefusalIsHeardEndToEnd(t *testing.T) {
	t.Parallel()
	s := newSite(t, line{name: "strange", transport: "udp"})
	s.tune(t, map[string]string{"strange": "unknown_caller: announce"})
	s.start(t)
	l := s.line("strange")
	c := s.converse(t, l, withNumber101, withNumber96)
	c.caller.number = l.number('a', 7)
	c.caller.call(c.did)
	await(t, "the caller to hear why", func() bool { return c.a.sounds() > 100 })
	c.expectOver(t, s, "policy")
	if n := c.b.sounds(); n > 0 {
		t.Errorf("the callee hears %d packets", n)
	}
	s.stop(t)
}

// settleB waits until the callee has heard all that was said, or will not any more.
func (c *conversation) settleB() {
	said := c.saidB
	c.saidB = nil
	c.settle()
	c.saidB = said
}

// expectOver waits until the call is over, and expects who ended it.
func (c *conversation) expectOver(t *testing.T, s *site, by string) {
	t.Helper()
	await(t, "the call to be over", func() bool {
		return slices.ContainsFunc(s.cdrs(t, c.line), func(cdr admin.CDR) bool { return cdr.EndedBy != "" })
	})
	for _, cdr := range s.cdrs(t, c.line) {
		if cdr.EndedBy != by {
			t.Errorf("ended by %s, not %s", cdr.EndedBy, by)
		}
	}
}
