package sip

import (
	"testing"
	"time"

	"maskd/mapping"
	"maskd/media/sound"
)

// tone is a sound that lasts so long, by which it is known from others.
func tone(long time.Duration) *sound.Prompt {
	return sound.Tone{Frequencies: []float64{440}, Cadence: []time.Duration{long}}.Prompt()
}

func TestEverySayingHasANameAndATone(t *testing.T) {
	seen, tones := make(map[string]bool), tones()
	for _, s := range Sayings() {
		if name := s.String(); seen[name] || name == "" || tones[s] == nil {
			t.Errorf("saying %d is called %q", s, name)
		}
		seen[s.String()] = true
	}
}

// polyglot has words for all in no locale, some in Hindi, and one in that of India; each is
// known by how many packets it takes.
func polyglot(c cast) cast {
	c.speech = Speech{
		"":      {SayPIN: tone(100 * time.Millisecond), SayExtension: tone(120 * time.Millisecond), SayConfirm: tone(140 * time.Millisecond), SayGoodbye: tone(160 * time.Millisecond), SayRecorded: tone(180 * time.Millisecond)},
		"hi":    {SayPIN: tone(200 * time.Millisecond), SayExtension: tone(220 * time.Millisecond), SayConfirm: tone(240 * time.Millisecond), SayRecorded: tone(280 * time.Millisecond)},
		"hi-IN": {SayRecorded: tone(380 * time.Millisecond)},
	}
	return c
}

// Each party is spoken to in its own locale, or in the nearest that there is; and who is not
// known in that of the DID's pool.
func TestEachIsSpokenToInHisLocale(t *testing.T) {
	of := func(c cast, a, b, pool mapping.Locale) cast {
		c.locales, c.pool = mapping.Locales{A: a, B: b}, pool
		return polyglot(c)
	}
	recorded := usual
	recorded.record = mapping.RecordingAnnounce
	asked, proving, visited := usual, usual, usual
	asked.asked, asked.pin = true, "48291377"
	proving.doubted, proving.pin = true, "48291377"
	visited.extension = "4711"
	goodbye := func(w *world) { w.talk(); w.part(1) }
	talk := func(w *world) { w.talk() }
	dial := func(w *world) { w.rider.Invite(string(riderDID)); w.await(w.rider, "200") }
	for _, tt := range []struct {
		name   string
		cast   cast
		script func(*world)
		a, b   uint64 // packets of what each hears
	}{
		{"recorded: one locale for one, another for the other", of(recorded, "hi-IN", "hi", ""), talk, 19, 14},
		{"recorded: what is not there in a country is in its language", of(recorded, "hi-NP", "fr-FR", ""), talk, 14, 9},
		{"recorded: nothing said", of(recorded, "", "", ""), talk, 9, 9},
		{"recorded: as the pool says", of(recorded, "", "hi-IN", "hi"), talk, 14, 19},
		{"goodbye: not there in Hindi", of(usual, "hi-IN", "en", ""), goodbye, 8, 8},
		{"click-to-call: who confirms", of(usual, "fr", "hi", ""), func(w *world) {
			w.must(w.originate(mapping.SideB, true))
			w.await(w.customer, "INVITE")
			w.customer.Answer()
			w.await(w.customer, "ACK")
		}, 12, 0},
		{"a PIN of who is known", of(proving, "hi", "", ""), dial, 10, 0},
		{"a PIN of a stranger", of(asked, "fr", "fr", "hi-IN"), func(w *world) { w.rider.Invite(string(riderDID), anonymous); w.await(w.rider, "200") }, 10, 0},
		{"an extension", of(visited, "fr", "fr", "hi"), dial, 11, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, tt.cast, func(w *world) {
				tt.script(w)
				time.Sleep(20 * time.Millisecond)
				w.heard(w.session(), tt.a, tt.b)
				if w.studio != nil {
					defer w.studio.vault.Close()
					defer w.studio.deck.Close()
				}
				w.b2bua.End(interaction)
				for _, c := range w.b2bua.live.all() {
					w.b2bua.Hangup(c.id)
				}
				w.settle()
			})
		})
	}
}
