package sip

import (
	"strconv"

	"maskd/mapping"
	"maskd/media/sound"
)

// Saying is something that callers hear of us.
type Saying uint8

// The sayings.
const (
	SayPIN       Saying = iota + 1 // asks a caller for a PIN
	SayExtension                   // asks a caller for an extension
	SayConfirm                     // asks whom we ring in a call that we begin to press 1
	SayGoodbye                     // to both when a complete is announced
	SayRecorded                    // to both: the call is recorded
	SayOptIn                       // asks both for a yes to that
	SayOptOut                      // tells both how to say no to it

	sayings // how many values there are, zero included
)

// Sayings lists them all.
func Sayings() (all []Saying) {
	for s := SayPIN; s < sayings; s++ {
		all = append(all, s)
	}
	return all
}

// String returns the saying as the configuration names it.
func (s Saying) String() string {
	switch s {
	case SayPIN:
		return "pin"
	case SayExtension:
		return "extension"
	case SayConfirm:
		return "confirm"
	case SayGoodbye:
		return "goodbye"
	case SayRecorded:
		return "recording.announce"
	case SayOptIn:
		return "recording.opt_in"
	case SayOptOut:
		return "recording.opt_out"
	default:
		return "saying(" + strconv.Itoa(int(s)) + ")"
	}
}

// noticeOf is what both hear where calls are recorded in that way.
func noticeOf(way mapping.Recording) Saying {
	switch way {
	case mapping.RecordingOptIn:
		return SayOptIn
	case mapping.RecordingOptOut:
		return SayOptOut
	default:
		return SayRecorded
	}
}

// Speech is what callers hear of us in each locale. What a locale lacks is said in
// the nearest wider one: hi-IN, hi, and the empty one; and by a tone at last.
type Speech map[mapping.Locale]map[Saying]*sound.Prompt

// tones are understood everywhere, if by who expects them.
func tones() [sayings]*sound.Prompt {
	beep := sound.Invitation().Prompt()
	tones := [sayings]*sound.Prompt{}
	for _, s := range Sayings() {
		tones[s] = beep
	}
	tones[SayGoodbye] = sound.Goodbye()
	return tones
}

// say returns what is heard in a locale.
func (b *B2BUA) say(what Saying, to mapping.Locale) *sound.Prompt {
	speech := b.policies.Load().speech
	for locale := range to.Ranges() {
		if prompt := speech[locale][what]; prompt != nil {
			return prompt
		}
	}
	return b.tones[what]
}

// say returns what a leg's peer hears: in the locale of its party, or in that of the
// DID's pool where it is not known yet whose it is.
func (c *call) say(what Saying, on Target) *sound.Prompt {
	locale := c.route.Locales.Of(c.sideOf(on))
	if locale == "" {
		locale = c.b.localeOf(c.identity.DID)
	}
	return c.b.say(what, locale)
}

// localeOf is that of the pool which has the DID.
func (b *B2BUA) localeOf(did mapping.DID) mapping.Locale {
	locales := b.policies.Load().locales
	if len(locales) == 0 {
		return ""
	}
	return locales[b.directory.PoolOf(did)]
}
