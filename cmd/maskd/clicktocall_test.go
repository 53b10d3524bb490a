package main

import (
	"strings"
	"sync"
	"testing"

	"maskd/cmd/maskd/admin"
	"maskd/sip/siptest"
)

// exchange is a carrier that reaches both parties: it has their phones by their
// numbers.
type exchange struct{ phones []*handset }

// newExchange puts two phones behind the line's gateway. What they say and hear
// is at the hosts of the line.
func newExchange(t *testing.T, s *site, l line, a, b []string) (first, second *handset) {
	t.Helper()
	first = describedBy(t, s, l.caller, l.number('a', 0), soundPort, a)
	second = describedBy(t, s, l.callee, l.number('b', 0), soundPort, b)
	first.wire = bind(t, l.callee)
	second.wire = first.wire
	e := exchange{phones: []*handset{first, second}}
	var serving sync.WaitGroup
	t.Cleanup(serving.Wait)
	t.Cleanup(func() { _ = first.wire.Close() })
	serving.Go(e.serve)
	return first, second
}

// serve hands each message to the phone that it is for.
func (e exchange) serve() {
	for data := make([]byte, 1<<16); ; {
		n, err := e.phones[0].wire.Read(data)
		if err != nil {
			return
		}
		m := siptest.Parse(data[:n])
		for _, h := range e.phones {
			if strings.Contains(m.Start+m.Get("To"), h.number) || m.Status() != 0 {
				h.take(m)
				break
			}
		}
	}
}

// TestClickToCallEndToEnd rings both parties of an interaction: the first hears
// that it is asked, presses 1, and then both hear each other, and neither the
// key.
func TestClickToCallEndToEnd(t *testing.T) {
	t.Parallel()
	s := newSite(t, line{name: "click", transport: "udp"})
	s.start(t)
	l := s.line("click")
	i := s.connect(t, l, l.number('a', 0), l.number('b', 0))
	c := &conversation{
		line: l, a: newVoice(t, l.caller, soundPort, "first"), b: newVoice(t, l.callee, soundPort, "second")}
	c.caller, c.callee = newExchange(t, s, l, withNumber101, withNumber96)
	begun := read[admin.Originated](t, s.maskd(t, "", "interaction", "call", "--json", "--confirm", i.ID))
	c.dialogA = c.caller.begins(t)
	c.toA = c.dialogA.sound
	await(t, "the first to hear the prompt", func() bool { return c.a.sounds() > 10 })
	c.a.play(c.toA, keysOfPIN(t, "1"))
	c.dialogB = c.callee.begins(t)
	c.toB = c.dialogB.sound
	await(t, "the two to talk", func() bool { return s.talking(t, l) })
	c.expectUndisturbed(t)
	for d, want := range map[*dialog]string{&c.dialogA: i.Parties.A.Dial, &c.dialogB: i.Parties.B.Dial} {
		if !strings.Contains(d.remote, want) {
			t.Errorf("is shown %s, not %s", d.remote, want)
		}
	}
	c.hangUp(t, s)
	s.expectCDRs(t, l, "answered by caller 0")
	if cdr := s.cdrs(t, l)[0]; cdr.Call != begun.ID || !cdr.ClickToCall || cdr.TrunkIn != "click-out" || cdr.TrunkOut != "click-out" {
		t.Errorf("CDR: %+v", cdr)
	}
	s.stop(t)
	for _, number := range []string{l.number('a', 0), l.number('b', 0)} {
		if strings.Contains(s.log.String(), number[1:]) {
			t.Errorf("the log holds %s", number)
		}
	}
}
