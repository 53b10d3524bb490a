package main

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"maskd/cmd/maskd/admin"
)

// utterance is a WAV file of a fifth of a second in A-law, in which one octet is all there is.
func utterance(octet byte) string {
	const samples = 1600
	le := binary.LittleEndian
	b := le.AppendUint32([]byte("RIFF"), 36+samples)
	b = append(b, "WAVEfmt \x10\x00\x00\x00\x06\x00\x01\x00\x40\x1f\x00\x00\x40\x1f\x00\x00\x01\x00\x08\x00data"...)
	b = le.AppendUint32(b, samples)
	return string(b) + strings.Repeat(string(rune(octet)), samples)
}

// heardOf is how many packets of an utterance were heard.
func (v *voice) heardOf(octet byte) int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.heard[strings.Repeat(string(rune(octet)), wordSamples)]
}

// TestEachHearsItsLanguageEndToEnd has two who are told that it is over hear that each in
// its own language, and the next ones what the files say by then.
func TestEachHearsItsLanguageEndToEnd(t *testing.T) {
	t.Parallel()
	const english, hindi, hindiAnew = 'e', 'h', 'n'
	s := newSite(t, line{name: "spoken", transport: "udp"})
	pools := strings.Replace(s.configuration(), "{name: spoken, ", "{name: spoken, locale: hi-IN, ", 1)
	s.write(t, "maskd.yaml", pools+"prompts: {goodbye: en.wav, locales: {hi: {goodbye: hi.wav}}}\n")
	s.write(t, "en.wav", utterance(english))
	s.write(t, "hi.wav", utterance(hindi))
	s.start(t)
	l := s.line("spoken")
	c := s.converse(t, l, withNumber101, withNumber96)
	for pair, saysNow := range []byte{hindi, hindiAnew} {
		parties := "a=" + l.number('a', 0) + "\nb=" + l.number('b', 1+pair) + "\n"
		i := read[admin.Interaction](t, s.maskd(t, parties, "interaction", "create", "--json", "--pool", l.name, "--locale-b", "en-IN"))
		if i.Parties.A.Locale != "hi-IN" || i.Parties.B.Locale != "en-IN" {
			t.Errorf("they are spoken to in %q and %q", i.Parties.A.Locale, i.Parties.B.Locale)
		}
		c.did = i.Parties.A.Dial
		c.dial(t)
		c.talk(5)
		c.settle()
		s.maskd(t, "", "interaction", "complete", "--calls", "announce", i.ID)
		await(t, "both to hear a goodbye", func() bool { return c.a.heardOf(saysNow) >= 9 && c.b.heardOf(english) >= 9 })
		for _, other := range []byte{english, hindi, hindiAnew} {
			if other != saysNow && c.a.heardOf(other) > 0 || other != english && c.b.heardOf(other) > 0 {
				t.Errorf("%c was heard by the wrong one: %d times by A, %d by B", other, c.a.heardOf(other), c.b.heardOf(other))
			}
		}
		await(t, "the call to end", func() bool {
			return !slices.ContainsFunc(s.cdrs(t, l), func(cdr admin.CDR) bool { return cdr.Outcome == "live" })
		})
		s.write(t, "hi.wav", utterance(hindiAnew))
		s.maskd(t, "", "reload", "--json")
	}
	s.stop(t)
}
