package main

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"maskd/cmd/maskd/admin"
)

// soundPort is where handsets take their sound.
const soundPort = 40000

// conversation is a line with a handset at each end, which have one call after
// another.
type conversation struct {
	line           line
	did            string // what the caller dials
	caller, callee *handset
	a, b           *voice // of the caller and the callee

	// Of the call.
	dialogA, dialogB dialog
	toA, toB         netip.AddrPort // where a and b send their sound
	saidA, saidB     []string
}

// tune adds settings to trunks, by their names. The daemon must not run yet.
func (s *site) tune(t *testing.T, settings map[string]string) {
	t.Helper()
	text := s.configuration()
	for trunk, setting := range settings {
		text = strings.Replace(text, "{name: "+trunk+", ", "{name: "+trunk+", "+setting+", ", 1)
	}
	s.write(t, "maskd.yaml", text)
}

// converse connects the parties of a line. Each describes its sound by some
// lines, the first of which is what m=audio has after the port; the flags are of
// their interaction.
func (s *site) converse(t *testing.T, l line, a, b []string, flags ...string) *conversation {
	t.Helper()
	i := s.connect(t, l, l.number('a', 0), l.number('b', 0), flags...)
	return &conversation{
		line: l, did: i.Parties.A.Dial,
		caller: newHandset(t, s, l.caller, l.number('a', 0), soundPort, a),
		callee: newHandset(t, s, l.callee, l.number('b', 0), soundPort, b),
		a:      newVoice(t, l.caller, soundPort, l.name+" caller"),
		b:      newVoice(t, l.callee, soundPort, l.name+" callee"),
	}
}

// dial begins a call; when it returns, both may speak.
func (c *conversation) dial(t *testing.T) {
	t.Helper()
	c.a.forget()
	c.b.forget()
	c.saidA, c.saidB = nil, nil
	c.caller.call(c.did)
	c.dialogB, c.dialogA = c.callee.begins(t), c.caller.begins(t)
	c.toA, c.toB = c.dialogA.sound, c.dialogB.sound
}

// hangUp ends the call.
func (c *conversation) hangUp(t *testing.T, s *site) {
	t.Helper()
	c.caller.send("BYE", c.dialogA, 1000, "", "")
	await(t, "the call to end", func() bool {
		return !slices.ContainsFunc(s.cdrs(t, c.line), func(cdr admin.CDR) bool { return cdr.Outcome == "live" })
	})
}

// talk lets each say so many words.
func (c *conversation) talk(words int) {
	for range words {
		c.saidA = append(c.saidA, c.a.say(c.toA))
		c.saidB = append(c.saidB, c.b.say(c.toB))
		time.Sleep(wordTime)
	}
}

// settle waits until all that was said is heard, or will not be any more.
func (c *conversation) settle() {
	const longest = 5 * time.Second // for loopback
	for end := time.Now().Add(longest); time.Now().Before(end); time.Sleep(wordTime) {
		if c.a.missed(c.saidB)+c.b.missed(c.saidA) == 0 {
			return
		}
	}
}
