package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtp"

	"maskd/cmd/maskd/admin"
)

// TestAPINIsEnteredEndToEnd has callers press a PIN as recorded phones do: one
// whose number is not attested, and one whose number is nobody's. They hear that
// they are asked, and the callee no key.
func TestAPINIsEnteredEndToEnd(t *testing.T) {
	t.Parallel()
	const given = "0123456789"
	s := newSite(t, line{name: "doubted", transport: "udp"}, line{name: "strange", transport: "udp"})
	s.tune(t, map[string]string{
		"doubted-in": "stir: {minimum: A, trust_verstat: true, on_unverified: pin}",
		"strange":    "unknown_caller: pin",
	})
	s.start(t)
	for _, caller := range []struct {
		name string
		pair int // of the party that he is
		keys string
	}{{"doubted", 0, given}, {"strange", 1, given + "#"}} {
		t.Run(caller.name, func(t *testing.T) {
			l := s.line(caller.name)
			c := s.converse(t, l, withNumber101, withNumber96)
			if caller.pair > 0 { // who then is given another DID than the caller has
				s.connect(t, l, l.number('a', caller.pair), l.number('b', caller.pair))
			}
			parties := "a=" + l.number('a', caller.pair) + "\nb=" + l.number('b', 0) + "\na.pin=" + given + "\n"
			i := read[admin.Interaction](t, s.maskd(t, parties, "interaction", "create", "--json", "--pool", l.name))
			if i.Parties.A.PIN != given || i.Parties.B.PIN != "" {
				t.Errorf("made with the PINs %s and %s", string(i.Parties.A.PIN), string(i.Parties.B.PIN))
			}
			c.did = i.Parties.A.Dial
			c.enter(t, keysOfPIN(t, caller.keys))
			await(t, "the two to talk", func() bool { return s.talking(t, l) })
			c.expectUndisturbed(t)
			c.hangUp(t, s)
		})
	}
	s.stop(t)
	if strings.Contains(s.log.String(), given) {
		t.Error("the log holds the PIN")
	}
}

// enter begins a call in which keys are pressed when the prompt was heard, and
// the callee then is rung.
func (c *conversation) enter(t *testing.T, keys []rtp.Packet) {
	t.Helper()
	c.caller.call(c.did)
	c.dialogA = c.caller.begins(t)
	c.toA = c.dialogA.sound
	await(t, "the caller to hear the prompt", func() bool { return c.a.sounds() > 10 })
	c.a.play(c.toA, keys)
	c.dialogB = c.callee.begins(t)
	c.toB = c.dialogB.sound
}

// expectUndisturbed lets the two talk, and expects that they hear each other and
// nothing of what was before.
func (c *conversation) expectUndisturbed(t *testing.T) {
	t.Helper()
	const ringback = 2 // packets that may be under way when the callee answers
	first := []string{c.b.say(c.toB)}
	await(t, "the caller to have heard all that came before the callee's first word", func() bool { return c.a.missed(first) == 0 })
	c.a.forget()
	c.talk(25)
	c.settle()
	if a, b := c.a.missed(c.saidB), c.b.missed(c.saidA); a+b > 0 {
		t.Errorf("of 25 words the caller missed %d, the callee %d", a, b)
	}
	if n := c.b.injected(c.saidA); n != 0 {
		t.Errorf("the callee hears %d packets that nobody said to him", n)
	}
	if n := c.a.injected(c.saidB); n > ringback {
		t.Errorf("the caller hears %d packets of a ringback after the answer", n)
	}
}

// TestDrawnPINsArePrintedOnce reads them as a person does.
func TestDrawnPINsArePrintedOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t, line{name: "usual", transport: "udp"})
	s.start(t)
	l := s.line("usual")
	text := string(s.maskd(t, "a="+l.number('a', 0)+"\nb="+l.number('b', 0)+"\n", "interaction", "create", "--pool", l.name, "--pin", "generate"))
	if strings.Count(text, ", PIN ") != 2 {
		t.Errorf("printed:\n%s", text)
	}
	id := strings.Fields(text)[1]
	if text := string(s.maskd(t, "", "interaction", "show", id)); strings.Count(text, ", has a PIN") != 2 || strings.Contains(text, ", PIN ") {
		t.Errorf("printed later:\n%s", text)
	}
}

// keysOfPIN leaves of the recorded keys those that are in the PIN, which has them
// in their order.
func keysOfPIN(t *testing.T, pin string) []rtp.Packet {
	t.Helper()
	packets, _ := keysRecorded(t)
	return slices.DeleteFunc(packets, func(p rtp.Packet) bool {
		return !strings.Contains(pin, keypad[p.Payload[0]].key)
	})
}

// sounds is how many packets of sound were heard.
func (v *voice) sounds() (n int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, times := range v.heard {
		n += times
	}
	return n
}

func TestAPromptIsReadFromItsFile(t *testing.T) {
	if p, err := prompt("prompts.pin", "", time.Minute); p != nil || err != nil {
		t.Errorf("none: %v, %v", p, err)
	}
	dir := t.TempDir()
	bad := put(t, dir, "pin.wav", "no sound")
	for _, file := range []string{bad, dir + "/none.wav"} {
		if _, err := prompt("prompts.pin", file, time.Minute); err == nil || !strings.Contains(err.Error(), "prompts.pin") {
			t.Errorf("%s: %v", file, err)
		}
	}
	const second = 8000
	samples := make([]byte, 44+2*second)
	copy(samples, "RIFF\xff\xff\xff\xffWAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00data\x80\x3e\x00\x00")
	p, err := prompt("prompts.pin", put(t, dir, "good.wav", string(samples)), time.Minute)
	if err != nil || p.Duration() != time.Second {
		t.Errorf("a second of silence: %v, %v", p, err)
	}
	if _, err := prompt("prompts.goodbye", dir+"/good.wav", time.Second-1); err == nil || !strings.Contains(err.Error(), "at most") {
		t.Errorf("one that is too long: %v", err)
	}
}
